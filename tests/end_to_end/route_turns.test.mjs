// SPDX-License-Identifier: Apache-2.0
// The routes of a list: each gets its turn, also after a route with several endpoints, and a failure
// that cannot pass is not repeated.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeCertificate } from './support/certificates.mjs';
import { eventually } from './support/process.mjs';
import { Stack, keys } from './support/stack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
const servers = [];
/** A server that answers a chat with `status`, and counts its requests. */
async function upstream(status, tls) {
  const handle = (request, response) => {
    ++one.requests;
    request.resume().on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(status === 200
      ? { choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }] } : { message: 'oops', error: { message: 'oops' } })));
  };
  const one = { requests: 0, server: tls ? createTlsServer(tls, handle) : createServer(handle) };
  await new Promise((resolve) => one.server.listen(0, '127.0.0.1', resolve));
  one.address = `127.0.0.1:${one.server.address().port}`;
  servers.push(one.server);
  return one;
}
const provider = (name, url) => `[provider.${name}]\nuse = "openai"\nbase_url = "${url}/v1"\n`;

/** A session token that expired long ago, as `oci session authenticate` would have written it. */
function expiredSession() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const file = join(folder, 'token');
  writeFileSync(file, [part({ alg: 'RS256' }), part({ exp: 1_600_000_000 }), 'c2lnbmF0dXJl'].join('.'), { mode: 0o600 });
  return file;
}

let stack, first, second, sick, well;
before(async () => {
  const certificate = makeCertificate(folder, 'upstream', { alternative: 'IP:127.0.0.1' });
  [first, second, sick, well] = [await upstream(500), await upstream(500), await upstream(500), await upstream(200)];
  const untrusted = await upstream(200, { cert: certificate.pem, key: certificate.keyPem });
  writeFileSync(join(folder, 'session.pem'), keys().pem, { mode: 0o600 });
  stack = await Stack.start({
    endpoint: [first.address, second.address].map((one) => `http://${one}`),
    routes: {
      trio: ['oci/llama', 'sick/x', 'well/x'],
      ...Object.fromEntries(['certificate', 'scheme', 'name', 'session'].flatMap((name) => [[name, `${name}/x`], [`${name}+`, [`${name}/x`, 'well/x']]])),
    },
    extra: provider('sick', `http://${sick.address}`) + provider('well', `http://${well.address}`) +
      provider('certificate', `https://${untrusted.address}`) + provider('scheme', `https://${well.address}`) +
      provider('name', `http://${'x'.repeat(70)}.invalid`) +  // a label above 63 bytes is refused without a name server
      `[signer.session]\nuse = "oci_signer"\nprincipal = "session"\nkey_file = "${join(folder, 'session.pem')}"\nsecurity_token_file = "${expiredSession()}"\nrefresh_session = false\n` +
      `[provider.session]\nuse = "oci"\nsigner = "session"\nendpoint = "http://${well.address}"\ncompartment_id = "ocid1.compartment.oc1..x"\n`,
  });
});
after(async () => {
  await stack?.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

/** The answer to a chat with `model`, and its line of the access log. */
async function ask(model) {
  const response = await stack.post({ model, messages: [{ role: 'user', content: 'x' }] });
  const id = response.headers.get('x-request-id');
  const find = () => stack.output.split('\n').find((one) => one.includes(` access request request_id=${id} `));
  await eventually(() => find() !== undefined, 'the log has the request');
  const line = find();
  return { status: response.status, route: response.headers.get('x-gatehouse-route'), text: await response.text(), attempts: Number(line.match(/ attempts=(\d+)/)?.[1]), line };
}

test('the last of three routes is asked, although the first has two endpoints', async () => {
  const { status, route, attempts } = await ask('trio');
  assert.deepEqual([status, route, attempts], [200, 'well/x', 4]);
  assert.deepEqual([first.requests, second.requests, sick.requests], [1, 1, 1]);
});

for (const [name, words] of Object.entries({
  certificate: /certificate of the upstream is not accepted/, scheme: /TLS handshake with the upstream failed/,
  name: /name of the upstream cannot be resolved/, session: /session with the upstream has expired/ }))
  test(`a failure of the ${name} is not repeated, and the next route is asked`, async () => {
    const alone = await ask(name);
    assert.deepEqual([alone.status, alone.attempts], [502, 1], alone.line);
    assert.match(alone.text, words);
    const listed = await ask(`${name}+`);
    assert.deepEqual([listed.status, listed.route, listed.attempts], [200, 'well/x', 2], listed.line);
  });
