// SPDX-License-Identifier: Apache-2.0
// What an `openai` client does, against every backend, swapped by its tables in
// the TOML alone.  What a backend cannot do is in support/capabilities.mjs: it
// must be refused clearly, or left out with a line in the log, and README.md
// must say so.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import OpenAI from 'openai';

import { startBackend } from './support/backends.mjs';
import { capabilities, columns, documentedTable, ignored, none, yes } from './support/capabilities.mjs';
import { eventually, required } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const user = (content) => ({ role: 'user', content });
const say = (content, more = {}) => ({ model: 'chat', messages: [user(content)], ...more });

const tools = [
  { type: 'function', function: { name: 'get_weather', description: 'Weather', parameters: {
    type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } } },
  { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } } },
];
const city = { type: 'object', additionalProperties: false, required: ['city', 'population'],
  properties: { city: { type: 'string' }, population: { type: 'number' } } };
const base64 = (text) => Buffer.from(text).toString('base64');

/** A chat by the official client: its choices as { text, reasoning, calls, finish }, usage, and the JSON in `raw`. */
async function chat(client, request, stream) {
  if (stream) {
    const response = await client.chat.completions.create({ ...request, stream, stream_options: { include_usage: true } }).asResponse();
    const raw = await response.text();
    return { ...readStream(raw, { model: request.model, usageAsked: true }), raw };
  }
  const whole = await client.chat.completions.create(request);
  return {
    choices: whole.choices.map(({ message, finish_reason: finish }) => ({
      text: message.content ?? '', reasoning: message.reasoning_content ?? '', finish,
      calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({ id, name, arguments: text })) })),
    usage: whole.usage, raw: JSON.stringify(whole),
  };
}

/** Asks, and checks that the text of `request` comes back. */
async function echoed({ ask }, request, text) {
  const { choices } = await ask(request);
  assert.deepEqual(choices.map((choice) => [choice.text, choice.finish]), [[text, 'stop']]);
}

/** A field that changes nothing in a scripted answer: whether it has arrived is seen upstream. */
const arrives = (fields, ...patterns) => async (backend) => {
  await echoed(backend, say('hi', fields), 'You said: hi');
  await backend.arrived(fields, ...patterns);
};

const messageWith = (part) => say([{ type: 'text', text: 'what is this' }, part]);

