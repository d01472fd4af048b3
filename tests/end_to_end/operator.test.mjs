// SPDX-License-Identifier: Apache-2.0
// An operator's commands against a running gateway: keys, limits and spend.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Gateway, freePort } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, required, runToEnd } from './support/process.mjs';
import { ScriptedServer } from './support/scripted_server.mjs';

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
      { key: made.id, name: 'ann', group: 'blue', route: 'local/m', attempts: 1, prompt_tokens: 9, completion_tokens: spent.completion_tokens, cost: true, estimated_attempts: 0 });
    assert.match((await run(['keys', 'list'])).stdout, new RegExp(`^${made.id} +ann +active +blue`, 'm'));
    const bob = JSON.parse((await run(['keys', 'create', 'bob', '--group', 'red', '--model', 'm', '--days', '5', '--json'])).stdout);
    const listed = async (...options) => JSON.parse((await run(['keys', 'list', '--json', ...options])).stdout).keys.map(({ name }) => name).sort();
    assert.deepEqual(await listed(), ['ann', 'bob']);
    assert.deepEqual(await listed('--group', 'blue'), ['ann']);
    assert.deepEqual(await listed('--group', 'blue', '--group', 'red'), ['ann', 'bob']);
    assert.deepEqual(await listed('--model', 'm'), ['bob']);
    assert.deepEqual(await listed('--days', '7'), ['bob']);
    assert.deepEqual(await listed('--days', '4'), []);
    assert.deepEqual(await listed('ann'), ['ann']);
    assert.deepEqual(await listed(bob.id), ['bob']);
    const end = new Date(bob.expires_at * 1000).toISOString().slice(0, 16).replace('T', ' ');
    const table = (await run(['keys', 'list'])).stdout;
    assert.match(table, /^id +name +state +groups +models +expires_at +last_used_at +note$/m);
    assert.match(table, new RegExp(`^${bob.id} +bob +active +red +m +${end} UTC$`, 'm'));
    assert.match(table, new RegExp(`^${made.id} +ann +active +blue +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC$`, 'm'), 'the last use of ann');
    await run(['keys', 'set', 'bob', '--group', 'blue', '--group', 'green', '--model', 'n', '--expires', '2099-01-02', '--note', 'moved']);
    assert.match((await run(['keys', 'show', 'bob'])).stdout, /^groups +blue,green\nmodels +n\n(.*\n)*expires_at +2099-01-02 00:00 UTC$/m);
    const opened = await run(['keys', 'set', 'bob', '--group', '', '--model', '', '--expires', 'never', '--json']);
    assert.deepEqual([JSON.parse(opened.stdout)].map(({ groups, models, expires_at, note }) => [groups, models, expires_at, note]), [[[], [], undefined, 'moved']]);
    assert.equal(opened.stderr, '');
    await run(['keys', 'set', 'bob', '--note', '']);
    assert.doesNotMatch((await run(['keys', 'show', 'bob'])).stdout, /moved/);
    assert.match((await run(['keys', 'set', 'bob', '--expires', ''], 1)).stderr, /^--expires must be never, a date/);
    const graced = await run(['keys', 'rotate', 'bob', '--grace-seconds', '3600']);
    assert.match(graced.stdout, /^old_key_valid_until +\d{4}-\d\d-\d\d \d\d:\d\d UTC$/m);
    assert.equal(graced.stderr, 'the secret in `key` is shown only now: the gateway keeps a digest of it\n');
    const rotated = JSON.parse((await run(['keys', 'rotate', 'ann', '--grace-seconds', '0', '--json'])).stdout);
    assert.notEqual(rotated.key, made.key);
    assert.equal((await ask(rotated.key)).status, 200);
    await run(['keys', 'block', made.id, '--reason', 'left']);
    assert.equal((await ask(rotated.key)).status, 401);
    await run(['keys', 'unblock', 'ann']);
    assert.equal((await ask(rotated.key)).status, 200);
    assert.equal((await ask(token)).status, 401, 'the token of an operator opens no model');
    await run(['keys', 'revoke', 'ann']);
    assert.equal((await ask(rotated.key)).status, 401);
    assert.match((await run(['keys', 'show', made.id])).stdout, /^state +revoked$/m);
    assert.match((await run(['keys', 'show', 'ann'])).stdout, /^state +revoked$/m);
    for (const name of ['ann', made.id])
      assert.equal((await run(['keys', 'unblock', name], 1)).stderr,
        `the key "${name}" is revoked, and that is final: make another key with \`gatehouse keys create\`\n`);
    // A key whose name is the id of the revoked one does not take its place.
    const twin = JSON.parse((await run(['keys', 'create', made.id, '--json'])).stdout);
    assert.match((await run(['keys', 'block', made.id], 1)).stderr, /is revoked, and that is final/);
    assert.match((await run(['keys', 'show', twin.id])).stdout, /^state +active$/m);
    assert.match((await run(['keys', 'block', 'nobody-here'], 1)).stderr, /there is no key with the id or name "nobody-here"/);
    assert.match((await runToEnd(required('GATEHOUSE'), ['keys', 'list', '-c', gateway.file], {}, 1)).stderr, /set GATEHOUSE_ADMIN_TOKEN/);
  });
});

