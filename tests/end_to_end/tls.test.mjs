// SPDX-License-Identifier: Apache-2.0
// Clients over TLS: the official package, node's and OpenSSL's clients; certificates of clients,
// and the gateway's certificate renewed while it runs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { makeCertificate, sClient } from './support/certificates.mjs';
import { Gateway, apiKey, freePort } from './support/gateway.mjs';
import { Program, eventually, patience, required, runToEnd, sleep } from './support/process.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
const names = 'IP:127.0.0.1,DNS:localhost';
let ca, server, agent, stranger, gateway;

const rest = `
[authenticator.machines]
use = "certificate"
name_prefix = "tls:"
clients = [{ common_name = "agent", models = ["gpt-5"] }, { subject = "CN=*,O=Example", name = "example" },
           { alternative_name = "URI:spiffe://example.org/*" }]
[authenticator.team]
use = "api_key"
keys = [{ name = "team", key = "${apiKey}" }]
[provider.echo]
use = "echo"
words_per_second = 10
[mapper.models]
use = "table"
[mapper.models.models]
"*" = "echo/*"
[dialect.openai]
use = "openai"
`;
const configuration = (port, adminPort, { more = '' } = {}) => `
[server]
listen = "127.0.0.1:${port}"
${more}
[server.tls]
certificate = "server.pem"
key = "server.key"
client_ca = "${ca.certificate}"
client_certificate = "optional"
[admin]
listen = "127.0.0.1:${adminPort}"
${rest}`;

/** A gateway with the server's certificate in its own folder, where it may be renewed. */
async function start(options = {}) {
  const one = new Gateway();
  one.makeFolder();
  renew(one, server);
  const adminPort = await freePort();
  one.readyUrl = `http://127.0.0.1:${adminPort}`;
  await one.launch((port) => configuration(port, adminPort, options));
  return one;
}
function renew(one, certificate) {
  copyFileSync(certificate.certificate, join(one.folder, 'server.pem'));
  copyFileSync(certificate.key, join(one.folder, 'server.key'));
}

before(async () => {
  ca = makeCertificate(folder, 'ca', { subject: '/CN=test CA' });
  server = makeCertificate(folder, 'server', { alternative: names, ca });
  agent = makeCertificate(folder, 'agent', { ca });
  stranger = makeCertificate(folder, 'stranger', { subject: '/CN=agent' });
  gateway = await start();
});
after(async () => {
  try {
    await gateway.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** One request; its status, text and, for a failure, its code. */
function ask(one, { path = '/v1/chat/completions', model = 'gpt-5', key, show, stream, agent: connections, onFirst = () => {} } = {}) {
  return new Promise((resolve) => {
    const body = path.startsWith('/v1/chat') ? JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'by TLS' }] }) : undefined;
    const asking = request(`https://127.0.0.1:${one.port}${path}`, {
      method: body ? 'POST' : 'GET', ca: ca.pem, cert: show?.pem, key: show?.keyPem, agent: connections ?? new Agent(),
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...(body && { 'content-type': 'application/json' }) },
    }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').once('data', onFirst).on('data', (more) => (text += more)).on('end', () => resolve({ status: answer.statusCode, text }));
    });
    asking.on('error', (error) => resolve({ failed: error.code ?? error.message })).end(body);
  });
}
const served = (one) => new Promise((resolve, reject) => {
  const socket = connect({ port: one.port, host: '127.0.0.1', ca: ca.pem }, () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.end();
  }).on('error', reject);
});

test('the official client uses https, streaming and non-streaming', async () => {
  const script = `
    import OpenAI from 'openai';
    const client = new OpenAI({ baseURL: 'https://localhost:${gateway.port}/v1', apiKey: '${apiKey}', maxRetries: 0 });
    const messages = [{ role: 'user', content: 'x'.repeat(200000) + ' end' }];
    const whole = await client.chat.completions.create({ model: 'gpt-5', messages });
    let text = '';
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-5', messages, stream: true })) text += chunk.choices[0]?.delta?.content ?? '';
    console.log(whole.choices[0].message.content === messages[0].content && text === messages[0].content);`;
  const run = (environment) => new Promise((resolve) => execFile(process.execPath, ['--input-type=module', '-e', script],
    { cwd: fileURLToPath(new URL('.', import.meta.url)), env: { PATH: process.env.PATH, ...environment }, timeout: patience },
    (error, stdout, stderr) => resolve(error ? stderr : stdout.trim())));
  assert.equal(await run({ NODE_EXTRA_CA_CERTS: ca.certificate }), 'true');
  assert.match(await run({}), /APIConnectionError|unable to (get|verify)/);
});

