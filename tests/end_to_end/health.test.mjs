// SPDX-License-Identifier: Apache-2.0
// `gatehouse health` against a gateway that runs, drains, speaks TLS, has an admin listener, or does not run.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { makeCertificate } from './support/certificates.mjs';
import { Gateway, freePort } from './support/gateway.mjs';
import { Program, eventually, required, runToEnd } from './support/process.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-health-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const rest = '[provider.greeter]\nuse = "hello"\n[mapper.models]\nuse = "table"\nunknown = "greeter/*"\n[dialect.openai]\nuse = "openai"\n';

/** A gateway with these tables; `health` runs the command and returns what it printed. */
async function start(t, tables) {
  const gateway = new Gateway();
  gateway.makeFolder();
  gateway.port = await freePort();
  gateway.url = `http://127.0.0.1:${gateway.port}`;
  gateway.file = join(gateway.folder, 'gatehouse.toml');
  writeFileSync(gateway.file, tables(gateway.port) + rest);
  gateway.gateway = new Program(required('GATEHOUSE'), ['serve', '-c', gateway.file]);
  t.after(() => (gateway.gateway.end?.signal ? rmSync(gateway.folder, { recursive: true }) : gateway.stop()));
  await eventually(() => gateway.output.includes(' listening ') || gateway.output, 'it listens');
  gateway.health = async (status = 0, ...more) => (await runToEnd(required('GATEHOUSE'), ['health', '-c', gateway.file, ...more], {}, status)).output;
  return gateway;
}
const server = (port, more = '') => `[server]\nlisten = "127.0.0.1:${port}"\n${more}`;

test('a running gateway is well, and one that drains is not ready', async (t) => {
  const one = await start(t, (port) => server(port, 'drain_delay_ms = 60000\n'));
  assert.equal(await one.health(), 'ok\n');
  assert.equal(await one.health(0, '--ready'), 'ok\n');
  one.gateway.child.kill('SIGTERM');
  await eventually(async () => (await fetch(`${one.url}/ready`)).status === 503, 'it drains');
  assert.equal(await one.health(1, '--ready'), `http://127.0.0.1:${one.port}/ready: 503 Service Unavailable\n`);
  assert.equal(await one.health(), 'ok\n');
  one.gateway.child.kill('SIGKILL');
  await one.gateway.ended;
  assert.match(await one.health(1), /\/health: no connection\n$/);
});

test('the admin listener is asked if there is one, and TLS is spoken if there is none', async (t) => {
  const { certificate, key } = makeCertificate(folder, 'server', { alternative: 'IP:127.0.0.1' });
  const tls = `[server.tls]\ncertificate = "${certificate}"\nkey = "${key}"\n`;
  assert.equal(await (await start(t, (port) => server(port) + tls)).health(), 'ok\n');
  const strict = `${tls}client_ca = "${certificate}"\n`;
  assert.match(await (await start(t, (port) => server(port) + strict)).health(1),
    /^https:\S+\/health: .*; the gateway asks for a client certificate: set \[admin\] listen\n$/);
  const admin = await freePort();
  assert.equal(await (await start(t, (port) => `${server(port)}${strict}[admin]\nlisten = "127.0.0.1:${admin}"\n`)).health(), 'ok\n');
});

test('a wrong file has status 2', async () => {
  const { output } = await runToEnd(required('GATEHOUSE'), ['health', '-c', join(folder, 'none.toml')], {}, 2);
  assert.match(output, /none\.toml: No such file or directory/i);
});
