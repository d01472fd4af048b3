// SPDX-License-Identifier: Apache-2.0
// The official client's embeddings through the gateway: encodings, batches,
// images, sizes, refusals.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './support/process.mjs';
import { Stack, apiKey } from './support/stack.mjs';

const v4 = 'oci/cohere.embed-v4.0';
const v3 = 'oci/cohere.embed-english-v3.0';
const image = 'data:image/png;base64,iVBORw0KGgo=';

let stack, client;
before(async () => {
  stack = await Stack.start();
  client = stack.client();
});
after(() => stack.stop());

const post = (body, headers = {}) =>
  fetch(`${stack.url}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const vectors = ({ data }) => data.map(({ embedding }) => embedding);
const length = (vector) => Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
const refused = (body, param) =>
  assert.rejects(client.embeddings.create(body), (error) => {
    assert.equal(error.status, 400);
    assert.equal(error.param, param, error.message);
    return true;
  });

test('the client requests base64 by default, and receives the same numbers as with float', async () => {
  const answer = await client.embeddings.create({ model: v4, input: 'Grüße, 世界' });
  assert.equal(answer.object, 'list');
  assert.equal(answer.model, v4);
  assert.deepEqual(answer.data.map(({ object, index }) => [object, index]), [['embedding', 0]]);
  const [vector] = vectors(answer);
  assert.equal(vector.length, 1536);
  assert.ok(Math.abs(length(vector) - 1) < 1e-5, 'a vector of the emulator, whole');
  assert.ok(answer.usage.prompt_tokens > 0);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens);

  const floats = await client.embeddings.create({ model: v4, input: 'Grüße, 世界', encoding_format: 'float' });
  assert.deepEqual(vectors(floats)[0].map(Math.fround), [...vector]);
  const raw = await (await post({ model: v4, input: 'Grüße, 世界', encoding_format: 'base64' })).json();
  assert.equal(typeof raw.data[0].embedding, 'string');
  assert.deepEqual([...new Float32Array(new Uint8Array(Buffer.from(raw.data[0].embedding, 'base64')).buffer)], [...vector]);
});

test('200 inputs become three upstream requests, and the results stay in order', async () => {
  await stack.emulator.reset();
  const input = Array.from({ length: 200 }, (_, i) => `text number ${i}`);
  const answer = await client.embeddings.create({ model: v4, input, dimensions: 256 });
  assert.deepEqual(answer.data.map(({ index }) => index), input.map((_, i) => i));
  assert.deepEqual((await stack.emulator.requests()).map(({ path, status }) => [path, status]),
    Array(3).fill(['/20231130/actions/embedText', 200]));
  for (const i of [0, 95, 96, 191, 192, 199]) {
    const alone = await client.embeddings.create({ model: v4, input: input[i], dimensions: 256 });
    assert.deepEqual(answer.data[i].embedding, alone.data[0].embedding, `input ${i}`);
  }
  const few = await client.embeddings.create({ model: v4, input: input.slice(0, 2), dimensions: 256 });
  assert.ok(answer.usage.prompt_tokens >= 100 * few.usage.prompt_tokens * 0.9, 'the usage of all batches');
});

test('the upstream request is signed and has the client\'s values', async () => {
  await client.embeddings.create({ model: v4, input: ['a'], dimensions: 512, user: 'u', input_type: 'search_query', truncate: 'start' });
  const { path, headers, body } = await stack.emulator.last();
  assert.equal(path, '/20231130/actions/embedText');
  assert.ok(Object.keys(headers).some((name) => name.toLowerCase() === 'x-content-sha256'));
  delete body.compartmentId;
  assert.deepEqual(body, {
    inputs: ['a'], servingMode: { servingType: 'ON_DEMAND', modelId: 'cohere.embed-v4.0' }, inputType: 'SEARCH_QUERY',
    truncate: 'START', outputDimensions: 512,
  });
});

test('images: alone, mixed with texts, and with a model that accepts them only separately', async () => {
  const [first] = vectors(await client.embeddings.create({ model: v4, input: image, encoding_format: 'float' }));
  assert.equal(first.length, 1536);
  assert.equal((await stack.emulator.last()).body.inputType, 'IMAGE');
  const mixed = await client.embeddings.create({ model: v4, input: ['a', image, 'b'], encoding_format: 'float' });
  assert.deepEqual((await stack.emulator.last()).body.embedContents.map(({ type }) => type), ['TEXT', 'IMAGE', 'TEXT']);
  assert.deepEqual(vectors(mixed)[1], first);

  const model = 'oci/cohere.embed-english-image-v3.0';
  await stack.emulator.reset();
  const apart = vectors(await client.embeddings.create({ model, input: [image, 'a', image, 'b'], encoding_format: 'float' }));
  assert.equal((await stack.emulator.requests()).length, 3);
  assert.deepEqual(apart[0], apart[2]);
  assert.notDeepEqual(apart[1], apart[3]);
  const [text] = vectors(await client.embeddings.create({ model, input: 'b', encoding_format: 'float' }));
  assert.deepEqual(apart[3], text);
});

test('a text that is too long is truncated unless the client forbids it', async () => {
  const input = 'word '.repeat(2000);
  const { data } = await client.embeddings.create({ model: v3, input });
  assert.equal(data[0].embedding.length, 1024);
  await assert.rejects(client.embeddings.create({ model: v3, input, truncate: 'none' }), { status: 400 });
});

test('an unsupported embedding request is rejected with the name of the field', async () => {
  await refused({ model: v4, input: [1, 2, 3] }, 'input');
  await refused({ model: v4, input: [[1, 2], [3]] }, 'input');
  await refused({ model: v4, input: '' }, 'input');
  await refused({ model: v4, input: ['a', ''] }, 'input[1]');
  await refused({ model: v4, input: [] }, 'input');
  await refused({ model: v4, input: Array(2049).fill('a') }, 'input');
  await refused({ model: v4, input: 'a', dimensions: 7 }, 'dimensions');
  await refused({ model: v3, input: 'a', dimensions: 256 }, 'dimensions');
  await refused({ model: v4, input: 'a', input_type: 'poem' }, 'input_type');
  await refused({ model: 'gpt-5', input: 'a' }, 'model');
  await refused({ model: 'hello', input: 'a' }, null);
  await assert.rejects(client.embeddings.create({ model: 'oci/cohere.embed-unknown', input: 'a' }),
    { status: 404, code: 'model_not_found' });
  await assert.rejects(client.chat.completions.create({ model: v4, messages: [{ role: 'user', content: 'hi' }] }),
    (error) => error.status === 400 && error.param === 'model' && /makes embeddings; it cannot chat/.test(error.message));
  assert.equal((await post('{"model":')).status, 400);
  assert.equal((await post('a=b', { 'content-type': 'text/plain' })).status, 415);
  await stack.answersNext();
});

test('a single failure is retried, and a persistent error reaches the client', async () => {
  const strike = (fault) => stack.emulator.post('faults', fault);
  const input = Array.from({ length: 100 }, (_, i) => `t${i}`);
  await stack.emulator.reset();
  await strike({ fault: 'status', status: 503, first: 1 });
  const answer = await client.embeddings.create({ model: v4, input });
  assert.equal(answer.data.length, 100);
  await stack.emulator.reset();
  await strike({ fault: 'throttled' });
  await assert.rejects(client.embeddings.create({ model: v4, input: 'a' }), { status: 429 });
  await stack.emulator.reset();
  await stack.answersNext();
});

test('log and metrics count the tokens', async () => {
  const { usage } = await client.embeddings.create({ model: v4, input: 'one two three' });
  await eventually(() => /path=\/v1\/embeddings[^\n]*prompt_tokens=/.test(stack.gateway.output), 'a line with tokens');
  const line = stack.gateway.output.trim().split('\n').filter((text) => text.includes('/v1/embeddings')).at(-1);
  assert.match(line, new RegExp(`prompt_tokens=${usage.prompt_tokens}\\b`));
  assert.ok(!line.includes('one two'), 'no text in the log');
  const metrics = await (await fetch(`${stack.url}/metrics`)).text();
  assert.match(metrics, /gatehouse_tokens_total\{kind="prompt",provider="oci"\} [1-9]/);
});
