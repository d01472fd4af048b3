// SPDX-License-Identifier: Apache-2.0
// The console without a browser: login, refusals, pages, and the API behind them under real traffic.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { Gateway, apiKey, freePort } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, required, runToEnd } from './support/process.mjs';

const gatehouse = required('GATEHOUSE'), source = required('SOURCE');
const ops = '0123456789abcdef0123456789abcdef';
const sentinel = 'sentinel-5c1f';

/** A gateway with the console; `keys` are lines of [admin]. */
async function start(t, keys = '') {
  const backend = await OpenAiServer.start(), admin = await freePort(), gateway = new Gateway();
  gateway.makeFolder();
  const file = (more = '') => `
[server]
listen = "127.0.0.1:${gateway.port}"
[admin]
listen = "127.0.0.1:${admin}"
${keys}
[log]
file = "${gateway.folder}/gatehouse.log"
[authenticator.team]
use = "api_key"
keys = [{ name = "ci", key = "${apiKey}" }, { name = "dev", key = "sk-${sentinel}-client-key-1234567890" }]
[observer.console]
use = "console"
[signer.key]
use = "bearer"
key = "sk-${sentinel}-upstream-key-1234567890"
[provider.local]
use = "openai"
signer = "key"
base_url = "${backend.url}/v1"
[provider.gone]
use = "openai"
base_url = "http://127.0.0.1:9/v1"
[mapper.models]
use = "table"
[mapper.models.models]
"gpt-4.1" = "local/gpt-4.1"
"lost" = "gone/m"
"both" = ["gone/m", "local/gpt-4.1"]
[dialect.openai]
use = "openai"
${more}`;
  await gateway.launch((port) => ((gateway.port = port), file()));
  t.after(() => gateway.stop(backend));
  const url = `http://127.0.0.1:${admin}`;
  const call = (path, { token, headers = {}, ...options } = {}) =>
    fetch(url + path, { ...options, headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers } });
  return Object.assign(gateway, {
    backend, admin, call, adminUrl: url,
    write: (more) => writeFileSync(gateway.file, file(more)),
    /** The answer to a GET of the API, and its text for later. */
    texts: [],
    async get(path, token) {
      const answer = await call(`/api/v1${path}`, { token }), text = await answer.text();
      this.texts.push(text);
      assert.equal(answer.status, 200, `${path}: ${text}`);
      return JSON.parse(text);
    },
    async code() {
      const { stdout } = await runToEnd(gatehouse, ['console', '-c', gateway.file]);
      return new RegExp(`^http://127\\.0\\.0\\.1:${admin}/console/#code=(\\S+)\\n$`).exec(stdout)?.[1] ?? assert.fail(stdout);
    },
    /** The token of a login by a code. */
    async session() {
      return (await (await this.logIn({ code: await this.code() })).json()).token;
    },
    logIn: (body, headers = {}) => call('/api/v1/session', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
    chat: (model, content = 'hi') => gateway.post({ model, messages: [{ role: 'user', content: `${content} ${sentinel}-prompt` }] }),
  });
}

/** The status of a request with any headers and any path. */
const raw = (port, path, headers, method = 'GET', body) => new Promise((resolve, reject) =>
  request({ port, host: '127.0.0.1', path, method, headers }, (answer) => (answer.resume(), resolve(answer.statusCode))).on('error', reject).end(body));

test('a code of the command logs in once, and its session reads until it ends', async (t) => {
  const gateway = await start(t, `tokens = [{ name = "ops", token = "${ops}" }]`);
  assert.equal((await gateway.call('/api/v1')).status, 401);
  const code = await gateway.code(), answer = await gateway.logIn({ code }, { origin: gateway.adminUrl });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('set-cookie'), null);
  const { token, ...session } = await answer.json();
  assert.deepEqual(session, { name: 'console', may: ['read'], seconds: 28_800 });
  assert.match(token, /^session_[0-9a-f]{64}$/);
  assert.equal((await gateway.logIn({ code })).status, 401, 'a code is used up');
  const names = (await gateway.get('', token)).resources.map(({ name }) => name);
  assert.deepEqual(names, ['gateway', 'session', 'console']);
  for (const path of ['/gateway/status', '/console']) assert.ok(await gateway.get(path, token));
  assert.equal((await gateway.call('/api/v1/gateway/status', { token, headers: { origin: 'http://evil.example' } })).status, 403);
  assert.equal((await gateway.call('/api/v1/session', { method: 'DELETE', token })).status, 204);
  assert.equal((await gateway.call('/api/v1/gateway/status', { token })).status, 401);

  const byToken = await (await gateway.logIn({ token: ops })).json();
  assert.deepEqual([byToken.name, byToken.may], ['ops', ['read']]);
  assert.ok(await gateway.get('/gateway/status', byToken.token));
  const log = readFileSync(join(gateway.folder, 'gatehouse.log'), 'utf8');
  for (const secret of [code, token, byToken.token, ops]) assert.ok(!log.includes(secret) && !gateway.output.includes(secret));
  assert.match(log, /info admin admin request who=- peer=127\.0\.0\.1 method=POST path=\/api\/v1\/session status=201/);
  assert.doesNotMatch(log, /who=console/, 'reading is not worth a line');
});

