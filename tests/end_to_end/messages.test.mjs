// SPDX-License-Identifier: Apache-2.0
// Clients of Anthropic's Messages in front of every backend: the official client, the provider of
// the AI SDK, and the recorded requests of Claude Code and others.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { createAnthropic } from '@ai-sdk/anthropic';
import Anthropic from '@anthropic-ai/sdk';

import { AnthropicServer } from './support/anthropic_server.mjs';
import { startBackend } from './support/backends.mjs';
import { Gateway, apiKey } from './support/gateway.mjs';
import { readMessageStream } from './support/message_stream.mjs';
import { patience, required } from './support/process.mjs';

const user = (content) => ({ role: 'user', content });
const say = (content, more = {}) => ({ model: 'chat', max_tokens: 1000, messages: [user(content)], ...more });
const weather = { name: 'get_weather', description: 'Weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
const time = { name: 'get_time', input_schema: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } };
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } };

const fails = (promise) => promise.then(() => assert.fail('it was answered'), (error) => error);
const textOf = ({ content }) => content.filter(({ type }) => type === 'text').map(({ text }) => text).join('');
const callsOf = ({ content }) => content.filter(({ type }) => type === 'tool_use');

const recorded = join(required('SOURCE'), 'tests/data/anthropic/clients');

for (const name of ['oci', 'openai', 'anthropic'])
  test(name, async (t) => {
    const { gateway, service } = await startBackend(name);
    t.after(() => gateway.stop(service));
    const client = new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0, timeout: patience });
    const post = (path, body, headers = {}) => fetch(`${gateway.url}${path}`, {
      method: 'POST', body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey, 'anthropic-version': '2023-06-01', ...headers } });

    const ways = {
      whole: (request) => client.messages.create(request),
      streamed: (request) => client.messages.stream(request).finalMessage(),
      async raw(request) {
        const response = await post('/v1/messages?beta=true', { ...request, stream: true });
        assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
        return readMessageStream(await response.text());
      },
    };
    for (const [how, ask] of Object.entries(ways)) {
      await t.test(`a text, ${how}`, async () => {
        const message = await ask(say('Grüße "you"'));
        assert.equal(textOf(message), 'You said: Grüße "you"');
        assert.deepEqual([message.type, message.role, message.model, message.stop_reason, message.stop_sequence],
          ['message', 'assistant', 'chat', 'end_turn', null]);
        assert.match(message.id, /^msg_/);
        const { input_tokens: input, cache_read_input_tokens: read, output_tokens: output } = message.usage;
        assert.ok(input + read > 0 && output > 0, JSON.stringify(message.usage));
      });
      await t.test(`tools at once, and their results, ${how}`, async () => {
        const request = say('call both tools', { tools: [weather, time], system: [{ type: 'text', text: 'Be terse.', cache_control: { type: 'ephemeral' } }] });
        const message = await ask(request);
        assert.equal(message.stop_reason, 'tool_use');
        const calls = callsOf(message);
        assert.deepEqual(calls.map((call) => [call.name, call.input]), [['get_weather', { city: 'city' }], ['get_time', { zone: 'zone' }]]);
        const results = calls.map(({ id }, index) => ({ type: 'tool_result', tool_use_id: id, content: `r${index}`, is_error: false }));
        const next = await ask({ ...request, messages: [...request.messages, { role: 'assistant', content: message.content }, user(results)] });
        assert.match(textOf(next), /The tools said: r0 \| r1/);
        assert.equal(next.stop_reason, 'end_turn');
        const one = await ask({ ...request, tool_choice: { type: 'tool', name: 'get_time', disable_parallel_tool_use: true } });
        assert.deepEqual(callsOf(one).map((call) => call.name), ['get_time']);
      });
      await t.test(`stop sequences and limits, ${how}`, async () => {
        assert.equal((await ask(say('one two three', { max_tokens: 3 }))).stop_reason, 'max_tokens');
        const { stop_reason: reason } = await ask(say('one END two', { stop_sequences: ['END'] }));
        assert.ok(['end_turn', 'stop_sequence'].includes(reason), reason);
      });
      await t.test(`images, also in the result of a tool, ${how}`, async () => {
        assert.match(textOf(await ask(say([{ type: 'text', text: 'look' }, image]))), /1 image/);
        const calls = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'a' } }] };
        await ask({ ...say('go', { tools: [weather] }), messages: [user('go'), calls,
          user([{ type: 'tool_result', tool_use_id: 'toolu_1', content: [image] }])] });
        if (service.last) assert.ok(JSON.stringify(await service.last()).includes(pixel), 'the image has arrived');
      });
      await t.test(`thinking, ${how}`, async () => {
        const message = await ask(say('hm', { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 } }));
        const thoughts = message.content.filter(({ type }) => type === 'thinking');
        if (name === 'anthropic') assert.deepEqual(thoughts.map(({ signature }) => signature), ['c2lnbmVk']);
        assert.ok(textOf(message));
      });
      await t.test(`a system message inside the conversation, ${how}`, async () => {
        const request = { model: 'chat', max_tokens: 9000, messages: [user('one'), { role: 'system', content: 'two' }] };
        assert.match(textOf(await ask(request)), /You said: one/);
      });
      await t.test(`errors, ${how}`, async () => {
        const long = await fails(ask(say('mock:toolong')).then((message) => { throw message; }));
        const text = long.error?.error?.message ?? long.error?.message ?? long.message ?? JSON.stringify(long);
        if (how !== 'raw') assert.match(text, /prompt is too long: \d+ tokens > \d+/);
      });
    }

    await t.test('errors of the official client', async () => {
      const key = await fails(new Anthropic({ baseURL: gateway.url, apiKey: 'sk-wrong', maxRetries: 0 }).messages.create(say('x')));
      assert.ok(key instanceof Anthropic.AuthenticationError);
      assert.equal(key.error.error.type, 'authentication_error');
      assert.equal(key.headers.get('x-should-retry'), 'false');
      assert.ok(key.requestID);
      const model = await fails(client.messages.create({ ...say('x'), model: 'no-such-model' }));
      assert.ok(model instanceof Anthropic.NotFoundError);
      const field = await fails(client.messages.create(say('x', { temperature: 'hot' })));
      assert.ok(field instanceof Anthropic.BadRequestError);
      assert.match(field.error.error.message, /^temperature: must be a number/);
      const busy = await fails(client.messages.create(say('mock:err:429:env:7')));
      assert.ok(busy instanceof Anthropic.RateLimitError, `${busy}`);
      const down = await fails(client.messages.create(say('mock:err:503')));
      assert.equal(down.status, 529);
      assert.equal(down.error.error.type, 'overloaded_error');
    });

    await t.test('every response has a request id', async () => {
      const { data, request_id: id, response } = await client.messages.create(say('x')).withResponse();
      assert.ok(id);
      assert.equal(data._request_id, id);
      assert.equal(response.headers.get('x-request-id'), id);
    });

    await t.test('counts of tokens', async () => {
      const { data, response } = await client.messages.countTokens({ model: 'chat', messages: [user('hi '.repeat(400))], tools: [weather] }).withResponse();
      if (name === 'anthropic') assert.equal(data.input_tokens, 4321);
      else assert.ok(data.input_tokens > 300 && data.input_tokens < 500, `${data.input_tokens}`);
      assert.equal(response.headers.get('x-gatehouse-estimate'), name === 'anthropic' ? null : 'true');
      if (name !== 'anthropic') assert.doesNotMatch(JSON.stringify(await service.last()), /hi hi hi/, 'no upstream was called');
    });

    await t.test('models, for clients of each protocol', async () => {
      const ids = [];
      for await (const model of client.models.list({ limit: 1 })) ids.push(model.id);
      assert.ok(ids.includes('chat') && new Set(ids).size === ids.length && ids.length > 2, `${ids}`);
      assert.equal((await client.models.retrieve('chat')).type, 'model');
      assert.ok(await fails(client.models.retrieve('nothing')) instanceof Anthropic.NotFoundError);
      const others = (await gateway.client().models.list()).data;
      assert.deepEqual(others.map(({ id }) => id).sort(), ids.sort());
      assert.equal(others[0].object, 'model');
      const refused = await fetch(`${gateway.url}/v1/models`, { headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'sk-wrong' } });
      assert.equal((await refused.json()).type, 'error');
    });

    await t.test('recorded requests of clients', async () => {
      for (const file of readdirSync(recorded)) {
        const { request, headers, body } = JSON.parse(readFileSync(join(recorded, file)));
        const [method, path] = request.split(' ');
        if (method !== 'POST') continue;
        delete headers.authorization;
        const response = await post(path, { ...body, model: 'chat' }, { ...headers, 'x-api-key': apiKey });
        const text = await response.text();
        if (file === 'cc-web-search.json' && name !== 'anthropic') {
          assert.equal(response.status, 400);
          assert.match(JSON.parse(text).error.message, /'web_search'/);
          continue;
        }
        assert.equal(response.status, 200, `${file}: ${text}`);
        if (body.stream) assert.ok(readMessageStream(text).stop_reason, `${file}: ${text}`);
      }
    });

    await t.test('the AI SDK', async () => {
      const model = createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey })('chat');
      const prompt = [{ role: 'user', content: [{ type: 'text', text: 'call the tool' }] }];
      const tools = [{ type: 'function', name: weather.name, description: weather.description, inputSchema: weather.input_schema }];
      const { content, finishReason, usage } = await model.doGenerate({ prompt, tools, maxOutputTokens: 500 });
      assert.deepEqual(content.map(({ type, toolName, input }) => [type, toolName, JSON.parse(input)]), [['tool-call', 'get_weather', { city: 'city' }]]);
      assert.equal(finishReason.unified ?? finishReason, 'tool-calls');
      assert.ok((usage.outputTokens.total ?? usage.outputTokens) > 0);
      const { stream } = await model.doStream({ prompt, tools, maxOutputTokens: 500 });
      const parts = [];
      for await (const part of stream) parts.push(part);
      assert.deepEqual(parts.filter(({ type }) => type === 'error'), []);
      assert.deepEqual(parts.filter(({ type }) => type === 'tool-call').map(({ input }) => JSON.parse(input)), [{ city: 'city' }]);
    });

    await t.test('a probe of Claude Code is answered soon', async () => {
      const probe = await fetch(`${gateway.url}/`, { method: 'HEAD' });
      assert.equal(probe.status, 200);
      assert.equal(await probe.text(), '');
    });

    await t.test('refusals of the gateway have the protocol\'s form', async () => {
      for (const [path, options, status] of [
        ['/v1/messages', { method: 'PUT' }, 405], ['/v1/messages/batches', { method: 'POST', body: '{}' }, 404],
        ['/messages', { method: 'POST', body: '{}' }, 404], ['/v1/v1/messages', { method: 'POST', body: '{}' }, 404]]) {
        const response = await fetch(`${gateway.url}${path}`, { ...options, headers: { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' } });
        assert.equal(response.status, status);
        const { type, error } = await response.json();
        assert.deepEqual([type, typeof error.message], ['error', 'string']);
        assert.ok(response.headers.get('request-id'));
      }
    });
  });

/** A gateway before a scripted server of the protocol: { gateway, server, client }. */
async function scripted(t, script, more = '') {
  const server = await AnthropicServer.start({ key: 'sk-upstream-0f1e2d' });
  server.script = script;
  const gateway = await Gateway.start((port) => `
[server]
listen = "127.0.0.1:${port}"
heartbeat_ms = 100
[upstream]
attempts = 1
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[dialect.anthropic]
use = "anthropic"
prefix = "/anthropic/v1"
${more}
[signer.backend]
use = "bearer"
header = "x-api-key"
scheme = ""
key = "sk-upstream-0f1e2d"
[provider.backend]
use = "anthropic"
signer = "backend"
base_url = "${server.url}"
[mapper.models]
use = "table"
models = { "claude-*" = "backend/*", echo = "spare/any" }
[provider.spare]
use = "echo"
`);
  t.after(() => gateway.stop(server));
  const client = new Anthropic({ baseURL: `${gateway.url}/anthropic`, apiKey, maxRetries: 0, timeout: patience });
  return { gateway, server, client };
}
const claude = (content, more) => ({ ...say(content, more), model: 'claude-sonnet-4-5' });
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// B3
test('a turn with a tool is two requests upstream, in a second base URL', async (t) => {
  const { server, client } = await scripted(t, (body, response, api) => api.speak(body, response));
  const request = claude('call the tool', { tools: [weather] });
  const first = await client.messages.stream(request).finalMessage();
  const [call] = callsOf(first);
  const last = await client.messages.stream({ ...request, messages: [...request.messages, { role: 'assistant', content: first.content },
    user([{ type: 'tool_result', tool_use_id: call.id, content: 'sunny', is_error: true }])] }).finalMessage();
  assert.match(textOf(last), /The tool said: sunny/);
  assert.equal(server.requests.length, 2);
  assert.equal(server.requests[1].body.messages[2].content[0].is_error, true);
});

test('a silent upstream has pings, and a stream that breaks off has an error event', async (t) => {
  for (const breaks of [false, true]) {
    const { gateway, client } = await scripted(t, async (body, response, api) => {
      api.begin(response);
      api.event(response, 'message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null,
        stop_sequence: null, usage: { input_tokens: 77, output_tokens: 1 } } });
      api.event(response, 'content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
      api.event(response, 'content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hel' } });
      await wait(500);
      if (breaks) return response.destroy();
      api.event(response, 'content_block_stop', { index: 0 });
      api.event(response, 'message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } });
      api.event(response, 'message_stop');
      return response.end();
    });
    const response = await fetch(`${gateway.url}/anthropic/v1/messages`, { method: 'POST', body: JSON.stringify(claude('x', { stream: true })),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` } });
    const text = await response.text();
    assert.ok(text.match(/event: ping/g)?.length >= 2, text);
    const message = readMessageStream(text);
    if (!breaks) assert.deepEqual([textOf(message), message.usage.input_tokens], ['Hel', 77]);
    else {
      assert.equal(message.error.type, 'api_error');
      const error = await fails(client.messages.stream(claude('x')).finalMessage());
      assert.ok(error instanceof Anthropic.APIError, `${error}`);
    }
  }
});

test('betas, rate limits and the request id of the service', async (t) => {
  const { server, client } = await scripted(t, (body, response, api) => api.json(response, 200, { id: 'msg_7', type: 'message', role: 'assistant',
    model: 'm', content: [{ type: 'text', text: 'a', citations: null }], stop_reason: 'pause_turn', stop_sequence: null, container: { id: 'c' },
    usage: { input_tokens: 1, output_tokens: 2, server_tool_use: { web_search_requests: 1 } } },
  { 'anthropic-ratelimit-requests-remaining': '99', 'anthropic-organization-id': 'org' }));
  const { data, response } = await client.messages.create(claude('x', { context_management: { edits: [] } }),
    { headers: { 'anthropic-beta': 'context-management-2025-06-27,other' } }).withResponse();
  assert.deepEqual([data.id, data.stop_reason, data.container.id, data.usage.server_tool_use.web_search_requests], ['msg_7', 'pause_turn', 'c', 1]);
  assert.equal(response.headers.get('anthropic-ratelimit-requests-remaining'), '99');
  assert.equal(response.headers.get('anthropic-organization-id'), null);
  assert.notEqual(response.headers.get('request-id'), 'req_011CSHoEeqs5C35K2UUqR7Fy');
  const [{ body, headers }] = server.requests;
  assert.deepEqual(body.context_management, { edits: [] });
  assert.equal(headers['anthropic-beta'], 'context-management-2025-06-27,other');
});

test('without an estimate, a count is 404 where the provider cannot count', async (t) => {
  const { client } = await scripted(t, undefined, 'count_tokens = "off"');
  assert.equal((await client.messages.countTokens({ model: 'claude-sonnet-4-5', messages: [user('a')] })).input_tokens, 4321);
  const error = await fails(client.messages.countTokens({ model: 'echo', messages: [user('a')] }));
  assert.ok(error instanceof Anthropic.NotFoundError, `${error}`);
});
