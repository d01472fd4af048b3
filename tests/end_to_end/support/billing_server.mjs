// SPDX-License-Identifier: Apache-2.0
// A service of OpenAI's protocol that keeps its own bill: each token that it has read or generated, at its prices.
// It is the truth that a gateway's budget is compared with.
import { createServer } from 'node:http';

import { randomFrom } from './random.mjs';

const prices = { prompt: 10_000n, completion: 100_000n }; // nano-dollars a token: 10 and 100 dollars a million

export class BillingServer {
  billed = 0n;   // nano-dollars
  requests = 0;
  running = 0;
  cut = 0;       // streams that the gateway has left
  byRequest = new Map(); // the cost of each x-request-id
  byModel = new Map();

  /** `failures` is the share of requests that fail. With `longest`, each response has the most tokens that it may have. */
  static async start({ seed = 1, pause = 2, failures = 0.05, longest = false } = {}) {
    const one = new BillingServer();
    Object.assign(one, { random: randomFrom(seed), pause, failures, longest });
    one.server = createServer((request, response) => one.#read(request, response)).listen(0, '127.0.0.1');
    await new Promise((resolve) => one.server.on('listening', resolve));
    one.url = `http://127.0.0.1:${one.server.address().port}`;
    return one;
  }
  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
  get dollars() {
    return Number(this.billed) / 1e9;
  }

  #charge(id, model, kind, tokens) {
    const cost = prices[kind] * BigInt(tokens);
    this.billed += cost;
    this.byRequest.set(id, (this.byRequest.get(id) ?? 0n) + cost);
    this.byModel.set(model, (this.byModel.get(model) ?? 0n) + cost);
  }
  async #read(request, response) {
    let text = '';
    for await (const piece of request) text += piece;
    if (request.method !== 'POST') return response.writeHead(404).end('{}');
    this.requests += 1;
    this.running += 1;
    response.on('close', () => (this.running -= 1));
    await this.#answer(JSON.parse(text), request.headers['x-request-id'] ?? String(this.requests), response);
  }

  // A token is a word of five letters with its blank, so that the gateway's estimate of four bytes is wrong.
  async #answer({ messages, model, max_tokens: most, stream }, id, response) {
    const prompt = messages.reduce((sum, { content }) => sum + 4 + content.split(' ').length, 0);
    if (this.random.chance(this.failures)) return response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"scripted"}}');
    this.#charge(id, model, 'prompt', prompt);
    let gone = false;
    response.on('close', () => (gone = true));
    const completion = this.longest ? most : 1 + this.random.below(most), usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
    if (!stream) {
      await this.#wait();
      this.#charge(id, model, 'completion', completion);
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
        id: 'c', object: 'chat.completion', created: 1, model: 'm', usage,
        choices: [{ index: 0, message: { role: 'assistant', content: 'words '.repeat(completion) }, finish_reason: 'stop' }] }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (delta, finish = null, more = {}) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
    for (let i = 0; i < completion && !gone; ++i) {
      this.#charge(id, model, 'completion', 1);
      response.write(chunk({ content: 'words ' }));
      if (i % 4 === 3) await this.#wait();
    }
    if (gone) this.cut += 1;
    else response.end(`${chunk({}, 'stop')}data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\ndata: [DONE]\n\n`);
  }
  #wait() {
    return new Promise((resolve) => setTimeout(resolve, this.pause));
  }
}