test('a login needs no content type, as no call of the admin API does', async (t) => {
  const gateway = await start(t);
  const body = JSON.stringify({ code: await gateway.code() });
  assert.equal(await raw(gateway.admin, '/api/v1/session', { host: `127.0.0.1:${gateway.admin}`, 'content-type': 'application/x-www-form-urlencoded' }, 'POST', body), 201);
});

test('a login is refused for another method, for a wrong body, and for pages of other sites', async (t) => {
  const gateway = await start(t, 'hosts = ["gate.example"]');
  const body = JSON.stringify({ code: await gateway.code() }), json = { 'content-type': 'application/json' };
  const login = (headers, method = 'POST', content = body) => raw(gateway.admin, '/api/v1/session', { host: `127.0.0.1:${gateway.admin}`, ...headers }, method, content);
  assert.equal(await login(json, 'GET', ''), 405);
  assert.equal(await login({ ...json, host: 'evil.example' }), 421);
  assert.equal(await login({ ...json, origin: 'http://evil.example' }), 403);
  assert.equal(await login({ ...json, origin: 'null' }), 403);
  assert.equal(await login({ ...json, 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await login(json, 'POST', '{'), 400);
  assert.equal(await login(json, 'POST', '{}'), 400);
  assert.equal(await login(json, 'POST', '{"token":"x"}'), 401);
  assert.equal(await login({ ...json, host: 'gate.example', origin: 'https://gate.example' }), 201, 'none of them has used up the code');
  for (const path of ['/gateway/status', '/console', '/console/requests'])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      assert.equal(await raw(gateway.admin, `/api/v1${path}`, { host: '127.0.0.1' }, method), 405, `${method} ${path}`);
  assert.equal((await gateway.call('/api/v1/gateway/other')).status, 404);
  assert.equal((await fetch(`${gateway.url}/console/`, { headers: { authorization: `Bearer ${apiKey}` } })).status, 404, 'not for clients');
});

test('a configuration without rights for the console refuses codes', async (t) => {
  const gateway = await start(t, 'console = []');
  assert.equal((await gateway.logIn({ code: await gateway.code() })).status, 403);
});

test('the pages are small, protected, and work under any path', async (t) => {
  const gateway = await start(t);
  // A proxy that removes its own path, as nginx does.
  const proxy = createServer((incoming, outgoing) => {
    const options = { port: gateway.admin, host: '127.0.0.1', path: incoming.url.replace(/^\/a\/b\/c/, ''), method: incoming.method, headers: incoming.headers };
    incoming.pipe(request(options, (answer) => (outgoing.writeHead(answer.statusCode, answer.headers), answer.pipe(outgoing))));
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  for (const base of [`${gateway.adminUrl}/`, `http://127.0.0.1:${proxy.address().port}/a/b/c/`]) {
    const index = await fetch(`${base}console`);
    assert.equal(index.url, `${base}console/`, 'the way there is relative');
    const html = await index.text();
    const policy = index.headers.get('content-security-policy');
    for (const part of ["default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(part));
    assert.equal(index.headers.get('x-content-type-options'), 'nosniff');
    const links = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link).filter((link) => !link.startsWith('data:'));
    assert.equal(links.length, 2);
    for (const link of links) {
      assert.doesNotMatch(link, /^\/|:/);
      const part = await fetch(new URL(link, index.url));
      assert.deepEqual([part.status, part.headers.get('cache-control')], [200, 'max-age=31536000, immutable']);
      const text = await part.text();
      assert.doesNotMatch(text, /\beval\(|new Function|document\.write|insertAdjacentHTML/);
      assert.deepEqual([...text.matchAll(/https?:\/\/[^"'`\s)]*/g)].map(([url]) => url).filter((url) => !url.startsWith('http://www.w3.org/')), [], 'no address of another host');
    }
  }
  assert.equal(await raw(gateway.admin, '/console/', { host: '127.0.0.1' }), 200, 'without gzip');
  assert.equal(await raw(gateway.admin, '/console/', { host: 'evil.example', 'accept-encoding': 'gzip' }), 421);
  assert.equal(await raw(gateway.admin, '/console/', { host: '127.0.0.1', 'accept-encoding': 'gzip' }, 'POST'), 405);
});

/** The pages of an archive by name. */
function unpacked(bytes) {
  const end = bytes.indexOf('\n\n') + 2, pages = {};
  let at = end;
  for (const line of bytes.subarray(0, end - 2).toString().split('\n')) {
    const [name, , , , length] = line.split('\t');
    pages[name] = gunzipSync(bytes.subarray(at, (at += Number(length)))).toString();
  }
  assert.equal(at, bytes.length);
  return pages;
}

test('the committed archive has at most 80 kB, and is made from the sources', async (t) => {
  const committed = readFileSync(join(source, 'plugins/observer/console/console.pages'));
  assert.ok(committed.length <= 80_000, `${committed.length} bytes`);
  for (const name of readFileSync(join(source, 'tools/console/src/main.js'), 'utf8').matchAll(/from '\.\/(\w+\.js)'/g)) assert.ok(existsSync(join(source, 'tools/console/src', name[1])));
  if (!existsSync(join(source, 'tools/console/node_modules/esbuild'))) return t.skip('the bundler is not installed in tools/console');
  const { archive, pages } = await import(join(source, 'tools/console/build.mjs'));
  assert.deepEqual(unpacked(committed), unpacked(archive(await pages())), 'run node build.mjs in tools/console');
});

test('the list, the numbers and one request say what happened to real requests', async (t) => {
  const gateway = await start(t);
  assert.equal((await gateway.chat('gpt-4.1')).status, 200);
  const lost = await gateway.chat('lost'), unknown = await gateway.chat('nothing');
  assert.deepEqual([lost.status, unknown.status], [502, 404]);
  assert.equal((await gateway.chat('both')).status, 200);
  assert.equal((await gateway.post({ model: 'gpt-4.1', messages: [] }, { headers: { authorization: 'Bearer sk-wrong' } })).status, 401);
  await eventually(async () => (await gateway.get('/console')).seen === 5, 'all have ended');

  const list = (await gateway.get('/console/requests')).requests;
  assert.deepEqual(list.map(({ client, model, status, outcome, error }) => [client, model, status, outcome, error]), [
    ['', '', 401, 'failed', 'unauthenticated'], ['ci', 'both', 200, 'ok', undefined], ['ci', 'nothing', 404, 'failed', 'not_found'],
    ['ci', 'lost', 502, 'failed', 'upstream'], ['ci', 'gpt-4.1', 200, 'ok', undefined]]);
  assert.deepEqual((await gateway.get('/console/requests?outcome=problem&client=ci')).requests.map(({ model }) => model), ['nothing', 'lost']);
  const about = async (answer) => gateway.get(`/console/requests/${answer.headers.get('x-request-id')}`);
  const first = await about(lost);
  assert.match(first.happened, /^The upstream of gone\/m did not respond: the connection failed/);
  assert.match(first.action, /Check that http:\/\/127\.0\.0\.1:9 can be reached/);
  assert.equal(first.tries[0].error, 'upstream');
  assert.match((await about(unknown)).happened, /^No route has the model name "nothing"/);
  const moved = await gateway.get(`/console/requests/${list[1].id}`);
  assert.match(moved.happened, /^The request succeeded after \d upstream requests: the upstream of gone\/m did not respond/);
  assert.deepEqual([moved.tries.at(0).provider, moved.tries.at(-1).provider], ['gone', 'local']);

  const { window, problems } = await gateway.get('/console');
  assert.deepEqual([window.requests, window.failed, problems.length], [5, 3, 3]);
  const metrics = await (await gateway.call('/metrics')).text();
  assert.equal([...metrics.matchAll(/^gatehouse_requests_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0), 5);
  assert.equal(window.completion_tokens, list[1].usage.completion + list[4].usage.completion);
  const series = await gateway.get('/console/series?minutes=5');
  assert.deepEqual([series.requests.length, series.requests.reduce((a, b) => a + b)], [30, 5]);

  const { providers, models } = await gateway.get('/gateway/routes');
  assert.deepEqual(providers.map(({ name }) => name).sort(), ['gone', 'local']);
  assert.equal(providers.find(({ name }) => name === 'gone').routes[0].state, 'failing');
  assert.deepEqual(models.find(({ name }) => name === 'both').routes.map(({ provider }) => provider), ['gone', 'local']);
  const lines = (await gateway.get(`/gateway/log?text=${first.id}`, await gateway.session())).lines;
  assert.ok(lines.length > 0 && lines.every((line) => line.includes(first.id)));
  for (const text of gateway.texts) assert.ok(!text.includes(`${sentinel}-prompt`) && !text.includes(apiKey), text);
});

test('a request that runs is shown with its step, and later by the same id', async (t) => {
  const gateway = await start(t);
  let free;
  const held = createServer((incoming, outgoing) => {
    const fail = () => outgoing.writeHead(503).end();
    if (free) fail(); else free = fail;  // the gateway tries again
  });
  await new Promise((resolve) => held.listen(0, '127.0.0.1', resolve));
  t.after(() => held.close());
  gateway.write(`[provider.held]\nuse = "openai"\nbase_url = "http://127.0.0.1:${held.address().port}/v1"\n`);
  writeFileSync(gateway.file, readFileSync(gateway.file, 'utf8').replace('"lost" = "gone/m"', '"slow" = "held/m"'));
  assert.equal((await gateway.get('/gateway/running')).count, 0);
  await runToEnd(gatehouse, ['reload', '-c', gateway.file]);
  const answer = gateway.chat('slow');
  await eventually(() => free !== undefined, 'the upstream has the request');
  const { count, requests: [one] } = await gateway.get('/gateway/running');
  assert.deepEqual([count, one.client, one.model, one.provider, one.step, one.stream], [1, 'ci', 'slow', 'held', 'upstream', false]);
  free();
  await answer;
  await eventually(async () => (await gateway.get('/gateway/running')).count === 0, 'it has ended');
  await eventually(async () => (await gateway.call(`/api/v1/console/requests/${one.id}`)).status === 200, 'it is kept');
});

test('the configuration is shown without a secret, and with its difference to the file', async (t) => {
  const gateway = await start(t);
  const value = ({ tables }, title, name) => tables.find((table) => table.title === title)?.keys.find((key) => key.name === name)?.value;
  for (const path of ['/config', '/log']) assert.equal((await gateway.call(`/api/v1/gateway${path}`)).status, 403, 'not for other users of the machine');
  const token = await gateway.session(), config = await gateway.get('/gateway/config', token);
  assert.equal(value(config, '[signer.key]', 'key'), '•••');
  assert.equal(value(config, '[authenticator.team]', 'keys[0].name'), '"ci"');
  assert.equal(value(config, '[authenticator.team]', 'keys[1].key'), '•••');
  assert.equal(value(config, '[mapper.models]', 'models.lost'), '"gone/m"');
  assert.equal(value(config, '[provider.local]', 'signer'), '"key"');
  assert.deepEqual(config.difference, []);
  assert.ok(config.plugins.some(({ kind, instance, plugin, sha256 }) => kind === 'observer' && instance === 'console' && plugin === 'console' && sha256.length === 64));
  gateway.write('[provider.new]\nuse = "echo"\n');
  assert.deepEqual((await gateway.get('/gateway/config', token)).difference, ['+ [provider.new]']);
  writeFileSync(gateway.file, `key = "${sentinel}`);
  const broken = await gateway.get('/gateway/config', token);
  assert.match(broken.file_error, /gatehouse\.toml:1:/);
  for (const text of gateway.texts) assert.ok(!text.includes(sentinel), text);
});

test('the command says what is missing', async (t) => {
  const gateway = await start(t);
  const { stdout } = await runToEnd(gatehouse, ['console', '-c', gateway.file, '--url', 'https://gate.example/a/b/']);
  assert.match(stdout, /^https:\/\/gate\.example\/a\/b\/console\/#code=\d+\.[0-9a-f]{32}\.[0-9a-f]{64}\n$/);
  const other = join(gateway.folder, 'other.toml');
  writeFileSync(other, readFileSync(gateway.file));
  assert.match((await runToEnd(gatehouse, ['console', '-c', other], {}, 1)).stderr, /no gateway of this user runs /);
  writeFileSync(other, '[server]\nlisten = "127.0.0.1:1"\n');
  assert.match((await runToEnd(gatehouse, ['console', '-c', other], {}, 2)).stderr, /the configuration has no admin listener: set listen in \[admin\]/);
});
