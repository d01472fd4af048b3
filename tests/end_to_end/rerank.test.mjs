// SPDX-License-Identifier: Apache-2.0
// Rankings through the gateway, as clients of Cohere and of Jina request them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stack, apiKey } from './support/stack.mjs';

const model = 'oci/cohere.rerank-v3.5';
const query = 'What is the capital of France?';
const documents = ['Berlin is a city in Germany.', 'Paris is the capital of France.', 'The sea is blue.'];

let stack;
before(async () => {
  stack = await Stack.start();
});
after(() => stack.stop());

const post = (path, body) =>
  fetch(stack.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify(body),
  });
const rank = async (body, path = '/v1/rerank') => {
  const answer = await post(path, body);
  const json = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(json));
  return json;
};

test('both versions rank all documents, the best first', async () => {
  for (const [path, version] of [['/v1/rerank', '1'], ['/v2/rerank', '2']]) {
    const answer = await rank({ model, query, documents }, path);
    assert.match(answer.id, /\S/);
    assert.equal(answer.model, model);
    assert.deepEqual(answer.results.map(({ index }) => index).sort(), [0, 1, 2]);
    assert.equal(answer.results[0].index, 1);
    const scores = answer.results.map(({ relevance_score }) => relevance_score);
    assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
    assert.ok(answer.results.every((one) => !('document' in one)));
    assert.equal(answer.meta.api_version.version, version);
    assert.equal(answer.meta.billed_units.search_units, 1);
    assert.equal(answer.usage.total_tokens, 0);
  }
});

test('top_n limits the results, and documents are returned unchanged', async () => {
  const given = [documents[0], { text: documents[1], source: 'atlas' }];
  const answer = await rank({ model, query, documents: given, top_n: 1, return_documents: true });
  assert.deepEqual(answer.results.map(({ index, document }) => [index, document]), [[1, given[1]]]);
  const all = await rank({ model, query, documents: given, return_documents: true });
  assert.deepEqual(all.results.find(({ index }) => index === 0).document, { text: documents[0] });
  await rank({ model, query, documents: given, top_n: 50 });
});

test('the model receives the named fields of object documents', async () => {
  const given = [{ title: 'France', body: 'Its capital is Paris.' }, { title: 'Sea', body: 'Blue.' }];
  const answer = await rank({ model, query, documents: given, rank_fields: ['title', 'body'] });
  assert.equal(answer.results[0].index, 0);
  assert.deepEqual((await stack.emulator.last()).body.documents,
    ['title: France\nbody: Its capital is Paris.', 'title: Sea\nbody: Blue.']);
});

test('the upstream request has OCI\'s format', async () => {
  await rank({ model, query, documents, top_n: 2, max_chunks_per_doc: 3, max_tokens_per_doc: 400 }, '/v2/rerank');
  const { path, body } = await stack.emulator.last();
  assert.equal(path, '/20231130/actions/rerankText');
  delete body.compartmentId;
  assert.deepEqual(body, {
    input: query, documents, topN: 2, maxChunksPerDocument: 3, maxTokensPerDocument: 400,
    servingMode: { servingType: 'ON_DEMAND', modelId: 'cohere.rerank-v3.5' },
  });
});

test('a thousand documents are one request', async () => {
  const many = Array.from({ length: 1000 }, (_, i) => (i === 777 ? documents[1] : `document ${i}`));
  const answer = await rank({ model, query, documents: many, top_n: 3 });
  assert.equal(answer.results[0].index, 777);
  assert.equal(answer.results.length, 3);
  assert.equal(answer.meta.billed_units.search_units, 10);
});

test('an unsupported ranking request is rejected with the name of the field', async () => {
  for (const [body, param] of [
    [{ query, documents }, 'model'],
    [{ model, documents }, 'query'],
    [{ model, query }, 'documents'],
    [{ model, query, documents: [] }, 'documents'],
    [{ model, query, documents: ['a', 7] }, 'documents[1]'],
    [{ model, query, documents, top_n: 0 }, 'top_n'],
    [{ model: 'gpt-5', query, documents }, 'model'],
  ]) {
    const answer = await post('/v1/rerank', body);
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).error.param, param);
  }
  const missing = await post('/v2/rerank', { model: 'oci/cohere.rerank-unknown', query, documents });
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).error.code, 'model_not_found');
  assert.equal((await fetch(`${stack.url}/v2/rerank`)).status, 401);
  await stack.answersNext();
});
