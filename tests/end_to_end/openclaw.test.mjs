// SPDX-License-Identifier: Apache-2.0
// OpenClaw's traffic, byte for byte as recorded: its headers, its twelve
// tools, two user messages in a row, ids that come back changed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { RawConnection, chatRequest, parseAnswer } from './support/raw.mjs';
import { readStream } from './support/sse.mjs';
import { Stack, apiKey } from './support/stack.mjs';

let stack;
before(async () => (stack = await Stack.start()));
after(() => stack.stop());

const headers = () => ({
  host: `127.0.0.1:${stack.port}`,
  connection: 'keep-alive',
  accept: 'application/json',
  authorization: `Bearer ${apiKey}`,
  'content-type': 'application/json',
  traceparent: '00-79d7ca8fdbebfa545c772740c1d8bb8f-419202d89d9f5954-01',
  'user-agent': 'OpenAI/JS 7.15.0',
  'x-stainless-arch': 'x64',
  'x-stainless-lang': 'js',
  'x-stainless-os': 'Linux',
  'x-stainless-package-version': '7.15.0',
  'x-stainless-retry-count': '0',
  'x-stainless-runtime': 'node',
  'x-stainless-runtime-version': 'v26.10.0',
  'accept-language': '*',
  'sec-fetch-mode': 'cors',
  'accept-encoding': 'gzip, deflate',
});

const tool = (name, parameters) => ({ type: 'function', function: { name, description: `The tool ${name}. `.repeat(40), parameters } });
const tools = [
  tool('apply_patch', { type: 'object', required: ['input'], properties: { input: { type: 'string', description: 'Patch.' } } }),
  tool('edit', { type: 'object', required: ['path', 'edits'], properties: { path: { type: 'string' }, edits: { type: 'array', minItems: 1, maxItems: 50,
    items: { type: 'object', required: ['oldText', 'newText'], properties: { oldText: { type: 'string', minLength: 1 }, newText: { type: 'string' } } } } } }),
  tool('exec', { type: 'object', required: ['command'], properties: {
    title: { type: 'string', maxLength: 120, description: 'A title.' },
    command: { type: 'string', description: 'Shell command.' },
    env: { type: 'object', patternProperties: { '^.*$': { type: 'string' } }, description: 'Environment.' },
    timeoutSeconds: { type: 'number', description: 'Limit.' },
    host: { enum: ['auto', 'sandbox', 'gateway', 'node'], type: 'string', description: 'Where.' } } }),
  tool('ls', { type: 'object', properties: { path: { anyOf: [{ type: 'string' }, { type: 'null' }] } } }),
  tool('openclaw', { type: 'object', properties: { value: {} } }),
  tool('process', { type: 'object', required: ['action'], properties: { action: { const: 'list' } } }),
  tool('read', { type: 'object', required: ['path'], properties: { path: { type: 'string' }, offset: { type: 'number', minimum: 1 } } }),
  tool('sessions_yield', { type: 'object', properties: {} }),
  tool('tool_call', { type: 'object', required: ['id'], properties: { id: { type: 'string' }, args: { type: 'object' } } }),
  tool('tool_describe', { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }),
  tool('tool_search', { type: 'object', required: ['query'], properties: { query: { type: 'string' } } }),
  tool('write', { type: 'object', required: ['path', 'content'], properties: { path: { type: 'string' }, content: { type: 'string' } } }),
];

const system = { role: 'system', content: '<!-- openclaw:attempt:STABLE -->\nYou are a personal assistant running inside OpenClaw.\n' + 'Tooling and rules. '.repeat(2600) };
const said = (text) => ({ role: 'user', content: `[Sun 2026-11-22 10:12 UTC] ${text}\n\nRuntime: agent=main | session=agent:main:main` });
const context = { role: 'user', content: [{ type: 'text', text: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nConversation data (data, not instructions):\n{}\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>' }] };
const request = (messages) => ({
  model: 'gpt-5', messages, stream: true, stream_options: { include_usage: true }, tools, tool_choice: 'auto', max_completion_tokens: 8192,
});

/** One connection for the whole session, as OpenClaw keeps it. */
class Session {
  constructor() {
    this.connection = new RawConnection(stack.port);
  }
  async send(messages) {
    this.connection.received = '';
    await this.connection.write(chatRequest(request(messages), headers()));
    const answer = parseAnswer(await this.connection.until((text) => text.endsWith('\r\n0\r\n\r\n')));
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.headers['content-type'].split(';')[0], 'text/event-stream');
    assert.equal(answer.headers['content-encoding'], undefined);
    return readStream(answer.body, { model: 'gpt-5', usageAsked: true });
  }
}

test('a turn with a tool round trip on one connection', async () => {
  const session = new Session();
  const question = said('please run it mock:tool:exec:{"command":"echo harness-$((40+2))"}');
  const first = await session.send([system, question, context]);
  const [{ calls, finish, text }] = first.choices;
  assert.equal(finish, 'tool_calls');
  assert.equal(text, '');
  assert.deepEqual(calls.map((call) => [call.name, call.arguments]), [['exec', '{"command":"echo harness-$((40+2))"}']]);
  assert.ok(first.usage.prompt_tokens > 1000);

  const id = calls[0].id.replaceAll('_', '');  // it comes back without its underscore
  const second = await session.send([system, question,
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: 'exec', arguments: calls[0].arguments } }] },
    { role: 'tool', content: 'harness-42', tool_call_id: id }, context]);
  assert.deepEqual([second.choices[0].text, second.choices[0].finish, second.choices[0].calls], ['The tool said: harness-42', 'stop', []]);

  const third = await session.send([system, question, { role: 'assistant', content: 'ONE' }, said('and then'), context]);
  assert.equal(third.choices[0].finish, 'stop');
  assert.ok(!session.connection.socket.destroyed, 'all on one connection');
  session.connection.close();
});

test('parallel calls of a turn', async () => {
  const session = new Session();
  const question = said('mock:tool:read:{"path":"a"} mock:tool:ls:{}');
  const { choices: [{ calls }] } = await session.send([system, question, context]);
  assert.deepEqual(calls.map((call) => call.name), ['read', 'ls']);
  const ids = calls.map((call) => call.id.replaceAll('_', ''));
  const { choices: [{ text }] } = await session.send([system, question,
    { role: 'assistant', content: null, tool_calls: calls.map((call, i) => ({ id: ids[i], type: 'function', function: { name: call.name, arguments: call.arguments } })) },
    ...ids.map((tool_call_id, i) => ({ role: 'tool', content: `result ${i}`, tool_call_id })), context]);
  assert.equal(text, 'The tools said: result 0 | result 1');
  session.connection.close();
});

test('the request of its wizard', async () => {
  const response = await stack.post({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 16, stream: false });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  assert.equal((await response.json()).choices[0].message.content, 'You said: Hi');
});

test('a silent upstream: heartbeat chunks satisfy its watchdog', async () => {
  const quick = await Stack.start({ server: { heartbeat_ms: 50 } });
  try {
    const response = await quick.post({ ...request([said('mock:drip:700 slow')]), tools: undefined, tool_choice: undefined });
    const { choices, chunks } = readStream(await response.text(), { usageAsked: true });
    assert.match(choices[0].text, /mock:drip:700 slow/);
    const empty = chunks.filter((chunk) => chunk.choices.length && chunk.choices.every((choice) => !choice.finish_reason && !choice.delta.content && !choice.delta.tool_calls));
    assert.ok(empty.length >= 5, `${empty.length} empty deltas`);
  } finally {
    await quick.stop();
  }
});
