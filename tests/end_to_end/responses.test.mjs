// SPDX-License-Identifier: Apache-2.0
// The Responses API in front of each backend: the official client, its stream helper, and bare
// requests.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startBackend } from './support/backends.mjs';
import { apiKey } from './support/gateway.mjs';
import { readResponseStream } from './support/responses_stream.mjs';

const weather = { type: 'function', name: 'get_weather', description: 'Weather of a city', strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
const time = { type: 'function', name: 'get_time', strict: false,
  parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } };

for (const name of ['oci', 'openai', 'anthropic'])
  describe(`responses through ${name}`, () => {
    let gateway, service, client;
    before(async () => {
      ({ gateway, service } = await startBackend(name));
      client = gateway.client();
    });
    after(async () => {
      await gateway?.stop();
      await service?.stop();
    });
    const post = (body, path = '', method = 'POST') => fetch(`${gateway.url}/v1/responses${path}`, {
      method, headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }, body: body && JSON.stringify(body) });
    const streamed = async (body) => {
      const response = await post({ model: 'chat', stream: true, ...body });
      assert.equal(response.status, 200, await response.clone().text());
      assert.match(response.headers.get('content-type'), /^text\/event-stream/);
      return readResponseStream(await response.text());
    };

    test('a text, whole and streamed', async () => {
      const response = await client.responses.create({ model: 'chat', instructions: 'Terse.', input: 'hello' });
      assert.equal(response.output_text, 'You said: hello');
      assert.deepEqual([response.status, response.model, response.store], ['completed', 'chat', true]);
      assert.ok(response.usage.input_tokens > 0 && response.usage.total_tokens > 0);
      const stream = await streamed({ input: 'hello' });
      assert.equal(stream.response.output[0].content[0].text, 'You said: hello');
      assert.ok(stream.response.usage.output_tokens > 0);
    });

    test('the stream helper of the official client', async () => {
      const types = new Set();
      const stream = client.responses.stream({ model: 'chat', input: 'hello there' });
      for await (const event of stream) types.add(event.type);
      const final = await stream.finalResponse();
      assert.equal(final.output_text, 'You said: hello there');
      assert.ok(types.has('response.output_text.delta') && types.has('response.completed'));
    });

    test('a call and its result, then another turn, with everything sent again', async () => {
      const input = [{ role: 'user', content: 'please call the tool' }];
      const first = await client.responses.create({ model: 'chat', input, tools: [weather], store: false });
      const call = first.output.find(({ type }) => type === 'function_call');
      assert.deepEqual([call.name, JSON.parse(call.arguments), call.status], ['get_weather', { city: 'city' }, 'completed']);
      const again = [...input, ...first.output, { type: 'function_call_output', call_id: call.call_id, output: 'sunny' }];
      const second = await client.responses.create({ model: 'chat', input: again, tools: [weather], store: false });
      assert.equal(second.output_text, 'The tool said: sunny');
      const third = await client.responses.create({ model: 'chat', tools: [weather], store: false,
        input: [...again, ...second.output, { role: 'user', content: 'thanks' }] });
      assert.equal(third.output_text, 'You said: thanks');
    });

    test('parallel calls in a stream, and results by previous_response_id', async () => {
      const first = await streamed({ input: 'call both tools', tools: [weather, time] });
      const calls = first.response.output.filter(({ type }) => type === 'function_call');
      assert.deepEqual(calls.map((call) => call.name), ['get_weather', 'get_time']);
      const second = await streamed({ previous_response_id: first.response.id, tools: [weather, time],
        input: calls.map(({ call_id }, i) => ({ type: 'function_call_output', call_id, output: `result ${i}` })) });
      assert.equal(second.response.output[0].content[0].text, 'The tools said: result 0 | result 1');
      const third = await streamed({ previous_response_id: second.response.id, input: 'thanks' });
      assert.equal(third.response.output[0].content[0].text, 'You said: thanks');
    });

    test('a tool of a namespace and a custom tool', async () => {
      const tools = [{ type: 'namespace', name: 'mcp__demo', description: 'd', tools: [weather] }, { type: 'web_search' }];
      const { response } = await streamed({ input: 'please call the tool', tools });
      const [call] = response.output.filter(({ type }) => type === 'function_call');
      assert.deepEqual([call.name, call.namespace], ['get_weather', 'mcp__demo']);
      const custom = [{ type: 'custom', name: 'apply_patch', description: 'Edits.', format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/s' } }];
      const first = await streamed({ input: 'please call the tool', tools: custom });
      const [patch] = first.response.output.filter(({ type }) => type === 'custom_tool_call');
      assert.deepEqual([patch.name, patch.input], ['apply_patch', 'input']);
      const second = await streamed({ previous_response_id: first.response.id, tools: custom,
        input: [{ type: 'custom_tool_call_output', call_id: patch.call_id, output: [{ type: 'input_text', text: 'one' }, { type: 'input_text', text: 'two' }] }] });
      assert.match(second.response.output[0].content[0].text, /^The tool said: one\s*two$/);
    });

    test('a text in the form of a schema', async () => {
      const response = await client.responses.create({ model: 'chat', input: 'hello', text: { format: { type: 'json_schema', name: 'city', strict: true,
        schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } } } });
      assert.deepEqual(JSON.parse(response.output_text), { city: 'city' });
    });

    test('an answer cut by the limit', async () => {
      const { response } = await streamed({ input: 'mock:long:50', max_output_tokens: 16 });
      assert.deepEqual([response.status, response.incomplete_details, response.output.at(-1).status],
        ['incomplete', { reason: 'max_output_tokens' }, 'incomplete']);
    });

    test('a stored response is read, listed and deleted, and no other client finds it', async () => {
      const made = await client.responses.create({ model: 'chat', input: [{ role: 'user', content: 'hello' }] });
      const { output_text, ...wire } = made;
      const { output_text: text, ...stored } = await client.responses.retrieve(made.id);
      assert.equal(text ?? output_text, 'You said: hello');
      assert.deepEqual(stored.output, wire.output);
      const items = [];
      for await (const item of client.responses.inputItems.list(made.id)) items.push(item);
      assert.deepEqual(items.map(({ role, content }) => [role, content[0].text]), [['user', 'hello']]);
      assert.equal((await post(undefined, `/${made.id}/cancel`)).status, 400);
      await client.responses.delete(made.id);
      await assert.rejects(client.responses.retrieve(made.id), { status: 404 });
      await assert.rejects(client.responses.create({ model: 'chat', input: 'x', previous_response_id: made.id }),
        { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' });
    });

    test('errors before the first byte', async () => {
      await assert.rejects(client.responses.create({ model: 'nothing', input: 'x' }), { status: 404, code: 'model_not_found', param: 'model' });
      await assert.rejects(client.responses.create({ model: 'chat', input: [{ type: 'x' }] }), { status: 400, param: 'input' });
      await assert.rejects(client.responses.create({ model: 'chat', input: 'mock:toolong', stream: true }), { status: 400, code: 'context_length_exceeded' });
      await assert.rejects(client.responses.create({ model: 'chat', input: 'mock:err:429:env:7', stream: true }), { status: 429 });
      assert.equal((await post(undefined, '', 'DELETE')).status, 405);
    });

    test('a request for a WebSocket', async () => {
      const { request } = await import('node:http');
      const status = await new Promise((resolve, reject) => {
        request(`${gateway.url}/v1/responses`, { headers: { authorization: `Bearer ${apiKey}`, connection: 'upgrade', upgrade: 'websocket' } },
          (response) => { response.resume(); resolve(response.statusCode); }).on('error', reject).end();
      });
      assert.equal(status, 426);
      assert.equal((await post(undefined, '', 'GET')).status, 405);
    });
  });
