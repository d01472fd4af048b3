// SPDX-License-Identifier: Apache-2.0
// Errors of each class, as the official client sees them and as bytes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

import { events } from './support/sse.mjs';
import { Stack, apiKey } from './support/stack.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start({ upstream: { attempts: 1 } });
  client = stack.client();
});
after(() => stack.stop());

const ask = (content, more = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content }], ...more });

async function errorOf(body, using = client) {
  try {
    await using.chat.completions.create(body);
  } catch (error) {
    return error;
  }
  assert.fail('it did not fail');
}

test('every wrong key receives the same 401', async () => {
  const error = await errorOf(ask('x'), stack.client({ apiKey: 'sk-wrong' }));
  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.deepEqual([error.status, error.code, error.type], [401, 'invalid_api_key', 'invalid_request_error']);
  assert.ok(error.requestID);
  const bodies = new Set();
  for (const headers of [{ authorization: 'Bearer sk-wrong' }, { authorization: 'Bearer ' }, { authorization: 'Basic c2stdGVzdA==' }, { authorization: '' }]) {
    const response = await stack.post(ask('x'), { headers });
    assert.equal(response.status, 401);
    bodies.add(await response.text());
  }
  assert.equal(bodies.size, 1);
});

test('the key may be in x-api-key', async () => {
  const send = (key) => fetch(`${stack.url}/v1/models`, { headers: { 'x-api-key': key } });
  assert.equal((await send(apiKey)).status, 200);
  assert.equal((await send(apiKey.slice(0, -1))).status, 401);
});

test('an unknown model is 404', async () => {
  const error = await errorOf({ ...ask('x'), model: 'no-such-model' });
  assert.ok(error instanceof OpenAI.NotFoundError);
  assert.deepEqual([error.code, error.param, error.type], ['model_not_found', 'model', 'invalid_request_error']);
  assert.match(error.message, /no-such-model/);
});

test('a model that the upstream does not have is 404 with advice', async () => {
  const error = await errorOf({ ...ask('x'), model: 'oci/meta.no-such' });
  assert.deepEqual([error.status, error.code], [404, 'model_not_found']);
  assert.match(error.message, /meta\.no-such/);
});

test('HEAD of the base URL needs no key, and tells nothing', async () => {
  const response = await fetch(`${stack.url}/`, { method: 'HEAD' });
  assert.deepEqual([response.status, await response.text(), response.headers.get('content-type')], [200, '', null]);
  assert.equal((await fetch(`${stack.url}/`)).status, 401);
});

test('an unknown path is 404 without a code', async () => {
  const response = await fetch(`${stack.url}/v1/nothing`, { headers: { authorization: `Bearer ${apiKey}` } });
  assert.equal(response.status, 404);
  const { error } = await response.json();
  assert.deepEqual([error.type, error.code, error.message], ['invalid_request_error', null, 'No endpoint at /v1/nothing.']);
});

