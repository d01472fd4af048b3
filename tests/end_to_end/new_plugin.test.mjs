// SPDX-License-Identifier: Apache-2.0
// `gatehouse new-plugin` from an installed Gatehouse: the project builds, passes
// its own test and loads.  The provider's is built by out_of_tree.sh and by the
// tutorial's ten minutes.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Installed } from './support/installed.mjs';

let installed;
before(async () => {
  installed = await Installed.make();
});
after(() => installed.remove());

const kinds = ['provider', 'signer', 'authenticator', 'mapper', 'dialect', 'hook', 'limiter', 'observer', 'store'];
const files = (name) => ['.gitignore', 'README.md', 'gatehouse.toml', 'meson.build', `${name}.cpp`, `${name}_test.cpp`];
const make = (kind, name, status = 0, ...more) => installed.run(installed.gatehouse, ['new-plugin', kind, name, ...more], status);
const written = async (kind, name) => {
  const folder = join(installed.folder, name);
  const { stdout } = await make(kind, name, 0, '--folder', folder);
  return { folder, stdout };
};

for (const kind of kinds)
  test(`a new ${kind} does not contain the template's name, and the output has the next steps`, async () => {
    const { folder, stdout } = await written(kind, `first_${kind}`);
    assert.deepEqual(readdirSync(folder).sort(), files(`first_${kind}`).sort());
    for (const file of readdirSync(folder)) assert.doesNotMatch(readFileSync(join(folder, file), 'utf8'), /my_plugin/);
    assert.equal(stdout, `wrote ${folder}, a project for a${kind === 'authenticator' ? 'n' : ''} ${kind}; see its README.md.  Next:\n\n` +
      `    export PKG_CONFIG_PATH=${installed.packages}\n    cd ${folder} && meson setup build\n    meson test -C build\n    gatehouse check -c gatehouse.toml\n`);
    // The README shows the file that is in the README's folder.
    const shown = readFileSync(join(folder, 'README.md'), 'utf8').match(/^```toml\n([^]*?)^```$/m)[1];
    for (const part of shown.trim().split('\n\n')) assert.ok(readFileSync(join(folder, 'gatehouse.toml'), 'utf8').includes(part), part);
  });

// One compiler for each processor, because serial builds would take the whole minute.
test('all kinds build against the installed SDK, pass their own tests and load', async () => {
  const build = async (kind) => {
    const name = `built_${kind}`, { folder } = await written(kind, name);
    const meson = (...args) => installed.run('meson', args);
    await meson('setup', join(folder, 'build'), folder, '-Dwerror=true', '-Doptimization=0', '-Ddebug=false');
    const { stdout } = await meson('test', '-C', join(folder, 'build'));
    assert.match(stdout, /Ok: +1\s/);
    const { stdout: checked } = await installed.run(installed.gatehouse, ['check', '-c', join(folder, 'gatehouse.toml')]);
    assert.match(checked, new RegExp(`${kind} +mine \\(${name}`));
  };
  const waiting = kinds.filter((kind) => kind !== 'provider');
  const work = async () => {
    for (let kind; (kind = waiting.shift()); ) await build(kind);
  };
  await Promise.all([work(), work()]);
});

for (const [name, why] of [
  ['my-backend', 'a plugin\'s name is made of letters, digits and "_" and does not begin with a digit, not "my-backend"; did you mean "my_backend"?'],
  ['2fast', 'a plugin\'s name is made of letters, digits and "_" and does not begin with a digit, not "2fast"'],
  ['../x', 'a plugin\'s name is made of letters, digits and "_" and does not begin with a digit, not "../x"'],
  ['', 'a plugin\'s name is made of letters, digits and "_" and does not begin with a digit, not ""'],
  ['test', '"test" is a reserved name of the build system; choose another name'],
])
  test(`a name is rejected: ${JSON.stringify(name)}`, async () => {
    const { stderr } = await make('provider', name, 2, '--folder', join(installed.folder, 'refused'));
    assert.equal(stderr, `${why}\n`);
  });

test('an unknown kind is rejected with a suggestion', async () => {
  const { stderr } = await make('povider', 'x', 2, '--folder', join(installed.folder, 'refused'));
  assert.equal(stderr, `there is no kind "povider"; did you mean "provider"? (there are: ${['authenticator', 'signer', 'provider', 'mapper', 'dialect', 'hook', 'limiter', 'observer', 'store'].join(', ')})\n`);
});

test('a folder with content is not changed, and an empty folder is used', async () => {
  const folder = join(installed.folder, 'there is one');
  mkdirSync(folder);
  const { stdout } = await make('hook', 'watch', 0, '--folder', folder);
  assert.ok(stdout.includes(`cd '${folder}' && meson setup build`), stdout);
  const before = readFileSync(join(folder, 'README.md'), 'utf8');
  const again = await make('signer', 'watch', 2, '--folder', folder);
  assert.equal(again.stderr, `${folder} already exists and is not empty; give another --folder\n`);
  assert.equal(readFileSync(join(folder, 'README.md'), 'utf8'), before);

  const file = join(installed.folder, 'a_file');
  writeFileSync(file, '');
  const refused = await make('signer', 'watch', 2, '--folder', file);
  assert.equal(refused.stderr, `${file} already exists and is not a folder\n`);
});
