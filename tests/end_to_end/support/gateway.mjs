// SPDX-License-Identifier: Apache-2.0
// A gateway under a configuration, in a folder of its own, and how tests talk to it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import OpenAI from 'openai';

import { Program, eventually, patience, required } from './process.mjs';

export const apiKey = 'sk-test-7f3a0b8e4d21';

// fetch() refuses this port without trying it (https://fetch.spec.whatwg.org/#port-blocking).
const portsBlockedByFetch = [10_080];

/**
 * A free port.  Not one of those that the system gives to connections: other tests
 * make some all the time.
 */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000), server = createServer();
    if (portsBlockedByFetch.includes(port)) continue;
    const free = await new Promise((resolve) => server.on('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

export class Gateway {
  /** `configuration(port, folder)` is the text of the file. */
  static async start(configuration, environment) {
    const one = new Gateway();
    one.makeFolder();
    await one.launch(configuration, environment);
    return one;
  }

  makeFolder() {
    this.folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  }

  async launch(configuration, environment) {
    this.port = await freePort();
    this.file = join(this.folder, 'gatehouse.toml');
    writeFileSync(this.file, configuration(this.port, this.folder));
    const begun = Date.now();
    this.gateway = new Program(required('GATEHOUSE'), ['serve', '-c', this.file], environment);
    this.url = `http://127.0.0.1:${this.port}`;
    await eventually(async () => {
      if (this.gateway.end) throw new Error(`the gateway ended at once: ${this.output}`);
      return fetch(`${this.readyUrl ?? this.url}/ready`).then((answer) => answer.ok, (error) => `${error.cause ?? error}`);
    }, () => `the gateway is ready; it printed: ${this.output}`);
    /** A measure of this machine: milliseconds from the start to readiness. */
    this.startedIn = Date.now() - begun;
  }

  get output() {
    return this.gateway.output;
  }

  /** The official client.  Retries are the tests' own business. */
  client(options = {}) {
    return new OpenAI({ baseURL: `${this.url}/v1`, apiKey, maxRetries: 0, timeout: patience, ...options });
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

  /** The value of a metric without labels. */
  async metric(name) {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1]);
  }

  /** Stops it, which must go well, and then `others`, things with a stop(). */
  async stop(...others) {
    try {
      await this.gateway?.stop();
      for (const other of others) await other.stop();
    } finally {
      for (const program of [this.gateway, ...others]) if (program?.child && !program.end) program.child.kill('SIGKILL');
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
