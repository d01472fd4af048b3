// SPDX-License-Identifier: Apache-2.0
// The official OpenAI client through the gateway to a scripted server of
// Anthropic's Messages API.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { AnthropicServer } from './support/anthropic_server.mjs';
import { Gateway, apiKey } from './support/gateway.mjs';
import { Program, eventually, required, runToEnd, sleep } from './support/process.mjs';
import { readStream } from './support/sse.mjs';

const upstreamKey = 'sk-ant-test-5b1f0c';
let api, gateway, client;

const configuration = (port) => `
[server]
listen = "127.0.0.1:${port}"
[upstream]
attempts = 1
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[signer.anthropic]
use = "bearer"
header = "x-api-key"
scheme = ""
key = "${upstreamKey}"
[provider.anthropic]
use = "anthropic"
signer = "anthropic"
base_url = "${api.url}/v1"
discover = true
[mapper.models]
use = "table"
[mapper.models.models]
"claude" = "anthropic/claude-sonnet-4-20250514"
"claude-new" = "anthropic/claude-opus-9"
"anthropic/*" = "anthropic/*"
[dialect.openai]
use = "openai"
`;

before(async () => {
  api = await AnthropicServer.start({ key: upstreamKey });
  gateway = await Gateway.start(configuration);
  client = gateway.client();
});
beforeEach(() => api.reset());
after(() => gateway?.stop(api));

const ask = (content, more = {}) => ({ model: 'claude', messages: [{ role: 'user', content }], ...more });
const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } };
const raw = (body) => gateway.post(body);

test('a non-streaming response has usage with cached tokens', async () => {
  const { data, response } = await client.chat.completions.create(ask('Grüße, 世界 👋')).withResponse();
  assert.equal(data.model, 'claude');
  assert.deepEqual([data.choices[0].message.content, data.choices[0].finish_reason], ['You said: Grüße, 世界 👋', 'stop']);
  assert.deepEqual([data.usage.prompt_tokens, data.usage.completion_tokens, data.usage.prompt_tokens_details.cached_tokens], [42, 7, 30]);
  assert.equal(response.headers.get('x-upstream-request-id'), 'req_011CSHoEeqs5C35K2UUqR7Fy');
  assert.equal(api.last.model, 'claude-sonnet-4-20250514');
});

test('a stream follows the rules of streams', async () => {
  const answer = await raw(ask('Grüße, 世界 👋', { stream: true, stream_options: { include_usage: true } }));
  const { choices, usage } = readStream(await answer.text(), { model: 'claude', usageAsked: true });
  assert.deepEqual([choices[0].text, choices[0].finish], ['You said: Grüße, 世界 👋', 'stop']);
  assert.equal(usage.total_tokens, 49);
});

for (const stream of [false, true])
  test(`two parallel tool calls and their results, ${stream ? 'streaming' : 'non-streaming'}`, async () => {
    api.script = (body, response) => {
      const results = body.messages.at(-1).content.filter((block) => block.type === 'tool_result');
      if (results.length) return api.say(body, response, [{ type: 'text', text: results.map((one) => one.content[0].text).join(' and ') }]);
      api.say(body, response, [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: { city: 'Paris' } },
        { type: 'tool_use', id: 'toolu_02', name: 'get_weather', input: {} },
      ]);
    };
    const complete = async (messages) => {
      const request = { model: 'claude', messages, tools: [weather] };
      return stream ? client.chat.completions.stream(request).finalChatCompletion() : client.chat.completions.create(request);
    };
    const messages = [{ role: 'system', content: 'Be terse.' }, { role: 'user', content: 'Weather?' }];
    const first = (await complete(messages)).choices[0];
    assert.equal(first.finish_reason, 'tool_calls');
    assert.equal(first.message.content, 'Let me look.');
    assert.deepEqual(first.message.tool_calls.map((call) => [call.id, call.function.name, JSON.parse(call.function.arguments)]),
      [['toolu_01', 'get_weather', { city: 'Paris' }], ['toolu_02', 'get_weather', {}]]);
    // The results are in the wrong order, with a user's message between them.
    messages.push(first.message, { role: 'tool', tool_call_id: 'toolu_02', content: 'rain' }, { role: 'user', content: 'Well?' },
      { role: 'tool', tool_call_id: 'toolu_01', content: 'sun' });
    assert.equal((await complete(messages)).choices[0].message.content, 'sun and rain');
    assert.deepEqual(api.last.system, [{ type: 'text', text: 'Be terse.' }]);
    assert.deepEqual(api.last.tools, [{ name: 'get_weather', input_schema: weather.function.parameters }]);
  });

