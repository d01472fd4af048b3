// SPDX-License-Identifier: Apache-2.0
// Plays every block of the SDK's pages, but for the first plugin of the tutorial: that is first_plugin.test.mjs.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Installed } from './support/installed.mjs';
import { blocks, firstPlugin, order, play, readPages } from './support/pages.mjs';

// versions.test.mjs builds the block of VERSIONING against two ABI numbers.  CHECKS shows wrong and right lines.
const elsewhere = ['VERSIONING.md', 'CHECKS.md'];

let installed, pages;
before(async () => {
  installed = await Installed.make();
  pages = readPages(installed);
});
after(() => installed.remove());

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

test('every other block: each kind, and all kinds together', async () => {
  const all = order.flatMap((name) => blocks(pages[name].replace(firstPlugin(pages['TUTORIAL.md']), '')));
  for (const kind of ['Provider', 'Signer', 'Authenticator', 'ModelMapper', 'Dialect', 'Hook'])
    assert.ok(all.some(({ content }) => content.includes(`final : public ${kind} {`)), `no block shows a ${kind}`);
  await play(installed, 'pages', all);
});

test('every page and every block is run', () => {
  const installedPages = readdirSync(installed.pages).filter((name) => name.endsWith('.md'));
  assert.deepEqual(installedPages.sort(), [...order, ...elsewhere].sort());
  // An indented block, or one with other marks, would not be run.
  for (const [name, page] of Object.entries(pages))
    assert.equal([...page.matchAll(/^\s*(```|~~~)/gm)].length, 2 * blocks(page).length, name);
});
