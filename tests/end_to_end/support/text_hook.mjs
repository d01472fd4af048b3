// SPDX-License-Identifier: Apache-2.0
// A gateway with one hook that reads texts, in front of an upstream that sends its answer in pieces.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import OpenAI from 'openai';

import { Program, eventually, patience, required } from './process.mjs';
import { freePort } from './stack.mjs';

export const pieces = ['a tu', 'li', 'p and a tul', 'ip \u20ac', ' tuli'];
export const whole = pieces.join('');
/** The answer of the upstream with the word "tulip" masked. */
export const masked = (stars) => `a ${stars} and a ${stars} \u20ac tuli`;
export const question = (content, more = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more });

const choice = (delta, finish_reason = null) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] });

export class HookStack {
  asked = 0;
  /** The pause between the pieces of a stream, in milliseconds. */
  pause = 0;

  /** `hook` is the configuration of the hook. */
  async start(hook) {
    this.folder = mkdtempSync(join(tmpdir(), 'gatehouse-hook-'));
    this.upstream = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve) => this.upstream.listen(0, '127.0.0.1', resolve));
    this.port = await freePort();
    this.file = join(this.folder, 'gatehouse.toml');
    this.write(hook);
    this.gateway = new Program(required('GATEHOUSE'), ['serve', '-c', this.file]);
    const address = `http://127.0.0.1:${this.port}`;
    await eventually(async () => this.gateway.end ?? fetch(`${address}/ready`).then((answer) => answer.ok, (error) => String(error)), 'the gateway is ready');
    this.client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'any', maxRetries: 0, timeout: patience });
  }

  write(hook) {
    writeFileSync(this.file, `[server]
listen = "127.0.0.1:${this.port}"
allow_anonymous = true
[provider.upstream]
use = "openai"
base_url = "http://127.0.0.1:${this.upstream.address().port}/v1"
${hook}
[mapper.models]
use = "table"
unknown = "upstream/*"
[dialect.openai]
use = "openai"
`);
  }

  async stop() {
    this.upstream?.closeAllConnections();
    this.upstream?.close();
    try {
      await this.gateway?.stop();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** The text and the finish reason of a streaming response. */
  async stream(content) {
    let text = '', finish;
    for await (const chunk of await this.client.chat.completions.create(question(content, { stream: true }))) {
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    return { text, finish };
  }

  /** The error of a request. */
  failure(content, more) {
    return this.client.chat.completions.create(question(content, more)).then(
      (answer) => { throw new Error(`no failure: ${JSON.stringify(answer)}`); }, (error) => error);
  }

  #answer(request, response) {
    this.asked += 1;
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', async () => {
      if (!JSON.parse(body).stream) {
        response.setHeader('content-type', 'application/json');
        return response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: whole }, finish_reason: 'stop' }] }));
      }
      response.setHeader('content-type', 'text/event-stream');
      for (const content of pieces) {
        response.write(`data: ${JSON.stringify(choice({ content }))}\n\n`);
        if (this.pause) await new Promise((resolve) => setTimeout(resolve, this.pause));
      }
      response.end(`data: ${JSON.stringify(choice({}, 'stop'))}\n\ndata: [DONE]\n\n`);
    });
  }
}
