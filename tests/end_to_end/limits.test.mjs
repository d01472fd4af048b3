// SPDX-License-Identifier: Apache-2.0
// Limits and budgets as clients see them: headers, errors that the official packages retry or do not retry,
// every operation, clients that leave, and three gateways that share one Redis.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, patience, required } from './support/process.mjs';
import { Redis, redisMissing } from './support/redis.mjs';

const keys = { ann: 'sk-ann-7f3a0b8e4d21', bob: 'sk-bob-7f3a0b8e4d21' };
const base = (port, backend) => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [
  { name = "tests", key = "${apiKey}" },
  { name = "ann", key = "${keys.ann}", groups = ["team:blue"] },
  { name = "bob", key = "${keys.bob}", groups = ["team:blue"] },
]
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
[dialect.anthropic]
use = "anthropic"
`;

const say = (content, more = {}) => ({ model: 'm', max_tokens: 100, messages: [{ role: 'user', content }], ...more });

describe('one gateway', () => {
  let backend, gateway, folder;
  const limits = (text) => async () => {
    gateway = await Gateway.start((port) => `${base(port, backend)}\n[limiter.quota]\nuse = "quota"\nstore_timeout_ms = 10000\n${text}`);
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-limits-'));
    backend = await OpenAiServer.start({ models: ['m'] });
  });
  after(async () => {
    await backend.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const stop = async () => gateway.stop();
  const post = (path, body, headers = {}) => fetch(`${gateway.url}${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers }, body: JSON.stringify(body),
  });
  const refused = async (reason) =>
    Number((await (await fetch(`${gateway.url}/metrics`)).text()).match(new RegExp(`^gatehouse_plugin_quota_refused_total\\{reason="${reason}"\\} (\\S+)$`, 'm'))?.[1] ?? 0);

  describe('rates', () => {
    before(limits('[[limiter.quota.limits]]\nfor = "key:*"\nrequests_per_minute = 60\nburst_requests = 2\ntokens_per_minute = 100000\n'));
    after(stop);

    test('the official client waits for retry-after-ms, and its next try passes', async () => {
      const client = gateway.client({ apiKey: keys.ann, maxRetries: 1 });
      const begun = Date.now();
      for (let i = 0; i < 3; ++i) assert.ok((await client.chat.completions.create(say('hello'))).choices[0].message.content);
      assert.equal(await refused('rate_limit_exceeded'), 1);
      assert.ok(Date.now() - begun < patience);
    });

    test('headers tell how far the limits are used, and errors say which limit', async () => {
      const answers = [];
      for (let i = 0; i < 3; ++i) answers.push(await gateway.post(say('hello')));
      const [first, , last] = answers;
      assert.equal(first.status, 200);
      assert.equal(first.headers.get('x-ratelimit-limit-requests'), '2');
      assert.equal(first.headers.get('x-ratelimit-remaining-requests'), '1');
      assert.equal(first.headers.get('x-ratelimit-limit-tokens'), '100000');
      assert.match(first.headers.get('x-ratelimit-reset-tokens'), /^\d+ms$/);
      if (last.status === 200) return; // a slow machine
      assert.equal(last.status, 429);
      assert.match(last.headers.get('retry-after-ms'), /^\d+$/);
      assert.equal(last.headers.get('retry-after'), '1');
      assert.equal(last.headers.get('x-ratelimit-remaining-requests'), '0');
      const { error } = await last.json();
      assert.equal(error.code, 'rate_limit_exceeded');
      assert.match(error.message, /^Requests per minute of key "tests": 2 of 2 used; try again in \d\.\d s\.$/);
    });

    test('clients of Anthropic get their own headers, and wait too', async () => {
      const client = new Anthropic({ baseURL: gateway.url, authToken: keys.bob, apiKey: null, maxRetries: 2 });
      for (let i = 0; i < 3; ++i) {
        const { response } = await client.messages.create(say('hello')).withResponse();
        assert.equal(response.headers.get('anthropic-ratelimit-requests-limit'), '2');
        assert.match(response.headers.get('anthropic-ratelimit-requests-reset'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        assert.equal(response.headers.get('x-ratelimit-limit-requests'), null);
      }
    });
  });

  describe('every operation', () => {
    before(limits('[[limiter.quota.limits]]\nrequests_per_minute = 6\n'));
    after(stop);

    const anthropic = { 'anthropic-version': '2023-06-01' };
    const operations = [
      ['/v1/chat/completions', say('hello')], ['/v1/completions', { model: 'm', prompt: 'hello' }],
      ['/v1/embeddings', { model: 'm', input: 'hello' }], ['/v1/rerank', { model: 'm', query: 'a', documents: ['a', 'b'] }],
      ['/v1/messages', say('hello'), anthropic], ['/v1/responses', { model: 'm', input: 'hello' }],
    ];

    test('that asks no model costs nothing', async () => {
      for (let i = 0; i < 9; ++i) {
        await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
        await fetch(`${gateway.url}/v1/chat/completions`, { method: 'HEAD', headers: { authorization: `Bearer ${apiKey}` } });
        assert.equal((await post('/v1/nowhere', {})).status, 404);
        assert.equal((await post('/v1/chat/completions', { model: 'm' })).status, 400);
        assert.equal((await post('/v1/chat/completions', say('hello'), { authorization: 'Bearer wrong-key-0123456789' })).status, 401);
        assert.equal((await post('/v1/messages/count_tokens', say('hello'), anthropic)).status, 200);
      }
    });
    for (const [path, body, headers] of operations)
      test(`${path} takes one of the limit`, async () => assert.equal((await post(path, body, headers)).status, 200));
    for (const [path, body, headers] of operations)
      test(`${path} is refused beyond the limit`, async () => assert.equal((await post(path, body, headers)).status, 429));
    test('that counts tokens passes beyond the limit', async () =>
      assert.equal((await post('/v1/messages/count_tokens', say('hello'), anthropic)).status, 200));
  });

  describe('budgets', () => {
    // A request of the tests costs at most 0.0001 and 0.01; the mock reports 9 tokens and its words.
    before(limits(`ledger_file = "${mkdtempSync(join(tmpdir(), 'gatehouse-ledger-'))}/spend.jsonl"
[[limiter.quota.budgets]]
for = "key:*"
amount = 0.03
[limiter.quota.prices."local/*"]
input = 1.00
output = 100.00
`));
    after(stop);

    test('a budget that is spent is not retried by the official clients', async () => {
      const client = gateway.client({ apiKey: keys.ann, maxRetries: 5 });
      const ask = () => client.chat.completions.create(say('mock:long:90')).withResponse();
      const first = await ask();
      assert.match(first.response.headers.get('x-gatehouse-budget-remaining'), /^0\.0199\d* USD$/);
      const seen = [];
      for (let i = 0; i < 9; ++i) await ask().then(() => seen.push('passed'), (error) => seen.push(error));
      const error = seen.find((one) => one !== 'passed');
      assert.equal(error.status, 429);
      assert.equal(error.code, 'insufficient_quota');
      assert.equal(error.headers.get('x-should-retry'), 'false');
      assert.match(error.message, /budget of key "ann" for this month does not cover this request/);
      const failures = seen.filter((one) => one !== 'passed').length;
      assert.equal(await refused('insufficient_quota'), failures, 'each failure is one request');
      const anthropic = new Anthropic({ baseURL: gateway.url, authToken: keys.ann, apiKey: null, maxRetries: 5 });
      await assert.rejects(anthropic.messages.create(say('mock:long:90')), { status: 429 });
      assert.equal(await refused('insufficient_quota'), failures + 1);
    });

    test('a client that leaves pays for what has arrived', async () => {
      const rest = async () => Number((await gateway.post(say('hello'))).headers.get('x-gatehouse-budget-remaining').split(' ')[0]);
      const before = await rest();
      const leaving = new AbortController();
      const answer = await gateway.post(say('mock:long:60 mock:drip:20', { stream: true }), { signal: leaving.signal });
      for await (const piece of answer.body) if (String.fromCharCode(...piece).includes('content')) break;
      leaving.abort();
      await eventually(async () => (await rest()) > before - 0.02 || 'not settled', 'the stream is settled');
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      assert.match(text, /^gatehouse_plugin_quota_estimated_total 1$/m);
    });
  });

  test('the example of a budget refuses the third request', async () => {
    const example = readFileSync(join(required('SOURCE'), 'config', 'budget.toml'), 'utf8');
    const demo = await Gateway.start((port) => example.replace(/listen = .*/, `listen = "127.0.0.1:${port}"`), { GATEHOUSE_KEY: apiKey });
    try {
      const answers = [];
      // The first request may wait too long for the store.
      await eventually(async () => (await demo.post(say('hello', { model: 'gpt-5' }))).status === 200, 'the store is there');
      for (let i = 0; i < 2; ++i) answers.push((await demo.post(say('hello', { model: 'gpt-5' }))).status);
      assert.deepEqual(answers, [200, 429]);
    } finally {
      await demo.stop();
    }
  });

  test('the example of a team of three runs', async () => {
    const environment = { ANN_KEY: keys.ann, BOB_KEY: keys.bob, CI_KEY: apiKey, BACKEND_URL: `${backend.url}/v1`, GATEHOUSE_STORE: join(folder, 'store.db') };
    backend.models = ['gpt-4.1', 'small'];
    const team = await Gateway.start((port) => readFileSync(join(required('SOURCE'), 'config', 'limits.toml'), 'utf8')
      .replace(/listen = .*/, `listen = "127.0.0.1:${port}"`), environment);
    try {
      // The first request may wait too long for the store to open its file.
      await eventually(async () => (await team.post(say('hello', { model: 'small' }))).status === 200, 'the store is open');
      const answer = await team.post(say('hello', { model: 'gpt-5' }));
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('x-ratelimit-limit-requests'), '20', 'the group of robots is stricter');
      assert.match(answer.headers.get('x-gatehouse-budget-remaining'), /^9\.99\d+ USD$/);
      const large = await team.client({ apiKey: keys.ann }).chat.completions.create(say('hello', { model: 'gpt-5', max_tokens: 2_000_000 })).withResponse();
      assert.equal(large.response.headers.get('x-gatehouse-shortened'), null, 'the price has a lower limit');
      assert.equal((await team.post(say('hello', { model: 'small' }))).status, 200);
    } finally {
      await team.stop();
      backend.models = ['m'];
    }
  });
});