// One function for each row.  `ask` is chat() with the backend's client; `how` is whole or streamed.
const features = {
  async 'Chats, whole and streamed'({ ask, client, how }) {
    const { choices, raw } = await ask(say('Grüße, 世界 👋'));
    assert.deepEqual(choices.map(({ text, finish }) => [text, finish]), [['You said: Grüße, 世界 👋', 'stop']]);
    assert.match(raw, /"id":"chatcmpl-/);
    if (how === 'whole') return;
    const runner = client.chat.completions.stream(say('helped'));
    assert.equal((await runner.finalMessage()).content, 'You said: helped');
    let pieces = 0;
    for await (const chunk of await client.chat.completions.create(say('one two three', { stream: true }))) pieces += chunk.choices.length;
    assert.ok(pieces >= 5, 'it comes in pieces');
  },

  async 'System and developer messages, several turns'(backend) {
    await echoed(backend, { model: 'chat', messages: [
      { role: 'system', content: 'Terse.' }, { role: 'developer', content: [{ type: 'text', text: 'More terse.' }] },
      user('first'), { role: 'assistant', content: 'yes' }, user([{ type: 'text', text: 'and second' }]) ] }, 'You said: and second');
    await backend.arrived({}, /More terse/, /"yes"/);
  },

  async 'Usage, of streams too'({ ask }) {
    const { usage } = await ask(say('one two'));
    assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
    assert.ok(usage.total_tokens >= usage.prompt_tokens + usage.completion_tokens);
  },

  async '`max_tokens`, `max_completion_tokens`'({ ask }) {
    for (const name of ['max_tokens', 'max_completion_tokens']) {
      const { choices: [{ finish, text }] } = await ask(say('a b c d', { [name]: 3 }));
      assert.deepEqual([text, finish], ['You said: a', 'length']);
    }
  },

  async '`stop`'(backend) {
    for (const stop of ['END', ['nothing', 'END']]) await echoed(backend, say('a END b', { stop }), 'You said: a ');
  },

  async '`n`'({ ask }) {
    const { choices } = await ask(say('a b', { n: 3 }));
    assert.deepEqual(choices.map(({ text, finish }) => [text, finish]), Array(3).fill(['You said: a b', 'stop']));
  },

  async '`logprobs`'({ ask, how, service }) {
    const { raw } = await ask(say('a', { logprobs: true, top_logprobs: 2 }));
    // No stream of OCI with them is on record: the emulator's have none, a provider passes on what comes.
    if (how === 'streamed' && service.unrecorded?.includes('logprobs')) return;
    assert.match(raw, /"logprobs":\{"content":\[\{"token":"You","logprob":-0\.25/);
  },

  '`seed`': arrives({ seed: 424242 }, /424242/),
  '`presence_penalty`, `frequency_penalty`': arrives({ presence_penalty: 0.125, frequency_penalty: 0.375 }, /0\.125/, /0\.375/),
  '`logit_bias`': arrives({ logit_bias: { 42: 5 } }, /\{"42":5(\.0)?\}/),
  '`reasoning_effort`': arrives({ reasoning_effort: 'low' }, /"reasoning_?effort":"low"|"thinking":\{"type":"enabled"/i),

  async 'Tools: calls, parallel calls, results'({ ask }) {
    const names = ({ calls, finish }) => [calls.map((call) => call.name), finish];
    const one = (await ask(say('call the tool', { tools }))).choices[0];
    assert.deepEqual([...names(one), one.calls[0].arguments], [['get_weather'], 'tool_calls', '{"city":"city"}']);
    const { choices: [both] } = await ask(say('call both tools', { tools }));
    assert.deepEqual(names(both), [['get_weather', 'get_time'], 'tool_calls']);
    assert.notEqual(both.calls[0].id, both.calls[1].id);
    const { choices: [alone] } = await ask(say('call both tools', { tools, parallel_tool_calls: false }));
    assert.deepEqual(names(alone), [['get_weather'], 'tool_calls']);
    const messages = [user('call both tools'), { role: 'assistant', content: null,
      tool_calls: both.calls.map(({ id, name, arguments: text }) => ({ id, type: 'function', function: { name, arguments: text } })) },
    ...both.calls.map(({ id }, index) => ({ role: 'tool', tool_call_id: id, content: ['rain', '7 °C'][index] }))];
    const { choices: [last] } = await ask({ model: 'chat', messages, tools });
    assert.deepEqual([last.text, last.finish], ['The tools said: rain | 7 °C', 'stop']);
  },

  async '`tool_choice`: `required`, a function'({ ask }) {
    for (const [choice, name] of [['required', 'get_weather'], [{ type: 'function', function: { name: 'get_time' } }, 'get_time']]) {
      const { choices: [{ calls }] } = await ask(say('hello', { tools, tool_choice: choice }));
      assert.deepEqual(calls.map((call) => call.name), [name]);
    }
  },

  async '`tool_choice`: `allowed_tools`'({ ask }) {
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'get_time' } }] } };
    const { choices: [{ calls }] } = await ask(say('hello', { tools, tool_choice: allowed }));
    assert.deepEqual(calls.map((call) => call.name), ['get_time']);
  },

  async '`response_format`: `json_object`'({ ask }) {
    const { choices: [{ text }] } = await ask(say('as JSON', { response_format: { type: 'json_object' } }));
    assert.deepEqual(JSON.parse(text), { said: 'as JSON' });
  },

  async '`response_format`: `json_schema`'({ ask }) {
    const { choices: [{ text, finish }] } = await ask(
      say('A city.', { response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: city } } }));
    assert.deepEqual([JSON.parse(text), finish], [{ city: 'city', population: 1 }, 'stop']);
  },

  async 'Images'(backend) {
    const url = `data:image/png;base64,${base64('x'.repeat(3000))}`;
    await echoed(backend, messageWith({ type: 'image_url', image_url: { url, detail: 'low' } }), 'You said: what is this (1 image: 3000 bytes)');
  },

  async 'Files'(backend) {
    await echoed(backend, messageWith({ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${base64('%PDF-1.4 file')}` } }),
      'You said: what is this');
    await backend.arrived({}, new RegExp(base64('%PDF-1.4 file')));
  },

  async 'Audio, heard'(backend) {
    await echoed(backend, messageWith({ type: 'input_audio', input_audio: { data: base64('RIFF sound'), format: 'wav' } }), 'You said: what is this');
    await backend.arrived({}, new RegExp(base64('RIFF sound')));
  },

  'Audio, spoken: `modalities`': arrives({ modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'mp3' } }, /alloy/, /"modalities":\["text","audio"\]/),
  '`web_search_options`': arrives({ web_search_options: { search_context_size: 'low' } }, /web_?search_?options":\{"search_?context_?size":"low"/i),

  async 'Fields that the gateway does not know'(backend) {
    const { choices, raw } = await backend.ask(say('hi', { min_p: 0.0625 }));
    assert.equal(choices[0].text, 'You said: hi');
    await backend.arrived({ min_p: 0 }, /"min_p":0\.0625/);
    assert.equal(raw.includes('"x_min_p":0.0625'), backend.cell === yes, 'and what the service adds comes back');
  },

  async 'Text completions: `POST /v1/completions`'({ client, how }) {
    const request = { model: 'chat', prompt: 'one two', max_tokens: 3 };
    if (how === 'whole') {
      const { object, choices, usage } = await client.completions.create(request);
      assert.deepEqual([object, choices[0].text, choices[0].finish_reason], ['text_completion', 'You said: one', 'length']);
      assert.ok(usage.total_tokens > 0);
      return;
    }
    let text = '';
    for await (const chunk of await client.completions.create({ ...request, stream: true })) text += chunk.choices[0]?.text ?? '';
    assert.equal(text, 'You said: one');
  },

  async 'Embeddings'({ client }) {
    const { data, usage, model } = await client.embeddings.create({ model: 'embed', input: ['a', 'bcd'] });
    assert.deepEqual([data.map(({ index }) => index), model], [[0, 1], 'embed']);
    assert.ok(data.every(({ embedding }) => embedding.length > 1 && embedding.every(Number.isFinite)));
    assert.ok(usage.total_tokens > 0);
    const numbers = await client.embeddings.create({ model: 'embed', input: 'bcd', encoding_format: 'float' });
    assert.deepEqual(numbers.data[0].embedding.map(Math.fround), data[1].embedding.map(Math.fround));
  },

  async 'Rankings'({ client }) {
    const { results } = await client.post('/rerank', { body: { model: 'rank', query: 'red apple', documents: ['blue sky', 'a red apple'], top_n: 2 } });
    assert.deepEqual(results.map(({ index }) => index), [1, 0]);
  },

  async 'Models listed by the backend'({ client, service }) {
    await eventually(async () => (await client.models.list()).data.some(({ id }) => id === service.listed), 10_000, `${service.listed} is listed`);
    assert.equal((await client.models.retrieve(service.listed)).id, service.listed);
  },

  async 'What the backend refuses: too long, throttled, down'({ ask, upstreamKey }) {
    const fails = (content) => ask(say(content)).then(() => assert.fail(`${content} was answered`), (error) => error);
    const long = await fails('mock:toolong');
    assert.ok(long instanceof OpenAI.BadRequestError, String(long));
    assert.equal(long.code, 'context_length_exceeded');
    assert.match(long.message, /maximum context length is \d+ tokens/);
    const throttled = await fails('mock:err:429:env:7');
    assert.ok(throttled instanceof OpenAI.RateLimitError, String(throttled));
    assert.deepEqual([throttled.code, throttled.headers.get('retry-after')], ['rate_limit_exceeded', '7']);
    for (const [upstream, status, code] of [[500, 502, 'upstream_error'], [503, 503, 'unavailable'], [401, 502, 'upstream_error']]) {
      const error = await fails(`mock:err:${upstream}:env`);
      assert.ok(error instanceof OpenAI.InternalServerError, String(error));
      assert.deepEqual([error.status, error.code], [status, code]);
      assert.ok(!JSON.stringify(error.error).includes(upstreamKey));
    }
    const unknown = await ask({ ...say('hi'), model: 'all/no-such-model' }).catch((error) => error);
    assert.ok(unknown instanceof OpenAI.NotFoundError, String(unknown));
    assert.equal(unknown.code, 'model_not_found');
  },
};

/** Whether `error` says what cannot be done, by whom, and which field it is about. */
function assertRefusal(error, param, name, feature) {
  assert.ok(error instanceof OpenAI.BadRequestError, `${error}`);
  assert.deepEqual([error.status, error.type, error.code], [400, 'invalid_request_error', 'unsupported']);
  assert.ok(error.param === param || error.param?.startsWith(`${param}[`), `param ${error.param}`);
  assert.match(error.message, new RegExp(`\\b${name}\\b`, 'i'), 'the message names the backend');
  const part = { Images: 'image', Files: 'file', 'Audio, heard': 'input_audio' }[feature];
  assert.match(error.message.replaceAll('_', ' '), new RegExp((part ?? param).replaceAll('_', ' ')), 'the message names the field');
}

// What is the gateway's own affair, and so the same before any backend.
const manners = {
  async 'a wrong key is 401, an unknown model 404, a wrong field 400'({ gateway, client, ask }) {
    const fails = (promise) => promise.then(() => assert.fail('it was answered'), (error) => error);
    const key = await fails(gateway.client({ apiKey: 'sk-wrong' }).chat.completions.create(say('x')));
    assert.ok(key instanceof OpenAI.AuthenticationError);
    assert.equal(key.code, 'invalid_api_key');
    const model = await fails(ask({ ...say('x'), model: 'no-such-model' }));
    assert.ok(model instanceof OpenAI.NotFoundError);
    assert.deepEqual([model.code, model.param], ['model_not_found', 'model']);
    const field = await fails(ask(say('x', { temperature: 'hot' })));
    assert.ok(field instanceof OpenAI.BadRequestError);
    assert.equal(field.param, 'temperature');
    assert.ok((await client.models.list()).data.some(({ id }) => id === 'chat'));
    assert.equal((await client.models.retrieve('chat')).object, 'model');
    assert.equal((await fails(client.models.retrieve('nothing'))).code, 'model_not_found');
  },

  async 'tools that must not be called are no reason to refuse'({ ask }) {
    const { choices: [choice] } = await ask(say('call the tool', { tools, tool_choice: 'none' }));
    assert.deepEqual([choice.text, choice.calls, choice.finish], ['You said: call the tool', [], 'stop']);
  },

  async 'whole characters, wherever the bytes of an answer are cut'(backend) {
    for (const size of [1, 2, 3, 5]) {
      const text = `mock:split:${size} Grüße, 世界 👋🏽 e\u0301 \u{1F468}\u200D\u{1F469}\u200D\u{1F467} "\\" ende`;
      await echoed(backend, say(text), `You said: ${text}`);
    }
  },

  async 'a message of a megabyte, there and back'(backend) {
    const text = 'ä'.repeat(512 * 1024);
    await echoed(backend, say(text), `You said: ${text}`);
  },
};

// The same, whole and streamed at once.
const crowds = {
  async 'forty at once do not mix'({ client }) {
    await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const text = Array.from({ length: 8 }, (_, word) => `c${i}w${word}`).join(' ');
      const { choices } = await chat(client, say(text), i % 2 === 0);
      assert.equal(choices[0].text, `You said: ${text}`);
    }));
  },

  async 'a client that leaves in the middle ends everything at once'({ gateway, client, service }) {
    const left = await service.left?.();
    const gone = await gateway.metric('gatehouse_client_disconnects_total');
    const long = `mock:drip:50 mock:long:1000 ${'word '.repeat(1000)}`;
    const stream = await client.chat.completions.create(say(long, { stream: true }));
    let pieces = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++pieces > 2) break;
    await eventually(async () => (await gateway.metric('gatehouse_client_disconnects_total')) === gone + 1, 3000, 'the client has gone');
    await eventually(async () => (await gateway.metric('gatehouse_requests_running')) <= 1, 3000, 'nothing runs but this question');
    if (service.left) await eventually(async () => (await service.left()) === left + 1, 3000, 'the call upstream is cut');
  },
};

for (const [column, name] of columns.entries())
  test(name, async (t) => {
    const { gateway, service, upstreamKey } = await startBackend(name);
    t.after(() => gateway.stop(service));
    const client = gateway.client();

    const backendFor = (how, cell = yes) => {
      const since = gateway.output.length;
      return {
        gateway, service, client, how, cell, upstreamKey,
        ask: (request) => chat(client, request, how === 'streamed'),
        /** What was sent upstream has all `patterns`, or none of them and the log says that `fields` were left out. */
        async arrived(fields, ...patterns) {
          const sent = JSON.stringify((await service.last?.()) ?? null);
          for (const pattern of patterns) {
            if (cell === ignored) assert.doesNotMatch(sent, pattern);
            else if (service.last) assert.match(sent, pattern);
          }
          if (cell !== ignored) return;
          for (const field of Object.keys(fields))
            await eventually(() => gateway.output.slice(since).split('\n').some(
              (line) => line.includes('left out of the request') && (line.includes(field) || line.includes('unknown fields'))) || gateway.output.slice(since),
            5000, `the log says that ${field} was left out`);
        },
      };
    };

    for (const [feature, row] of Object.entries(capabilities))
      for (const how of ['whole', 'streamed']) {
        const cell = row[column];
        if (cell === none) continue;
        await t.test(`${feature}, ${how}: ${cell.text}`, async () => {
          const run = features[feature](backendFor(how, cell));
          if (!cell.param) return run;
          const error = await run.then(() => assert.fail('it was answered, not refused'), (failure) => failure);
          assertRefusal(error, cell.param, name, feature);
        });
      }

    for (const [manner, run] of Object.entries(manners))
      for (const how of ['whole', 'streamed']) await t.test(`${manner}, ${how}`, () => run(backendFor(how)));

    for (const [crowd, run] of Object.entries(crowds)) await t.test(crowd, () => run(backendFor('whole')));

    await t.test('the log has neither keys nor prompts', () => {
      for (const secret of [upstreamKey, 'sk-test', 'Grüße', 'More terse']) assert.ok(!gateway.output.includes(secret), secret);
    });
  });

test('README.md says the same', () => {
  const readme = readFileSync(join(required('SOURCE'), 'README.md'), 'utf8');
  const [head, ...rows] = documentedTable(readme, 'What each backend can do');
  assert.deepEqual(head?.slice(1), columns);
  assert.deepEqual(rows, Object.entries(capabilities).map(([feature, row]) => [feature, ...row.map(({ text }) => text)]));
  assert.deepEqual(Object.keys(features), Object.keys(capabilities), 'every row has its test');
});
