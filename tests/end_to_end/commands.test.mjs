// SPDX-License-Identifier: Apache-2.0
// Types the commands of every document of the tree into a shell, in a folder of the document's own.
//
// A block of `sh` is run in order, and must succeed.  A block `toml FILE` becomes that file; `toml` alone is
// checked by `gatehouse check`, with the tables that it leaves out.  `text` or `json` after words that end in
// "prints:" must have been printed.  Comments before a block say what else there is:
//   <!-- not run: REASON -->          why no test can run it
//   <!-- run with: ENVIRONMENT -->    the servers or files that it needs
//   <!-- played by: TEST -->          another test plays the whole document
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Document, complete, documents, isCommand, isToml } from './support/documents.mjs';
import { Program, required } from './support/process.mjs';
import { freePort, writeOciConfig } from './support/stack.mjs';

const source = required('SOURCE'), build = required('BUILD');
// `new-plugin` copies these pages: new_plugin.test.mjs and out_of_tree.sh build what it writes.
const templates = 'sdk/template/';
const all = documents(source).filter((path) => !path.startsWith(templates));

const secret = (name) => `sk-${name}-0123456789`;

let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-commands-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A home with what users have: the files of OCI, secrets, and a curl that fails on an error. */
function makeHome(scratch) {
  const home = join(scratch, 'home'), oci = join(home, '.oci');
  for (const name of [oci, join(scratch, 'secrets'), join(scratch, 'logs')]) mkdirSync(name, { recursive: true });
  writeOciConfig(oci);
  const profile = readFileSync(join(oci, 'config'), 'utf8'), token = join(oci, 'token');
  const claims = JSON.stringify({ exp: 4_000_000_000 });
  writeFileSync(token, ['{}', claims, '{}'].map((part) => Buffer.from(part).toString('base64url')).join('.'));
  appendFileSync(join(oci, 'config'), profile.replace('DEFAULT', 'GATEWAY'));
  appendFileSync(join(oci, 'config'), `${profile.replace('DEFAULT', 'SESSION')}security_token_file=${token}\n`);
  for (const name of ['ci_key', 'other_key']) writeFileSync(join(scratch, 'secrets', name), secret(name), { mode: 0o600 });
  writeFileSync(join(home, '.curlrc'), 'fail-with-body\nsilent\nshow-error\nnoproxy = *\nmax-time = 60\n');
  return home;
}

// The scratch folder of a document. It holds links to the files of the document's folder and to the build.
function makeScratch(document) {
  const scratch = mkdtempSync(join(folder, 'played-')), beside = join(document.source, dirname(document.path));
  for (const name of readdirSync(beside))
    if (!name.startsWith('build') && name !== document.path) symlinkSync(join(beside, name), join(scratch, name));
  symlinkSync(build, join(scratch, 'build'));
  return scratch;
}

const environmentOf = { 'quickstart': 'with_quickstart', 'a TLS server': 'with_tls_server' };
const listen = (text) => (text.includes('[server]\n') ? text.replace('[server]\n', '[server]\nlisten = "127.0.0.1:8050"\n')
  : `${text}\n[server]\nlisten = "127.0.0.1:8050"\n`);
const myToml = () => new Document(source, 'README.md').blocks.find(({ file }) => file === 'my.toml').content;
const served = (commands) => commands.replace(/^(\S*gatehouse serve|oci_emulator) (?!.*&$)/gm, 'serving $1 ');

/** The lines of the script for one block; its commands are a file, so that a syntax error is the block's own. */
function lines(document, block, scratch, substitute) {
  const at = document.at(block), file = join(scratch, block.file || `.block-${block.line}`), out = [`printf '\\n== ${at}\\n'`];
  const write = (name, text) => writeFileSync(name, substitute(text), { flag: block.file ? 'a' : 'w', mode: 0o600 });
  if (isToml(block)) {
    write(file, block.file ? listen(block.content) : complete(block.content));
    return block.file ? [] : [...out, `gatehouse check -c '${file}'`];
  }
  const needs = block.marker?.kind === 'run with' ? block.marker.reason : '';
  if (needs.startsWith('my.toml')) writeFileSync(join(scratch, 'my.toml'), substitute(listen(myToml())), { mode: 0o600 });
  if (environmentOf[needs]) out.push(environmentOf[needs]);
  write(file, served(block.content));
  return [...out, `. '${file}'`];
}

