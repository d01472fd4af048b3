// SPDX-License-Identifier: Apache-2.0
// The admin API: its callers, the errors of the core, calls that are late, and the line of the log.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';

import { Gateway, freePort } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, required, runToEnd } from './support/process.mjs';

const gatehouse = required('GATEHOUSE');
const ops = '0123456789abcdef0123456789abcdef', viewer = 'fedcba9876543210fedcba9876543210';
const tokens = `tokens = [{ name = "ops", token = "${ops}", may = ["read", "operate"] }, { name = "viewer", token = "${viewer}" }]`;

/** A gateway with the admin listener; `keys` are lines of [admin], `text` is that of the resource "late". */
async function start(t, keys = '', more = '') {
  const backend = await OpenAiServer.start(), admin = await freePort(), gateway = new Gateway();
  gateway.makeFolder();
  const file = (lines, text) => `
[server]
listen = "127.0.0.1:${gateway.port}"
[admin]
listen = "127.0.0.1:${admin}"
${lines}
[plugins]
path = ["${required('TEST_PLUGINS')}", "${required('BUILD')}/plugins"]
[hook.late]
use = "resource"
text = "${text}"
[hook.money]
use = "ledger"
file = "${gateway.folder}/ledger.jsonl"
prices = [{ route = "local/*", input = 1.0, output = 2.0 }]
resource = "ledger"
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
${more}`;
  await gateway.launch((port) => ((gateway.port = port), file(keys, 'first')));
  t.after(() => gateway.stop(backend));
  const url = `http://127.0.0.1:${admin}`;
  return Object.assign(gateway, {
    admin,
    write: (lines, text) => writeFileSync(gateway.file, file(lines, text)),
    call: (path, { token, headers = {}, ...options } = {}) =>
      fetch(url + path, { ...options, headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers } }),
    lines: () => gateway.output.split('\n').filter((line) => line.includes(' info admin ')).map((line) => line.replace(/.* info admin /, '').replace(/ ms=\d+$/, '')),
  });
}

/** The status and the problem of an answer. */
async function problem(answer) {
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const body = await answer.json();
  assert.equal(body.status, answer.status);
  assert.equal(body.type, 'about:blank');
  return [body.status, body.title, body.detail];
}

/** A request with any host. */
const raw = (port, headers, method = 'GET') => new Promise((resolve, reject) =>
  request({ port, host: '127.0.0.1', path: '/api/v1', method, headers }, (answer) => (answer.resume(), resolve(answer.statusCode))).on('error', reject).end());

test('a local program reads the list of resources, and a resource shows what a plugin knows', async (t) => {
  const gateway = await start(t);
  const list = await (await gateway.call('/api/v1')).json();
  assert.deepEqual(list.resources.map(({ name, path, kind, instance }) => ({ name, path, kind, instance })), [
    { name: 'gateway', path: '/api/v1/gateway', kind: 'core', instance: 'gateway' },
    { name: 'session', path: '/api/v1/session', kind: 'core', instance: 'session' },
    { name: 'late', path: '/api/v1/late', kind: 'hook', instance: 'late' },
    { name: 'ledger', path: '/api/v1/ledger', kind: 'hook', instance: 'money' }]);
  assert.deepEqual(list.resources[3].methods.map(({ method, needs }) => `${method} ${needs}`), ['GET read', 'DELETE operate']);

  const sums = async () => (await (await gateway.call('/api/v1/ledger')).json()).sums;
  assert.deepEqual(await sums(), []);
  assert.equal((await gateway.post({ model: 'gpt-4.1', messages: [{ role: 'user', content: 'x' }] })).status, 200);
  await eventually(async () => (await sums()).length === 1, 'the request is in the sums');
  const [one] = await sums();
  assert.deepEqual([one.route, one.requests, one.unpriced_requests], ['local/gpt-4.1', 1, 0]);
  assert.equal(Number(one.cost), (one.prompt_tokens + 2 * one.completion_tokens) / 1e6);
  assert.equal((await gateway.call('/api/v1/ledger', { method: 'DELETE' })).status, 204);
  assert.deepEqual(await sums(), []);

  const head = await gateway.call('/api/v1/ledger', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-type'), head.headers.get('cache-control'), head.headers.get('x-content-type-options')],
    [200, 'application/json', 'no-store', 'nosniff']);
  assert.equal((await fetch(`${gateway.url}/api/v1`)).status, 404, 'the main listener has no admin API');
});

