// SPDX-License-Identifier: Apache-2.0
// Plugins that are foreign, outdated, or throw.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { required, runToEnd } from './support/process.mjs';
import { Stack, defaultRoutes } from './support/stack.mjs';

const gatehouse = required('GATEHOUSE');
const ours = required('TEST_PLUGINS');
let stack;
before(async () => {
  stack = await Stack.start();
  await stack.gateway.stop();
  await stack.startGateway({
    routes: { ...defaultRoutes, 'throw/*': 'bomb/*', 'spare/*': ['bomb/*', 'greeter/any'] },
    extra: `[provider.bomb]\nuse = "throwing"\nurl = "${stack.emulator.url}/_emulator/stats"\n\n[plugins]\npath = ["${ours}"]\n`,
  });
});
after(() => stack.stop());

const ask = (model, stream) => stack.post({ model, stream, messages: [{ role: 'user', content: 'x' }] });

for (const where of ['chat', 'request', 'head', 'body', 'end', 'int', 'twice'])
  for (const stream of [false, true])
    test(`a plugin that throws: ${where}${stream ? ', streamed' : ''}`, async () => {
      const response = await ask(`throw/${where}`, stream);
      const text = await response.text();
      assert.ok(!text.includes('somebody'), `what() reached the client: ${text}`);
      if (where === 'twice' && stream && response.status === 200) assert.match(text, /data: \{"error":.*\n\n$/);
      else {
        assert.equal(response.status, 500, text);
        assert.equal(JSON.parse(text).error.type, 'server_error');
      }
      await stack.answersNext();
    });

test('the next route serves the request if a plugin throws', async () => {
  const response = await ask('spare/body');
  assert.equal(response.status, 200);
  assert.equal((await response.json()).choices[0].message.content, 'Hello, x');
});

test('the log has the plugin that threw and the exception\'s text', () => {
  assert.match(stack.gateway.output, /bomb/);
  assert.match(stack.gateway.output, /the secret of \/home\/somebody/);
});

/** Output of the check for a provider table that uses this plugin. */
async function refusal(use) {
  const file = join(stack.folder, `${use}.toml`);
  writeFileSync(file, stack.configuration({ extra: `[provider.stale]\nuse = "${use}"\n[plugins]\npath = ["${ours}"]\n` }), { mode: 0o600 });
  const { stderr } = await runToEnd(gatehouse, ['check', '-c', file], {}, 2);
  return stderr.replaceAll(`${stack.folder}/`, '').replaceAll(`${ours}/`, '').replace(/^\d{4}-.*\n/gm, '');
}
const abi = Number(readFileSync(join(required('SOURCE'), 'sdk/include/gatehouse/plugin.hpp'), 'utf8').match(/ abi = (\d+);/)[1]);

for (const [use, why] of [
  ['old_abi', `was built for plugin ABI ${abi - 1}, this gateway has ${abi}; rebuild it against the SDK of this gateway`],
  ['new_abi', `was built for plugin ABI ${abi + 1}, this gateway has ${abi}; rebuild it against the SDK of this gateway`],
  ['other_layout', `was built against other headers of plugin ABI ${abi}; rebuild it against the SDK of this gateway`],
  ['foreign', "is not a Gatehouse plugin: it has no symbol gatehouse_plugin; a plugin's source ends in GATEHOUSE_PLUGIN(...)"],
])
  test(`a stale plugin is rejected: ${use}`, async () => {
    const message = await refusal(use);
    const column = message.match(/^[^:]+:\d+:(\d+): /)[1];
    assert.equal(message.split('\n')[0].replace(/^[^:]+:\d+:\d+: /, ''), `${use}.so ${why}`);
    assert.equal(message.split('\n').slice(1).join('\n'), `    use = "${use}"\n    ${' '.repeat(column - 1)}^\n`);
  });

test('a truncated plugin is rejected', async () => {
  const folder = join(stack.folder, 'cut');
  mkdirSync(folder);
  const whole = readFileSync(join(ours, 'throwing.so'));
  writeFileSync(join(folder, 'cut.so'), whole.subarray(0, whole.length / 2));
  const { stdout, stderr } = await runToEnd(gatehouse, ['plugins', '--path', folder]);
  assert.match(stdout + stderr, /cut\.so/);
});

test('plugins lists rejected libraries with the reason', async () => {
  const { stdout } = await runToEnd(gatehouse, ['plugins', '--path', ours]);
  assert.match(stdout, /throwing/);
  assert.match(stdout, /old_abi\.so[^]*was built for plugin ABI/);
});

test('a provider built outside the tree, with clang++, against the installed SDK', async (t) => {
  const tree = join(stack.folder, 'installed');
  await runToEnd('meson', ['install', '-C', required('BUILD'), '--no-rebuild', '--quiet', '--destdir', tree], { PATH: process.env.PATH });
  const options = JSON.parse(readFileSync(join(required('BUILD'), 'meson-info/intro-buildoptions.json')));
  const option = (name) => options.find((one) => one.name === name).value;
  const prefix = join(tree, option('prefix')), library = join(prefix, option('libdir'));

  const find = async (...args) => (await runToEnd('pkg-config', [`--define-variable=prefix=${prefix}`, ...args, 'gatehouse-sdk'],
    { PKG_CONFIG_PATH: join(library, 'pkgconfig') })).stdout.trim().split(/\s+/).filter(Boolean);
  const outside = join(stack.folder, 'outside');
  mkdirSync(outside);
  copyFileSync(join(required('SOURCE'), 'tests/end_to_end/plugins/outside.cpp'), join(outside, 'outside.cpp'));
  await runToEnd('clang++', ['-std=c++20', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-O1', '-fPIC', '-shared', ...(await find('--cflags')), 'outside.cpp',
    ...(await find('--libs')), '-o', 'outside.so'].map((word) => (word === 'outside.cpp' || word === 'outside.so' ? join(outside, word) : word)));
  t.diagnostic('built');

  // The gateway of the build tree loads it after one line; so does the installed one.
  for (const binary of [gatehouse, join(prefix, option('bindir'), 'gatehouse')]) {
    const { stdout } = await runToEnd(binary, ['explain', 'provider', 'outside', '--path', outside]);
    assert.match(stdout, /Word to repeat\./);
  }
  const changed = { routes: { ...defaultRoutes, 'gpt-5': 'outside/any' },
    extra: `[provider.outside]\nuse = "outside"\ntimes = 2\n[plugins]\npath = ["${outside}"]\n` };
  await stack.gateway.stop();
  process.env.GATEHOUSE = join(prefix, option('bindir'), 'gatehouse');
  try {
    for (const binary of [process.env.GATEHOUSE, gatehouse]) {
      process.env.GATEHOUSE = binary;
      await stack.startGateway(changed);
      const completion = await stack.client().chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'x' }] });
      assert.equal(completion.choices[0].message.content, 'outside outside x');
      await stack.gateway.stop();
    }
  } finally {
    process.env.GATEHOUSE = gatehouse;
  }
  await stack.startGateway();
});
