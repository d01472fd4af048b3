// SPDX-License-Identifier: Apache-2.0
// Bytes in, bytes out: for what a well-behaved client library would never do.
import { connect } from 'node:net';

import { patience } from './process.mjs';
import { apiKey } from './stack.mjs';

/** The bytes of a chat request.  `headers` replace or add; null leaves one out. */
export function chatRequest(body, headers = {}, line = 'POST /v1/chat/completions HTTP/1.1') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    host: 'gateway',
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  };
  const fields = Object.entries(all).filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line}\r\n${fields.join('')}\r\n${text}`;
}

export const say = (content, more = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content }], ...more });

/** A connection that collects what it receives. */
export class RawConnection {
  constructor(port) {
    this.received = '';
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text) => {
      this.received += text;
      this.check?.();
    });
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve(this.received)));
    this.socket.on('error', (error) => (this.error = error));
  }
  get text() {
    return Buffer.from(this.received, 'latin1').toString('utf8');
  }
  write(bytes) {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }
  /** Resolves with all that was received as soon as `condition(text)` holds, or at the end of the connection. */
  until(condition) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not received within ${patience} ms; received: ${this.received.slice(-2000)}`)), patience);
      const done = () => {
        clearTimeout(timer);
        this.check = undefined;
        resolve(this.text);
      };
      this.check = () => condition(this.received) && done();
      this.closed.then(done);
      this.check();
    });
  }
  close() {
    this.socket.destroy();
  }
}

/** Sends `bytes` (a string, a buffer, or several to be sent apart) and waits for the server to close. */
export async function exchange(port, bytes, { pause = 0 } = {}) {
  const connection = new RawConnection(port);
  try {
    for (const piece of Array.isArray(bytes) ? bytes : [bytes]) {
      if (connection.socket.destroyed) break;
      await connection.write(piece);
      if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return await connection.until(() => false);
  } finally {
    connection.close();
  }
}

/** Status, headers (lower case) and body of the first answer in `text`; chunks are put together. */
export function parseAnswer(text) {
  const end = text.indexOf('\r\n\r\n');
  const [line, ...fields] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  }));
  const bytes = Buffer.from(text.slice(end + 4), 'utf8');
  let body = bytes;
  let rest = Buffer.alloc(0);
  if (headers['transfer-encoding'] === 'chunked') {
    const chunks = [];
    let at = 0;
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at);
      const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
      if (!(size > 0)) {
        rest = bytes.subarray(lineEnd + 4);
        break;
      }
      chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
      at = lineEnd + 2 + size + 2;
    }
    body = Buffer.concat(chunks);
  } else if (headers['content-length'] !== undefined) {
    rest = bytes.subarray(Number(headers['content-length']));
    body = bytes.subarray(0, Number(headers['content-length']));
  }
  return { status: Number(line.split(' ')[1]), line, headers, body: body.toString('utf8'), rest: rest.toString('utf8') };
}
