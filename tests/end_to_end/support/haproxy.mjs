// SPDX-License-Identifier: Apache-2.0
// A real haproxy in front of gateways: it asks /ready, and names the gateway of a response in the header x-replica.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './gateway.mjs';
import { Program, eventually } from './process.mjs';

const server = '/usr/sbin/haproxy';

/** The reason why tests with haproxy cannot run; false if they can. */
export const haproxyMissing = !existsSync(server) && 'haproxy is not installed';

// A request is sent to a second server only if no connection was made: otherwise it may have cost money.
const configuration = (port, ports) => `
global
    maxconn 4000
defaults
    mode http
    timeout connect 2s
    timeout client 120s
    timeout server 120s
    retries 3
    option redispatch 1
    retry-on conn-failure
frontend clients
    bind 127.0.0.1:${port}
    default_backend replicas
backend replicas
    balance leastconn
    option httpchk GET /ready
    http-check expect status 200
    http-response set-header x-replica %s
    default-server check inter 500ms fall 1 rise 1
${ports.map((one, i) => `    server r${i} 127.0.0.1:${one}`).join('\n')}
`;

export class Haproxy {
  /** In front of gateways at these ports. */
  static async start(ports) {
    const one = new Haproxy();
    one.port = await freePort();
    one.url = `http://127.0.0.1:${one.port}`;
    one.folder = mkdtempSync(join(tmpdir(), 'gatehouse-haproxy-'));
    const file = join(one.folder, 'haproxy.cfg');
    writeFileSync(file, configuration(one.port, ports));
    one.program = new Program(server, ['-db', '-f', file]);
    await eventually(() => fetch(`${one.url}/ready`).then((answer) => answer.ok || answer.status, String), () => `haproxy serves: ${one.program.output}`);
    return one;
  }
  async stop() {
    this.program.child.kill('SIGTERM');
    await this.program.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
