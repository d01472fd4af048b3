// SPDX-License-Identifier: Apache-2.0
// The promises of sdk/VERSIONING.md: plugins of several compilers in one process, one
// of older headers refused by its number, one source for two numbers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Installed } from './support/installed.mjs';
import { Program, eventually, required } from './support/process.mjs';
import { freePort } from './support/stack.mjs';

const source = required('SOURCE');
const versioning = readFileSync(join(source, 'sdk/VERSIONING.md'), 'utf8');
const abi = Number(readFileSync(join(source, 'sdk/include/gatehouse/plugin.hpp'), 'utf8').match(/ abi = (\d+);/)[1]);

/** The compilers of this machine, each once: "g++ 12.2.0", "clang++ 14.0.6", and a newer one of either. */
function compilers() {
  const found = new Map();
  const names = ['g++', 'clang++', ...[12, 13, 14, 15, 16].map((n) => `g++-${n}`), ...Array.from({ length: 10 }, (_, i) => `clang++-${14 + i}`)];
  for (const command of names)
    try {
      const version = execFileSync(command, ['--version'], { encoding: 'utf8' }).match(/\d+\.\d+\.\d+/)[0];
      const key = `${command.replace(/-\d+$/, '')} ${version}`;
      if (!found.has(key)) found.set(key, { command, version, name: key.replace(/\W+/g, '_').replace('clang_', 'clang') });
    } catch {
      // This compiler is not installed.
    }
  return [...found.values()];
}

