// SPDX-License-Identifier: Apache-2.0
// The example of a hook in C in the gateway, with a scripted upstream of the provider openai.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

import { Program, eventually, patience, required } from './support/process.mjs';
import { freePort } from './support/stack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-c-hook-'));
const library = join(required('BUILD'), 'plugins/hook/c_bridge/words.so');
let gateway, client, upstream, asked = 0;

const pieces = ['a tu', 'li', 'p and a tul', 'ip \u20ac', ' tuli'];

before(async () => {
  upstream = createServer((request, response) => {
    asked += 1;
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => {
      const choice = (delta, finish_reason = null) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] });
      if (!JSON.parse(body).stream) {
        response.setHeader('content-type', 'application/json');
        return response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: pieces.join('') }, finish_reason: 'stop' }] }));
      }
      response.setHeader('content-type', 'text/event-stream');
      for (const content of pieces) response.write(`data: ${JSON.stringify(choice({ content }))}\n\n`);
      response.end(`data: ${JSON.stringify(choice({}, 'stop'))}\n\ndata: [DONE]\n\n`);
    });
  });
  await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const port = await freePort(), file = join(folder, 'gatehouse.toml');
  writeFileSync(file, `[server]
listen = "127.0.0.1:${port}"
allow_anonymous = true
[provider.upstream]
use = "openai"
base_url = "http://127.0.0.1:${upstream.address().port}/v1"
[hook.words]
use = "c_bridge"
library = ${JSON.stringify(library)}
[hook.words.settings]
word = "tulip"
[mapper.models]
use = "table"
unknown = "upstream/*"
[dialect.openai]
use = "openai"
`);
  gateway = new Program(required('GATEHOUSE'), ['serve', '-c', file]);
  const address = `http://127.0.0.1:${port}`;
  await eventually(async () => gateway.end ?? fetch(`${address}/ready`).then((answer) => answer.ok, (error) => String(error)), 'the gateway is ready');
  client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'any', maxRetries: 0, timeout: patience });
});
after(async () => {
  upstream?.closeAllConnections();
  upstream?.close();
  try {
    await gateway?.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const question = (content, more = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more });
const masked = 'a *** and a *** \u20ac tuli';

test('a non-streaming response is masked', async () => {
  const answer = await client.chat.completions.create(question('hello'));
  assert.equal(answer.choices[0].message.content, masked);
});

test('a streaming response is masked across its pieces', async () => {
  let text = '', finish;
  for await (const chunk of await client.chat.completions.create(question('hello', { stream: true }))) {
    text += chunk.choices[0]?.delta.content ?? '';
    finish = chunk.choices[0]?.finish_reason ?? finish;
  }
  assert.equal(text, masked);
  assert.equal(finish, 'stop');
});

test('a request with the word is refused, and no upstream is asked', async () => {
  const before = asked;
  const error = await client.chat.completions.create(question('a tulip')).then((answer) => assert.fail(JSON.stringify(answer)), (failure) => failure);
  assert.equal(error.status, 403);
  assert.equal(error.code, 'word');
  assert.match(error.message, /The request has a forbidden word/);
  assert.equal(asked, before);
});
