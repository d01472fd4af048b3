// SPDX-License-Identifier: Apache-2.0
// The file of a plugin's library changes under a running gateway: the gateway continues with the bytes that
// it has loaded, and a reload loads the new file for new requests.
import assert from 'node:assert/strict';
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Gateway, freePort } from './support/gateway.mjs';
import { required, runToEnd } from './support/process.mjs';

const gatehouse = required('GATEHOUSE');
const built = (version) => join(required('TEST_PLUGINS'), `version_${version}.so`);

/** A gateway whose plugin "versioned" is a file of its own; `keys` are lines of the provider's table. */
async function start(t, keys = '') {
  const admin = await freePort();
  const gateway = new Gateway();
  gateway.makeFolder();
  const library = join(gateway.folder, 'versioned.so');
  copyFileSync(built(1), library);
  const text = (more) => `
[server]
listen = "127.0.0.1:${gateway.port}"
[admin]
listen = "127.0.0.1:${admin}"
[plugins]
path = ["${gateway.folder}"]
[dialect.openai]
use = "openai"
[provider.vee]
use = "versioned"
${more}
[mapper.table]
use = "table"
unknown = "vee/*"
`;
  await gateway.launch((port) => ((gateway.port = port), text(keys)));
  t.after(() => gateway.stop());
  return Object.assign(gateway, {
    library,
    write: (more) => writeFileSync(gateway.file, text(more)),
    say: async () => (await (await gateway.post({ model: 'm', messages: [{ role: 'user', content: 'x' }] })).json()).choices[0].message.content,
    command: (name, status = 0) => runToEnd(gatehouse, [name, '-c', gateway.file], {}, status),
    running: async () => (await (await fetch(`http://127.0.0.1:${admin}/plugins`)).json()).plugins.find(({ instance }) => instance === 'vee'),
  });
}

test('a library that is written over in place keeps running, and a reload loads the new one', async (t) => {
  const gateway = await start(t);
  assert.equal(await gateway.say(), 'version 1');
  const first = await gateway.running();
  assert.deepEqual({ ...first, sha256: '' }, { kind: 'provider', instance: 'vee', plugin: 'versioned', version: '1.0.0', library: gateway.library, sha256: '' });
  copyFileSync(built(2), gateway.library);
  assert.equal(await gateway.say(), 'version 1');
  const listed = (await gateway.command('plugins')).stdout;
  assert.match(listed, /versioned\s+2\.0\.0/);
  assert.match(listed, /process \d+: \S+versioned\.so: 1\.0\.0 runs, another file is on disk; `gatehouse reload` loads it/);
  assert.equal((await gateway.running()).version, '1.0.0');
  const { stdout } = await gateway.command('reload');
  assert.ok(stdout.includes(`  ~ ${gateway.library}: 1.0.0 runs, another file is on disk\n  reloaded\n`), stdout);
  assert.equal(await gateway.say(), 'version 2');
  const second = await gateway.running();
  assert.equal(second.version, '2.0.0');
  assert.notEqual(second.sha256, first.sha256);
  assert.match(gateway.output, /info vee new file of a plugin was loaded library=\S+versioned\.so version=2\.0\.0 before=1\.0\.0\n/);
  assert.ok(!(await gateway.command('plugins')).stdout.includes('another file'));
  assert.ok((await gateway.command('reload')).stdout.includes('nothing changes'));
});

test('a key of the new version takes effect with the same reload', async (t) => {
  const gateway = await start(t);
  copyFileSync(built(2), `${gateway.library}.new`);
  renameSync(`${gateway.library}.new`, gateway.library);
  gateway.write('extra = " and more"');
  await gateway.command('reload');
  assert.equal(await gateway.say(), 'version 2 and more');
});

test('a file that is not a library leaves the running one in place', async (t) => {
  const gateway = await start(t);
  writeFileSync(gateway.library, 'not a library');
  const { stderr } = await gateway.command('reload', 2);
  assert.match(stderr, /versioned\.so is not a shared library/);
  gateway.gateway.child.kill('SIGHUP');
  assert.equal(await gateway.say(), 'version 1');
});
