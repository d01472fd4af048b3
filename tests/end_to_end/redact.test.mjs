// SPDX-License-Identifier: Apache-2.0
// The redact hook between the official client and the emulator: the requests
// that leave the gateway, and the responses, streaming and non-streaming.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { HeldServer } from './support/held_server.mjs';
import { eventually } from './support/process.mjs';
import { readStream } from './support/sse.mjs';
import { Stack } from './support/stack.mjs';

const hook = (name, lines) => `\n[hook.${name}]\nuse = "redact"\n${lines.join('\n')}\n`;
const badge = "[[hook.redact.own]]\nname = \"badge\"\nregex = '\\bB-\\d{4}\\b'";

const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQ==\n-----END PRIVATE KEY-----';
const secrets = [
  ['email', 'alice.b@mail.example.com'],
  ['card', '4111 1111 1111 1111'],
  ['card', '5500-0000-0000-0004'],
  ['oci_key', 'sk-Q0aZ9bY8cX7dW6eV5fU4gT3h'],
  ['aws_key', 'AKIAIOSFODNN7EXAMPLE'],
  ['aws_key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
  ['private_key', pem],
  ['jwt', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P'],
  ['bearer', 'Bearer 7f3a0b8e4d21cafe'],
  ['badge', 'B-1234'],
];
const everything = secrets.map(([, text]) => text).join(' and ');
const masked = secrets.map(([name]) => `[${name}]`).join(' and ');

/** No part of a secret that tells anything is in `text`, as it is or as JSON. */
function clean(text) {
  for (const [name, secret] of secrets)
    for (const form of [secret, JSON.stringify(secret).slice(1, -1)])
      assert.ok(!text.includes(form), `${name} came through: ${text.slice(0, 2000)}`);
  for (const part of ['@mail.example', '1111 1111', 'MIIEvQ', 'K7MDENG', '7f3a0b8e', 'dozjgNry'])
    assert.ok(!text.includes(part), `${part} came through`);
}

let both, answers;
before(async () => {
  both = await Stack.start({ extra: hook('redact', [badge]) });
  answers = await Stack.start({ extra: hook('redact', ['requests = false', badge]) });
});
after(() => Promise.all([both.stop(), answers.stop()]));

const ask = (content, more = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content }], ...more });

test('upstream requests contain no secret in any field', async () => {
  await both.emulator.reset();
  const client = both.client();
  const parameters = { type: 'object', properties: { to: { type: 'string', description: everything, default: 'alice.b@mail.example.com' } } };
  await client.chat.completions.create({
    model: 'gpt-5',
    messages: [
      { role: 'system', content: `System: ${everything}` },
      { role: 'developer', content: [{ type: 'text', text: `Developer: ${everything}` }] },
      { role: 'user', content: [{ type: 'text', text: 'mine is alice.b@mail.' }, { type: 'text', text: 'example.com, or 4111 1111' }, { type: 'text', text: ' 1111 1111' }] },
      { role: 'assistant', content: everything, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'send', arguments: JSON.stringify({ [everything]: [everything] }) } }] },
      { role: 'tool', tool_call_id: 'c1', content: everything },
      { role: 'user', content: everything },
    ],
    tools: [{ type: 'function', function: { name: 'send', description: everything, parameters } }],
    metadata: { note: everything },
    user: 'alice.b@mail.example.com',
  });
  const { body } = await both.emulator.last();
  const sent = JSON.stringify(body);
  clean(sent);
  for (const [name] of secrets) assert.ok(sent.includes(`[${name}]`));
  const call = body.chatRequest.messages.flatMap((message) => message.toolCalls ?? [])[0];
  assert.deepEqual(JSON.parse(call.arguments), { [masked]: [masked] });
  assert.ok(sent.includes('or [card]'));
});

test('the model receives the masked text', async () => {
  const { choices } = await both.client().chat.completions.create(ask(everything));
  assert.equal(choices[0].message.content, `You said: ${masked}`);
});

test('a non-streaming response', async () => {
  const { choices } = await answers.client().chat.completions.create(ask(everything, { n: 2 }));
  const { body } = await answers.emulator.last();
  assert.ok(JSON.stringify(body).includes('AKIAIOSFODNN7EXAMPLE'), 'requests pass as they are');
  assert.deepEqual(choices.map(({ message }) => message.content), Array(2).fill(`You said: ${masked}`));
});