test('a client certificate gives a name and models, and keys work too', async () => {
  const whole = await ask(gateway, { show: agent });
  assert.equal(whole.status, 200);
  assert.equal(JSON.parse(whole.text).choices[0].message.content, 'by TLS');
  assert.match(gateway.output, / client=tls:agent /);
  assert.equal((await ask(gateway, { show: agent, model: 'gpt-6' })).status, 404);
  const other = makeCertificate(folder, 'other', { subject: '/O=Example/CN=John Doe', ca });
  assert.equal((await ask(gateway, { show: other, model: 'gpt-6' })).status, 200);
  assert.match(gateway.output, / client=example /);
  const spiffe = makeCertificate(folder, 'spiffe', { subject: '/', alternative: 'URI:spiffe://example.org/agent', ca });
  assert.equal((await ask(gateway, { show: spiffe, model: 'gpt-6' })).status, 200);
  assert.match(gateway.output, / client=tls:spiffe:\/\/example\.org\/agent /);
  assert.equal((await ask(gateway, { key: apiKey, model: 'gpt-6' })).status, 200);
  assert.equal((await ask(gateway)).status, 401);
  const unknown = makeCertificate(folder, 'unknown', { ca });
  assert.equal((await ask(gateway, { show: unknown })).status, 401);
  await eventually(() => / error=unauthenticated detail="machines: [^"]*CN=unknown/.test(gateway.output) || gateway.output, 'the log names the certificate');
  assert.equal((await ask(gateway, { show: unknown, key: apiKey })).status, 200);
});

