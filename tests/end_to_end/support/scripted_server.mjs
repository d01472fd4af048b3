// SPDX-License-Identifier: Apache-2.0
// Common code of the scripted services behind a gateway: an HTTP server
// that keeps its requests, and answers at the pace and in the pieces that a
// script wants.
import { createServer } from 'node:http';

import { sleep } from './process.mjs';

export class ScriptedServer {
  /** `options` are the service's own: they become its members. */
  static async start(options = {}) {
    const api = Object.assign(new this(), options);
    api.reset();
    api.server = createServer((request, response) => {
      let text = '';
      api.mostOpen = Math.max(api.mostOpen, ++api.open);
      request.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => {
        response.on('close', () => {
          api.closed += response.writableFinished ? 0 : 1;
          --api.open;
        });
        try {
          api.answer(request, text, response);
        } catch (error) {
          response.writeHead(500).end(String(error.stack));
        }
      });
    });
    // A test that fails before it can stop it ends all the same.
    api.server.unref();
    await new Promise((resolve) => api.server.listen(0, '127.0.0.1', resolve));
    api.url = `http://127.0.0.1:${api.server.address().port}`;
    return api;
  }
  open = 0; // requests without a complete response
  mostOpen = 0;
  /** Forgets what was asked: `requests` with body and headers, `closed` calls that the other side left. */
  reset() {
    Object.assign(this, { requests: [], closed: 0, script: undefined });
  }
  /** The body of the last request. */
  get last() {
    return this.requests.at(-1)?.body;
  }
  json(response, status, body, headers = {}) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }
  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** `response`, written with `drip` milliseconds before each write, in pieces of `split` bytes. */
export class Paced {
  constructor(response, { drip = 0, split = 0 }) {
    Object.assign(this, { response, drip, split, queue: [] });
    response.socket?.setNoDelay(true);
  }
  writeHead(...head) {
    this.response.writeHead(...head);
    return this;
  }
  write(text) {
    this.queue.push(text);
  }
  async end(text = '') {
    if (text) this.queue.push(text);
    for (const one of this.queue) {
      if (this.drip) await sleep(this.drip);
      const bytes = Buffer.from(one);
      for (let at = 0; at < bytes.length; at += this.split || bytes.length) {
        if (this.response.destroyed) return;
        this.response.write(bytes.subarray(at, at + (this.split || bytes.length)));
        if (this.split) await new Promise(setImmediate);
      }
    }
    this.response.end();
  }
}