test('a wrong path names the right one, and doubled slashes are one', async () => {
  const post = (path) => fetch(`${stack.url}${path}`, { method: 'POST', body: JSON.stringify(ask('x')), headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' } });
  const version = ' The base URL of the client must end in /v1.';
  for (const [path, advice] of [['/chat/completions', version], ['//chat/completions', version], ['/openai/v1/chat/completions', ''], ['/v1/chat/completions/', ''],
    ['/v1/v1/chat/completions', ' The path contains /v1 twice: remove it from the base URL.']]) {
    const response = await post(path);
    assert.equal(response.status, 404);
    assert.equal((await response.json()).error.message, `No endpoint at ${path}; did you mean POST /v1/chat/completions?${advice}`);
  }
  for (const path of ['//v1/chat/completions', '/v1//chat/completions', '/v1/chat///completions']) {
    const response = await post(path);
    assert.equal(response.status, 200);
    assert.equal((await response.json()).choices[0].message.content, 'You said: x');
  }
});

test('a wrong method is 405', async () => {
  const response = await fetch(`${stack.url}/v1/chat/completions`, { headers: { authorization: `Bearer ${apiKey}` } });
  assert.equal(response.status, 405);
  assert.match(response.headers.get('allow') ?? '', /POST/);
  assert.ok((await response.json()).error.message);
});

const bad = [
  [{ temperature: 'hot' }, 'temperature'],
  [{ max_tokens: -1 }, 'max_tokens'],
  [{ messages: 'hi' }, 'messages'],
  [{ messages: [] }, 'messages'],
  [{ messages: [{ role: 'nobody', content: 'x' }] }, 'messages[0].role'],
  [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
  [{ messages: [{ role: 'user', content: 'x' }, { role: 'tool', content: 'x' }] }, 'messages[1].tool_call_id'],
  [{ model: undefined }, 'model'],
  [{ model: 7 }, 'model'],
  [{ stream: 'yes' }, 'stream'],
  [{ n: 0 }, 'n'],
  [{ tools: {} }, 'tools'],
  [{ tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
  [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema'],
];
for (const [change, param] of bad)
  test(`400 names the field: ${param} in ${JSON.stringify(change)}`, async () => {
    const error = await errorOf({ ...ask('x'), ...change });
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.param, param);
  });

for (const body of ['', '{', '[]', 'null', '{"model":"gpt-5",}', '\u0000', '{"model":"gpt-5","messages":[{"role":"user","content":"\\ud800"}]}'.slice(0, -2)])
  test(`400 for a body that is not an object: ${JSON.stringify(body)}`, async () => {
    const response = await stack.post(body);
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.type, 'invalid_request_error');
  });

test('a body nested deeper than allowed is 400, not a crash', async () => {
  const response = await stack.post('{"model":"gpt-5","messages":' + '['.repeat(200_000));
  assert.equal(response.status, 400);
  await response.text();
  await stack.answersNext();
});

test('a body larger than allowed is 413', async () => {
  const small = await Stack.start({ server: { max_body_bytes: 1000 } });
  try {
    const response = await small.post(ask('x'.repeat(2000)));
    assert.equal(response.status, 413);
    assert.equal((await response.json()).error.type, 'invalid_request_error');
    await small.answersNext();
  } finally {
    await small.stop();
  }
});

// Errors of the upstream and the errors that the client receives: one table for every provider.
const table = [
  [400, 400, 'invalid_request_error', undefined],
  [401, 502, 'server_error', 'upstream_error'],
  [402, 429, 'rate_limit_error', 'insufficient_quota'],
  [403, 502, 'server_error', 'upstream_error'],
  [404, 404, 'invalid_request_error', 'model_not_found'],
  [405, 400, 'invalid_request_error', undefined],
  [407, 502, 'server_error', 'upstream_error'],
  [408, 504, 'server_error', 'timeout'],
  [409, 409, 'invalid_request_error', undefined],
  [413, 413, 'invalid_request_error', undefined],
  [422, 422, 'invalid_request_error', undefined],
  [429, 429, 'rate_limit_error', 'rate_limit_exceeded'],
  [500, 502, 'server_error', 'upstream_error'],
  [501, 502, 'server_error', 'upstream_error'],
  [502, 502, 'server_error', 'upstream_error'],
  [503, 503, 'server_error', 'unavailable'],
  [504, 504, 'server_error', 'timeout'],
];
for (const [upstream, status, type, code] of table)
  for (const stream of [false, true])
    test(`${upstream} of the upstream is ${status}${stream ? ', before a stream' : ''}`, async () => {
      for (const form of ['', ':env']) {
        const response = await stack.post(ask(`mock:err:${upstream}${form}`, { stream }));
        const text = await response.text();
        assert.equal(response.status, status, text);
        assert.match(response.headers.get('content-type'), /^application\/json/);
        assert.ok(response.headers.get('x-request-id'));
        const { error } = JSON.parse(text);
        assert.equal(error.type, type);
        if (code) assert.equal(error.code, code);
        assert.match(error.message, /\S/);
        assert.ok(!/<html|PRIVATE|sk-test|Signature /.test(text), text);
      }
    });

test('retry-after is passed on', async () => {
  const response = await stack.post(ask('mock:err:429:env:7'));
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('retry-after'), '7');
  const error = await errorOf(ask('mock:err:429:env:7'));
  assert.ok(error instanceof OpenAI.RateLimitError);
  assert.equal((await stack.post(ask('mock:err:503:env:3'))).headers.get('retry-after'), '3');
});

test('rejected upstream credentials are an error of the gateway, not of the client', async () => {
  const error = await errorOf(ask('mock:err:401:env'));
  assert.ok(error instanceof OpenAI.InternalServerError);
  assert.equal(error.status, 502);
});

test('the error for a rejected parameter names the client’s field', async () => {
  const error = await errorOf({ ...ask('x', { stop: ['a'], presence_penalty: 1 }), model: 'oci/xai.grok-4' }).catch((wrong) => wrong);
  // The provider drops fields that the model is known to reject; then no request fails.
  if (error instanceof OpenAI.APIError) assert.equal(error.status, 400);
});

for (const [word, what] of [['miderr', 'a cut connection'], ['errevent', 'an error event'], ['garbage', 'an event that is no JSON'], ['nofinish', 'an end without a finish']])
  test(`${what} in the middle of a stream is an error event and no [DONE]`, async () => {
    const response = await stack.post(ask(`mock:${word} one two three four five`, { stream: true }));
    assert.equal(response.status, 200);
    const all = events(await response.text());
    const { error } = all.at(-1);
    assert.equal(error?.type, 'server_error', JSON.stringify(all.at(-1)));
    assert.match(error.message, /\S/);
    assert.ok(!all.includes('[DONE]'));
    assert.ok(all.slice(0, -1).every((chunk) => chunk.choices.every((choice) => !choice.finish_reason)));
    const stream = await client.chat.completions.create(ask(`mock:${word} one two three four five`, { stream: true }));
    await assert.rejects(async () => { for await (const chunk of stream) assert.ok(chunk); }, OpenAI.APIError);
  });

test('a finish without [DONE] is complete', async () => {
  const stream = await client.chat.completions.create(ask('mock:nodone x', { stream: true }));
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  assert.equal(text, 'You said: mock:nodone x');
});

test('a truncated non-streaming response is 502', async () => {
  for (const word of ['miderr', 'garbage', 'reset']) {
    const error = await errorOf(ask(`mock:${word}`));
    assert.equal(error.status, 502, `${word}: ${error.message}`);
  }
});

test('the gateway still serves requests', () => stack.answersNext());