test('ids and names that Anthropic rejects are replaced', async () => {
  const call = (id, name) => ({ id, type: 'function', function: { name, arguments: '{"a":1' } });
  const messages = [
    { role: 'user', content: 'q' },
    { role: 'assistant', content: null, tool_calls: [call('call:0', 'mcp.read'), call('call:1', 'mcp.read')] },
    { role: 'tool', tool_call_id: 'call:0', content: 'a' },
    { role: 'assistant', content: '', tool_calls: [call('call:0', 'mcp.read')] },
    { role: 'tool', tool_call_id: 'call:0', content: '' },
  ];
  api.script = (body, response) => api.say(body, response, [{ type: 'tool_use', id: 'toolu_9', name: body.tools[0].name, input: {} }]);
  const answer = await client.chat.completions.create({ model: 'claude', messages, tools: [{ type: 'function', function: { name: 'mcp.read' } }] });
  assert.equal(answer.choices[0].message.tool_calls[0].function.name, 'mcp.read');
});

test('images, files and cache control', async () => {
  await client.chat.completions.create(ask([
    { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral' } },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    { type: 'image_url', image_url: { url: 'https://example.org/a.jpg', detail: 'low' } },
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQ=' } },
  ]));
  assert.deepEqual(api.last.messages[0].content, [
    { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral' } },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
    { type: 'image', source: { type: 'url', url: 'https://example.org/a.jpg' } },
    { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQ=' } },
  ]);
});

for (const stream of [false, true])
  test(`thinking continues after a tool call if its blocks are sent back, ${stream ? 'streaming' : 'non-streaming'}`, async () => {
    const thought = { type: 'thinking', thinking: 'Weather: ask the tool.', signature: 'c2lnbmVk' };
    api.script = (body, response) => {
      if (body.messages.length > 1) return api.say(body, response, [{ type: 'text', text: body.thinking ? 'thought' : 'not thought' }]);
      api.say(body, response, [thought, { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: { city: 'Oslo' } }]);
    };
    const request = ask('Weather?', { tools: [weather], reasoning_effort: 'low', temperature: 0.3 });
    let message = { role: 'assistant', content: null };
    let reasoning = '';
    if (stream) {
      for await (const { choices: [choice] } of await client.chat.completions.create({ ...request, stream: true })) {
        reasoning += choice?.delta.reasoning_content ?? '';
        if (choice?.delta.thinking_blocks) message.thinking_blocks = choice.delta.thinking_blocks;
      }
      message.tool_calls = [{ id: 'toolu_01', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }];
    } else {
      ({ message } = (await client.chat.completions.create(request)).choices[0]);
      reasoning = message.reasoning_content;
    }
    assert.equal(reasoning, thought.thinking);
    assert.deepEqual(message.thinking_blocks, [thought]);
    assert.deepEqual(api.last.thinking, { type: 'enabled', budget_tokens: 4096 });
    assert.equal(api.last.temperature, undefined);

    const next = async (assistant) => {
      const messages = [...request.messages, assistant, { role: 'tool', tool_call_id: 'toolu_01', content: 'rain' }];
      return (await client.chat.completions.create({ ...request, messages })).choices[0].message.content;
    };
    assert.equal(await next(message), 'thought');
    assert.deepEqual(api.last.messages[1].content[0], thought);
    const { thinking_blocks: _, reasoning_content: __, ...forgotten } = message;
    assert.equal(await next(forgotten), 'not thought');
  });

test('a response schema is implemented by an invented tool', async () => {
  api.script = (body, response) => api.say(body, response, [{ type: 'tool_use', id: 'toolu_1', name: body.tool_choice.name, input: { city: 'Oslo' } }]);
  const request = ask('Which?', { response_format: { type: 'json_schema', json_schema: { name: 'place', schema: weather.function.parameters } } });
  for (const stream of [false, true]) {
    const answer = stream ? await client.chat.completions.stream(request).finalChatCompletion() : await client.chat.completions.create(request);
    assert.deepEqual(JSON.parse(answer.choices[0].message.content), { city: 'Oslo' });
    assert.deepEqual([answer.choices[0].finish_reason, answer.choices[0].message.tool_calls ?? []], ['stop', []]);
  }
});

test('a request is amended if a model rejects a budget, and later requests omit it', async () => {
  api.script = (body, response) => (body.thinking?.type === 'adaptive'
    ? api.error(response, 400, 'invalid_request_error', 'adaptive thinking is not supported on this model')
    : api.say(body, response, [{ type: 'text', text: body.thinking.type }]));
  const request = ask('hi', { model: 'claude-new', reasoning_effort: 'high' });
  assert.equal((await client.chat.completions.create(request)).choices[0].message.content, 'enabled');
  assert.equal(api.requests.length, 2);
  assert.equal((await client.chat.completions.create(request)).choices[0].message.content, 'enabled');
  assert.equal(api.requests.length, 3);
});

test('errors of Anthropic reach the client', async () => {
  const fails = async (script, request = ask('hi')) => {
    api.script = script;
    return client.chat.completions.create(request).then(() => assert.fail('it was answered'), (error) => error);
  };
  let error = await fails((_, response) => api.error(response, 529, 'overloaded_error', 'Overloaded', { 'retry-after': '7' }));
  assert.deepEqual([error.status, error.code, error.headers.get('retry-after')], [503, 'unavailable', '7']);
  error = await fails((_, response) => api.error(response, 429, 'rate_limit_error', 'slow down', { 'retry-after': '30' }));
  assert.deepEqual([error.status, error.code, error.headers.get('retry-after')], [429, 'rate_limit_exceeded', '30']);
  error = await fails((_, response) => api.error(response, 400, 'invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'));
  assert.deepEqual([error.status, error.code], [400, 'context_length_exceeded']);
  assert.match(error.message, /maximum context length is 200000 tokens/);
  error = await fails((_, response) => api.error(response, 401, 'authentication_error', 'invalid x-api-key'));
  assert.equal(error.status, 502);
  assert.doesNotMatch(JSON.stringify(error.error), /x-api-key/);
  error = await fails(undefined, ask('hi', { model: 'anthropic/claude-nine' }));
  assert.deepEqual([error.status, error.code], [404, 'model_not_found']);
  error = await fails(undefined, ask('hi', { n: 2 }));
  assert.deepEqual([error.status, error.param], [400, 'n']);
  assert.ok(!gateway.output.includes(upstreamKey));
});

test('an error in the middle of a stream reaches the client as an error', async () => {
  api.script = (body, response) => {
    api.begin(response);
    api.event(response, 'message_start', { message: { type: 'message', content: [], usage: { input_tokens: 1, output_tokens: 1 } } });
    api.event(response, 'content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Once' } });
    api.event(response, 'error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    response.end();
  };
  let text = '';
  await assert.rejects(async () => {
    for await (const chunk of await client.chat.completions.create(ask('hi', { stream: true }))) text += chunk.choices[0]?.delta.content ?? '';
  }, /overloaded/i);
  assert.equal(text, 'Once');
});

test('a stream that ends without a stop reason is an error', async () => {
  api.script = (body, response) => {
    api.begin(response);
    api.event(response, 'content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Once' } });
    response.end();
  };
  const text = await (await raw(ask('hi', { stream: true }))).text();
  assert.match(text, /"error":/);
  assert.doesNotMatch(text, /\[DONE\]|"finish_reason":"/);
});

test('a response ends with message_stop even if the upstream keeps the connection open', async () => {
  let hangUp;
  api.script = (body, response) => {
    hangUp = response.end.bind(response);
    response.end = () => {};
    api.say(body, response, [{ type: 'text', text: 'done' }]);
  };
  const { choices } = readStream(await (await raw(ask('hi', { stream: true }))).text(), { model: 'claude' });
  assert.equal(choices[0].text, 'done');
  hangUp();
});

test('a client that disconnects cancels the upstream request', async () => {
  api.script = async (body, response) => {
    api.begin(response);
    while (!response.destroyed) {
      api.event(response, 'content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'and ' } });
      await sleep(20);
    }
  };
  const stream = await client.chat.completions.create(ask('hi', { stream: true }));
  let seen = 0;
  for await (const chunk of stream) if ((seen += chunk.choices.length) > 3) break;
  await eventually(() => api.closed === 1, 'the call upstream is closed');
});

test('the list of models, from all pages', async () => {
  await eventually(async () => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    return ['claude', 'anthropic/claude-sonnet-4-5', 'anthropic/claude-opus-4-1'].every((id) => ids.includes(id)) || ids;
  }, 'the models are listed');
});

test('check --live sends it a request and prints advice', async () => {
  const good = await runToEnd(required('GATEHOUSE'), ['check', '--live', '-c', gateway.file], {}, 0);
  assert.match(good.output, /claude-sonnet-4-20250514/);
  const wrong = join(gateway.folder, 'wrong.toml');
  writeFileSync(wrong, configuration(gateway.port).replace(upstreamKey, 'sk-ant-wrong'));
  const bad = new Program(required('GATEHOUSE'), ['check', '--live', '-c', wrong]);
  await bad.ended;
  assert.notEqual(bad.end.code, 0);
  assert.match(bad.output, /header = "x-api-key"/);
  assert.doesNotMatch(bad.output, /sk-ant-wrong/);
});