for (const pieces of ['', 'mock:split:1 ', 'mock:split:7 ', 'mock:drip:5 ']) {
  test(`a streaming response ${pieces}`, async () => {
    const content = `${pieces}${everything}`;
    const stream = await answers.client().chat.completions.create(ask(content, { stream: true, n: 3 }));
    const texts = ['', '', ''];
    for await (const chunk of stream) for (const { index, delta } of chunk.choices) texts[index] += delta.content ?? '';
    assert.deepEqual(texts, Array(3).fill(`You said: ${pieces}${masked}`));
  });

  for (const model of ['gpt-5', 'llama', 'oci/xai.grok-4', 'oci/openai.gpt-oss-120b'])
    test(`arguments of a tool call ${pieces}${model}`, async () => {
      const input = { to: secrets.map(([, text]) => text), 'alice.b@mail.example.com': { n: 4111111111111111, deep: [{ pem, text: `"ü" ${everything}` }] } };
      const expected = { to: secrets.map(([name]) => `[${name}]`), '[email]': { n: '[card]', deep: [{ pem: '[private_key]', text: `"ü" ${masked}` }] } };
      const body = { ...ask(`${pieces}mock:tool:send:${JSON.stringify(input)}`), model,
        tools: [{ type: 'function', function: { name: 'send', parameters: { type: 'object', properties: {} } } }] };
      const whole = await (await answers.post(body)).json();
      assert.deepEqual(JSON.parse(whole.choices[0].message.tool_calls[0].function.arguments), expected);
      const text = await (await answers.post({ ...body, stream: true })).text();
      clean(text);
      const { choices: [choice] } = readStream(text);
      assert.deepEqual(JSON.parse(choice.calls[0].arguments), expected);
      assert.equal(choice.finish, 'tool_calls');
    });
}

test('text without secrets is not delayed', async () => {
  const held = await HeldServer.start();
  const stack = await Stack.start({ extra: hook('redact', [badge]) + held.provider, routes: { 'gpt-5': 'held/any' } });
  try {
    const asked = stack.client().chat.completions.create(ask('x', { stream: true }));
    await eventually(() => held.running === 1, 'it runs');
    const [call] = held.held, words = ['one ', 'two ', 'three ', 'four '];
    call.say(words[0]);
    // The upstream says the next word when the client has the one before it.
    let text = '', said = 1;
    for await (const chunk of await asked) {
      text += chunk.choices[0]?.delta?.content ?? '';
      if (said === words.length) call.end('end'), ++said;
      else if (said < words.length && text.trimEnd() === words.slice(0, said).join('').trimEnd()) call.say(words[said++]);
    }
    assert.equal(text, 'one two three four end');
  } finally {
    await stack.stop();
    await held.stop();
  }
});

test('the log counts and does not quote', async () => {
  const before = both.gateway.output.length;
  await both.client().chat.completions.create(ask(`${everything} and bob@example.com`));
  const masks = () => both.gateway.output.slice(before).split('\n').filter((line) => line.includes('secrets masked'));
  await eventually(() => masks().length > 0, 'the log counts');
  const lines = masks();
  assert.equal(lines.length, 1, both.gateway.output.slice(before));
  assert.match(lines[0], /tests/);
  assert.match(lines[0], /email 2, card 2, oci_key 1, aws_key 2, private_key 1, jwt 1, bearer 1, badge 1/);
  clean(both.gateway.output);
  clean(answers.gateway.output);
});

test('embeddings and rankings', async () => {
  await both.emulator.reset();
  await both.client().embeddings.create({ model: 'oci/cohere.embed-v4.0', input: [everything, 'plain'], encoding_format: 'float' });
  const { body } = await both.emulator.last();
  assert.deepEqual(body.inputs, [masked, 'plain']);
});

test('a pattern in refuse, and two hooks in the order of the file', async () => {
  const stack = await Stack.start({
    extra: hook('keys', ['patterns = ["aws_key"]', 'refuse = ["aws_key"]']) + hook('rest', ['patterns = ["email"]', 'mask = "<{name}>"']),
  });
  try {
    await assert.rejects(stack.client().chat.completions.create(ask('AKIAIOSFODNN7EXAMPLE of bob@example.com')), (error) => {
      assert.deepEqual([error.status, error.code, error.param], [400, 'secret_in_request', 'messages[0]']);
      assert.match(error.message, /he request contains a secret: aws_key/);
      return true;
    });
    assert.equal((await stack.emulator.stats()).requests, 0, 'it never left');
    const { choices } = await stack.client().chat.completions.create(ask('bob@example.com'));
    assert.equal(choices[0].message.content, 'You said: <email>');
    assert.match(stack.gateway.output, /request with a secret rejected/);
    assert.ok(!stack.gateway.output.includes('AKIAIOSFODNN7EXAMPLE'));
  } finally {
    await stack.stop();
  }
});
