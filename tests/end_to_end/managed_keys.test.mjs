// SPDX-License-Identifier: Apache-2.0
// Keys made by the admin API: used by the official client, over a restart, and in three gateways of one Redis.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import OpenAI from 'openai';

import { Gateway, freePort } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, required, runToEnd } from './support/process.mjs';
import { Redis, redisMissing } from './support/redis.mjs';

const token = '0123456789abcdef0123456789abcdef', viewer = 'fedcba9876543210fedcba9876543210';

/** `told` gets the ports of the clients' listener and of the admin API before the gateway is ready. */
async function start(backend, store, told = () => {}) {
  const admin = await freePort();
  const gateway = await Gateway.start((port) => (told(port, admin), `
[server]
listen = "127.0.0.1:${port}"
[admin]
listen = "127.0.0.1:${admin}"
tokens = [{ name = "ops", token = "${token}", may = ["read", "keys"] }, { name = "viewer", token = "${viewer}" }]
[store.keys]
${store}
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
use = "openai"
store = "none"
`));
  return Object.assign(gateway, {
    async keys(method, path, body, who = token) {
      const response = await fetch(`http://127.0.0.1:${admin}/api/v1/keys${path}`, {
        method, body: body && JSON.stringify(body), headers: { authorization: `Bearer ${who}` } });
      return { status: response.status, ...await response.json() };
    },
    async ask(apiKey, model = 'm') {
      const client = new OpenAI({ apiKey, baseURL: `http://127.0.0.1:${gateway.port}/v1`, maxRetries: 0 });
      try {
        return (await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] })).object;
      } catch (error) {
        return `${error.status} ${error.error?.message}`;
      }
    },
  });
}

const wrong = '401 The API key is missing or wrong.';

test('the life of a key, and a restart in the middle of it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-')), backend = await OpenAiServer.start({ models: ['m', 'n'] });
  const store = `use = "sqlite"\npath = "${folder}/keys.db"`;
  let gateway = await start(backend, store);
  t.after(async () => {
    await gateway.stop(backend);
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually(() => /no keys loaded, every key is refused/.test(gateway.output), 'a new store has no keys');
  const made = await gateway.keys('POST', '', { name: 'alice', models: ['m'] });
  assert.equal(made.status, 201);
  assert.equal(await gateway.ask(made.key), 'chat.completion');
  assert.match(await gateway.ask(made.key, 'n'), /^404 /);
  assert.match(gateway.output, /client=alice/);
  assert.equal((await gateway.keys('POST', '', { name: 'bob' }, viewer)).status, 403);
  assert.equal((await gateway.keys('GET', '', undefined, viewer)).keys.length, 1);

  const { key: next } = await gateway.keys('POST', `/${made.id}/rotate`, { grace_seconds: 3600 });
  assert.equal(await gateway.ask(made.key), 'chat.completion');
  assert.equal(await gateway.ask(next), 'chat.completion');

  assert.ok(!gateway.output.includes(made.key) && !gateway.output.includes(next), 'no secret in the log');
  await gateway.stop();
  gateway = await start(backend, store);
  await eventually(async () => await gateway.ask(next) === 'chat.completion', 'the key survived the restart');
  assert.match(gateway.output, /keys loaded count=1/);

  await gateway.keys('POST', `/${made.id}/block`, { reason: 'leaked' });
  assert.equal(await gateway.ask(next), '401 The API key is blocked.');
  assert.equal(await gateway.ask(`${next.slice(0, -1)}_`), wrong);
  await gateway.keys('POST', `/${made.id}/unblock`);
  assert.equal(await gateway.ask(next), 'chat.completion');
  await gateway.keys('DELETE', `/${made.id}`);
  assert.equal(await gateway.ask(next), wrong);
});

