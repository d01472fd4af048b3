// SPDX-License-Identifier: Apache-2.0
// A plugin that crashes, hangs, sleeps or fills the memory is named in the log and in the metrics, and
// other requests continue if that is possible.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Gateway, freePort } from './support/gateway.mjs';
import { eventually, required } from './support/process.mjs';

// Sanitizers leave the signals to the gateway, so that the process dies as without them.
const environment = { ASAN_OPTIONS: 'handle_segv=0:handle_abort=0:handle_sigbus=0:detect_leaks=0' };

async function start(t, server = 'workers = 2', log = 'text') {
  const admin = await freePort();
  const gateway = await Gateway.start((port, folder) => `
[server]
listen = "127.0.0.1:${port}"
${server}
[admin]
listen = "127.0.0.1:${admin}"
[log]
format = "${log}"
[plugins]
path = ["${required('TEST_PLUGINS')}"]
[dialect.openai]
use = "openai"
[provider.rogue]
use = "misbehaving"
go_on = "${join(folder, 'go_on')}"
[mapper.table]
use = "table"
unknown = "rogue/*"
`, environment);
  gateway.admin = `http://127.0.0.1:${admin}`;
  t.after(() => {
    if (!gateway.gateway.end) gateway.gateway.child.kill('SIGKILL');
    return gateway.gateway.ended;
  });
  return gateway;
}

const ask = (gateway, model, options = {}) => gateway.post({ model, messages: [{ role: 'user', content: 'x' }], ...options }, options.fetch);
const metric = async (gateway, name) => {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text();
  return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1] ?? 0);
};
const words = 'library="?[^ ]*misbehaving\\.so"? call="?Exchange::end"? request_id="?req_[\\w-]{24}"?';

for (const [how, signal] of [['segv', 'SIGSEGV'], ['abort', 'SIGABRT'], ['overflow', 'SIGSEGV']])
  test(`${how}: the log names the plugin, its call and the addresses, and the process dies by ${signal}`, async (t) => {
    const gateway = await start(t);
    assert.equal((await ask(gateway, 'good')).status, 200);
    await assert.rejects(ask(gateway, how));
    assert.deepEqual(await gateway.gateway.ended, { code: null, signal });
    assert.match(gateway.output, new RegExp(`Z error rogue plugin crashed the process signal="${signal}" ${words}\n`));
    assert.match(gateway.output, /Z error rogue back trace of the crash frames="[^"\n]*misbehaving\.so\+0x[0-9a-f]+[^"\n]*"\n/);
  });

test('exit: the log names the plugin that has ended the process', async (t) => {
  const gateway = await start(t);
  await assert.rejects(ask(gateway, 'exit'));
  await gateway.gateway.ended;
  assert.match(gateway.output, new RegExp(`error rogue plugin ended the process by exit\\(\\) ${words}\n`));
});

test('a crash is a line of JSON if the log is JSON', async (t) => {
  const gateway = await start(t, '', 'json');
  await assert.rejects(ask(gateway, 'segv'));
  await gateway.gateway.ended;
  const lines = gateway.output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const crash = lines.find(({ message }) => message === 'plugin crashed the process');
  assert.equal(crash.instance, 'rogue');
  assert.equal(crash.level, 'error');
  assert.equal(crash.call, 'Exchange::end');
  assert.match(crash.request_id, /^req_/);
  assert.match(crash.time, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ$/);
  assert.ok(lines.some(({ message }) => message === 'back trace of the crash'));
});

test('a call that sleeps is reported once while it runs, and other requests continue', async (t) => {
  const gateway = await start(t);
  const slow = ask(gateway, 'sleep');
  await eventually(async () => (await metric(gateway, 'gatehouse_workers_stuck')) === 1, 'a worker is stuck');
  await eventually(async () => (await metric(gateway, 'gatehouse_plugin_slow_calls_total\\{instance="rogue"\\}')) === 1, 'the call is counted');
  for (let i = 0; i < 20; ++i)
    assert.equal((await ask(gateway, 'good', { fetch: { headers: { connection: 'close' } } })).status, 200);
  writeFileSync(join(gateway.folder, 'go_on'), '');
  assert.equal((await slow).status, 200);
  const lines = gateway.output.match(new RegExp(`warning rogue plugin call took more than 1 s and still ran ${words}\n`, 'g'));
  assert.equal(lines.length, 1);
  await eventually(async () => (await metric(gateway, 'gatehouse_workers_stuck')) === 0, 'no worker is stuck');
  assert.equal((await fetch(`${gateway.admin}/health`)).status, 200);
});

test('TERM ends the process although calls do not return, and the log names them', async (t) => {
  const gateway = await start(t, 'workers = 1\ndrain_timeout_ms = 100');
  ask(gateway, 'loop').catch(() => {});
  await eventually(async () => (await metric(gateway, 'gatehouse_workers_stuck')) === 1, 'the worker is stuck');
  gateway.gateway.child.kill('SIGTERM');
  assert.deepEqual(await gateway.gateway.ended, { code: 1, signal: null });
  assert.match(gateway.output, new RegExp(`error rogue plugin call did not end before the process ${words}\n`));
  assert.match(gateway.output, /error gatehouse process ended by force after drain_timeout_ms\n/);
});

test('a call that emits without end fails its own request only', async (t) => {
  const gateway = await start(t);
  const answer = await ask(gateway, 'memory', { stream: true });
  assert.equal(answer.status, 502);
  assert.match(gateway.output, /response is larger than max_response_bytes/);
  assert.equal((await ask(gateway, 'throw')).status, 500);
  await eventually(async () => (await metric(gateway, 'gatehouse_plugin_failures_total\\{instance="rogue"\\}')) === 1, 'the exception is counted');
  assert.equal((await ask(gateway, 'good')).status, 200);
});

test("a plugin's line of the log names the request of the call, and its meters are in the metrics", async (t) => {
  const gateway = await start(t);
  const answer = await ask(gateway, 'good');
  const id = answer.headers.get('x-request-id');
  await eventually(() => gateway.output.includes(`info rogue a request was answered request_id=${id}\n`), 'the line has the id');
  assert.equal(await metric(gateway, 'gatehouse_plugin_rogue_calls_total\\{model="good"\\}'), 1);
});
