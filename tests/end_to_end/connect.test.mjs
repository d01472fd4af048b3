// SPDX-License-Identifier: Apache-2.0
// `gatehouse connect` asks one question through a gateway, writes each client's own file, and undoes it.
// ./tools/agents runs the clients themselves with such files.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { required, runToEnd } from './support/process.mjs';

const files = {
  'claude-code': '.claude/settings.json', codex: '.codex/config.toml', continue: '.continue/config.yaml',
  openclaw: '.openclaw/openclaw.json', opencode: '.config/opencode/opencode.json',
};

let gateway, home;
before(async () => {
  gateway = await Gateway.start((port) => `[server]\nlisten = "127.0.0.1:${port}"
[authenticator.team]\nuse = "api_key"\nkeys = [{ name = "me", key = "${apiKey}" }]
[provider.greeter]\nuse = "hello"\n[mapper.models]\nuse = "table"\nmodels = { first = "greeter/any", second = "greeter/any" }
[dialect.openai]\nuse = "openai"\n[dialect.anthropic]\nuse = "anthropic"\n`);
  home = mkdtempSync(join(tmpdir(), 'gatehouse-connect-'));
});
after(async () => {
  rmSync(home, { recursive: true, force: true });
  await gateway.stop();
});

const connect = async (client, options = [], status = 0, environment = {}) =>
  (await runToEnd(required('GATEHOUSE'), ['connect', client, ...(options.includes('--url') ? [] : ['--url', gateway.url]), ...options],
    { HOME: home, GATEHOUSE_KEY: apiKey, XDG_CONFIG_HOME: '', CODEX_HOME: '', CLAUDE_CONFIG_DIR: '', ...environment }, status)).output;

test('there is a description for each client here, and no other', () => {
  const known = readdirSync(join(required('SOURCE'), 'config', 'connect')).map((name) => name.replace('.json', ''));
  assert.deepEqual(known.sort(), Object.keys(files).sort());
});

for (const [client, path] of Object.entries(files)) test(`${client}: a new file, a turn, and no file after --undo`, async () => {
  const file = join(home, path);
  const dry = await connect(client, ['--dry-run']);
  assert.ok(dry.startsWith(`# ${file} would be:\n`), dry);
  assert.ok(!existsSync(file));
  const said = await connect(client);
  assert.match(said, /asked first: 200 OK, "[^"]+"/);
  const written = readFileSync(file, 'utf8');
  assert.equal(`# ${file} would be:\n${written}`, dry);
  assert.ok(written.includes(gateway.url) && written.includes('first'), written);
  assert.equal(written.includes(apiKey), client !== 'codex', written);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  if (client === 'claude-code') assert.doesNotMatch(said, /dialect/, 'the gateway has just answered');
  await connect(client, ['--model', 'second']);
  assert.ok(readFileSync(file, 'utf8').includes('second'));
  assert.match(await connect(client, ['--undo']), /^removed .* which did not exist before; the connected file is kept as .*\.with-gatehouse\n$/);
  assert.ok(!existsSync(file));
  assert.match(await connect(client, ['--undo'], 2), /nothing to undo/);
});

test('a file of the user is kept, also after a second connection, and restored with its mode', async () => {
  const file = join(home, 'mine', 'settings.json'), mine = '{"permissions": {"allow": ["x"]}, "env": {"A": "1"}}';
  mkdirSync(dirname(file));
  writeFileSync(file, mine, { mode: 0o644 });
  for (const model of ['first', 'second']) await connect('claude-code', ['--file', file, '--model', model]);
  assert.equal(statSync(file).mode & 0o777, 0o600, 'it has the key');
  const connected = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(connected.permissions, { allow: ['x'] });
  assert.deepEqual([connected.env.A, connected.env.ANTHROPIC_MODEL], ['1', 'second']);
  await connect('claude-code', ['--file', file, '--undo']);
  assert.equal(readFileSync(file, 'utf8'), mine);
  assert.equal(statSync(file).mode & 0o777, 0o644);
});

test('comments that are lost are named', async () => {
  const file = join(home, 'commented.json');
  writeFileSync(file, '// mine\n{"env": {}}', { mode: 0o600 });
  assert.match(await connect('claude-code', ['--file', file]), /the new file has no comments; the copy has them\n/);
  assert.match(readFileSync(`${file}.before-gatehouse`, 'utf8'), /mine/);
});

test('a file that cannot be changed safely is not changed, and the members are shown', async () => {
  const file = join(home, 'odd.json');
  writeFileSync(file, '{a: 1}');
  const said = await connect('openclaw', ['--file', file], 2);
  assert.match(said, /is not changed: it is not a JSON object\.  Add these members yourself:\n\{/);
  assert.equal(readFileSync(file, 'utf8'), '{a: 1}');
});

test('mistakes name what is missing', async () => {
  assert.match(await connect('opencod', [], 2), /there is no client "opencod"; did you mean "opencode"\? \(there are: claude-code, /);
  assert.match(await connect('opencode', [], 2, { GATEHOUSE_KEY: '' }), /give --key, or GATEHOUSE_KEY/);
  assert.match(await connect('opencode', ['--key', 'wrong'], 1), /\/v1\/models: 401 Unauthorized; check --key/);
  assert.match(await connect('opencode', ['--url', 'localhost'], 1), /a URL begins with http/);
  assert.match(await connect('opencode', ['--url', 'http://127.0.0.1:9'], 1), /no connection; start the gateway/);
  assert.ok(!existsSync(join(home, files.opencode)));
  const failed = await connect('opencode', ['--model', 'nosuch'], 1);
  assert.match(failed, /chat\/completions: 404 Not Found\n/);
  assert.ok(failed.endsWith(`${join(home, files.opencode)} is not changed\n`), failed);
  assert.ok(!existsSync(join(home, files.opencode)));
});

test('a gateway without the dialect of the client is told apart from an unknown model', async () => {
  const other = await Gateway.start((port) => `[server]\nlisten = "127.0.0.1:${port}"
[authenticator.team]\nuse = "api_key"\nkeys = [{ name = "me", key = "${apiKey}" }]
[provider.greeter]\nuse = "hello"\n[mapper.models]\nuse = "table"\nmodels = { first = "greeter/any" }\n[dialect.openai]\nuse = "openai"\n`);
  try {
    const failed = await connect('claude-code', ['--url', other.url], 1);
    assert.match(failed, /\/v1\/messages: 404 Not Found\n.*\ncheck --url, or add a \[dialect\.NAME\] with use = "anthropic" to the gateway's configuration\n.* is not changed\n$/s);
    assert.doesNotMatch(await connect('opencode', ['--url', other.url, '--model', 'nosuch'], 1), /dialect/);
    assert.match(await connect('opencode', ['--url', `${other.url}/wrong`], 1), /\/wrong\/v1\/models: 404 Not Found; check --url, or add/);
  } finally {
    await other.stop();
  }
});
