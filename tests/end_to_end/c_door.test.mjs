// SPDX-License-Identifier: Apache-2.0
// The example of a provider in C behind the gateway: the official OpenAI client in
// front of the gateway, and a scripted Quill as the upstream.  The build against an installed
// Gatehouse is described in sdk/C.md, which readme.test.mjs runs.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import OpenAI from 'openai';

import { Program, eventually, patience, required, runToEnd } from './support/process.mjs';
import { readStream } from './support/sse.mjs';
import { freePort } from './support/stack.mjs';

const quillKey = 'quill-5f0c1d-not-for-clients';
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-c-door-'));
const build = required('BUILD'), library = join(build, 'plugins/provider/c_bridge/quill.so');
let gateway, client, address, quill, script, requests;

/** Quill as its makers would describe it. */
function compose(asked, response) {
  const words = `You said: ${asked.turns.at(-1).says}`.split(' ').slice(0, asked.most_words);
  const done = { done: 'end', read: asked.turns.length, wrote: words.length };
  response.setHeader('x-quill-id', 'q-17');
  if (!asked.flow) return response.end(JSON.stringify({ text: words.join(' '), ...done }, null, 1));
  for (const [index, word] of words.entries()) response.write(`${JSON.stringify({ piece: (index ? ' ' : '') + word })}\n`);
  // It keeps the connection open: the last line is the end.
  response.write(`${JSON.stringify(done)}\n`);
}

const configuration = (port, more = '') => `[server]
listen = "127.0.0.1:${port}"
allow_anonymous = true
[upstream]
attempts = 1
[provider.quill]
use = "c_bridge"
library = ${JSON.stringify(library)}
models = "discover"
[provider.quill.settings]
base_url = "http://127.0.0.1:${quill.address().port}"
key = "env:QUILL_KEY"
words = "5"
${more}
[mapper.models]
use = "table"
[mapper.models.models]
"small" = "quill/small"
"engines/*" = "quill/*"
[dialect.openai]
use = "openai"
`;

