// SPDX-License-Identifier: Apache-2.0
// A real redis-server in a folder of its own.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './gateway.mjs';
import { Program, eventually, required } from './process.mjs';

const server = '/usr/bin/redis-server';

/** The reason why tests with Redis cannot run; false if they can. */
export const redisMissing = !existsSync(server) ? 'redis-server is not installed'
  : !existsSync(join(required('BUILD'), 'plugins/store/redis/redis.so')) ? 'store/redis was not built, because hiredis is not installed' : false;

export class Redis {
  /** `args` are options of redis-server. */
  static async start(port, ...args) {
    const one = new Redis();
    Object.assign(one, { port: port ?? await freePort(), args, folder: mkdtempSync(join(tmpdir(), 'gatehouse-redis-')) });
    await one.launch();
    return one;
  }
  /** Starts it again after kill(), empty and on the same port. */
  async launch() {
    this.program = new Program(server, ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--save', '', ...this.args]);
    await eventually(() => this.program.output.includes('Ready to accept connections'), 'redis-server started');
  }
  async kill(signal = 'SIGKILL') {
    this.program.child.kill(signal);
    await this.program.ended;
  }
  async stop() {
    await this.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
