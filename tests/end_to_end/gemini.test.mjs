// SPDX-License-Identifier: Apache-2.0
// Tools over several turns with an upstream that signs its tool calls, as Gemini 3 does: the
// client gets the signatures and sends them back.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { GeminiServer } from './support/gemini_server.mjs';
import { events } from './support/sse.mjs';

let api, gateway;

const configuration = (port) => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[provider.google]
use = "openai"
base_url = "${api.url}/v1beta/openai"
[mapper.models]
use = "table"
[mapper.models.models]
"*" = "google/*"
[dialect.openai]
use = "openai"
`;

before(async () => {
  api = await GeminiServer.start();
  gateway = await Gateway.start(configuration);
});
after(() => gateway.stop(api));
beforeEach(() => {
  api.reset();
  api.fragments = false;
});

const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];
const model = 'gemini-3-pro';

async function whole(messages) {
  const response = await gateway.post({ model, messages, tools });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body.choices[0].message;
}

/** The message of a stream, put together as clients do: further members are those of the first fragment. */
async function streamed(messages) {
  const response = await gateway.post({ model, messages, tools, stream: true });
  assert.equal(response.status, 200);
  const message = { role: 'assistant', content: null };
  for (const chunk of events(await response.text())) {
    if (chunk === '[DONE]') continue;
    assert.equal(chunk.error, undefined, JSON.stringify(chunk));
    for (const { delta } of chunk.choices) {
      if (delta.content) message.content = (message.content ?? '') + delta.content;
      for (const { index, ...fragment } of delta.tool_calls ?? []) {
        const calls = (message.tool_calls ??= []);
        if (calls[index]) calls[index].function.arguments += fragment.function.arguments ?? '';
        else calls[index] = fragment;
      }
    }
  }
  return message;
}

const client = async (messages) => (await gateway.client().chat.completions.create({ model, messages, tools })).choices[0].message;
const clientStream = async (messages) => (await gateway.client().chat.completions.stream({ model, messages, tools }).finalChatCompletion()).choices[0].message;

/** Asks until the model answers; returns the conversation. */
async function converse(ask) {
  const messages = [{ role: 'user', content: 'What is the weather?' }];
  for (let turn = 0; turn < 10; ++turn) {
    const message = await ask(messages);
    messages.push(message);
    if (!message.tool_calls?.length) return messages;
    for (const { id, function: { arguments: text } } of message.tool_calls)
      messages.push({ role: 'tool', tool_call_id: id, content: `Sunny in ${JSON.parse(text).city}.` });
  }
  return assert.fail('the model made too many turns');
}

function check(messages) {
  const calls = messages.flatMap(({ tool_calls: made = [] }) => made);
  assert.equal(messages.at(-1).content, 'It is sunny.');
  assert.deepEqual(calls.map((call) => Boolean(call.extra_content?.google.thought_signature)), [true, true, false, true]);
  assert.equal(api.requests.length, 4);
  assert.deepEqual(api.last.messages.flatMap(({ tool_calls: made = [] }) => made.map((call) => call.extra_content)), calls.map((call) => call.extra_content));
}

test('the signatures of tool calls pass over three turns, non-streaming', async () => check(await converse(whole)));

test('the signatures of tool calls pass over three turns, streaming', async () => check(await converse(streamed)));

test('the signatures of tool calls pass over three turns, streaming in fragments', async () => {
  api.fragments = true;
  check(await converse(streamed));
});

test('turns may be streaming and non-streaming in turn', async () => {
  let turn = 0;
  check(await converse((messages) => (turn++ % 2 ? whole : streamed)(messages)));
});

test('the official package keeps the signatures, non-streaming', async () => check(await converse(client)));

test('the official package keeps the signatures, streaming', async () => {
  api.fragments = true;
  const messages = await converse(clientStream);
  assert.equal(messages.at(-1).content, 'It is sunny.');
});

test('a missing or changed signature is refused with the reason of the upstream', async () => {
  for (const [change, reason] of [
    [(call) => delete call.extra_content, /missing a thought_signature/],
    [(call) => (call.extra_content.google.thought_signature = 'x'), /not valid/],
  ]) {
    const messages = [{ role: 'user', content: 'What is the weather?' }];
    const message = await whole(messages);
    change(message.tool_calls[0]);
    messages.push(message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'Sunny.' });
    const response = await gateway.post({ model, messages, tools });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error.message, reason);
  }
});