describe('three gateways of one Redis', { skip: redisMissing }, () => {
  test('a key that one makes or revokes is known to all, and the store may be away', async (t) => {
    const backend = await OpenAiServer.start({ models: ['m'] }), redis = await Redis.start(), gateways = [];
    for (let i = 0; i < 3; ++i) gateways.push(await start(backend, `use = "redis"\nport = ${redis.port}`));
    t.after(async () => {
      for (const gateway of gateways) await gateway.stop();
      await backend.stop?.();
      await redis.stop();
    });
    const made = await gateways[0].keys('POST', '', { name: 'alice' });
    assert.equal(made.status, 201, JSON.stringify(made));
    for (const gateway of gateways)
      await eventually(async () => await gateway.ask(made.key) === 'chat.completion', 'the key is known');
    assert.equal((await gateways[2].keys('DELETE', `/${made.id}`)).status, 200);
    for (const gateway of gateways) await eventually(async () => await gateway.ask(made.key) === wrong, 'the key is revoked');

    const other = await gateways[1].keys('POST', '', { name: 'bob' });
    await eventually(async () => await gateways[0].ask(other.key) === 'chat.completion', 'the other key is known');
    await redis.kill();
    await eventually(() => gateways[0].output.includes('keys not refreshed'), 'the log tells that the store is away');
    assert.equal(await gateways[0].ask(other.key), 'chat.completion');
    assert.equal(await gateways[0].ask(made.key), wrong);
    assert.equal((await gateways[0].keys('POST', '', { name: 'carol' })).status, 503);
  });
});

test('a gateway is not ready before it has the keys', { skip: redisMissing }, async (t) => {
  const backend = await OpenAiServer.start({ models: ['m'] }), port = await freePort();
  let ports;
  const starting = start(backend, `use = "redis"\nport = ${port}`, (...own) => (ports = own));
  const ready = (own) => fetch(`http://127.0.0.1:${own}/ready`, { headers: { authorization: `Bearer ${token}` } }).then(
    async (answer) => [answer.status, await answer.json()], () => 'no connection');
  await eventually(() => Boolean(ports), 'the ports');
  await eventually(async () => (await ready(ports[1]))[1].reason === 'clients cannot be authenticated yet', 'it has started');
  assert.deepEqual((await ready(ports[1]))[1].detail, '[authenticator.team]: the API keys have not been loaded yet');
  const keys = async () => (await ready(ports[1]))[1].stores[0];
  await eventually(async () => (await keys()).state === 'not usable', 'the store was asked');
  assert.deepEqual(await keys(), { name: 'keys', state: 'not usable', reason: 'cannot connect: Connection refused' });
  const redis = await Redis.start(port), gateway = await starting;
  t.after(() => gateway.stop(backend, redis));
  assert.equal((await ready(ports[1]))[0], 200);
  assert.deepEqual(await keys(), { name: 'keys', state: 'usable' });
});

test('a reload to a store without keys, or to one that is away, is told by the command', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-')), backend = await OpenAiServer.start({ models: ['m'] });
  const gateway = await start(backend, `use = "sqlite"\npath = "${folder}/keys.db"`), good = readFileSync(gateway.file, 'utf8');
  t.after(async () => {
    await gateway.stop(backend);
    rmSync(folder, { recursive: true, force: true });
  });
  const made = await gateway.keys('POST', '', { name: 'alice' });
  const reload = async (text) => {
    writeFileSync(gateway.file, text);
    const { stdout } = await runToEnd(required('GATEHOUSE'), ['reload', '-c', gateway.file], {}, 0);
    return stdout.split('\n').filter((line) => line.startsWith('  warning: '));
  };
  assert.deepEqual(await reload(good.replace('keys.db', 'other.db')), ['  warning: team: no keys loaded, every key is refused ' +
    '(remedy: make a key with `gatehouse keys create NAME`; if the store has keys, correct its table)']);
  assert.equal(await gateway.ask(made.key), wrong);
  assert.deepEqual(await reload(good), []);
  assert.equal(await gateway.ask(made.key), 'chat.completion');
  const away = await reload(good.replace(/use = "sqlite"\npath = .*/, `use = "redis"\nport = ${await freePort()}`));
  assert.ok(away.some((line) => line === '  warning: no client can be authenticated yet: [authenticator.team]: the API keys have not been loaded yet'),
    away.join('\n'));
});