describe('an operator whose commands reach another server', () => {
  let server, answer;
  before(async () => {
    server = createServer((socket) => socket.on('error', () => {}).once('data', (text) => answer(socket, `${text}`)));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  const run = (args, status) => runToEnd(required('GATEHOUSE'), [...args, '--url', `http://127.0.0.1:${server.address().port}`], {}, status);
  const says = (body, status = '200 OK') => (socket) =>
    socket.end(`HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
  const commands = [['keys', 'list'], ['limits'], ['spend'], ['keys', 'create', 'x']];
  const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

  for (const [what, text] of Object.entries({
    'a page of HTML': '<html>hello</html>', 'nothing': '', 'a list': '[{"id":"x"}]', 'a half': '{"keys":[{"id":"x"', 'a deep text': `{"keys":${'['.repeat(100_000)}`,
    'bytes': '\0\u001b[2J', 'two documents': '{"keys":[]}{"keys":[]}' }))
    test(`are told that ${what} is not an answer`, async () => {
      answer = says(text);
      for (const command of commands) {
        const { stdout, stderr } = await run(command, 1);
        assert.match(stderr, /the answer is not a complete JSON object/);
        assert.equal(stdout, '');
      }
    });

  test('end with an answer that is cut, that does not come, or that does not end', async () => {
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"keys":[');
    assert.match((await run(['keys', 'list'], 1)).stderr, /not a complete JSON object/);
    answer = (socket) => socket.destroy();
    assert.match((await run(['limits'], 1)).stderr, /127\.0\.0\.1/);
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n{"keys":["');
      const piece = 'x'.repeat(1 << 20), more = () => { while (socket.writable && socket.write(piece)); };
      socket.on('drain', more);
      more();
    };
    assert.match((await run(['keys', 'list'], 1)).stderr, /not a complete JSON object/);
  });

  test('do not follow cursors in a circle', async () => {
    let pages = 0;
    answer = (socket) => says(`{"keys":[{"id":"a"}],"cursor":"${++pages % 2 ? 'b' : 'a'}"}`)(socket);
    assert.match((await run(['keys', 'list'], 1)).stderr, /the list of keys does not end/);
    assert.match((await run(['keys', 'show', 'ann'], 1)).stderr, /the list of keys does not end/);
    assert.ok(pages <= 6, `${pages} pages`);
  });

  test('print no control characters, and no endless lines', async () => {
    const evil = '\\u001b[2J\\u009b31m\\u202e\\n\\r';
    answer = says(`{"keys":[{"id":"a${evil}","name":"${'n'.repeat(100_000)}","note":"${evil}","${evil}":1}]}`);
    for (const command of [['keys', 'list'], ['limits'], ['spend']]) {
      const { stdout } = await run(command, 0);
      assert.doesNotMatch(stdout, controls);
      assert.ok(stdout.length < 5_000, `${stdout.length}`);
      assert.doesNotMatch((await run([...command, '--csv'], 0)).stdout.replaceAll('\r\n', '\n'), controls);
    }
    answer = says(`{"detail":"${evil}${'d'.repeat(100_000)}"}`, '500 \u001b[2J');
    const { stderr } = await run(['limits'], 1);
    assert.doesNotMatch(stderr, controls);
    assert.ok(stderr.length < 1_000);
    answer = says('', '418 \u001b[2J');
    assert.doesNotMatch((await run(['limits'], 1)).stderr, controls);
    const columns = Array.from({ length: 50_000 }, (_, i) => `"c${i}":1`).join(',');
    answer = says(`{"limits":[{${columns}}]}`);
    assert.ok((await run(['limits'], 0)).stdout.length < 10_000);
  });
});

test('the text of an upstream that refuses the key is in the log and in check --live, without the key', async (t) => {
  const key = 'sk-proj-0f1e2d3c4b5a69788796a5b4c3d2e1f0';
  const upstream = await ScriptedServer.start({
    answer(request, text, response) {
      this.json(response, 401, { error: { message: `Key ${request.headers.authorization}, short ${key.slice(0, 20)}, is of another project.` } });
    },
  });
  const gateway = await Gateway.start((port) => `
[server]
listen = "127.0.0.1:${port}"
allow_anonymous = true
[signer.upstream]
use = "bearer"
key = "${key}"
[provider.local]
use = "openai"
base_url = "${upstream.url}/v1"
signer = "upstream"
models = "discover"
[mapper.models]
use = "table"
models = { m = "local/m" }
[dialect.openai]
use = "openai"
`);
  t.after(() => gateway.stop(upstream));
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] }) });
  assert.equal(response.status, 502);
  const answer = await response.text();
  assert.match(answer, /The upstream rejected the gateway's credentials/);
  assert.doesNotMatch(answer, /another project|sk-proj/);
  await eventually(() => gateway.output.match(/is of another project/g)?.length >= 2 || gateway.output, 5000, 'the log has the text twice: of the request, and of the list of models');
  const { output } = await runToEnd(required('GATEHOUSE'), ['check', '--live', '-c', gateway.file], {}, 1);
  assert.match(output, /401: the upstream does not accept the gateway's own key \(status 401\) \(status 401: Key .*is of another project/);
  for (const text of [gateway.output, output]) assert.doesNotMatch(text, /sk-proj-0f1e/);
});
