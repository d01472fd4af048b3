// SPDX-License-Identifier: Apache-2.0
// An upstream that speaks the Responses API, in front of it clients of the same API, of Chat
// Completions and of text streams.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { readResponseStream } from './support/responses_stream.mjs';
import { ScriptedServer } from './support/scripted_server.mjs';

const weather = { type: 'function', name: 'get_weather', strict: false, parameters: { type: 'object', properties: { city: { type: 'string' } } } };

const hostedTools = [{ type: 'web_search', search_context_size: 'low' },
  { type: 'mcp', server_label: 'wiki', server_url: 'https://mcp.example/', require_approval: 'always' }];
const hostedItems = [
  { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'weather' } },
  { id: 'mcpr_1', type: 'mcp_approval_request', server_label: 'wiki', name: 'ask', arguments: '{}' }];

/** Calls the tool once, then answers with a text.  A client with hosted tools gets items of such tools too. */
class ResponsesServer extends ScriptedServer {
  answer(request, text, response) {
    const body = JSON.parse(text);
    this.requests.push({ path: request.url, body });
    if (this.failure) return this.json(response, 400, { error: { message: this.failure, code: 'invalid_value', param: 'input' } });
    const hosted = body.tools?.[0].type === 'web_search' ? hostedItems : [];
    const call = body.tools && !hosted.length && body.input.at(-1).type !== 'function_call_output';
    const item = call
      ? { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Rome"}', status: 'completed' }
      : { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Sunny in Rome', annotations: [] }] };
    const thought = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAA' };
    const whole = { id: 'resp_up', object: 'response', created_at: 7, status: 'completed', model: body.model, error: null, output: [thought, item, ...hosted],
      usage: { input_tokens: 5, input_tokens_details: { cached_tokens: 3 }, output_tokens: 9, output_tokens_details: { reasoning_tokens: 4 }, total_tokens: 14 },
      x_upstream: { kept: true } };
    if (!body.stream) return this.json(response, 200, whole);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let number = 0;
    const send = (type, members) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...members })}\n\n`);
    send('response.created', { response: { ...whole, status: 'in_progress', output: [], usage: null } });
    send('response.output_item.done', { output_index: 0, item: thought });
    send('response.output_item.added', { output_index: 1, item: { ...item, ...(call ? { arguments: '' } : { content: [] }) } });
    for (const delta of call ? ['{"city":', '"Rome"}'] : ['Sunny ', 'in Rome'])
      send(call ? 'response.function_call_arguments.delta' : 'response.output_text.delta', { output_index: 1, content_index: 0, delta });
    send('response.output_item.done', { output_index: 1, item });
    for (const [i, one] of hosted.entries()) {
      send('response.output_item.added', { output_index: 2 + i, item: { ...one, status: 'in_progress' } });
      if (one.type === 'web_search_call') send('response.web_search_call.searching', { output_index: 2 + i, item_id: one.id });
      send('response.output_item.done', { output_index: 2 + i, item: one });
    }
    send('response.completed', { response: whole });
    response.end();
  }
}

let api, gateway;

const configuration = (port) => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[provider.native]
use = "openai"
base_url = "${api.url}/v1"
api = "responses"
[mapper.models]
use = "table"
[mapper.models.models]
"*" = "native/*"
[dialect.openai]
use = "openai"
[store.kept]
use = "memory"
[plugins]
default_store = "kept"
`;

before(async () => {
  api = await ResponsesServer.start();
  gateway = await Gateway.start(configuration);
});
after(() => gateway.stop(api));
beforeEach(() => {
  api.reset();
  api.failure = undefined;
});

test('a call, its result and the encrypted thought, with the state in the gateway', async () => {
  const client = gateway.client();
  const first = await client.responses.create({ model: 'm', input: 'Weather?', tools: [weather], metadata: { a: 'b' }, x_client: 1.5 });
  assert.equal(api.requests[0].path, '/v1/responses');
  assert.deepEqual([api.last.store, api.last.include, api.last.metadata, api.last.x_client],
    [false, ['reasoning.encrypted_content'], { a: 'b' }, 1.5]);
  assert.deepEqual(api.last.tools, [weather]);
  assert.deepEqual(first.x_upstream, { kept: true });
  assert.equal(first.usage.output_tokens_details.reasoning_tokens, 4);
  const call = first.output.find(({ type }) => type === 'function_call');
  const second = await client.responses.create({ model: 'm', tools: [weather], previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }] });
  assert.equal(second.output_text, 'Sunny in Rome');
  assert.deepEqual(api.last.input, [
    { type: 'message', role: 'user', content: 'Weather?' },
    { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
    { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Rome"}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'sunny' }]);
  assert.equal(api.last.previous_response_id, undefined);
});

test('a stream for a client of the same API', async () => {
  const response = await fetch(`${gateway.url}/v1/responses`, { method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ model: 'm', input: 'Weather?', stream: true }) });
  const stream = readResponseStream(await response.text());
  assert.equal(stream.response.output.at(-1).content[0].text, 'Sunny in Rome');
  assert.deepEqual(stream.response.x_upstream, { kept: true });
});

test('hosted tools, their items, and an approval in the next turn', async () => {
  const client = gateway.client();
  const ask = { model: 'm', input: 'Weather?', tools: hostedTools };
  const first = await client.responses.create(ask);
  assert.deepEqual(api.last.tools, hostedTools);
  const plain = (items) => items.map(({ id, ...rest }) => rest);
  assert.deepEqual(plain(first.output.slice(-2)), plain(hostedItems));
  const types = [];
  const stream = client.responses.stream(ask);
  for await (const event of stream) types.push(event.type);
  assert.ok(types.includes('response.web_search_call.searching'));
  assert.deepEqual(plain((await stream.finalResponse()).output.slice(-2)), plain(hostedItems));
  const request = first.output.at(-1);
  assert.match(request.id, /^mcpr_/);
  const approval = { type: 'mcp_approval_response', approval_request_id: request.id, approve: true };
  await client.responses.create({ ...ask, previous_response_id: first.id, input: [approval] });
  const [sent, search, asked, approved] = [api.last.input[0], ...api.last.input.slice(-3)];
  assert.equal(sent.content, 'Weather?');
  assert.deepEqual([search, asked, approved], [first.output.at(-2), request, approval]);
});

test('the usage of this API is counted', async () => {
  const counted = async () => Number(/tokens_total\{[^}]*kind="prompt"[^}]*\} (\d+)/.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1] ?? 0);
  const before = await counted();
  await gateway.client().responses.create({ model: 'm', input: 'x' });
  assert.equal(await counted() - before, 5);
});

test('a client of Chat Completions, whole and streamed', async () => {
  const chat = gateway.client().chat.completions;
  const { type, name, parameters } = weather;
  const ask = { model: 'm', messages: [{ role: 'system', content: 'Terse.' }, { role: 'user', content: 'Weather?' }],
    tools: [{ type, function: { name, parameters } }] };
  const { choices: [{ message, finish_reason }] } = await chat.create(ask);
  assert.equal(finish_reason, 'tool_calls');
  assert.equal(message.tool_calls[0].function.arguments, '{"city":"Rome"}');
  assert.deepEqual([api.last.instructions, api.last.include], ['Terse.', undefined]);
  const messages = [...ask.messages, message, { role: 'tool', tool_call_id: 'call_1', content: 'sunny' }];
  const final = await chat.stream({ ...ask, messages }).finalChatCompletion();
  assert.equal(final.choices[0].message.content, 'Sunny in Rome');
});

test("the upstream's refusal", async () => {
  api.failure = 'the input is odd';
  const refusal = await gateway.client().responses.create({ model: 'm', input: 'x' }).catch((error) => error);
  assert.deepEqual([refusal.status, refusal.code, refusal.param], [400, 'invalid_value', 'input']);
  assert.match(refusal.message, /The input is odd/);
});
