// SPDX-License-Identifier: Apache-2.0
// Changes a file as a `diff` block of a README says, whose lines begin with a
// blank, - or +: `node apply_block.mjs FILE < BLOCK`.  The old lines must stand
// in the file exactly once.
import { readFileSync, writeFileSync } from 'node:fs';

const [, , file] = process.argv;
const block = readFileSync(0, 'utf8').replace(/\n$/, '').split('\n');
const side = (marks) => block.filter((line) => marks.includes(line[0])).map((line) => line.slice(1)).join('\n');
const parts = readFileSync(file, 'utf8').split(side(' -'));
if (parts.length !== 2) {
  console.error(`${file}: ${parts.length - 1} places are as the block says:\n${block.join('\n')}`);
  process.exit(1);
}
writeFileSync(file, parts.join(side(' +')));
