// SPDX-License-Identifier: Apache-2.0
// Plays the blocks of the SDK's pages unchanged, with an installed Gatehouse and without a source tree.
//
// A block is named by its first line: `sh` is typed into one shell, `text` is the output that the
// shell must have printed since, `diff FILE` changes a file, `toml FILE` is appended to a file, and
// any other block with a name is the content of that file.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from './gateway.mjs';
import { Program, patience, required } from './process.mjs';

// The order in which the pages build on each other.
export const order = ['README', 'PROVIDER', 'SIGNER', 'AUTHENTICATOR', 'MAPPER', 'DIALECT', 'HOOK', 'STORE', 'LIMITER', 'OBSERVER', 'ADMIN', 'HELPERS', 'TUTORIAL', 'C'].map((name) => `${name}.md`);

/** The texts of the installed pages by name. */
export const readPages = (installed) => Object.fromEntries(order.map((name) => [name, readFileSync(join(installed.pages, name), 'utf8')]));

export const blocks = (text) => [...text.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(([, language, file, content]) => ({ language, file, content }));

/** The tutorial's section that is played by itself. */
export const firstPlugin = (text) => {
  const begin = text.indexOf('## Your first plugin in ten minutes');
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
export async function play(installed, name, all) {
  const folder = join(installed.folder, name);
  mkdirSync(folder);
  const listen = await freePort(), backend = await freePort(), admin = await freePort();
  const script = ['set -eu', "trap 'status=$?; trap - EXIT; kill $(jobs -p) 2>/dev/null || true; wait; exit $status' EXIT", `cd '${folder}'`,
    ...all.filter(({ language }) => language !== 'text').map(shell)].join('\n');
  // Free ports replace those of the pages.  The file that new-plugin writes reads the environment.
  writeFileSync(join(folder, '../script.sh'), script.replaceAll('8050', listen).replaceAll('8051', admin).replaceAll('9000', backend));
  const program = new Program('bash', [join(folder, '../script.sh')],
    { ...installed.environment, GATEHOUSE_LISTEN: `127.0.0.1:${listen}`, BACKEND_URL: `http://127.0.0.1:${backend}` });
  await program.finish(0, 2 * patience);  // it compiles many plugins
  let seen = 0;
  for (const { content } of all.filter(({ language }) => language === 'text')) {
    const at = program.output.indexOf(content.trimEnd(), seen);
    assert.ok(at >= 0, `not printed, or not in this order: ${content}\n${program.output}`);
    seen = at + content.trimEnd().length;
  }
  return program.output;
}
