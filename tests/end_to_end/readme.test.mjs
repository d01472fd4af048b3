// SPDX-License-Identifier: Apache-2.0
// sdk/README.md, played as it stands by somebody who has an installed Gatehouse
// and nothing else.
//
// A block is named by its first line: `sh` is typed into one shell, `text` is what
// it must have printed since, `diff FILE` changes a file, `toml FILE` is added to
// one, any other with a name is the content of that file.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Installed } from './support/installed.mjs';
import { Program, required } from './support/process.mjs';
import { freePort } from './support/stack.mjs';

let installed, readme;
before(async () => {
  installed = await Installed.make();
  readme = readFileSync(join(installed.data, 'README.md'), 'utf8');
});
after(() => installed.remove());

const minutes = '## Your first plugin in ten minutes';
const blocks = (text) => [...text.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(([, language, file, content]) => ({ language, file, content }));
const section = (text) => {
  const begin = text.indexOf(minutes);
  return text.slice(begin, text.indexOf('\n## ', begin + 1) + 1);
};

function shell({ language, file, content }) {
  const here = `<<'END_OF_BLOCK'\n${content}END_OF_BLOCK\n`;
  if (language === 'sh') return content;
  if (language === 'diff') return `'${process.execPath}' '${required('SOURCE')}/tests/end_to_end/support/apply_block.mjs' ${file} ${here}`;
  assert.ok(file, `a block of ${language} without a file would never be played`);
  return `cat ${language === 'toml' ? '>>' : '>'} ${file} ${here}`;
}

/** Types the blocks into a shell; fails where one fails, or prints something else. */
async function play(name, all) {
  const folder = join(installed.folder, name);
  mkdirSync(folder);
  const listen = await freePort(), backend = await freePort();
  const script = ['set -eu', "trap 'status=$?; trap - EXIT; kill $(jobs -p) 2>/dev/null || true; wait; exit $status' EXIT", `cd '${folder}'`,
    ...all.filter(({ language }) => language !== 'text').map(shell)].join('\n');
  // The ports are those of the README, where they are free; the file that new-plugin writes asks the environment.
  writeFileSync(join(folder, '../script.sh'), script.replaceAll('8050', listen).replaceAll('9000', backend));
  const program = new Program('bash', [join(folder, '../script.sh')],
    { ...installed.environment, GATEHOUSE_LISTEN: `127.0.0.1:${listen}`, BACKEND_URL: `http://127.0.0.1:${backend}` });
  await program.finish(0, 120_000);
  let seen = 0;
  for (const { content } of all.filter(({ language }) => language === 'text')) {
    const at = program.output.indexOf(content.trimEnd(), seen);
    assert.ok(at >= 0, `not printed, or not in this order: ${content}\n${program.output}`);
    seen = at + content.trimEnd().length;
  }
  return program.output;
}

test('the first plugin in ten minutes', async () => {
  const all = blocks(section(readme));
  assert.ok(all.length >= 15, `${all.length} blocks`);
  const output = await play('ten_minutes', all);
  assert.match(output, /provider +my_backend +0\.1\.0 +\d+ .*\/provider\/my_backend\.so\n/, 'it was installed beside the others');
  assert.match(output, /#max_words = 100\n/, 'explain has the key that was added');
});

test('every other block: each kind, and all of them at once', async () => {
  const rest = readme.replace(section(readme), '');
  const all = blocks(rest);
  for (const kind of ['Provider', 'Signer', 'Authenticator', 'ModelMapper', 'Dialect', 'Hook'])
    assert.ok(all.some(({ content }) => content.includes(`final : public ${kind} {`)), `no block shows a ${kind}`);
  // What is indented, or opened otherwise, would not be played.
  assert.equal([...readme.matchAll(/^\s*(```|~~~)/gm)].length, 2 * blocks(readme).length);
  await play('pages', all);
});