before(async () => {
  quill = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => {
      if (request.headers['x-quill-key'] !== quillKey) return response.writeHead(401).end('{"problem":"who are you"}');
      if (request.url === '/v1/engines') return response.end('{"engines":[{"id":"small","reads":8192}],"after":"small one"}');
      if (request.url === '/v1/engines?after=small%20one') return response.end('{"engines":[{"id":"la\\u0072ge"}]}');
      requests.push(JSON.parse(body));
      (script ?? compose)(requests.at(-1), response);
    });
  });
  await new Promise((resolve) => quill.listen(0, '127.0.0.1', resolve));
  const port = await freePort(), file = join(folder, 'gatehouse.toml');
  writeFileSync(file, configuration(port, 'tone = "florid"'));
  gateway = new Program(required('GATEHOUSE'), ['serve', '-c', file], { QUILL_KEY: quillKey });
  address = `http://127.0.0.1:${port}`;
  await eventually(async () => gateway.end ?? fetch(`${address}/ready`).then((answer) => answer.ok, (error) => String(error)), 'the gateway is ready');
  client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'any', maxRetries: 0, timeout: patience });
});
beforeEach(() => {
  script = undefined;
  requests = [];
});
after(async () => {
  quill?.closeAllConnections();
  quill?.close();
  try {
    await gateway?.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const question = (content = 'one two three', more = {}) => ({ model: 'small', messages: [{ role: 'system', content: 'Be "brief"' }, { role: 'user', content }], ...more });
const failed = (promise) => promise.then((answer) => assert.fail(JSON.stringify(answer)), (error) => error);

test('a non-streaming response', async () => {
  const { data, response } = await client.chat.completions.create(question()).withResponse();
  assert.equal(data.choices[0].message.content, 'You said: one two three');
  assert.equal(data.choices[0].finish_reason, 'stop');
  assert.deepEqual({ ...data.usage }, { ...data.usage, prompt_tokens: 2, completion_tokens: 5, total_tokens: 7 });
  assert.equal(response.status, 200);
  assert.deepEqual(requests, [{ engine: 'small', flow: false, most_words: 5, tone: 'florid', turns: [{ who: 'editor', says: 'Be "brief"' }, { who: 'human', says: 'one two three' }] }]);
});

test('a streaming response ends even if Quill keeps the connection open', async () => {
  const asked = { ...question('Gr\u00fc\u00df dich \u{1F600}'), stream: true, stream_options: { include_usage: true } };
  let text = '', usage;
  for await (const chunk of await client.chat.completions.create(asked)) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, 'You said: Gr\u00fc\u00df dich \u{1F600}');
  assert.equal(usage.total_tokens, 7);
  const raw = await fetch(`${address}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...asked, model: 'engines/large' }) });
  const whole = readStream(await raw.text(), { usageAsked: true });
  assert.ok(JSON.stringify(whole).includes('You said: Gr\u00fc\u00df dich'));
  assert.equal(requests.at(-1).engine, 'large');
});

test('the models of the library are discovered, page after page', async () => {
  const ids = async () => (await client.models.list()).data.map(({ id }) => id).sort().join();
  await eventually(async () => (await ids()) === 'engines/large,engines/small,small' || ids(), 'both engines are listed');
});

test('a request that the library rejects is not sent to Quill', async () => {
  const error = await failed(client.chat.completions.create(question('x', { tools: [{ type: 'function', function: { name: 'f' } }] })));
  assert.equal(error.status, 400);
  assert.match(error.message, /Quill has no tools/);
  assert.equal(error.param, 'tools');
  assert.equal(requests.length, 0);
});

test('a request is sent again without tone if an engine does not support it', async () => {
  script = (asked, response) => (asked.tone ? response.writeHead(422).end('{"problem":"unknown tone"}') : compose(asked, response));
  const answer = await client.chat.completions.create(question());
  assert.equal(answer.choices[0].message.content, 'You said: one two three');
  assert.deepEqual(requests.map(({ tone }) => tone), ['florid', undefined]);
  assert.match(gateway.output, /rejected the tone, retrying without it/);
});

test('each error status of Quill becomes the matching error', async () => {
  for (const [status, expected] of [[400, 400], [401, 502], [404, 404], [429, 429], [500, 502], [503, 503], [504, 504]]) {
    script = (asked, response) => response.writeHead(status, { 'retry-after': '3' }).end('{"message":"not today"}');
    const error = await failed(client.chat.completions.create(question()));
    assert.equal(error.status, expected, `${status}: ${error}`);
    if (expected === 429) assert.equal(error.headers.get('retry-after'), '3');
    assert.doesNotMatch(`${error}`, /quill-5f0c1d|\.so/);
  }
});

test('a truncated response, garbage and a broken transfer are upstream errors, and the next request is served', async () => {
  const garbage = [(r) => r.end('{"text":"no end"}'), (r) => r.end('<html>'), (r) => r.end(), (r) => r.end('['.repeat(100_000)),
    (r) => r.write('{"tex', () => r.destroy())];
  for (const answer of garbage) {
    script = (asked, response) => answer(response);
    const error = await failed(client.chat.completions.create(question()));
    assert.equal(error.status, 502, `${answer}: ${error}`);
  }
  let breakOff;
  script = (asked, response) => {
    response.write('{"piece":"You "}\n');
    breakOff = () => response.writableEnded || response.end('{"problem":"out of ink"}\n');
  };
  const cut = await failed((async () => {
    for await (const chunk of await client.chat.completions.create({ ...question(), stream: true })) {
      assert.ok(chunk);
      breakOff();
    }
    return 'a good end';
  })());
  assert.match(`${cut}`, /upstream failed within its response \(request id req_/);
  await eventually(() => /quill broke off its answer/.test(gateway.output), 20_000, 'the log has the reason');
  script = undefined;
  assert.equal((await client.chat.completions.create(question())).choices[0].message.content, 'You said: one two three');
});

test('fifty concurrent requests', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => client.chat.completions.create(question(`number ${i}`))));
  for (const [i, answer] of answers.entries()) assert.equal(answer.choices[0].message.content, `You said: number ${i}`);
});

test('the key is not in any log or response', () => assert.doesNotMatch(gateway.output, /quill-5f0c1d/));

test('a configuration error names its place', async () => {
  const file = join(folder, 'wrong.toml');
  const complaint = async (line) => {
    writeFileSync(file, configuration(1, line));
    return (await runToEnd(required('GATEHOUSE'), ['check', '-c', file], { QUILL_KEY: quillKey }, 2)).stderr.split('\n')[0];
  };
  assert.equal(await complaint('tome = "plain"'), `${file}:14:8: quill has no setting "tome" (allowed: base_url, key, words, tone)`);
  assert.equal(await complaint('tone = "rude"'), `${file}:14:8: settings.tone must be one of "plain", "florid", not "rude"`);
  assert.match(await complaint('tone = 5'), /:14:8: settings\.tone must be a string or a list of strings, not an integer$/);
});

test('plugin-check reports no finding for the example', async () => {
  const answers = join(folder, 'answers'), file = join(folder, 'check.toml');
  mkdirSync(answers);
  const answer = (name, operation, body) =>
    writeFileSync(join(answers, `${name}.http`), `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-check-operation: ${operation}\r\n\r\n${body}`);
  answer('whole', 'chat', '{"text":"Because it \\"scatters\\" \u20ac","done":"end","read":3,"wrote":2}');
  answer('flow', 'stream', '{"piece":"Be"}\n{"piece":"cause \\u20ac"}\r\n{"done":"end","read":3,"wrote":2}\n');
  answer('engines', 'models', '{"engines":[{"id":"small","reads":8192}]}');
  writeFileSync(file, configuration(1));
  const { stdout } = await new Program(required('GATEHOUSE'),
    ['plugin-check', join(build, 'plugins/provider/c_bridge/c_bridge.so'), '--config', file, '--answers', answers], { QUILL_KEY: quillKey }).finish();
  assert.match(stdout, /^0 errors, 0 warnings, 0 notes; \d+ parts checked$/m, stdout);
});

test('sdk/VERSIONING.md has the message for another version', () => {
  const read = (path) => readFileSync(join(required('SOURCE'), path), 'utf8');
  const [, version] = read('sdk/include/gatehouse/c.h').match(/^#define GATEHOUSE_C_VERSION (\d+)u/m);
  const versioning = read('sdk/VERSIONING.md').replace(/\s+/g, ' ');
  assert.ok(versioning.includes(`this gateway has ${version}; rebuild it with the gatehouse/c.h of this gateway`));
  for (const part of ['was built for version ', ' of the C interface, this gateway has ', '; rebuild it with the gatehouse/c.h of this gateway'])
    assert.ok(versioning.includes(part), `not in VERSIONING.md: ${part}`);
  // The shared loader joins these parts with the names in library.cpp.
  const loader = read('plugins/common/c_door/door.cpp'), bridge = read('plugins/provider/c_bridge/library.cpp');
  for (const part of ['"was built for version "', '" of the "', '", this gateway has "', '"; rebuild it with the "', '" of this gateway"'])
    assert.ok(loader.includes(part), `not in door.cpp: ${part}`);
  for (const part of ['.interface = "C interface"', '.header = "gatehouse/c.h"']) assert.ok(bridge.includes(part), `not in library.cpp: ${part}`);
});

test('the headers compile as C99 and C++98', async () => {
  const source = join(folder, 'header.c'), strict = ['-Wall', '-Wextra', '-pedantic', '-Werror', '-fsyntax-only', `-I${join(required('SOURCE'), 'sdk/include')}`];
  for (const [header, type, symbol] of [['c', 'gatehouse_c_door', 'gatehouse_c_provider'], ['c_hook', 'gatehouse_c_hook_door', 'gatehouse_c_hook']]) {
    writeFileSync(source, `#include <gatehouse/${header}.h>\nconst ${type}* door(void);\nconst ${type}* door(void) { return &${symbol}; }\n`);
    for (const [compiler, ...language] of [['cc', '-std=c99'], ['cc', '-std=c11'], ['c++', '-xc++', '-std=c++98'], ['c++', '-xc++', '-std=c++20']])
      await runToEnd(compiler, [...language, ...strict, source]);
  }
});
