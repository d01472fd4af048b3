// SPDX-License-Identifier: Apache-2.0
// A disk that becomes read-only: what a store and a ledger do at the start, while the gateway runs, and afterwards.
// A mount in a namespace of its own stands for the disk.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, patience, required } from './support/process.mjs';

const can = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt && mount -o remount,ro /mnt']).status === 0;
const skip = !can ? 'mounts in a namespace need the rights of root'
  : !existsSync(join(required('BUILD'), 'plugins/store/sqlite/sqlite.so')) && 'store/sqlite was not built';

describe('a read-only disk', { skip }, () => {
  let folder, disk, backend;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-read-only-'));
    disk = join(folder, 'disk');
    mkdirSync(disk);
    backend = await OpenAiServer.start({ models: ['m'] });
  });
  after(async () => {
    await backend.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const configuration = (port, store, ledger, policy = 'refuse') => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
store = "none"
[store.counters]
${store}
[limiter.quota]
use = "quota"
store_timeout_ms = 10000
on_store_failure = "${policy}"
${ledger}
[[limiter.quota.budgets]]
for = "key:*"
amount = 5.00
[limiter.quota.prices."local/*"]
input = 10.00
output = 100.00
`;
  const sqlite = () => `use = "sqlite"\npath = "${disk}/store.db"`;
  const ledger = () => `ledger_file = "${disk}/spend.jsonl"`;

  for (const [what, store, lines, error] of [
    ['a store', sqlite, () => '', /cannot (open|create) \S+: Read-only file system/],
    ['a ledger', () => 'use = "memory"', ledger, /cannot write to .*spend\.jsonl: Read-only file system\n    ledger_file = /]])
    for (const exists of [true, false])
      test(`is an error at the start for ${what} that ${exists ? 'exists' : 'does not exist'}`, () => {
        rmSync(disk, { recursive: true });
        mkdirSync(disk, { mode: 0o700 });
        if (exists) for (const name of ['store.db', 'spend.jsonl']) writeFileSync(join(disk, name), '', { mode: 0o600 });
        const file = join(folder, 'gatehouse.toml');
        writeFileSync(file, configuration(1, store(), lines()));
        const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c',
          `mount --bind ${disk} ${disk} && mount -o remount,ro,bind ${disk} && exec ${required('GATEHOUSE')} check -c ${file}`], { encoding: 'utf8' });
        assert.match(stderr, error);
        assert.equal(status, 2, stderr);
      });

  /** Starts a gateway whose disk is a mount of its own, and returns a shell in its namespace. */
  async function started(policy) {
    const gateway = new Gateway(), real = process.env.GATEHOUSE, own = join(folder, 'gatehouse');
    gateway.makeFolder();
    // The process that unshare becomes is the gateway.
    writeFileSync(own, `#!/bin/sh\nexec unshare -m sh -c 'mount -t tmpfs none ${disk} && exec "$@"' sh ${real} "$@"\n`, { mode: 0o755 });
    process.env.GATEHOUSE = own;
    try {
      await gateway.launch((port) => configuration(port, sqlite(), ledger(), policy));
    } finally {
      process.env.GATEHOUSE = real;
    }
    gateway.shell = (command) => spawnSync('nsenter', ['-t', `${gateway.gateway.child.pid}`, '-m', 'sh', '-c', command], { encoding: 'utf8' });
    gateway.ask = async () => {
      const answer = await gateway.post({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] });
      const { error } = await answer.json();
      return { status: answer.status, code: error?.code, rest: Number(answer.headers.get('x-gatehouse-budget-remaining')?.split(' ')[0] ?? NaN) };
    };
    gateway.lines = () => gateway.shell(`cat ${disk}/spend.jsonl`).stdout.split('\n').filter(Boolean).length;
    return gateway;
  }

  for (const [policy, status] of [['refuse', 503], ['allow', 200], ['local', 200]])
    test(`while the gateway runs keeps on_store_failure = "${policy}", says so, and loses no spend`, { timeout: patience }, async () => {
      const gateway = await started(policy);
      try {
        await eventually(async () => (await gateway.ask()).status === 200, 'the store is open');
        await eventually(() => gateway.lines() > 0, 'the ledger has a line');
        const before = await gateway.ask();
        assert.equal(before.status, 200);
        // Files that are open for writing keep a mount from becoming read-only, so a read-only one takes its place.
        assert.equal(gateway.shell(`mount -t tmpfs -o ro none ${disk}`).status, 0);
        let answer;
        await eventually(async () => gateway.output.includes('store not available') || (answer = await gateway.ask(), false), 'the log tells of the store');
        answer = await gateway.ask();
        assert.equal(answer.status, status, JSON.stringify(answer));
        if (status === 503) assert.equal(answer.code, 'limits_unavailable');
        assert.match(gateway.output, /store not available.*(unable to open database file|readonly|Read-only)/);
        if (status === 200) {
          await eventually(() => /requests not recorded.*Read-only file system/.test(gateway.output), 'the log tells of the ledger');
          await eventually(async () => (await gateway.metric('gatehouse_plugin_quota_lines_lost_total')) > 0, 'lost lines are counted');
        }
        assert.equal(gateway.shell(`umount ${disk}`).status, 0);
        await eventually(async () => !Number.isNaN((await gateway.ask()).rest), 'the store is back without a restart');
        await eventually(async () => (await gateway.metric('gatehouse_plugin_quota_settlements_pending')) === 0, 'nothing waits');
        assert.ok((await gateway.ask()).rest < before.rest, 'the spend of before is there');
        assert.match(gateway.output, /store available again/);
        const lines = gateway.lines();
        await gateway.ask();
        await eventually(() => gateway.lines() > lines, 'the ledger goes on');
      } finally {
        await gateway.stop();
      }
    });
});
