// SPDX-License-Identifier: Apache-2.0
// Plays the tutorial's first section: a project by `gatehouse new-plugin`, changed, tested and installed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Installed } from './support/installed.mjs';
import { blocks, firstPlugin, play, readPages } from './support/pages.mjs';

let installed;
before(async () => (installed = await Installed.make()));
after(() => installed.remove());

test('the first plugin in ten minutes', async () => {
  const all = blocks(firstPlugin(readPages(installed)['TUTORIAL.md']));
  assert.ok(all.length >= 15, `${all.length} blocks`);
  const output = await play(installed, 'ten_minutes', all);
  assert.match(output, /provider +my_backend +0\.1\.0 +\d+ .*\/provider\/my_backend\.so\n/, 'it was installed beside the others');
  assert.match(output, /#max_words = 100\n/, 'explain has the key that was added');
});
