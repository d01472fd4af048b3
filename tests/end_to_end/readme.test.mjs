// SPDX-License-Identifier: Apache-2.0
// Runs every block of the SDK's pages unchanged, with an installed Gatehouse and without a source tree.
//
// A block is named by its first line: `sh` is typed into one shell, `text` is the output that the
// shell must have printed since, `diff FILE` changes a file, `toml FILE` is appended to a file, and
// any other block with a name is the content of that file.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Installed } from './support/installed.mjs';
import { Program, required } from './support/process.mjs';
import { freePort } from './support/stack.mjs';

// The order in which the pages build on each other.
const order = ['README', 'PROVIDER', 'SIGNER', 'AUTHENTICATOR', 'MAPPER', 'DIALECT', 'HOOK', 'STORE', 'LIMITER', 'ADMIN', 'HELPERS', 'TUTORIAL', 'C'].map((name) => `${name}.md`);
// versions.test.mjs builds the block of VERSIONING against two ABI numbers.  CHECKS shows wrong and right lines.
const elsewhere = ['VERSIONING.md', 'CHECKS.md'];

let installed;
const pages = {};
before(async () => {
  installed = await Installed.make();
  for (const name of order) pages[name] = readFileSync(join(installed.pages, name), 'utf8');
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

/** Types the blocks into a shell.  Fails if a block fails or does not print the expected text. */
async function play(name, all) {
  const folder = join(installed.folder, name);
  mkdirSync(folder);
  const listen = await freePort(), backend = await freePort(), admin = await freePort();
  const script = ['set -eu', "trap 'status=$?; trap - EXIT; kill $(jobs -p) 2>/dev/null || true; wait; exit $status' EXIT", `cd '${folder}'`,
    ...all.filter(({ language }) => language !== 'text').map(shell)].join('\n');
  // Free ports replace those of the pages.  The file that new-plugin writes reads the environment.
  writeFileSync(join(folder, '../script.sh'), script.replaceAll('8050', listen).replaceAll('8051', admin).replaceAll('9000', backend));
  const program = new Program('bash', [join(folder, '../script.sh')],
    { ...installed.environment, GATEHOUSE_LISTEN: `127.0.0.1:${listen}`, BACKEND_URL: `http://127.0.0.1:${backend}` });
  await program.finish();
  let seen = 0;
  for (const { content } of all.filter(({ language }) => language === 'text')) {
    const at = program.output.indexOf(content.trimEnd(), seen);
    assert.ok(at >= 0, `not printed, or not in this order: ${content}\n${program.output}`);
    seen = at + content.trimEnd().length;
  }
  return program.output;
}

// First, because the pages install further plugins, which the schema then has too.
test('the installed examples name the installed schema in their first line', async () => {
  const folder = join(installed.pages, '../config');
  const schema = readFileSync(join(folder, 'gatehouse.schema.json'), 'utf8');
  assert.equal(schema, (await installed.run(installed.gatehouse, ['schema'])).stdout);
  assert.match(JSON.parse(schema).$id, /^urn:gatehouse:configuration:\d/);
  const examples = readdirSync(folder).filter((name) => name.endsWith('.toml'));
  assert.ok(examples.length >= 8);
  for (const name of examples) assert.match(readFileSync(join(folder, name), 'utf8'), /^#:schema \.\/gatehouse\.schema\.json\n/, name);
});

test('the first plugin in ten minutes', async () => {
  const all = blocks(section(pages['TUTORIAL.md']));
  assert.ok(all.length >= 15, `${all.length} blocks`);
  const output = await play('ten_minutes', all);
  assert.match(output, /provider +my_backend +0\.1\.0 +\d+ .*\/provider\/my_backend\.so\n/, 'it was installed beside the others');
  assert.match(output, /#max_words = 100\n/, 'explain has the key that was added');
});

test('every other block: each kind, and all kinds together', async () => {
  const all = order.flatMap((name) => blocks(pages[name].replace(section(pages['TUTORIAL.md']), '')));
  for (const kind of ['Provider', 'Signer', 'Authenticator', 'ModelMapper', 'Dialect', 'Hook'])
    assert.ok(all.some(({ content }) => content.includes(`final : public ${kind} {`)), `no block shows a ${kind}`);
  await play('pages', all);
});

test('every page and every block is run', () => {
  const installedPages = readdirSync(installed.pages).filter((name) => name.endsWith('.md'));
  assert.deepEqual(installedPages.sort(), [...order, ...elsewhere].sort());
  // An indented block, or one with other marks, would not be run.
  for (const [name, page] of Object.entries(pages))
    assert.equal([...page.matchAll(/^\s*(```|~~~)/gm)].length, 2 * blocks(page).length, name);
});
