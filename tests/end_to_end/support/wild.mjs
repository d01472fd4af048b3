// SPDX-License-Identifier: Apache-2.0
// A gateway between callers and two faulty upstreams: the responses of the first are always
// good, in any pieces (model `steady`); the second does everything wrong (model `wild`).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FaultyUpstream } from './faulty.mjs';
import { Program, eventually, patience, required } from './process.mjs';
import { apiKey, freePort } from './stack.mjs';

export class Wild {
  static async start(seed = 1) {
    const wild = new Wild();
    wild.folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    wild.file = join(wild.folder, 'gatehouse.toml');
    wild.steady = await FaultyUpstream.start(seed);
    wild.wild = await FaultyUpstream.start(seed + 1);
    wild.port = await freePort();
    wild.url = `http://127.0.0.1:${wild.port}`;
    wild.write(0);
    wild.gateway = new Program(required('GATEHOUSE'), ['serve', '-c', wild.file]);
    await eventually(async () => wild.gateway.end ?? fetch(`${wild.url}/ready`).then((answer) => answer.ok, String), 'the gateway is ready');
    return wild;
  }

  /** A configuration that differs from the one before, so that a reload has something to do. */
  write(version) {
    writeFileSync(this.file, `
[server]
listen = "127.0.0.1:${this.port}"
workers = 2
[upstream]
first_byte_timeout_ms = ${2 * patience}
response_timeout_ms = ${2 * patience + (version % 7)}
idle_timeout_ms = ${2 * patience}
[authenticator.team]
use = "api_key"
keys = [{ name = "tests-${version}", key = "${apiKey}" }]
[provider.steady]
use = "openai"
base_url = "${this.steady.url}"
[provider.wild]
use = "openai"
first_byte_timeout_ms = 1500
response_timeout_ms = ${3000 + (version % 7)}
idle_timeout_ms = 1000
base_url = "${this.wild.url}"
[mapper.models]
use = "table"
models = { steady = "steady/m", wild = "wild/m-${version}" }
[dialect.openai]
use = "openai"
`);
  }
  reload(version) {
    this.write(version);
    this.gateway.child.kill('SIGHUP');
  }

  async metric(name) {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1]);
  }

  /** Waits until no request runs, here or upstream. */
  async quiet() {
    await eventually(async () => {
      const running = [await this.metric('gatehouse_requests_running'), this.steady.running, this.wild.running];
      return running.every((count) => count === 0) || running;
    }, 'nothing is running, here and upstream');
  }

  async stop() {
    try {
      assert.deepEqual([...this.steady.problems, ...this.wild.problems], []);
      assert.ok(!/FOREIGN|\dxw\d+ \S*xw/.test(this.gateway.output), 'no word of an answer is in the log');
      await this.gateway.stop();
    } finally {
      if (!this.gateway.end) this.gateway.child.kill('SIGKILL');
      await this.gateway.ended;
      await Promise.all([this.steady.stop(), this.wild.stop()]);
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