let installed, plugins, old;
const all = compilers();
before(async () => {
  installed = await Installed.make();
  plugins = join(installed.folder, 'plugins');
  old = join(installed.folder, 'old');
  mkdirSync(plugins);
  mkdirSync(old);
  const both = join(installed.folder, 'two_numbers.cpp');
  writeFileSync(both, versioning.match(/^```cpp two_numbers\.cpp\n([^]*?)^```$/m)[1]);
  const cflags = await installed.flags('--cflags'), libs = await installed.flags('--libs');
  const strict = ['-std=c++20', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fPIC', '-shared'];
  const build = ({ command }, input, output, flags, ...more) => installed.run(command, [...strict, ...more, ...flags, input, '-o', output, ...libs]);
  const first = (family) => all.find(({ command }) => command.startsWith(family)) ?? all[0];
  const work = [
    ...all.map((one) => () => build(one, join(source, 'tests/end_to_end/plugins/compiled.cpp'), join(plugins, `${one.name}.so`), cflags, `-DNAME="${one.name}"`)),
    () => build(first('g++'), both, join(plugins, 'two_numbers.so'), cflags),
    () => build(first('clang++'), both, join(old, 'two_numbers.so'), [`-I${join(source, 'tests/abi/headers-1')}`, '-fvisibility=hidden']),
  ];
  const worker = async () => {
    for (let next; (next = work.shift()); ) await next();
  };
  await Promise.all([worker(), worker()]);
});
after(() => installed.remove());

/** Runs the gateway with these lines while `use(url)` lasts. */
async function serving(lines, use) {
  const port = await freePort(), file = join(installed.folder, 'gatehouse.toml');
  writeFileSync(file, `[server]\nlisten = "127.0.0.1:${port}"\n[plugins]\npath = ["plugins"]\n[dialect.openai]\nuse = "openai"\n${lines}`);
  const gateway = new Program(installed.gatehouse, ['serve', '-c', file], installed.environment);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => gateway.end ?? fetch(`${url}/ready`).then((answer) => answer.ok, (error) => String(error)), 'the gateway is ready');
  try {
    await use(url, gateway);
  } finally {
    await gateway.stop();
  }
}
const post = (url, path, body) => fetch(`${url}/v1/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const ask = (url, model, content, stream = false) => post(url, 'chat/completions', { model, stream, messages: [{ role: 'user', content }] });
const streamed = (text) => [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json).choices[0]?.delta?.content ?? '').join('');

test('plugins of several compilers serve in one process', async (t) => {
  t.diagnostic(all.map(({ command, version }) => `${command} ${version}`).join(', '));
  for (const family of ['g++', 'clang++'])
    if (!all.some(({ command }) => command.startsWith(family))) return t.skip(`there is no ${family}`);
  const lines = `${all.map(({ name }) => `[provider.${name}]\nuse = "${name}"\n`).join('')}[mapper.models]\nuse = "table"\n[mapper.models.models]\n` +
    `${all.map(({ name }) => `"${name}/*" = "${name}/*"\n`).join('')}`;
  await serving(lines, async (url, gateway) => {
    const one = async ({ name, version }, i) => {
      const whole = await ask(url, `${name}/any`, `question ${i}`);
      const { content } = (await whole.json()).choices[0].message;
      assert.match(content, new RegExp(`^built by .*${version.replaceAll('.', '\\.')}.*: question ${i}$`));
      assert.equal(streamed(await (await ask(url, `${name}/any`, `question ${i}`, true)).text()), content);
    };
    await Promise.all(all.flatMap((compiler) => Array.from({ length: 20 }, (_, i) => one(compiler, i))));
    for (const { name } of all) {
      const refused = await ask(url, `${name}/refuse`, 'x');
      assert.equal(refused.status, 422);
      assert.equal((await refused.json()).error.message, `Refused by ${name}.`);
      const thrown = await ask(url, `${name}/throw`, 'x');
      assert.equal(thrown.status, 500);
      assert.doesNotMatch(await thrown.text(), /thrown by/);
      assert.match(gateway.output, new RegExp(`thrown by ${name}`));
    }
  });
});

test('a plugin with the headers of ABI 1 is rejected by its ABI number', async () => {
  assert.ok(abi > 1);
  const why = `was built for plugin ABI 1, this gateway has ${abi}; rebuild it against the SDK of this gateway`;
  const { stdout } = await installed.run(installed.gatehouse, ['plugins', '--path', old]);
  assert.ok(stdout.includes(`\nRefused:\n  ${old}/two_numbers.so ${why}\n`), stdout);
  const file = join(installed.folder, 'old.toml');
  writeFileSync(file, '[plugins]\npath = ["old"]\n[provider.x]\nuse = "two_numbers"\n[mapper.models]\nuse = "table"\nunknown = "x/*"\n[dialect.openai]\nuse = "openai"\n');
  const { stderr } = await installed.run(installed.gatehouse, ['check', '-c', file], 2);
  assert.equal(stderr, `${file}:4:7: ${old}/two_numbers.so ${why}\n    use = "two_numbers"\n          ^\n`);
});

test('one source compiles for two ABI numbers', async () => {
  const bodies = [];
  const backend = createServer((request, response) => {
    let body = '';
    request.on('data', (text) => (body += text)).on('end', () => {
      bodies.push(body);
      response.writeHead(body.includes('max_chunks') ? 400 : 200).end('{}');
    });
  });
  await new Promise((resolve) => backend.listen(0, '127.0.0.1', resolve));
  try {
    const lines = `[provider.two]\nuse = "two_numbers"\nbase_url = "http://127.0.0.1:${backend.address().port}"\n[mapper.models]\nuse = "table"\nunknown = "two/*"\n`;
    await serving(lines, async (url) => {
      assert.equal((await (await ask(url, 'any', 'x')).json()).choices[0].message.content, `built for plugin ABI ${abi}`);
      const ranked = await post(url, 'rerank', { model: 'any', query: 'q', documents: ['a', 'b'], max_chunks_per_doc: 3 });
      const text = await ranked.text();
      assert.equal(ranked.status, 200, text);
      assert.deepEqual(JSON.parse(text).results.map(({ index }) => index), [0, 1]);
    });
    // The newer member was sent, rejected, and then omitted by the newer form of the function.
    assert.deepEqual(bodies, ['{"query":"q","max_chunks":3}', '{"query":"q"}']);
  } finally {
    backend.close();
  }
});

test('sdk/VERSIONING.md has a line for each ABI number, and the exact messages', () => {
  for (let number = 1; number <= abi; ++number) assert.match(versioning, new RegExp(`^\\| ${number} \\| \\S`, 'm'), `plugin ABI ${number} is not in the list`);
  const door = readFileSync(join(source, 'core/plugin/library.cpp'), 'utf8');
  for (const part of ['is not a Gatehouse plugin: bad magic in its ELF note, or in symbol gatehouse_plugin', 'was built for plugin ABI ', ', this gateway has ', 'was built against other headers of plugin ABI ',
    '; rebuild it against the SDK of this gateway', 'was built with ', '; rebuild it with the same standard library', 'is of the kind ', ', which this gateway does not know']) {
    assert.ok(versioning.includes(part), `not in VERSIONING.md: ${part}`);
    assert.ok(door.includes(part), `not in library.cpp: ${part}`);
  }
});
