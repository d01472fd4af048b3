// SPDX-License-Identifier: Apache-2.0
// The emulator and a gateway in front of it, on free ports, with a key and a
// configuration made on the spot.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import OpenAI from 'openai';

import { Program, eventually, required } from './process.mjs';

export const apiKey = 'sk-test-7f3a0b8e4d21';
export const compartment = 'ocid1.compartment.oc1..endtoend';

// A thousand tests need no thousand keys.
let keyPair;
export function keys() {
  keyPair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = keyPair.publicKey.export({ type: 'spki', format: 'der' });
  return {
    pem: keyPair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicPem: keyPair.publicKey.export({ type: 'spki', format: 'pem' }),
    fingerprint: createHash('md5').update(der).digest('hex').match(/../g).join(':'),
  };
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const defaultRoutes = {
  'gpt-5': 'oci/openai.gpt-4.1',
  'openai/gpt-5': 'oci/openai.gpt-4.1',
  'openai-compatible/gpt-5': 'oci/openai.gpt-4.1',
  llama: 'oci/meta.llama-3.3-70b-instruct',
  hello: 'greeter/any',
  'oci/*': 'oci/*',
};

const table = (name, entries) =>
  `[${name}]\n${Object.entries(entries).map(([key, value]) => `${bare(key)} = ${toml(value)}\n`).join('')}\n`;
const bare = (key) => (/^[a-z_]+$/.test(key) ? key : JSON.stringify(key));
const toml = (value) => (Array.isArray(value) ? `[${value.map(toml).join(', ')}]` : JSON.stringify(value));

/** The text of a configuration.  `extra` is appended; `server`, `upstream`, `provider` and `signer` add keys. */
export function configuration({ port, endpoint, folder, routes = defaultRoutes, mapper = {}, ...more }) {
  return (
    table('server', { listen: `127.0.0.1:${port}`, ...more.server }) +
    table('upstream', { ...more.upstream }) +
    `[authenticator.team]\nuse = "api_key"\nkeys = [{ name = "tests", key = ${JSON.stringify(apiKey)} }]\n\n` +
    table('signer.oci', { use: 'oci_signer', config_file: join(folder, 'config'), ...more.signer }) +
    table('provider.oci', { use: 'oci', signer: 'oci', endpoint, compartment_id: compartment, ...more.provider }) +
    table('provider.greeter', { use: 'hello' }) +
    table('mapper.models', { use: 'table', ...mapper }) +
    table('mapper.models.models', routes) +
    table('dialect.openai', { use: 'openai' }) +
    (more.extra ?? '')
  );
}

export class Emulator {
  static async start(folder, args = []) {
    const emulator = new Emulator();
    writeFileSync(join(folder, 'public.pem'), keys().publicPem);
    emulator.program = new Program(required('OCI_EMULATOR'), [
      '--listen', '127.0.0.1:0', '--public-key', join(folder, 'public.pem'), '--compartment', compartment, ...args]);
    const addresses = 1 + args.filter((word) => word === '--listen' || word === '--tls-listen').length;
    const urls = () => [...emulator.program.stdout.matchAll(/^listening on (\S+)\n/gm)].map(([, url]) => url);
    await eventually(() => emulator.program.end ?? urls().length === addresses, 20_000, 'the emulator listens');
    // The first is the one that is always there; those of `args` follow, with TLS last.
    emulator.urls = urls();
    emulator.url = emulator.urls[0];
    return emulator;
  }

  /** Asks one of the emulator's own pages for something, at the address `url`. */
  async post(page, body = {}, url = this.url) {
    const answer = await fetch(`${url}/_emulator/${page}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${page}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
  /** Lines about the last requests: method, path, status, signed_by. */
  async requests() {
    return (await fetch(`${this.url}/_emulator/requests`)).json();
  }

  async stats() {
    return (await fetch(`${this.url}/_emulator/stats`)).json();
  }
  async last() {
    return (await fetch(`${this.url}/_emulator/last`)).json();
  }
  async reset() {
    await fetch(`${this.url}/_emulator/reset`, { method: 'POST' });
  }
}

export class Stack {
  /** Options as for configuration(), and `emulatorArgs`, `environment` of the gateway. */
  static async start(options = {}) {
    const stack = new Stack();
    stack.options = options;
    stack.folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    stack.key = keys();
    writeFileSync(join(stack.folder, 'key.pem'), stack.key.pem, { mode: 0o600 });
    writeFileSync(join(stack.folder, 'config'),
      `[DEFAULT]\nuser=ocid1.user.oc1..endtoend\ntenancy=ocid1.tenancy.oc1..endtoend\n` +
        `fingerprint=${stack.key.fingerprint}\nkey_file=${stack.folder}/key.pem\n`);
    stack.emulator = await Emulator.start(stack.folder, options.emulatorArgs);
    await stack.startGateway(options);
    return stack;
  }

  configuration(options = this.options) {
    return configuration({ ...options, port: this.port, endpoint: options.endpoint ?? this.emulator.url, folder: this.folder });
  }

  /** The gateway only; the emulator stays.  For a second configuration stop() it first. */
  async startGateway(options = this.options) {
    this.port = await freePort();
    this.file = join(this.folder, 'gatehouse.toml');
    writeFileSync(this.file, this.configuration(options));
    this.gateway = new Program(required('GATEHOUSE'), ['serve', '-c', this.file], options.environment);
    this.url = `http://127.0.0.1:${this.port}`;
    await eventually(
      async () => this.gateway.end ?? fetch(`${this.url}/ready`).then((answer) => answer.ok, (error) => String(error)),
      20_000, 'the gateway is ready');
  }

  /** The official client.  Retries are the tests' own business. */
  client(options = {}) {
    return new OpenAI({ baseURL: `${this.url}/v1`, apiKey, maxRetries: 0, timeout: 60_000, ...options });
  }

  /** A bare request. */
  post(body, { headers = {}, ...options } = {}) {
    return fetch(`${this.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...options,
    });
  }

  /** Proves that the gateway still answers: for the end of every hostile test. */
  async answersNext() {
    const answer = await this.post({ model: 'gpt-5', messages: [{ role: 'user', content: 'still there' }] });
    const body = await answer.json();
    if (answer.status !== 200 || body.choices[0].message.content !== 'You said: still there')
      throw new Error(`the next client got ${answer.status} ${JSON.stringify(body)}`);
  }

  async stop() {
    try {
      await this.gateway.stop();
      await this.emulator.program.stop();
    } finally {
      for (const program of [this.gateway, this.emulator.program]) if (!program.end) program.child.kill('SIGKILL');
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