test('without tokens, foreign pages and names that were pointed here are refused', async (t) => {
  const gateway = await start(t), port = gateway.admin;
  assert.equal(await raw(port, { host: `127.0.0.1:${port}` }), 200);
  assert.equal(await raw(port, { host: `localhost:${port}` }), 200);
  assert.equal(await raw(port, { host: `[::1]:${port}` }), 200);
  assert.equal(await raw(port, { host: `evil.example:${port}` }), 421);
  assert.equal(await raw(port, { host: 'localhost.evil.example' }), 421);
  assert.equal(await raw(port, { host: `127.0.0.1:${port}`, origin: 'http://evil.example' }), 403);
  assert.equal(await raw(port, { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` }), 200);
  assert.equal(await raw(port, { host: `127.0.0.1:${port}`, 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await raw(port, { host: `evil.example:${port}` }, 'DELETE'), 421);
  assert.equal((await gateway.call('/health', { headers: {} })).status, 200);
});

test('the core answers what needs no plugin, with problem details', async (t) => {
  const gateway = await start(t, 'max_body_bytes = 1000\ntimeout_ms = 1200');
  assert.deepEqual(await problem(await gateway.call('/api/v1/nothing')), [404, 'Not Found', 'no admin resource has this name: GET /api/v1 lists them']);
  assert.deepEqual(await problem(await gateway.call('/api/v1//late')), [404, 'Not Found', 'no admin resource has this name: GET /api/v1 lists them']);
  const wrong = await gateway.call('/api/v1/late', { method: 'DELETE' });
  assert.equal(wrong.headers.get('allow'), 'GET, HEAD, POST');
  assert.deepEqual(await problem(wrong), [405, 'Method Not Allowed', 'allowed here: GET, HEAD, POST']);
  assert.equal((await gateway.call('/api/v1', { method: 'POST' })).status, 405);
  assert.deepEqual(await problem(await gateway.call('/api/v1/late', { method: 'POST', body: 'x'.repeat(1001) })),
    [413, 'Content Too Large', 'the body is larger than 1000 bytes']);
  assert.deepEqual(await problem(await gateway.call('/api/v1/late/never')), [504, 'Gateway Timeout', 'the resource did not respond in time']);
  assert.deepEqual(await problem(await gateway.call('/api/v1/late/throw')), [500, 'Internal Server Error', 'internal error']);
  assert.deepEqual(await problem(await gateway.call('/api/v1/late/dropped')), [500, 'Internal Server Error', 'internal error']);
  const conflict = await gateway.call('/api/v1/late/conflict');
  assert.deepEqual(await conflict.json(), { type: 'about:blank', title: 'Conflict', status: 409, detail: 'it is there already', code: 'exists' });
  const framing = await gateway.call('/api/v1/late/framing');
  assert.deepEqual([await framing.text(), framing.headers.get('x-c')], ['first', null]);
  assert.equal(await (await gateway.call('/api/v1/late/any?thing')).text(), 'first');
  await eventually(() => /error late admin request failed reason="late: the text of an exception"/.test(gateway.output), 'the reason is in the log');
});

test('with tokens each call needs one with the right, and the log names it', async (t) => {
  const gateway = await start(t, tokens);
  for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: ops }, { authorization: `Basic ${ops}` }]) {
    const answer = await gateway.call('/api/v1/late', { headers });
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    assert.deepEqual(await problem(answer), [401, 'Unauthorized', 'a token of the admin API is needed: authorization: Bearer TOKEN']);
  }
  assert.equal((await gateway.call('/api/v1/nothing')).status, 401, 'names are not told');
  assert.equal((await gateway.call('/api/v1', { token: viewer })).status, 200);
  assert.equal((await gateway.call('/health')).status, 200);
  assert.equal(await (await gateway.call('/api/v1/late', { token: viewer })).text(), 'first');
  assert.deepEqual(await problem(await gateway.call('/api/v1/late', { method: 'POST', token: viewer, body: 'sentinel' })),
    [403, 'Forbidden', 'the token "viewer" lacks the right "operate"']);
  const post = await gateway.call('/api/v1/late/a%2Fb?q=sentinel', { method: 'POST', token: ops, body: 'sentinel', headers: { 'idempotency-key': 'k', origin: 'http://elsewhere' } });
  assert.deepEqual(await post.json(), { path: '/a%2Fb', query: 'q=sentinel', body: 'sentinel', who: 'ops', key: 'k', credential: false });
  const line = (who, method, path, status) => `admin request who=${who} peer=127.0.0.1 method=${method} path=${path} status=${status}`;
  await eventually(() => gateway.lines().length >= 9 || gateway.lines().join('\n'), 'all lines');
  assert.deepEqual(gateway.lines().slice(3), [
    line('-', 'GET', '/api/v1/late', 401), line('-', 'GET', '/api/v1/nothing', 401), line('viewer', 'GET', '/api/v1', 200),
    line('viewer', 'GET', '/api/v1/late', 200), line('viewer', 'POST', '/api/v1/late', 403), line('ops', 'POST', '/api/v1/late/a%2Fb', 200)]);
  for (const secret of ['sentinel', ops, viewer]) assert.ok(!gateway.output.includes(secret), secret);
});

test('a call that runs during a reload ends at its instance, and new tokens hold at once', async (t) => {
  const keys = `${tokens}\ntimeout_ms = 2000`, gateway = await start(t, keys);
  const slow = gateway.call('/api/v1/late/slow', { token: ops });
  const never = gateway.call('/api/v1/late/never', { token: ops, signal: AbortSignal.timeout(1500) }).catch(() => 'left');
  await new Promise((resolve) => setTimeout(resolve, 100));
  gateway.write(keys.replace(ops, ops.toUpperCase()), 'second');
  await runToEnd(gatehouse, ['reload', '-c', gateway.file]);
  assert.equal((await gateway.call('/api/v1/late', { token: ops })).status, 401);
  assert.equal(await (await gateway.call('/api/v1/late', { token: viewer })).text(), 'second');
  assert.equal(await (await slow).text(), 'first');
  assert.equal(await never, 'left');
  await eventually(() => gateway.lines().some((line) => /^admin request who=ops .* path=\/api\/v1\/late\/never status=504$/.test(line)), 'the end of the call whose caller has left');
});

test('a call that runs does not delay the stop, and the other endpoints respond meanwhile', async (t) => {
  const gateway = await start(t);
  const never = gateway.call('/api/v1/late/never').catch(() => 'cut');
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await gateway.call('/health')).status, 200);
  const begun = Date.now();
  await gateway.gateway.stop();
  assert.ok(Date.now() - begun < 5000);
  assert.equal(await never, 'cut');
});

test('two instances with one name of a resource are refused, with both names', async (t) => {
  const gateway = await start(t);
  gateway.write('', 'x"\n[hook.other]\nuse = "resource"\nresource = "ledger');
  const refused = await runToEnd(gatehouse, ['check', '-c', gateway.file], {}, 2);
  assert.match(refused.stderr, /gatehouse\.toml:\d+:1: \[hook\.money\] offers the admin resource "ledger", as \[hook\.other\] does: give one of them another name\n    \[hook\.money\]\n/);
  gateway.write('', 'x"\nresource = "Not Plain');
  const invalid = await runToEnd(gatehouse, ['check', '-c', gateway.file], {}, 2);
  assert.match(invalid.stderr, /\[hook\.late\] offers the admin resource "Not Plain", which is invalid: its name has lower-case letters, digits, "_" and "-", and at most 64 of them\n/);
});

test('check warns of a right that no resource knows', async (t) => {
  const gateway = await start(t);
  gateway.write(tokens.replace('"read"', '"raed"'));
  const { stderr } = await runToEnd(gatehouse, ['check', '-c', gateway.file], {}, 0);
  assert.match(stderr, /warning: no resource of the admin API needs the right "raed"; did you mean "read"\?/);
});
