// SPDX-License-Identifier: Apache-2.0
// The emulator and a gateway in front of it, on free ports, with a key and a
// configuration made on the spot.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Gateway, apiKey, freePort } from './gateway.mjs';
import { Program, eventually, required } from './process.mjs';

export { apiKey, freePort };
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

/** Files that `oci setup config` would write to `folder`: a key, which is returned, and a configuration. */
export function writeOciConfig(folder) {
  const key = keys();
  writeFileSync(join(folder, 'key.pem'), key.pem, { mode: 0o600 });
  writeFileSync(join(folder, 'config'),
    `[DEFAULT]\nuser=ocid1.user.oc1..endtoend\ntenancy=ocid1.tenancy.oc1..endtoend\n` +
      `fingerprint=${key.fingerprint}\nkey_file=${folder}/key.pem\n`);
  return key;
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
    await eventually(() => emulator.program.end ?? urls().length === addresses, 'the emulator listens');
    // The first address always exists; those of `args` follow, with TLS last.
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

export class Stack extends Gateway {
  /** Options as for configuration(), and `emulatorArgs`, `environment` of the gateway. */
  static async start(options = {}) {
    const stack = new Stack();
    stack.options = options;
    stack.makeFolder();
    stack.key = writeOciConfig(stack.folder);
    stack.emulator = await Emulator.start(stack.folder, options.emulatorArgs);
    await stack.startGateway(options);
    return stack;
  }

  configuration(options = this.options) {
    return configuration({ ...options, port: this.port, endpoint: options.endpoint ?? this.emulator.url, folder: this.folder });
  }

  /** The gateway only; the emulator stays.  For a second configuration stop() it first. */
  startGateway(options = this.options) {
    return this.launch((port) => {
      this.port = port;
      return this.configuration(options);
    }, options.environment);
  }

  /** Proves that the gateway still answers: for the end of every hostile test. */
  async answersNext() {
    const answer = await this.post({ model: 'gpt-5', messages: [{ role: 'user', content: 'still there' }] });
    const body = await answer.json();
    if (answer.status !== 200 || body.choices[0].message.content !== 'You said: still there')
      throw new Error(`the next client got ${answer.status} ${JSON.stringify(body)}`);
  }

  stop() {
    return super.stop(this.emulator.program);
  }
}
