// SPDX-License-Identifier: Apache-2.0
// The uses of an `openai` client, a function for each row of capabilities.mjs: it
// fails if the backend does not do it.  A backend is { client, ask, arrived, how,
// cell, service, upstreamKey }: `ask` is chat() by its client, non-streaming or streaming as
// `how` says; `arrived` looks at what was sent upstream.
import assert from 'node:assert/strict';

import OpenAI from 'openai';

import { yes } from './capabilities.mjs';
import { eventually } from './process.mjs';
import { readStream } from './sse.mjs';

const user = (content) => ({ role: 'user', content });
export const say = (content, more = {}) => ({ model: 'chat', messages: [user(content)], ...more });

export const tools = [
  { type: 'function', function: { name: 'get_weather', description: 'Weather', parameters: {
    type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } } },
  { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } } },
];
const city = { type: 'object', additionalProperties: false, required: ['city', 'population'],
  properties: { city: { type: 'string' }, population: { type: 'number' } } };
const base64 = (text) => Buffer.from(text).toString('base64');

/** A chat by the official client: its choices as { text, reasoning, calls, finish }, usage, and the JSON in `raw`. */
export async function chat(client, request, stream) {
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
export async function echoed({ ask }, request, text) {
  const { choices } = await ask(request);
  assert.deepEqual(choices.map((choice) => [choice.text, choice.finish]), [[text, 'stop']]);
}

/** A text completion: text and finish reason of each choice. */
async function completed({ client, how }, fields) {
  const request = { model: 'chat', ...fields };
  if (how === 'whole') {
    const { object, choices, usage } = await client.completions.create(request);
    assert.equal(object, 'text_completion');
    assert.ok(usage.total_tokens > 0);
    return choices.map(({ text, finish_reason: finish }) => [text, finish]);
  }
  const choices = [];
  for await (const chunk of await client.completions.create({ ...request, stream: true }))
    for (const { index, text, finish_reason: finish } of chunk.choices) {
      choices[index] ??= ['', null];
      choices[index] = [choices[index][0] + text, finish ?? choices[index][1]];
    }
  return choices;
}

/** A field that changes nothing in a scripted answer: whether it has arrived is seen upstream. */
const arrives = (fields, ...patterns) => async (backend) => {
  await echoed(backend, say('hi', fields), 'You said: hi');
  await backend.arrived(fields, ...patterns);
};

const messageWith = (part) => say([{ type: 'text', text: 'what is this' }, part]);

export const features = {
  async 'Chats, streaming and non-streaming'({ ask, client, how }) {
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

  async 'Usage, including streams'({ ask }) {
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

  async 'Audio input'(backend) {
    await echoed(backend, messageWith({ type: 'input_audio', input_audio: { data: base64('RIFF sound'), format: 'wav' } }), 'You said: what is this');
    await backend.arrived({}, new RegExp(base64('RIFF sound')));
  },

  'Audio output: `modalities`': arrives({ modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'mp3' } }, /alloy/, /"modalities":\["text","audio"\]/),
  '`web_search_options`': arrives({ web_search_options: { search_context_size: 'low' } }, /web_?search_?options":\{"search_?context_?size":"low"/i),

  async 'Fields that the gateway does not know'(backend) {
    const { choices, raw } = await backend.ask(say('hi', { min_p: 0.0625 }));
    assert.equal(choices[0].text, 'You said: hi');
    await backend.arrived({ min_p: 0 }, /"min_p":0\.0625/);
    assert.equal(raw.includes('"x_min_p":0.0625'), backend.cell === yes, 'and what the service adds comes back');
  },

  async 'Text completions: `POST /v1/completions`'(backend) {
    assert.deepEqual(await completed(backend, { prompt: 'one two', max_tokens: 3 }), [['You said: one', 'length']]);
  },
  async 'Text completions: several prompts'(backend) {
    assert.deepEqual(await completed(backend, { prompt: ['a', 'b c'] }), [['You said: a', 'stop'], ['You said: b c', 'stop']]);
  },
  async 'Text completions: `suffix`'(backend) {
    assert.deepEqual(await completed(backend, { prompt: 'a', suffix: 'behind it' }), [['You said: a', 'stop']]);
    await backend.arrived({}, /"suffix":"behind it"/);
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
    await eventually(async () => (await client.models.list()).data.some(({ id }) => id === service.listed), `${service.listed} is listed`);
    assert.equal((await client.models.retrieve(service.listed)).id, service.listed);
  },

  async 'Backend errors: too long, throttled, down'({ ask, upstreamKey }) {
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
