// SPDX-License-Identifier: Apache-2.0
// `gatehouse health` against a gateway that runs, drains, speaks TLS, has an admin listener, or does not run.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { makeCertificate } from './support/certificates.mjs';
import { Gateway, freePort } from './support/gateway.mjs';
import { Program, eventually, required, runToEnd, sleep } from './support/process.mjs';
import { Stack } from './support/stack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-health-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const rest = '[provider.greeter]\nuse = "hello"\n[mapper.models]\nuse = "table"\nunknown = "greeter/*"\n[dialect.openai]\nuse = "openai"\n';

/** A gateway with these tables; `health` runs the command and returns what it printed. */
async function start(t, tables, others = rest) {
  const gateway = new Gateway();
  gateway.makeFolder();
  gateway.port = await freePort();
  gateway.url = `http://127.0.0.1:${gateway.port}`;
  gateway.file = join(gateway.folder, 'gatehouse.toml');
  writeFileSync(gateway.file, tables(gateway.port) + others);
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

// An upstream that refuses all credentials until `accepts` is set.
async function upstream(t) {
  const server = createServer((request, response) => {
    request.resume();
    server.requests += 1;
    response.writeHead(server.accepts ? 200 : 401, { 'content-type': 'application/json' }).end('{"data":[{"id":"m"}]}');
  });
  Object.assign(server, { accepts: false, requests: 0 });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}
const provider = (name, upstream) => `[provider.${name}]\nuse = "openai"\nbase_url = "http://127.0.0.1:${upstream.address().port}/v1"\n`;

test('with ready = "provider", a gateway whose providers cannot be used is not ready until one can', async (t) => {
  const [one, two] = [await upstream(t), await upstream(t)];
  const admin = await freePort();
  const own = await start(t, (port) => `${server(port, 'ready = "provider"\n')}[admin]\nlisten = "127.0.0.1:${admin}"\n${provider('one', one)}${provider('two', two)}`,
    '[mapper.models]\nuse = "table"\nunknown = "one/*"\n[dialect.openai]\nuse = "openai"\n');
  const ready = async (port) => {
    const answer = await fetch(`http://127.0.0.1:${port}/ready`);
    return answer.json();
  };
  await eventually(() => one.requests > 0 && two.requests > 0, 'both are asked at the start');
  assert.deepEqual(await ready(own.port), { status: 'not ready', reason: 'no provider can be used' });
  assert.match(await own.health(1, '--ready'), /\/ready: 503 /);
  const { providers } = await ready(admin);
  assert.deepEqual(providers.map(({ name, state, reason }) => ({ name, state, reason })),
    [{ name: 'one', state: 'unknown', reason: 'credentials' }, { name: 'two', state: 'unknown', reason: 'credentials' }]);
  two.accepts = true;
  await eventually(async () => (await ready(own.port)).status === 'ready', 'one provider can be used');
  assert.equal(await own.health(0, '--ready'), 'ok\n');
  assert.equal((await ready(admin)).providers[1].state, 'usable');
  assert.equal((await fetch(`${own.url}/health`)).status, 200);
});

test('an expired session of the only provider is not ready, and its metric shows no token', async (t) => {
  const extra = `[admin]\nlisten = "127.0.0.1:${await freePort()}"\n`;
  const stack = await Stack.start({ extra });
  t.after(() => stack.stop());
  const { token } = await stack.emulator.post('session-token', { publicKey: stack.key.publicPem, lifetime: 1 });
  writeFileSync(join(stack.folder, 'token'), token);
  await sleep(1500);
  const signer = { principal: 'session', key_file: join(stack.folder, 'key.pem'), security_token_file: join(stack.folder, 'token') };
  const text = stack.configuration({ extra, signer, routes: { llama: 'oci/meta.llama-3.3-70b-instruct' }, server: { ready: 'provider' } });
  writeFileSync(stack.file, text.replace('[provider.greeter]\nuse = "hello"\n', ''));
  stack.gateway.child.kill('SIGHUP');
  await eventually(() => stack.gateway.output.includes(' reloaded ') || stack.gateway.output, 'the session signs');
  await eventually(async () => (await fetch(`${stack.url}/ready`)).status === 503, 'no provider can sign');
  const admin = (page) => fetch(`http://${/"(127.0.0.1:\d+)"/.exec(extra)[1]}${page}`).then((answer) => answer.text());
  await eventually(async () => (await admin('/ready')).includes('"reason":"credentials"'), 'the reason is named');
  assert.match(await admin('/metrics'), /^gatehouse_plugin_oci_token_not_after_seconds 0$/m);
});

test('without it, /ready does not depend on providers, and no request is sent', async (t) => {
  const one = await upstream(t);
  const own = await start(t, (port) => server(port) + provider('one', one));
  assert.equal(await own.health(0, '--ready'), 'ok\n');
  assert.equal(one.requests, 0);
});

test('a wrong file has status 2', async () => {
  const { output } = await runToEnd(required('GATEHOUSE'), ['health', '-c', join(folder, 'none.toml')], {}, 2);
  assert.match(output, /none\.toml: No such file or directory/i);
});
