// SPDX-License-Identifier: Apache-2.0
// `gatehouse check --live`: its report on a service that rejects requests, cannot be
// reached, or works.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeCertificate } from './support/certificates.mjs';
import { required, runToEnd, sleep } from './support/process.mjs';
import { Redis, redisMissing } from './support/redis.mjs';
import { Emulator, Stack, configuration, freePort } from './support/stack.mjs';

const gatehouse = required('GATEHOUSE');
let stack;
before(async () => (stack = await Stack.start()));
after(() => stack.stop());

/** Report of the live check, without the summary before it and the times. */
async function examine({ status = 1, environment, ...options } = {}) {
  const file = join(stack.folder, 'live.toml');
  writeFileSync(file, configuration({
    port: 1, endpoint: stack.emulator.url, folder: stack.folder, routes: { llama: 'oci/meta.llama-3.3-70b-instruct' }, ...options,
  }));
  const { stdout, stderr } = await runToEnd(gatehouse, ['check', '--live', '-c', file], environment, status);
  assert.ok(!/sk-|BEGIN/.test(stdout + stderr));
  return stdout.split('\n\n')[1].replace(/, \d+ ms$/gm, '');
}

/** The doctor before a service that answers everything so. */
async function facing(answer, options) {
  const server = createServer((request, response) => request.resume().on('end', () => answer(response)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await examine({ endpoint: `http://127.0.0.1:${server.address().port}`, ...options });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('all requests succeed', async () => {
  const said = await examine({
    status: 0,
    routes: { llama: 'oci/meta.llama-3.3-70b-instruct', command: 'oci/cohere.command-a-03-2025', embed: 'oci/cohere.embed-v4.0', 'oci/*': 'oci/*' },
  });
  assert.match(said, /^  ok      provider oci: lists \d+ models$/m);
  assert.match(said, /^  ok      provider greeter: cannot list its models$/m);
  assert.match(said, /^  ok      model llama at oci\/meta\.llama-3\.3-70b-instruct: answers$/m);
  assert.match(said, /^  ok      model command at oci\/cohere\.command-a-03-2025: answers$/m);
  assert.match(said, /^  ok      model embed at oci\/cohere\.embed-v4\.0: embeds$/m);
});

test('a store that can be used, is damaged, is away, or belongs to the running gateway', async () => {
  const file = join(stack.folder, 'store.db'), store = `[store.records]\nuse = "sqlite"\npath = "${file}"\n`;
  const ask = (status, extra) => examine({ status, extra, routes: { hi: 'greeter/any' }, endpoint: stack.emulator.url });
  assert.match(await ask(0, store), /^ {2}ok {6}store records: answers, and has no records$/m);
  assert.ok(!existsSync(file), 'the check makes no file');
  writeFileSync(file, `SQLite format 3\0${'x'.repeat(8176)}`, { mode: 0o600 });
  assert.match(await ask(1, store), /^ {2}FAILED {2}store records: the file is corrupt: move it away, and a new one is made$/m);
  assert.match(await ask(1, `[store.counters]\nuse = "redis"\nport = ${await freePort()}\n`),
    /^ {2}FAILED {2}store counters: cannot connect: Connection refused$/m);
  if (!redisMissing) {
    const redis = await Redis.start(undefined, '--replicaof', '127.0.0.1', '1', '--replica-serve-stale-data', 'yes');
    try {
      assert.match(await ask(1, `[store.counters]\nuse = "redis"\nport = ${redis.port}\n`),
        /^ {2}FAILED {2}store counters: .*read only replica/m, 'a store that only reads');
    } finally {
      await redis.stop();
    }
  }
  writeFileSync(stack.file, stack.configuration({ extra: store, routes: { hi: 'greeter/any' } }));
  const { stdout } = await runToEnd(gatehouse, ['check', '--live', '-c', stack.file], {}, 0);
  const running = stack.gateway.child.pid;
  assert.ok(stdout.includes(`  ok      store records: not asked, because the running process ${running} uses it\n`), stdout);
});

test('a wrong clock', async () => {
  const ahead = new Date(Date.now() - 20 * 60_000).toUTCString();
  const said = await facing((response) => response.writeHead(401, { date: ahead, 'content-type': 'application/json' })
    .end('{"code":"NotAuthenticated","message":"m"}'));
  assert.match(said, /FAILED {2}model llama .*401/);
  assert.match(said, /^ {6}The clock of this machine is 20 minutes ahead of OCI's clock\. {1,2}OCI accepts only signatures of the last 5 minutes/m);
});

test('a key that OCI does not know', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(stack.folder, 'other.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const digest = createHash('md5').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex');
  const fingerprint = digest.match(/../g).join(':');
  const said = await examine({ signer: { key_file: join(stack.folder, 'other.pem'), fingerprint } });
  assert.match(said, /FAILED {2}provider oci: 401: OCI rejected the gateway's own credentials/);
  assert.match(said, /OCI does not know the signing key/);
  assert.ok(said.includes(fingerprint), 'the signer says which key signs');
});

test('a tenancy that OCI does not know', async () => {
  const emulator = await Emulator.start(stack.folder, ['--tenancy', 'ocid1.tenancy.oc1..another']);
  try {
    const said = await examine({ endpoint: emulator.url });
    assert.match(said, /FAILED {2}provider oci: 401/);
    assert.match(said, /ocid1\.tenancy\.oc1\.\.endtoend/, 'the signer says for which tenancy it signs');
  } finally {
    await emulator.program.stop();
  }
});

test('a missing compartment, or one without permission', async () => {
  const said = await examine({ provider: { compartment_id: 'ocid1.compartment.oc1..elsewhere' } });
  assert.match(said, /FAILED {2}model llama .*404/);
  assert.match(said, /^ {6}The compartment must exist: compartment_id is ocid1\.compartment\.oc1\.\.elsewhere\.$/m);
  assert.match(said, /`Allow group <group> to use generative-ai-family in compartment id ocid1\.compartment\.oc1\.\.elsewhere`/);
});

test('retired and unknown models', async () => {
  const said = await examine({ routes: { old: 'oci/cohere.command-r-plus', odd: 'oci/meta.llama-99' } });
  assert.match(said, /Model "cohere\.command-r-plus" was retired from on-demand use on \d{4}-\d\d-\d\d: route to another model/);
  assert.match(said, /Model "meta\.llama-99" is not in the list of endpoint 127\.0\.0\.1:\d+: check its name/);
});

test('a model that other regions serve', async () => {
  const said = await examine({ routes: { far: 'oci/xai.grok-far' }, provider: { region: 'us-chicago-1' } });
  assert.match(said, /^ {6}Model "xai\.grok-far" is served in eu-frankfurt-1 and ap-osaka-1; this provider's region is us-chicago-1: use one of those regions, or route to another model\.$/m);
});

test('an API key that expires, and the tables for an operator', async () => {
  const emulator = await Emulator.start(stack.folder, ['--api-key', 'sk-operator-secret']);
  try {
    const said = await examine({ endpoint: emulator.url, status: 0, provider: { region: 'us-chicago-1' } });
    const date = new Date(Date.now() + 6.5 * 86_400_000).toISOString().slice(0, 10);
    assert.match(said, new RegExp(`^ {2}ok {6}provider oci: lists \\d+ models\n {6}The API key "first" of "emulated 1" expires on ${date}, in 6 days: renew it\\.$`, 'm'));
    const file = join(stack.folder, 'live.toml');
    const upstream = async (...words) => (await runToEnd(gatehouse, ['upstream', ...words, '-c', file])).stdout;
    const models = await upstream('models');
    assert.match(models, /^provider +id +use +surface +hosting +context_window +max_output_tokens +input +output +retires_on +regions +warning$/m);
    assert.match(models, /^oci +xai\.grok-4\.3 +chats +native +oracle +\d* +32768 +text +text +us-chicago-1,eu-frankfurt-1$/m);
    assert.ok(!models.includes('xai.grok-far'));
    const profiles = JSON.parse(await upstream('profiles', '--json')).rows;
    assert.deepEqual(profiles[0].regions, ['us-chicago-1', 'eu-frankfurt-1']);
    assert.equal(profiles[1].warning, 'The routing profile "broken" is FAILED: no region serves the model.');
    const keys = await upstream('keys', '--csv');
    assert.match(keys, /^provider,id,name,key,mask,state,created_on,expires_on,used_on,warning\r$/m);
    assert.ok(!keys.includes('operator-secret'));
    assert.equal(await upstream('endpoints'), 'nothing found\n');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('oc1..endtoend"', 'oc1..elsewhere"'));
    const refused = await runToEnd(gatehouse, ['upstream', 'keys', '-c', file], {}, 1);
    assert.match(refused.stderr, /^provider oci: 404: /m);
    assert.match(refused.stderr, /^ {2}The compartment must exist: compartment_id is ocid1\.compartment\.oc1\.\.elsewhere\.$/m);
  } finally {
    await emulator.program.stop();
  }
});

test('a model with another wire format', async () => {
  const said = await examine({
    routes: { command: 'oci/cohere.command-a-03-2025' },
    extra: '[provider.oci.models."cohere.*"]\nformat = "generic"\n',
  });
  assert.match(said, /models\."cohere\.command-a-03-2025" = \{ format = "cohere" \}/);
});

test('throttling and failures', async () => {
  const answer = (status) => (response) => response.writeHead(status, { 'content-type': 'application/json' }).end('{"code":"x","message":"m"}');
  assert.match(await facing(answer(429)), /FAILED {2}provider oci: 429: m\n {6}OCI throttles on-demand requests/);
  assert.match(await facing(answer(500)), /FAILED {2}provider oci: 500: [^]*\n {6}The service failed/);
});

// Each cause has one advice: in the message itself, or in one line below it.

/** The lines of a report about provider oci, and the lines of advice below it. */
const about = (said) => {
  const [, finding, rest] = said.match(/^ {2}FAILED {2}(provider oci: .*)\n((?: {6}.*\n?)*)/m);
  return { finding, advice: rest.split('\n').filter(Boolean).map((line) => line.trim()) };
};

test('an unreachable service', async () => {
  const port = await freePort();
  const { finding, advice } = about(await examine({ endpoint: `http://127.0.0.1:${port}` }));
  assert.match(finding, /connection refused/);
  assert.equal(advice.length, 1);
  assert.match(advice[0], new RegExp(`^Nothing answered at 127\\.0\\.0\\.1:${port}: check the URL in \\[provider\\.oci\\], and that this network`));
  const unknown = about(await examine({ endpoint: 'http://gatehouse-test.invalid' }));
  assert.equal(unknown.advice.length, 1);
  assert.match(unknown.advice[0], /^The name gatehouse-test\.invalid has no address here: check the URL in \[provider\.oci\]/);
});

test('a model repeats no advice of its provider', async () => {
  const said = await examine({ endpoint: `http://127.0.0.1:${await freePort()}`, routes: { llama: 'oci/a', command: 'oci/b' } });
  assert.equal(said.match(/Nothing answered/g).length, 1, said);
  assert.equal(said.match(/^ {6}See the advice for provider oci\.$/gm).length, 2, said);
  const missing = await examine({ provider: { compartment_id: 'ocid1.compartment.oc1..elsewhere' }, routes: { llama: 'oci/meta.llama-3.3-70b-instruct', odd: 'oci/meta.llama-99' } });
  assert.equal(missing.match(/The compartment must exist/g).length, 1, missing);
  // The message itself says which model to check, so that the models need no other advice.
  assert.equal(missing.match(/^ {6}See the advice for provider oci\.$/gm)?.length, 2, missing);
  assert.equal(missing.match(/the same error for a missing and a forbidden/g).length, 1, missing);
});

/** The doctor before a TLS server with this certificate. */
async function facingTls(certificate, more = {}, host = '127.0.0.1') {
  const server = createTlsServer({ key: certificate.keyPem, cert: certificate.pem }, (request, response) => response.end());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return about(await examine({ endpoint: `https://${host}:${server.address().port}`, ...more }));
  } finally {
    server.close();
  }
}
const explained = ({ finding, advice }, cause) => {
  assert.match(finding, cause);
  assert.deepEqual(advice, [], finding);
};

test('a certificate that is not accepted has one advice, which is that of its cause', async () => {
  const folder = stack.folder;
  const own = makeCertificate(folder, 'own', { alternative: 'IP:127.0.0.1' });
  explained(await facingTls(own), /self-signed certificate \(issued by CN.*\); its certificate authority is unknown: .* name its file as ca_file in \[upstream\.hosts/);
  const other = makeCertificate(folder, 'other', { alternative: 'IP:127.0.0.9' });
  explained(await facingTls(other, { upstream: { ca_file: other.certificate } }), /mismatch \(it is for 127\.0\.0\.9\); the certificate is for other addresses: use one of them/);
  const named = makeCertificate(folder, 'named', { alternative: 'DNS:elsewhere.test' });
  explained(await facingTls(named, { upstream: { ca_file: named.certificate } }, 'localhost'), /mismatch \(it is for elsewhere\.test\); the certificate is for other names: use one of them/);
  const authority = makeCertificate(folder, 'authority');
  const ended = makeCertificate(folder, 'ended', { alternative: 'IP:127.0.0.1', ca: authority, days: 0 });
  await sleep(1100);
  explained(await facingTls(ended, { upstream: { ca_file: authority.certificate } }), /expired \(at 20[-0-9T:]+Z\); renew the upstream's certificate, or check the clock/);
  const pinned = await facingTls(own, { extra: `[upstream.hosts."127.0.0.1"]\nca_file = "${own.certificate}"\npins = ["${'A'.repeat(43)}="]\n` });
  explained(pinned, /its public key matches none of its pins; its certificate matches none of the pins in \[upstream\.hosts\]/);
});

test('plain HTTP at a TLS port, and TLS at a plain port', async () => {
  const plain = createServer((request, response) => response.end());
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
  explained(about(await examine({ endpoint: `https://127.0.0.1:${plain.address().port}` })), /it does not use TLS on this port: check the scheme and the port/);
  plain.close();
  const own = makeCertificate(stack.folder, 'tls', { alternative: 'IP:127.0.0.1' });
  const secure = createTlsServer({ key: own.keyPem, cert: own.pem }, (request, response) => response.end());
  await new Promise((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const { advice } = about(await examine({ endpoint: `http://127.0.0.1:${secure.address().port}` }));
  secure.close();
  assert.equal(advice.length, 1);
  assert.match(advice[0], /closed the connection: check whether the URL in \[provider\.oci\] must begin with https:\/\/ or http:\/\/\.$/);
});

test('an expired session', async () => {
  const { token } = await stack.emulator.post('session-token', { publicKey: readFileSync(join(stack.folder, 'public.pem'), 'utf8'), lifetime: 1 });
  writeFileSync(join(stack.folder, 'token'), token);
  await sleep(1500);
  const signer = { principal: 'session', key_file: join(stack.folder, 'key.pem'), security_token_file: join(stack.folder, 'token') };
  explained(about(await examine({ signer })), /expired on .* `oci session refresh/);
});

test('the clock of the emulator is wrong in its date too', async () => {
  await stack.emulator.post('faults', { fault: 'clock', minutes: 10 });
  try {
    const { advice } = about(await examine());
    assert.match(advice[0], /^The clock of this machine is 10 minutes behind OCI's clock\./);
  } finally {
    await stack.emulator.reset();
  }
});

test('a proxy without libcurl', async () => {
  writeFileSync(join(stack.folder, 'libcurl.so.4'), 'no library');
  const said = await examine({ endpoint: 'http://oci.test', upstream: { proxy: 'http://127.0.0.1:9' }, environment: { LD_LIBRARY_PATH: stack.folder } });
  assert.match(said, /FAILED {2}model llama .*this request needs libcurl, which cannot be loaded \(Debian: libcurl4\): /);
});

test('an unreachable proxy', async () => {
  const port = await freePort();
  assert.match(await examine({ endpoint: 'http://oci.test', upstream: { proxy: `http://127.0.0.1:${port}` } }), /FAILED {2}model llama/);
});