test('a client certificate of an untrusted issuer fails the handshake, and the log has the reason', async () => {
  assert.ok((await ask(gateway, { show: stranger, key: apiKey })).failed);
  await eventually(() => /TLS handshake failed peer=127\.0\.0\.1 reason="the client's certificate is not signed by client_ca: /.test(gateway.output) || gateway.output, 'the log says so');
});

test('if a certificate is required, clients without one reach only the admin listener', async () => {
  const strict = await start();
  try {
    writeFileSync(strict.file, readFileSync(strict.file, 'utf8').replace('"optional"', '"required"'));
    strict.gateway.child.kill('SIGHUP');
    await eventually(() => strict.output.includes('reloaded') || strict.output, 'the reload');
    assert.ok((await ask(strict, { key: apiKey })).failed);
    assert.equal((await ask(strict, { show: agent })).status, 200);
    assert.equal((await fetch(`${strict.readyUrl}/ready`)).status, 200);
  } finally {
    await strict.stop();
  }
});

test('OpenSSL negotiates TLS 1.2 and 1.3 with modern ciphers and HTTP/1.1, no older version, and resumes sessions', () => {
  const say = (...args) => sClient(gateway.port, '-CAfile', ca.certificate, ...args);
  assert.match(say('-tls1_3', '-alpn', 'h2,http/1.1'), /New, TLSv1\.3, Cipher is TLS_[\s\S]*ALPN protocol: http\/1\.1[\s\S]*Verify return code: 0/);
  const older = say('-tls1_2');
  assert.match(older, /New, TLSv1\.2, Cipher is ECDHE-ECDSA-(AES|CHACHA)/);
  assert.match(older, /Compression: NONE/);
  assert.match(older, /Secure Renegotiation IS supported/);
  assert.match(say('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'), /alert protocol version|no protocols available/);
  assert.match(say('-tls1_2', '-cipher', 'AES128-SHA:AES256-GCM-SHA384'), /alert handshake failure/);
  assert.match(say('-alpn', 'h2'), /alert no application protocol/);
  assert.equal(say('-tls1_2', '-reconnect').match(/^Reused, TLSv1\.2/gm)?.length, 5);
});

test('metrics count handshakes by their outcome', async () => {
  const text = await (await fetch(`${gateway.readyUrl}/metrics`)).text();
  for (const outcome of ['full', 'resumed', 'failed'])
    assert.ok(Number(text.match(new RegExp(`^gatehouse_tls_handshakes_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm'))[1]) > 0, outcome);
});

test('plain HTTP on the TLS port receives a plain-text 400', async () => {
  const answer = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.get('connection'), 'close');
  assert.equal((await answer.json()).error.message, 'This port accepts HTTPS only.');
});

/** The end of the validity of the certificate of `table`, by /metrics. */
async function endOf(one, table) {
  const text = await (await fetch(`${one.readyUrl}/metrics`)).text();
  return Number(text.match(new RegExp(`^gatehouse_certificate_not_after_seconds\\{table="${table}"\\} (\\d+)$`, 'm'))?.[1]);
}
const validTo = ({ pem }) => Date.parse(new X509Certificate(pem).validTo) / 1000;

test('HUP activates a renewed certificate; connections continue, and a wrong certificate changes nothing', async () => {
  const one = await start();
  const connections = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const before = await served(one);
    assert.equal((await ask(one, { key: apiKey, agent: connections })).status, 200);
    assert.equal(await endOf(one, 'server.tls'), validTo(server));
    const next = makeCertificate(folder, 'renewed', { alternative: names, ca, days: 60 });
    renew(one, next);
    assert.equal(await served(one), before);
    one.gateway.child.kill('SIGHUP');
    await eventually(async () => (await served(one)) !== before, 'the new one is served');
    assert.equal((await ask(one, { key: apiKey, agent: connections })).status, 200);
    const renewed = await served(one);
    await eventually(async () => (await endOf(one, 'server.tls')) === validTo(next), 'the metric has the end of the new one');

    copyFileSync(stranger.key, join(one.folder, 'server.key'));
    one.gateway.child.kill('SIGHUP');
    await eventually(() => /reload rejected .*server\.key does not belong to the certificate/.test(one.output) || one.output, 'the log says what is wrong');
    assert.equal(await served(one), renewed);
    assert.equal((await ask(one, { key: apiKey })).status, 200);
  } finally {
    connections.destroy();
    await one.stop();
  }
});

test('with watch a renewed certificate is activated, although its two files are written one after another', async () => {
  const one = await start({ more: 'watch = true' });
  try {
    const before = await served(one);
    const next = makeCertificate(folder, 'watched', { alternative: names, ca });
    copyFileSync(next.certificate, join(one.folder, 'server.pem'));
    await sleep(200);
    copyFileSync(next.key, join(one.folder, 'server.key'));
    await eventually(async () => (await served(one)) !== before, 'the new one is served');
    assert.equal((await ask(one, { key: apiKey })).status, 200);
  } finally {
    await one.stop();
  }
});

test('reloads fail no request', async () => {
  const one = await start();
  try {
    let going = true, count = 0;
    const workers = Array.from({ length: 4 }, async () => {
      while (going) {
        const answer = await ask(one, { show: agent, stream: count++ % 2 === 0 });
        assert.equal(answer.status, 200, JSON.stringify(answer));
      }
    });
    for (let i = 0; i < 10; ++i) {
      renew(one, i % 2 ? server : agentsServer());
      one.gateway.child.kill('SIGHUP');
      await eventually(() => one.output.split(' reloaded ').length - 1 > i || one.output, 'the reload');
    }
    going = false;
    await Promise.all(workers);
    assert.ok(count > 4, "requests ran meanwhile");
  } finally {
    await one.stop();
  }
});
let second;
const agentsServer = () => (second ??= makeCertificate(folder, 'second', { alternative: names, ca }));

test('a stream over TLS completes while the gateway stops', async () => {
  const one = await start();
  let stopped;
  const answer = await ask(one, { key: apiKey, stream: true, onFirst: () => (stopped = one.stop()) });
  await stopped;
  assert.match(answer.text, /"by"[\s\S]*TLS"[\s\S]*\[DONE\]/);
});

test('check reports a wrong certificate, key or authority at its key', async () => {
  const place = join(folder, 'checks');
  mkdirSync(place);
  for (const name of ['server.pem', 'server.key', 'stranger.key']) copyFileSync(join(folder, name), join(place, name));
  const file = join(place, 'gatehouse.toml');
  const complaint = async (text) => {
    writeFileSync(file, text);
    return (await runToEnd(required('GATEHOUSE'), ['check', '-c', file], {}, 2)).stderr.replaceAll(`${place}/`, '').replace(/^\d{4}-.*\n/gm, '');
  };
  const good = configuration(1, 2);
  writeFileSync(file, good);
  chmodSync(file, 0o600);
  await runToEnd(required('GATEHOUSE'), ['check', '-c', file]);
  assert.match(await complaint(good.replace('"server.pem"', '"none.pem"')),
    /^gatehouse\.toml:\d+:15: cannot use the certificate none\.pem: no such file or directory\n    certificate = "none\.pem"\n +\^\n$/);
  assert.match(await complaint(good.replace('"server.key"', '"stranger.key"')), /^gatehouse\.toml:\d+:7: the private key stranger\.key does not belong to the certificate server\.pem\n/);
  assert.match(await complaint(good.replace(ca.certificate, 'server.key')), /^gatehouse\.toml:\d+:13: cannot use the certificate authorities in server\.key: contains no PEM certificate\n/);

  chmodSync(join(place, 'server.key'), 0o644);
  writeFileSync(file, good);
  const lenient = new Program(required('GATEHOUSE'), ['check', '-c', file]);
  await lenient.finish();
  assert.match(lenient.stderr, /^\S+gatehouse\.toml:\d+:7: warning: users other than its owner may read \S+server\.key, which contains a secret: `chmod 600` it\n/m);
  assert.match(await complaint(good.replace('[server]\n', '[server]\nstrict_permissions = true\n').replace(apiKey, `sha256:${'a'.repeat(64)}`)),
    /^gatehouse\.toml:\d+:7: users other than its owner may read server\.key, which contains a secret: `chmod 600` it/);
});

// --- upstreams -----------------------------------------------------------------------

const pinOf = (certificate) => createHash('sha256').update(new X509Certificate(certificate.pem).publicKey.export({ type: 'spki', format: 'der' })).digest('base64');

/** An upstream of OpenAI's kind that wants a client certificate, and what a gateway says of it. */
async function upstream(settings) {
  const seen = [];
  const server2 = createServer({ cert: server.pem, key: server.keyPem, ca: ca.pem, requestCert: true, rejectUnauthorized: true }, (asked, answer) => {
    seen.push(asked.socket.getPeerCertificate().subject.CN);
    answer.setHeader('content-type', 'application/json').end(JSON.stringify({
      id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
    }));
  });
  await new Promise((resolve) => server2.listen(0, '127.0.0.1', resolve));
  const one = await Gateway.start((port) => `
[server]
listen = "127.0.0.1:${port}"
[upstream]
attempts = 1
ca_file = "${ca.certificate}"
${settings}
[provider.there]
use = "openai"
base_url = "https://localhost:${server2.address().port}/v1"
[mapper.models]
use = "table"
[mapper.models.models]
"*" = "there/*"
[dialect.openai]
use = "openai"
`);
  try {
    const answer = await one.post({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
    return { status: answer.status, text: await answer.text(), seen, log: one.output };
  } finally {
    await one.stop({ stop: () => new Promise((resolve) => { server2.closeAllConnections(); server2.close(resolve); }) });
  }
}
const ours = () => `client_certificate = "${agent.certificate}"\nclient_key = "${agent.key}"\n`;

test('the gateway sends its certificate to an upstream, which must have a pinned key', async () => {
  const good = await upstream(`[upstream.hosts.localhost]\nmin_tls = "1.3"\npins = ["${pinOf(server)}"]\n${ours()}`);
  assert.deepEqual([good.status, good.seen], [200, ['agent']], good.log);
  const wrong = await upstream(`${ours()}[upstream.hosts.localhost]\npins = "${pinOf(agent)}"\n`);
  assert.deepEqual([wrong.status, wrong.seen], [502, []]);
  assert.match(wrong.text, /certificate of the upstream is not accepted/);
  assert.doesNotMatch(wrong.text, /pins|localhost/);
  assert.match(wrong.log, /its certificate matches none of the pins in \[upstream\.hosts\]/);
});

test('an untrusted upstream is rejected, and the log has advice', async () => {
  const { status, log, seen } = await upstream(`[upstream.hosts.localhost]\nca_file = "${stranger.certificate}"\n${ours()}`);
  assert.deepEqual([status, seen], [502, []]);
  assert.match(log, /its certificate authority is unknown: if it is your own.* name its file as ca_file in \[upstream\.hosts/);
});

test('check reports an unusable client certificate for upstreams at its key', async () => {
  const file = join(folder, 'upstream.toml');
  writeFileSync(file, `[upstream.hosts."api.example.com"]\nclient_certificate = "server.pem"\nclient_key = "stranger.key"\n${rest}`);
  const { stderr } = await runToEnd(required('GATEHOUSE'), ['check', '-c', file], {}, 2);
  assert.match(stderr, /upstream\.toml:3:14: the private key \S+\/stranger\.key does not belong to the certificate \S+\/server\.pem\n/);
  writeFileSync(file, `[upstream]\nca_file = "server.key"\n${rest}`);
  assert.match((await runToEnd(required('GATEHOUSE'), ['check', '-c', file], {}, 2)).stderr, /upstream\.toml:2:11: cannot use the certificate authorities in \S+\/server\.key: contains no PEM certificate\n/);
});
