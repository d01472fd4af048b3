// SPDX-License-Identifier: Apache-2.0
// OCI's Responses API behind the gateway: native for models that have it, translated for others, and
// discovery and residency of today's models.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './support/process.mjs';
import { readResponseStream } from './support/responses_stream.mjs';
import { Stack } from './support/stack.mjs';

const project = 'ocid1.generativeaiproject.oc1.us-chicago-1.endtoend';
const routes = { 'gpt-5': 'oci/openai.gpt-4.1', grok: 'oci/xai.grok-4.20-0309-reasoning', many: 'oci/xai.grok-4.20-multi-agent-0309',
  llama: 'oci/meta.llama-3.3-70b-instruct', command: 'oci/cohere.command-a-03-2025' };
const weather = { type: 'function', name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };

let stack;
const post = (body) => fetch(`${stack.url}/v1/responses`, {
  method: 'POST', body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.client().apiKey}` },
});
const paths = async () => (await stack.emulator.requests()).map(({ path }) => path);

before(async () => { stack = await Stack.start({ routes, provider: { surface: 'auto', project } }); });
after(() => stack.stop());

test('a response is native: unknown members, numbers and order pass', async () => {
  await stack.emulator.reset();
  const answer = await (await post({ model: 'gpt-5', input: 'Grüße', x_new: { b: 1.5, a: [null] }, temperature: 0.25 })).json();
  assert.equal(answer.model, 'gpt-5');
  assert.equal(answer.output.at(-1).content[0].text, 'You said: Grüße');
  assert.deepEqual(answer.x_unknown, { x_new: { b: 1.5, a: [null] } });
  assert.deepEqual(await paths(), ['/openai/v1/responses']);
  const last = await stack.emulator.last();
  assert.equal(last.body.store, false);
  assert.equal(last.body.temperature, 0.25);
});

test('a stream has every event in order', async () => {
  const { response, text } = readStreamOf(await (await post({ model: 'gpt-5', input: 'one two', stream: true })).text());
  assert.equal(response.status, 'completed');
  assert.equal(text, 'You said: one two');
});

/** The last response and its text. */
function readStreamOf(body) {
  const read = readResponseStream(body);
  const response = read.response ?? read;
  const text = response.output.filter(({ type }) => type === 'message').flatMap(({ content }) => content).map((part) => part.text).join('');
  return { response, text };
}

test('a tool round trip and a second turn by id, with the official client', async () => {
  const client = stack.client();
  const first = await client.responses.create({ model: 'gpt-5', input: 'call the tool', tools: [weather] });
  const call = first.output.find(({ type }) => type === 'function_call');
  assert.equal(call.name, 'weather');
  const second = await client.responses.create({ model: 'gpt-5', previous_response_id: first.id, tools: [weather],
    input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }] });
  assert.equal(second.output_text, 'The tool said: sunny');
  assert.equal((await client.responses.retrieve(second.id)).id, second.id);
  assert.equal((await client.responses.inputItems.list(second.id)).data.length, 1);
  await client.responses.delete(second.id);
  await assert.rejects(client.responses.retrieve(second.id), { status: 404 });
});

test('encrypted thoughts come back to the surface as they were', async () => {
  const client = stack.client();
  const first = await client.responses.create({ model: 'grok', input: 'hi', include: ['reasoning.encrypted_content'], store: false });
  const thought = first.output.find(({ type }) => type === 'reasoning');
  assert.match(thought.encrypted_content, /^emulated:/);
  const second = await client.responses.create({ model: 'grok', store: false, input: [...first.output, { role: 'user', content: 'again' }] });
  assert.equal(second.output_text, 'You said: again');
  assert.ok((await stack.emulator.last()).body.input.some((item) => item.encrypted_content === thought.encrypted_content));
});

test('models without the API are translated, and a model with it alone serves chats', async () => {
  await stack.emulator.reset();
  for (const model of ['llama', 'command']) assert.equal((await (await post({ model, input: 'hi' })).json()).output[0].content[0].text, 'You said: hi');
  assert.equal((await (await stack.post({ model: 'many', messages: [{ role: 'user', content: 'hi' }] })).json()).choices[0].message.content, 'You said: hi');
  assert.deepEqual(await paths(), ['/openai/v1/chat/completions', '/20231130/actions/chat', '/openai/v1/responses']);
});

test('an upstream error has the words of the protocol', async () => {
  const answer = await post({ model: 'gpt-5', input: 'mock:err:429:env:7' });
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get('retry-after'), '7');
  assert.match(await (await post({ model: 'gpt-5', input: 'mock:miderr one two three four', stream: true })).text(), /event: response.failed/);
});

test('discovery tells modalities, limits and retirement, and residency refuses what leaves', async () => {
  await stack.gateway.stop();
  await stack.startGateway({ routes: { 'oci/*': 'oci/*' }, provider: { models: 'discover', hosting: 'oracle_only' } });
  const list = async () => (await stack.client().models.list()).data;
  const find = async (id) => (await list()).find((model) => model.id === id);
  await eventually(async () => (await find('oci/google.gemini-2.5-pro')) !== undefined, 'the models are listed');
  const gemini = await find('oci/google.gemini-2.5-pro');
  assert.deepEqual(gemini.modalities, { input: ['text', 'image'], output: ['text'] });
  assert.equal(gemini.hosting, 'external');
  assert.equal(gemini.max_output_tokens, 32_768);
  assert.equal((await find('oci/cohere.command-r-08-2024')).retires_on, '2199-01-01');
  const say = (model) => stack.post({ model, messages: [{ role: 'user', content: 'hi' }] });
  assert.equal((await say('oci/xai.grok-4.3')).status, 200);
  const refused = await say('oci/google.gemini-2.5-pro');
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).error.message, /runs at an external provider/);
  assert.match(stack.gateway.output, /request refused by residency/);
});

test('vectors of small integers', async () => {
  await stack.gateway.stop();
  await stack.startGateway({ routes: { 'oci/*': 'oci/*' } });
  for (const encoding_format of ['int8', 'ubinary']) {
    const answer = await fetch(`${stack.url}/v1/embeddings`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.client().apiKey}` },
      body: JSON.stringify({ model: 'oci/cohere.embed-v4.0', input: ['a', 'b'], encoding_format }),
    });
    assert.equal(answer.status, 200);
    const { data } = await answer.json();
    assert.equal(data.length, 2);
    assert.equal(data[0].embedding.length, encoding_format === 'int8' ? 1536 : 192);
    assert.ok(data[0].embedding.every(Number.isInteger));
  }
});

test('until the first list a model of unknown hosting has to wait, and others are served', async () => {
  await stack.gateway.stop();
  await stack.emulator.post('faults', { fault: 'status', status: 500, path: '/20231130/model' });
  await stack.startGateway({ routes: { 'oci/*': 'oci/*' }, upstream: { attempts: 1 },
    provider: { discover: true, region: 'us-chicago-1', allowed_regions: ['us-chicago-1'] } });
  const chat = async (model) => stack.post({ model, messages: [{ role: 'user', content: 'hi' }] });
  const early = await chat('oci/google.gemini-2.5-pro');
  assert.equal(early.status, 503);
  assert.equal(early.headers.get('retry-after'), '5');
  assert.match((await early.json()).error.message, /is not known to run inside Oracle yet/);
  assert.equal((await chat('oci/meta.llama-3.3-70b-instruct')).status, 200);
  await fetch(`${stack.emulator.url}/_emulator/faults`, { method: 'DELETE' });
  await eventually(async () => (await chat('oci/google.gemini-2.5-pro')).status === 403, 'the list has been received');
  assert.equal((await chat('oci/xai.grok-4')).status, 200);
});