describe('three gateways with one Redis', { skip: redisMissing }, () => {
  let redis, backend, gateways;
  before(async () => {
    redis = await Redis.start();
    backend = await OpenAiServer.start({ models: ['m'] });
    const configuration = (own) => `${base(own, backend)}
[store.shared]
use = "redis"
port = ${redis.port}
timeout_ms = 30000
[limiter.quota]
use = "quota"
store_timeout_ms = 10000
[[limiter.quota.limits]]
for = "group:team:*"
requests_per_minute = 60
# One request in a minute comes back, so that a slow machine admits few more.
[[limiter.quota.limits]]
for = "key:tests"
requests_per_minute = 1
burst_requests = 60
`;
    gateways = await Promise.all([1, 2, 3].map(() => Gateway.start(configuration)));
  });
  after(async () => {
    for (const gateway of gateways ?? []) await gateway.stop();
    await backend?.stop();
    await redis?.stop();
  });

  test('600 requests at once: exactly as many pass as the limit has', async () => {
    const begun = Date.now();
    const asked = backend.requests.length;
    const answers = await Promise.all(Array.from({ length: 600 }, (_, i) => gateways[i % 3].post(say('hello')).then(async (answer) => {
      await answer.text();
      return answer.status;
    })));
    const passed = answers.filter((status) => status === 200).length;
    const minutes = Math.floor((Date.now() - begun) / 60_000);
    assert.ok(passed >= 60 && passed <= 60 + minutes, `${passed} passed in ${minutes} min`);
    assert.equal(answers.filter((status) => status === 429).length, 600 - passed);
    assert.equal(backend.requests.length - asked, passed);
  });

  test('at a steady rate never more than 60 and one each second pass', async () => {
    const begun = Date.now();
    let passed = 0;
    for (let i = 0; i < 100; ++i) {
      const answers = await Promise.all([0, 1, 2].map((which) => gateways[which].post(say('hello'), { headers: { authorization: `Bearer ${keys.ann}` } })));
      passed += answers.filter(({ status }) => status === 200).length;
    }
    const most = 60 + (Date.now() - begun) / 1_000;
    assert.ok(passed >= 60 && passed <= most, `${passed} of at most ${most}`);
  });

  test('without Redis requests get 503, and after its return they pass', async () => {
    await redis.kill();
    const away = await gateways[0].post(say('hello'), { headers: { authorization: `Bearer ${keys.bob}` } });
    assert.equal(away.status, 503);
    assert.equal((await away.json()).error.code, 'limits_unavailable');
    await redis.launch();
    await eventually(async () => (await gateways[0].post(say('hello'), { headers: { authorization: `Bearer ${keys.bob}` } })).status === 200, 'the limiter is back');
  });
});