function compare(document, output) {
  const printed = new Map(output.split(/^== /m).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n'))]));
  for (const block of document.printed) {
    assert.ok(block.of, `${document.at(block)}: no command before it is run; the output cannot be compared`);
    let seen = printed.get(document.at(block.of));
    for (const line of block.content.trimEnd().split('\n')) {
      const found = seen.indexOf(line.trim());
      assert.ok(found >= 0, `${document.at(block)}: not printed, or not in this order: ${line}\n${output}`);
      seen = seen.slice(found + line.trim().length);
    }
  }
}

/** Plays a document.  Fails with FILE:LINE of the block that fails. */
async function play(document) {
  assert.deepEqual(document.faults, []);
  const scratch = makeScratch(document), home = makeHome(scratch);
  const [port, backend, tls] = [await freePort(), await freePort(), await freePort()];
  // Free ports and folders of the document's own replace those of the system.
  const replacements = { 8050: port, 9000: backend, 'api.example.com:443': `127.0.0.1:${tls}`, '/run/secrets/': join(scratch, 'secrets/'),
    '/var/log/gatehouse/': join(scratch, 'logs/'), '/var/lib/gatehouse/': join(scratch, 'logs/'), '/etc/gatehouse/gatehouse.toml': 'my.toml' };
  const substitute = (text) => Object.entries(replacements).reduce((now, [from, to]) => now.replaceAll(from, to), text);
  const script = document.executed.flatMap((block) => lines(document, block, scratch, substitute));
  writeFileSync(join(scratch, '.script'), [`. '${import.meta.dirname}/support/commands.sh'`, `cd '${scratch}'`, ...script, ''].join('\n'));
  const names = document.executed.flatMap(({ content }) => [...content.matchAll(/"env:(\w+)"/g)]).map(([, name]) => name);
  const program = new Program('bash', [join(scratch, '.script')], {
    ...Object.fromEntries(names.map((name) => [name, secret(name)])), OCI_COMPARTMENT_ID: 'ocid1.compartment.oc1..example', OCI_TENANCY: 'ocid1.tenancy.oc1..example',
    OCI_USER: 'ocid1.user.oc1..example', OCI_KEY: readFileSync(join(home, '.oci/key.pem'), 'utf8'), HOME: home, SOURCE: source,
    LISTEN: `127.0.0.1:${port}`, TLS_PORT: String(tls), CPATH: join(source, 'sdk/include'), PKG_CONFIG_PATH: join(build, 'meson-uninstalled'),
    PATH: `${dirname(required('GATEHOUSE'))}:${dirname(required('OCI_EMULATOR'))}:${process.env.PATH}` });
  await program.finish(0, 120_000).catch((error) => {
    const reached = program.output.match(/^== .*$/gm)?.at(-1).slice(3) ?? document.path;
    throw new Error(`${reached}: a command failed; mend it, or precede the block with <!-- not run: REASON -->\n${error.message}`);
  });
  compare(document, program.output);
}

for (const path of all) {
  const document = new Document(source, path);
  test(`the commands of ${path} succeed, or say why they are not run`, () =>
    document.executed.length ? play(document) : assert.deepEqual(document.faults, []));
}

test('no document is left out', () => {
  for (const path of ['README.md', 'core/OPERATIONS.md', 'config/README.md', 'sdk/TUTORIAL.md', 'plugins/provider/oci/README.md'])
    assert.ok(all.includes(path), path);
  const played = all.flatMap((path) => new Document(source, path).executed);
  assert.ok(played.filter(isCommand).length >= 10, `${played.length} blocks`);
});

const fence = (language, content) => `\`\`\`${language}\n${content}\n\`\`\`\n`;
for (const [what, text, complaint] of [
  ['a command that fails', `# Title\n\n${fence('sh', 'true')}\n${fence('sh', 'gatehouse check -c missing.toml')}`, /^planted\.md:7: a command failed/],
  ['a command that fails in a pipe', fence('sh', 'gatehouse check -c missing.toml | cat'), /^planted\.md:1: a command failed/],
  ['a server that does not start', fence('sh', 'gatehouse serve -c missing.toml'), /^planted\.md:1: a command failed/],
  ['a wrong configuration', fence('toml', '[server]\nlisten_on = "x"'), /^planted\.md:1: a command failed[^]*unknown key/],
  ['a block that no test can run', `\n${fence('python', 'print()')}`, /planted\.md:2: no test runs a block of python/],
  ['a block without a language', fence('', 'gatehouse plugins'), /planted\.md:1: a block without a language/],
  ['an empty reason', `<!-- not run: -->\n${fence('sh', 'true')}`, /planted\.md:1: "not run" without a reason/],
  ['a marker without need', `<!-- not run: it is slow -->\n${fence('text', 'true')}`, /planted\.md:2: a block of text is never run; remove the marker/],
  ['a marker without a block', 'Text.\n\n<!-- not run: it is slow -->\n\nText.\n', /planted\.md:3: no block follows/],
  ['an indented block', 'Text:\n\n    gatehouse plugins\n', /planted\.md:3: an indented block/],
  ['a test that does not exist', '<!-- played by: tests/none.mjs -->\n', /planted\.md:1: there is no test/],
  ['output that is not printed', `${fence('sh', 'echo one')}\nThis prints:\n\n${fence('text', 'two')}`, /^planted\.md:7: not printed/],
])
  test(`${what} is reported`, async () => {
    const planted = mkdtempSync(join(folder, 'planted-'));
    writeFileSync(join(planted, 'planted.md'), text);
    await assert.rejects(play(new Document(planted, 'planted.md')), (error) => {
      assert.match(error.message, complaint);
      return true;
    });
  });
