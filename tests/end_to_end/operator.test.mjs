// SPDX-License-Identifier: Apache-2.0
// An operator's commands against a running gateway: keys, limits and spend.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Gateway, freePort } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, required, runToEnd } from './support/process.mjs';

const token = '0123456789abcdef0123456789abcdef';

describe('an operator', () => {
  let folder, backend, gateway;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-operator-'));
    backend = await OpenAiServer.start({ models: ['m'] });
    const admin = await freePort();
    gateway = await Gateway.start((port) => `
[server]
listen = "127.0.0.1:${port}"
[admin]
listen = "127.0.0.1:${admin}"
tokens = [{ name = "ops", token = "${token}", may = ["read", "keys"] }]
[store.keys]
use = "memory"
[store.counters]
use = "memory"
[authenticator.team]
use = "managed_keys"
store = "keys"
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
store = "none"
use = "openai"
[limiter.quota]
use = "quota"
store = "counters"
store_timeout_ms = 10000
ledger_file = "${folder}/spend.jsonl"
[[limiter.quota.limits]]
for = "key:*"
requests_per_minute = 60
[[limiter.quota.budgets]]
for = "group:blue"
amount = 1.00
[limiter.quota.prices.m]
input = 1.00
output = 10.00
`);
  });
  after(async () => {
    await gateway.stop(backend);
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (args, status = 0) =>
    (await runToEnd(required('GATEHOUSE'), [...args, '-c', gateway.file], { GATEHOUSE_ADMIN_TOKEN: token }, status));
  const ask = (key) => gateway.post({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }, { headers: { authorization: `Bearer ${key}` } });

  test('makes a key, sees its limits and its spend, and revokes it', async () => {
    const made = JSON.parse((await run(['keys', 'create', 'ann', '--group', 'blue', '--json'])).stdout);
    assert.match(made.key, /^gh-/);
    const answer = await ask(made.key);
    assert.equal(answer.status, 200);
    const limits = (await run(['limits'])).stdout;
    assert.match(limits, /^key "ann" +requests per minute +60 +\d+ +\d+ /m);
    assert.match(limits, /^group "blue" +budget +month +1\.00 +0\.0\d+ /m);
    assert.match((await run(['limits', '--key', 'bob'])).stdout, /nothing found/);
    await eventually(async () => JSON.parse((await run(['spend', '--by', 'key,model', '--since', '1h', '--json'])).stdout).rows.length === 1, 'the request is in the ledger');
    const spent = JSON.parse((await run(['spend', '--by', 'key,group,route', '--json'])).stdout).rows[0];
    assert.deepEqual({ ...spent, cost: Number(spent.cost) > 0 },
      { key: made.id, group: 'blue', route: 'local/m', requests: 1, prompt_tokens: 9, completion_tokens: spent.completion_tokens, cost: true, estimated_requests: 0 });
    assert.match((await run(['keys', 'list'])).stdout, new RegExp(`^${made.id} +ann +active +blue`, 'm'));
    const rotated = JSON.parse((await run(['keys', 'rotate', 'ann', '--grace-seconds', '0', '--json'])).stdout);
    assert.notEqual(rotated.key, made.key);
    assert.equal((await ask(rotated.key)).status, 200);
    await run(['keys', 'block', made.id, '--reason', 'left']);
    assert.equal((await ask(rotated.key)).status, 401);
    await run(['keys', 'unblock', 'ann']);
    assert.equal((await ask(rotated.key)).status, 200);
    await run(['keys', 'revoke', 'ann']);
    assert.equal((await ask(rotated.key)).status, 401);
    assert.match((await run(['keys', 'show', made.id])).stdout, /^state +revoked$/m);
    assert.match((await run(['keys', 'block', 'nobody-here'], 1)).stderr, /there is no key with the id or name "nobody-here"/);
    assert.match((await runToEnd(required('GATEHOUSE'), ['keys', 'list', '-c', gateway.file], {}, 1)).stderr, /set GATEHOUSE_ADMIN_TOKEN/);
  });
});
