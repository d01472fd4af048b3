// SPDX-License-Identifier: Apache-2.0
// The files of the log and of a hook: on a full disk, and rotated as config/gatehouse.logrotate does it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { eventually, required } from './support/process.mjs';

/** A gateway whose log and audit file are in its folder. */
async function running(use) {
  const one = await Gateway.start((port, folder) => `[server]
listen = "127.0.0.1:${port}"
[log]
format = "json"
file = "gatehouse.log"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[hook.audit]
use = "audit"
file = "${folder}/audit.jsonl"
clients = ["*"]
[provider.greeter]
use = "hello"
[mapper.models]
use = "table"
models = { hello = "greeter/any" }
[dialect.openai]
use = "openai"
`);
  one.log = join(one.folder, 'gatehouse.log');
  one.audit = join(one.folder, 'audit.jsonl');
  one.ask = async () => assert.equal((await one.post({ model: 'hello', messages: [{ role: 'user', content: 'hi' }] })).status, 200);
  try {
    await use(one);
  } finally {
    await one.stop();
  }
}

const text = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const parsed = (file) => text(file).split('\n').slice(0, -1).map((line) => JSON.parse(line));
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

test('a full disk costs log lines, which are counted, and no request; then the log continues on a line of its own', async () => {
  await running(async (one) => {
    const limit = (bytes) => {
      const done = spawnSync('prlimit', ['--pid', String(one.gateway.child.pid), `--fsize=${bytes}:unlimited`], { encoding: 'utf8' });
      assert.equal(done.status, 0, done.stderr);
    };
    await one.ask();
    await eventually(() => text(one.audit).endsWith('\n'), 'the first request is recorded');
    limit(Math.max(statSync(one.log).size, statSync(one.audit).size) + 1000);
    for (let i = 0; i < 30; ++i) await one.ask();
    await eventually(async () => (await one.metric('gatehouse_log_lines_lost_total')) > 10, 'lost lines are counted');
    await eventually(async () => (await one.metric('gatehouse_plugin_audit_lines_lost_total')) > 10, 'lost records are counted');
    assert.equal(one.gateway.stderr.match(/^gatehouse: cannot write the log to \S+gatehouse\.log: file too large; .*$/gm)?.length, 1,
      one.gateway.stderr);
    assert.equal((await fetch(`${one.url}/health`)).status, 200);

    limit('unlimited');
    await one.ask();
    await eventually(() => /requests recorded again/.test(text(one.log)), 'the hook writes again');
    const lines = parsed(one.log), lost = lines.filter((line) => line.message === 'log lines lost');
    assert.ok(lost.length >= 1);
    assert.equal(sum(lost.map((line) => line.count)), await one.metric('gatehouse_log_lines_lost_total'));
    for (const line of lost) assert.deepEqual([line.level, line.instance, line.reason], ['warning', 'gatehouse', 'file too large']);
    const records = parsed(one.audit).length, again = lines.find((line) => line.message === 'requests recorded again');
    assert.equal(again.level, 'info');
    assert.equal(records + again.count, 32);
    assert.equal(await one.metric('gatehouse_plugin_audit_lines_lost_total'), again.count);
    for (const line of lines.filter((one) => one.message === 'request')) assert.equal(typeof line.status, 'number');
  });
});

test('the shipped file for logrotate renames the files and makes the gateway open new ones, without a reload', async () => {
  await running(async (one) => {
    await one.ask();
    await eventually(() => text(one.audit).endsWith('\n'), 'the first request is recorded');
    writeFileSync(one.file, '[half an edit');
    const shipped = readFileSync(join(required('SOURCE'), 'config', 'gatehouse.logrotate'), 'utf8');
    const rotate = shipped.replaceAll('/var/log/gatehouse/', `${one.folder}/`);
    // A systemctl that knows this gateway.
    const systemctl = join(one.folder, 'systemctl');
    writeFileSync(systemctl, `#!/bin/sh
test "$*" = "kill --kill-whom=main -s USR1 gatehouse.service" || exit 1
kill -s USR1 ${one.gateway.child.pid}
`);
    chmodSync(systemctl, 0o700);
    const options = { encoding: 'utf8', env: { PATH: `${one.folder}:${process.env.PATH}:/usr/sbin` } };
    const before = text(one.log);
    let done;
    if (spawnSync('logrotate', ['--version'], options).status === 0) {
      const file = join(one.folder, 'logrotate.conf');
      writeFileSync(file, rotate, { mode: 0o600 });
      done = spawnSync('logrotate', ['-f', '-s', join(one.folder, 'logrotate.state'), file], options);
    } else {
      for (const file of [one.log, one.audit]) renameSync(file, `${file}.1`);
      done = spawnSync('sh', ['-e', '-c', rotate.match(/postrotate\n([^]*?)\n\s*endscript/)[1]], options);
    }
    assert.equal(done.status, 0, done.stderr);
    await eventually(() => existsSync(one.log), 'the gateway has opened a new log');
    await one.ask();
    await eventually(() => text(one.log).includes('"request"') && text(one.audit).endsWith('\n'), 'the new files have lines');
    assert.ok(text(`${one.log}.1`).startsWith(before));
    assert.equal(parsed(`${one.audit}.1`).length, 1);
    assert.equal(parsed(one.audit).length, 1);
    assert.equal(statSync(one.audit).mode & 0o777, 0o600);
    for (const line of [...parsed(`${one.log}.1`), ...parsed(one.log)]) assert.doesNotMatch(line.message, /reload/);
  });
});
