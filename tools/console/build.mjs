// SPDX-License-Identifier: Apache-2.0
// Bundles the console's pages and writes the archive that the plugin embeds.  The same sources give the same
// bytes.
//     npm ci && node build.mjs            writes ../../plugins/observer/console/console.pages
//     node build.mjs --output FILE        writes another file
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** gzip without a time, and with the same system in its head everywhere. */
function zipped(bytes) {
  const out = gzipSync(bytes, { level: 9 });
  out[9] = 255;
  return out;
}

/** The pages: name, type, whether a browser may keep them, and their bytes. */
export async function pages() {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'src/main.js')], bundle: true, minify: true, format: 'esm', target: 'es2022', write: false,
    outdir: '/out', legalComments: 'none', charset: 'utf8', absWorkingDir: here, logLevel: 'warning' });
  const output = (end) => Buffer.from(outputFiles.find((file) => file.path.endsWith(end)).contents);
  const script = output('.js'), style = output('.css');
  const names = { script: `console-${digest(script)}.js`, style: `console-${digest(style)}.css` };
  const index = Buffer.from(readFileSync(join(here, 'index.html'), 'utf8').replace('SCRIPT', names.script).replace('STYLE', names.style));
  return [
    { name: '', type: 'text/html; charset=utf-8', immutable: false, bytes: index },
    { name: names.script, type: 'text/javascript; charset=utf-8', immutable: true, bytes: script },
    { name: names.style, type: 'text/css; charset=utf-8', immutable: true, bytes: style }];
}

/** Lines of name, type, immutable or -, tag and length, an empty line, and the compressed bytes. */
export function archive(all) {
  const parts = all.map((page) => ({ ...page, gzip: zipped(page.bytes) }));
  const head = parts.map((page) => [page.name, page.type, page.immutable ? 'immutable' : '-', digest(page.bytes), page.gzip.length].join('\t') + '\n').join('');
  return Buffer.concat([Buffer.from(`${head}\n`), ...parts.map((page) => page.gzip)]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--output');
  const file = at > 0 ? process.argv[at + 1] : join(here, '../../plugins/observer/console/console.pages');
  const bytes = archive(await pages());
  writeFileSync(file, bytes);
  // A source that includes this is compiled again if the archive has changed.
  if (at < 0)
    writeFileSync(join(dirname(file), 'archive_digest.hpp'), `// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of console.pages, written by tools/console/build.mjs.  Plain value.
#pragma once

namespace gatehouse::console {
inline constexpr const char* archive_digest = "${createHash('sha256').update(bytes).digest('hex')}";
}
`);
  console.log(`${bytes.length} bytes`);
}
