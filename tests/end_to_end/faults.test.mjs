// SPDX-License-Identifier: Apache-2.0
// An upstream that misbehaves in every way that bytes allow: each fault has its status or
// its error event in time, no truncated response looks complete, and the next client is served.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { eventually, patience, sleep } from './support/process.mjs';
import { say } from './support/raw.mjs';
import { reset } from './support/reset.mjs';
import { Stack, freePort } from './support/stack.mjs';

// The upstream's behaviour for a request: play(socket, stream) by the name of the model.
const plays = new Map();
let connections = 0, requests = 0;
const upstream = createServer((socket) => {
  ++connections;
  socket.setNoDelay(true).setEncoding('latin1').on('error', () => {});
  let text = '';
  socket.on('data', (piece) => {
    text += piece;
    const end = text.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (end < 0 || text.length < end + 4 + length) return;
    const body = JSON.parse(text.slice(end + 4, end + 4 + length));
    text = '';
    ++requests;
    plays.get(body.model)(socket, body.stream === true, body.stream ? seen : Promise.resolve());
  });
});

// The client has received the beginning of its streaming response.
let seen, hasSeen;
const expectBeginning = () => (seen = new Promise((resolve) => (hasSeen = resolve)));

const chunk = (delta, finish_reason = null) => `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const whole = (content) => JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] });
const events = (content) => chunk({ role: 'assistant', content }) + chunk({}, 'stop') + 'data: [DONE]\n\n';
const body = (stream, content = 'well') => (stream ? events(content) : whole(content));
const type = (stream) => (stream ? 'text/event-stream' : 'application/json');
const head = (stream, more) => `HTTP/1.1 200 OK\r\ncontent-type: ${type(stream)}\r\n${more}\r\n`;
const sized = (stream, text) => head(stream, `content-length: ${Buffer.byteLength(text)}\r\n`) + text;
const chunked = (stream, text) => `${head(stream, 'transfer-encoding: chunked\r\n')}${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const until = (condition, step) => condition() && step().then(() => until(condition, step));

// The upstream's behaviour; then the client's result of a non-streaming and of a streaming request:
// a status, or 'broken' for a stream that has begun and ends with an error event.
const half = (stream) => (stream ? chunk({ role: 'assistant', content: 'well' }) : whole('well').slice(0, 30));
const faults = {
  'a reset before the head': [reset, 502, 502],
  'an end before the head': [(socket) => socket.end(), 502, 502],
  'a reset in the head': [(socket) => socket.write('HTTP/1.1 200 OK\r\ncont', () => reset(socket)), 502, 502],
  'a reset in the body': [(socket, stream, begun) => socket.write(chunked(stream, half(stream)), () => begun.then(() => reset(socket))), 502, 'broken'],
  'an end in the body': [(socket, stream) => socket.end(chunked(stream, half(stream))), 502, 'broken'],
  'an end in an event': [(socket, stream) => socket.end(chunked(stream, half(stream) + 'data: {"cho')), 502, 'broken'],
  'an end without a finish': [(socket, stream) => socket.end(sized(stream, stream ? chunk({ content: 'well' }) : '{"choices":[]}')), 502, 'broken'],
  garbage: [(socket) => socket.end('\x00\x01\x02 what?\r\n\r\n'), 502, 502],
  'no JSON': [(socket, stream) => socket.end(sized(stream, stream ? 'data: {"choices":[\n\n' : '{"choices":[')), 502, 502],
  'HTML with 200': [(socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 26\r\n\r\n<html><body>hi</body></htm'), 502, 502],
  'HTML with 502': [(socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>'), 502, 502],
  'less than its length': [(socket, stream) => socket.end(head(stream, 'content-length: 9000\r\n') + half(stream)), 502, 'broken'],
  'two lengths': [(socket, stream) => socket.end(head(stream, 'content-length: 5\r\ncontent-length: 6\r\n') + 'hello'), 502, 502],
  'a bad chunk': [(socket, stream) => socket.write(`${head(stream, 'transfer-encoding: chunked\r\n')}zz\r\n${half(stream)}\r\n`), 502, 502],
  'a redirect': [(socket) => socket.write(`HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:${upstream.address().port}/elsewhere\r\ncontent-length: 0\r\n\r\n`), 502, 502],
  'a head without an end': [(socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    until(() => !socket.destroyed, () => new Promise((resolve) => socket.write('x-more: and more\r\n'.repeat(100), resolve)));
  }, 502, 502],
  'an answer of 50 MB': [(socket, stream) => {
    socket.write(head(stream, 'content-length: 52428800\r\n') + (stream ? 'data: {"choices":[{"index":0,"delta":{"content":"' : '{"choices":[{"index":0,"message":{"content":"'));
    until(() => !socket.destroyed, () => new Promise((resolve) => socket.write('a'.repeat(65_536), resolve)));
  }, 502, 502],
  'silence before the head': [() => {}, 504, 504],
  'silence before the body': [(socket, stream) => socket.write(head(stream, 'content-length: 9000\r\n')), 504, 504],
  'silence in the middle': [(socket, stream) => socket.write(chunked(stream, half(stream))), 504, 'broken'],
  'a byte now and then': [(socket, stream) => {
    const text = stream ? chunk({ content: 'well' }) + ': '.padEnd(500) : whole('well'.repeat(100));
    socket.write(head(stream, `content-length: ${text.length}\r\n`) + text.slice(0, stream ? -400 : 5));
    until(() => !socket.destroyed, () => sleep(200).then(() => socket.write('a')));
  }, 504, 'broken'],
  'an error as the first event': [(socket, stream) => socket.end(sized(stream, (stream ? 'data: ' : '') + '{"error":{"message":"too much to do","code":503}}\n\n')), 'failed', 'failed'],
  'an error in the middle': [(socket, stream, begun) => {
    socket.write(chunked(stream, half(stream)));
    begun.then(() => socket.end('2e\r\ndata: {"error":{"message":"too much to do"}}\n\n\r\n0\r\n\r\n'));
  }, 502, 'broken'],
};

// Only the limit that a fault is to exceed is short.
const never = 2 * patience;
const limits = { 'silence before the head': 'first/', 'silence before the body': 'idle/', 'silence in the middle': 'idle/', 'a byte now and then': 'all/' };
const provider = (name, ...lines) => `[provider.${name}]\nuse = "openai"\nbase_url = "http://127.0.0.1:${upstream.address().port}/v1"\n${lines.join('\n')}\n`;

let stack;
before(async () => {
  await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  stack = await Stack.start({
    upstream: { attempts: 1, first_byte_timeout_ms: never, response_timeout_ms: never, stream_timeout_ms: never, idle_timeout_ms: never,
      max_response_bytes: 1_048_576, max_event_bytes: 8_388_608, breaker_failures: 0, proxy: 'none' },
    routes: { 'gpt-5': 'oci/openai.gpt-4.1', dead: 'dead/x', 'first/*': 'first/*', 'idle/*': 'idle/*', 'all/*': 'all/*', '*': 'bad/*' },
    extra: provider('bad') + provider('first', 'first_byte_timeout_ms = 500', 'response_timeout_ms = 500') +
      provider('idle', 'idle_timeout_ms = 500') + provider('all', 'stream_timeout_ms = 3000', 'response_timeout_ms = 3000') +
      `[provider.dead]\nuse = "openai"\nbase_url = "http://127.0.0.1:${await freePort()}/v1"\n`,
  });
});
after(async () => {
  await stack.stop();
  upstream.close();
});

const ask = (model, stream) => stack.post({ ...say('x', { stream }), model });
const dataOf = (text) => text.split('\n\n').filter((part) => part.startsWith('data: ')).map((part) => part.slice(6));
async function textOf(answer, stream) {
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  if (!stream) return JSON.parse(text).choices[0].message.content;
  assert.ok(text.endsWith('data: [DONE]\n\n'), text.slice(-200));
  return dataOf(text).slice(0, -1).map((data) => JSON.parse(data).choices[0]?.delta.content ?? '').join('');
}

async function fails(model, stream, expected) {
  const answer = await ask(model, stream);
  let text = '';
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (stream && text.includes('data: ')) hasSeen();
  }
  assert.ok(!text.includes('[DONE]'), text);
  if (expected === 'broken') {
    assert.equal(answer.status, 200, text);
    const data = dataOf(text).map((each) => JSON.parse(each));
    assert.equal(typeof data.at(-1).error.message, 'string');
  } else {
    assert.ok(expected === 'failed' ? answer.status >= 500 : answer.status === expected, `${answer.status} ${text}`);
    const { error } = JSON.parse(text);
    assert.equal(error.type, 'server_error');
    assert.ok(!/127\.0\.0\.1.*\/v1/.test(text), text);
  }
}

for (const [name, [play, expected, expectedOfStream]] of Object.entries(faults))
  test(`${name}, non-streaming and streaming`, async () => {
    plays.set(name, play);
    const before = requests, model = (limits[name] ?? '') + name;
    expectBeginning();
    await Promise.all([fails(model, false, expected), fails(model, true, expectedOfStream)]);
    assert.ok(requests - before <= 4, 'asked once, or once more on a connection that had just gone');
  });

test('no process listens', async () => {
  for (const stream of [false, true]) await fails('dead', stream, 502);
});

test('an unusual but valid response is accepted: interim heads, carriage returns, lines, comments, one byte at a time', async () => {
  const lines = (text) => text.replace(/"choices"/g, '\ndata: "choices"').replace(/^data: \{\n/gm, 'data: {\n');
  const odd = {
    interim: (socket, stream) => socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n' + sized(stream, body(stream))),
    crlf: (socket, stream) => socket.write(sized(stream, stream ? events('well').replace(/\n/g, '\r\n') : whole('well'))),
    lines: (socket, stream) => socket.write(sized(stream, stream ? lines(events('well')) : whole('well'))),
    comments: (socket, stream) => socket.write(sized(stream, stream ? `: hi\n\nevent: x\nid: 1\nretry: 5\n${events('well')}` : ` ${whole('well')}\n`)),
    bytes: async (socket, stream) => {
      for (const byte of sized(stream, body(stream))) await new Promise((resolve) => socket.write(byte, () => setImmediate(resolve)));
    },
    large: (socket, stream) => socket.write(sized(stream, body(stream, 'b'.repeat(stream ? 5_242_880 : 500_000)))),
  };
  for (const [name, play] of Object.entries(odd)) {
    plays.set(name, play);
    for (const stream of [false, true]) {
      const text = await textOf(await ask(name, stream), stream);
      if (name === 'large') assert.ok(/^b+$/.test(text) && text.length === (stream ? 5_242_880 : 500_000), String(text.length));
      else assert.equal(text, 'well', name);
    }
  }
});

test('a connection with bytes after a response is not reused', async () => {
  const evil = (stream) => sized(stream, body(stream, 'evil'));
  let poisoned, unasked;
  const poisons = {
    'two answers': (stream) => sized(stream, body(stream)) + evil(stream),
    'two answers, chunked': (stream) => `${chunked(stream, body(stream))}0\r\n\r\n${evil(stream)}`,
    'half an answer more': (stream) => `${chunked(stream, body(stream))}0\r\n\r\n${evil(stream).slice(0, 20)}`,
    'an answer that comes by itself': (stream, socket) => {
      unasked = () => socket.write(evil(stream));
      return sized(stream, body(stream));
    },
  };
  for (const [name, bytes] of Object.entries(poisons))
    for (const stream of [false, true]) {
      plays.set('poison', (socket) => (poisoned = socket).write(bytes(stream, socket)));
      plays.set('good', (socket) => socket.write(sized(stream, body(stream))));
      const first = await ask('poison', stream);
      await first.text();  // refused or taken
      unasked?.();
      unasked = undefined;
      await eventually(() => poisoned.destroyed, 'the connection is closed');
      for (let i = 0; i < 4; ++i) assert.equal(await textOf(await ask('good', stream), stream), 'well', name);
    }
});

test('intact connections are reused', async () => {
  plays.set('good', (socket, stream) => socket.write(sized(stream, body(stream))));
  const before = connections;
  for (let i = 0; i < 50; ++i) assert.equal(await textOf(await ask('good', i % 2 === 0), i % 2 === 0), 'well');
  assert.ok(connections - before <= 8, `${connections - before} new connections`);
});

test('the next client is served', () => stack.answersNext());
