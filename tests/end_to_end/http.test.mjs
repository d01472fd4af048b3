// SPDX-License-Identifier: Apache-2.0
// Valid and invalid HTTP of curl and of raw sockets.  After each test the
// gateway must still serve the next client.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { promisify } from 'node:util';

import { eventually, patience, sleep } from './support/process.mjs';
import { RawConnection, chatRequest, exchange, parseAnswer, say } from './support/raw.mjs';
import { readStream } from './support/sse.mjs';
import { Stack, apiKey } from './support/stack.mjs';

// The limits of `stack` never end a request here; those of `hasty` end the requests that the tests send to it.
const never = 2 * patience;
let stack, hasty;
before(async () => {
  stack = await Stack.start({
    server: { header_timeout_ms: never, body_timeout_ms: never, client_write_timeout_ms: never },
    upstream: { first_byte_timeout_ms: never, response_timeout_ms: never, idle_timeout_ms: never } });
  hasty = await Stack.start({
    server: { header_timeout_ms: 500, body_timeout_ms: 500, client_write_timeout_ms: 500, keep_alive_ms: never },
    upstream: { first_byte_timeout_ms: never, idle_timeout_ms: never } });
});
after(async () => {
  await stack.stop();
  await hasty.stop();
});
afterEach(() => stack.answersNext());

const close = { connection: 'close' };
const contentOf = (answer) => JSON.parse(answer.body).choices[0].message.content;
const curl = async (...args) => (await promisify(execFile)('curl', ['-sS', '--noproxy', '*', '-i', '-H', 'content-type: application/json', '-H', `authorization: Bearer ${apiKey}`, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })).stdout;

test('curl: a non-streaming response', async () => {
  const answer = parseAnswer(await curl('-d', JSON.stringify(say('curl')), `${stack.url}/v1/chat/completions`));
  assert.equal(answer.status, 200);
  assert.equal(contentOf(answer), 'You said: curl');
});

test('curl: a streaming response', async () => {
  const answer = await curl('-N', '--raw', '-d', JSON.stringify(say('curl', { stream: true })), `${stack.url}/v1/chat/completions`);
  const { headers, body } = parseAnswer(answer);
  assert.equal(headers['transfer-encoding'], 'chunked');
  assert.equal(readStream(body).choices[0].text, 'You said: curl');
});

test('curl: Expect: 100-continue for a large body', async () => {
  const file = join(stack.folder, 'large.json');
  writeFileSync(file, JSON.stringify(say('x'.repeat(2 * 1024 * 1024))));
  const text = await curl('-H', 'expect: 100-continue', '--expect100-timeout', '30', '--data-binary', `@${file}`, `${stack.url}/v1/chat/completions`);
  assert.match(text, /^HTTP\/1\.1 100 /);
  const answer = parseAnswer(text.slice(text.indexOf('\r\n\r\n') + 4));
  assert.equal(answer.status, 200);
  assert.equal(contentOf(answer).length, 'You said: '.length + 2 * 1024 * 1024);
});

test('Expect: 100-continue without a key is refused before the body', async () => {
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest(say('x'), { authorization: 'Bearer wrong', expect: '100-continue' }).split('\r\n\r\n')[0] + '\r\n\r\n');
  const text = await connection.until((received) => received.includes('\r\n\r\n'));
  assert.match(text, /^HTTP\/1\.1 401 /);
  connection.close();
});

test('curl: a chunked body', async () => {
  const text = await curl('-H', 'transfer-encoding: chunked', '-d', JSON.stringify(say('chunked')), `${stack.url}/v1/chat/completions`);
  assert.equal(contentOf(parseAnswer(text)), 'You said: chunked');
});

test('curl: HTTP/1.0, non-streaming and streaming', async () => {
  const whole = parseAnswer(await curl('-0', '-d', JSON.stringify(say('old')), `${stack.url}/v1/chat/completions`));
  assert.equal(contentOf(whole), 'You said: old');
  const streamed = parseAnswer(await curl('-0', '-d', JSON.stringify(say('old', { stream: true })), `${stack.url}/v1/chat/completions`));
  assert.equal(streamed.headers['transfer-encoding'], undefined);
  assert.equal(readStream(streamed.body).choices[0].text, 'You said: old');
});

test('curl: HEAD has the head and no body', async () => {
  const text = await curl('-I', `${stack.url}/health`);
  const answer = parseAnswer(text);
  assert.equal(answer.status, 200);
  assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4), '');
  assert.equal(answer.headers['content-length'], String('{"status":"ok"}'.length));
});

test('health, readiness and metrics need no key', async () => {
  for (const path of ['/health', '/ready', '/metrics']) assert.equal((await fetch(stack.url + path)).status, 200, path);
});

test('keep-alive: many requests on one connection, errors among them', async () => {
  const connection = new RawConnection(stack.port);
  for (const [request, status] of [[chatRequest(say('a')), 200], [chatRequest('{'), 400], [chatRequest(say('b'), { authorization: null }), 401], [chatRequest(say('c')), 200]]) {
    connection.received = '';
    await connection.write(request);
    const text = await connection.until((received) => {
      const { headers, body } = parseAnswer(received);
      return received.includes('\r\n\r\n') && Buffer.byteLength(body) >= Number(headers['content-length']);
    });
    assert.equal(parseAnswer(text).status, status);
    if (connection.socket.destroyed) assert.equal(status, 401, 'only an answer that did not read the body may close');
    if (connection.socket.destroyed) return;
  }
  connection.close();
});

test('pipelined requests are answered in order', async () => {
  const requests = [1, 2, 3, 4].map((i) => chatRequest(say(`pipelined ${i} mock:wait:${400 - i * 90}`), i === 4 ? close : {}));
  let text = await exchange(stack.port, requests.join(''));
  for (const i of [1, 2, 3, 4]) {
    const answer = parseAnswer(text);
    assert.equal(answer.status, 200);
    assert.match(contentOf(answer), new RegExp(`^You said: pipelined ${i} `));
    text = answer.rest;
  }
  assert.equal(text, '');
});

test('pipelined streams are answered in order', async () => {
  const text = await exchange(stack.port, [1, 2].map((i) => chatRequest(say(`s${i} mock:drip:10`, { stream: true }), i === 2 ? close : {})).join(''));
  const first = parseAnswer(text);
  assert.equal(readStream(first.body).choices[0].text, 'You said: s1 mock:drip:10');
  assert.equal(readStream(parseAnswer(first.rest).body).choices[0].text, 'You said: s2 mock:drip:10');
});

test('a request that arrives byte by byte', async () => {
  const request = Buffer.from(chatRequest(say('Grüße'), close));
  const pieces = Array.from(request, (_, i) => request.subarray(i, i + 1));
  assert.equal(contentOf(parseAnswer(await exchange(stack.port, pieces, { pause: 1 }))), 'You said: Grüße');
});

test('a request cut in two at every byte', async () => {
  const request = Buffer.from(chatRequest(say('é'), close));
  for (let start = 1; start < request.length; start += 20)
    await Promise.all(Array.from({ length: Math.min(20, request.length - start) }, async (_, i) => {
      const cut = start + i;
      const answer = parseAnswer(await exchange(stack.port, [request.subarray(0, cut), request.subarray(cut)], { pause: 5 }));
      assert.equal(contentOf(answer), 'You said: é', `cut at ${cut}`);
    }));
});

test('a chunked body cut in two at every byte', async () => {
  const body = Buffer.from(JSON.stringify(say('é', { user: 'chunked' })));
  const head = chatRequest('', { ...close, 'content-length': null, 'transfer-encoding': 'chunked' });
  const half = body.indexOf('é') + 1;  // within the letter
  const chunked = Buffer.concat([Buffer.from(`${half.toString(16)}\r\n`), body.subarray(0, half), Buffer.from(`\r\n${(body.length - half).toString(16).toUpperCase()}; name="value"\r\n`),
    body.subarray(half), Buffer.from('\r\n0\r\ntrailer: x\r\n\r\n')]);
  for (let start = 0; start <= chunked.length; start += 20)
    await Promise.all(Array.from({ length: Math.min(20, chunked.length - start + 1) }, async (_, i) => {
      const cut = start + i;
      const answer = parseAnswer(await exchange(stack.port, [Buffer.concat([Buffer.from(head), chunked.subarray(0, cut)]), chunked.subarray(cut)].filter((piece) => piece.length), { pause: 5 }));
      assert.equal(answer.status, 200, `cut at ${cut}: ${answer.body}`);
      assert.equal(contentOf(answer), 'You said: é', `cut at ${cut}`);
    }));
});

test('a header of 10 MB is rejected', async () => {
  const connection = new RawConnection(stack.port);
  connection.write(`GET /health HTTP/1.1\r\nhost: x\r\nx-large: ${'a'.repeat(10 * 1024 * 1024)}\r\n\r\n`);
  assert.match(await connection.until((text) => text.includes('\r\n\r\n')), /^HTTP\/1\.1 431 /);
  connection.close();
});

// The same request to a gateway without these timeouts gets no response meanwhile, so that no later timeout
// is taken for these.
async function rejectedHastily(request, expected) {
  const patient = new RawConnection(stack.port);
  await patient.write(request);
  assert.match(await exchange(hasty.port, request), expected);
  assert.equal(patient.received, '');
  patient.close();
}

test('a header that never ends is rejected in time', () =>
  rejectedHastily('GET /health HTTP/1.1\r\nhost: x\r\n', /^HTTP\/1\.1 408 |^$/));

test('a body that never arrives is rejected in time', () =>
  rejectedHastily(chatRequest('{', { 'content-length': 1000 }), /^HTTP\/1\.1 408 /));

const malformed = [
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['TLS', Buffer.from('16030100c2010000be0303', 'hex'), null],
  ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400],
  ['two hosts', 'GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n', 400],
  ['two lengths', chatRequest('{}', { 'content-length': '2\r\ncontent-length: 2' }), 400],
  ['a list of lengths', chatRequest('{}', { 'content-length': '2, 2' }), 400],
  ['a negative length', chatRequest('{}', { 'content-length': '-2' }), 400],
  ['a huge length', chatRequest('{}', { 'content-length': '99999999999999999999' }), 400],
  ['length and chunks', chatRequest('0\r\n\r\n', { 'transfer-encoding': 'chunked' }), 400],
  ['another transfer coding', chatRequest('', { 'content-length': null, 'transfer-encoding': 'gzip, chunked' }), 501],
  ['chunks on HTTP/1.0', chatRequest('0\r\n\r\n', { 'content-length': null, 'transfer-encoding': 'chunked' }, 'POST /v1/chat/completions HTTP/1.0'), 400],
  ['a folded line', 'GET /health HTTP/1.1\r\nhost: a\r\nx: a\r\n b\r\n\r\n', 400],
  ['a blank before the colon', 'GET /health HTTP/1.1\r\nhost : a\r\n\r\n', 400],
  ['a bare CR', 'GET /health HTTP/1.1\r\nhost: a\rx: b\r\n\r\n', 400],
  ['a NUL', 'GET /health HTTP/1.1\r\nhost: a\u0000\r\n\r\n', 400],
  ['another version', 'GET /health HTTP/2.0\r\nhost: a\r\n\r\n', null],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n', null],
  ['a chunk size that is none', chatRequest('xyz\r\n', { 'content-length': null, 'transfer-encoding': 'chunked' }), 400],
  ['a chunk that is too long for its size', chatRequest('1\r\nabc\r\n0\r\n\r\n', { 'content-length': null, 'transfer-encoding': 'chunked' }), 400],
  ['200 header lines', `GET /health HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(200)}\r\n`, 431],
];
for (const [what, bytes, status] of malformed)
  test(`refused: ${what}`, async () => {
    const answer = parseAnswer(await exchange(stack.port, bytes));
    if (status) assert.equal(answer.status, status, answer.body);
    else assert.ok(!(answer.status < 400), answer.line);  // rejected, or closed
    assert.ok(!/You said|"status":"ok"/.test(answer.body));
  });

test('a slow reader receives a complete large response and uses little memory', async () => {
  const before = stack.gateway.memory();
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest(say('mock:long:100000', { stream: true, max_tokens: 1_000_000 }), close));
  await connection.until((text) => text.includes('word1'));
  let largest = 0;
  for (let i = 0; i < 6; ++i) {
    connection.socket.pause();
    await sleep(300);
    largest = Math.max(largest, stack.gateway.memory() - before);
    connection.socket.resume();
    await sleep(20);
  }
  const answer = parseAnswer(await connection.until(() => false));
  const { choices: [{ text }] } = readStream(answer.body);
  assert.equal(text.split(' ').length, 100_000);
  assert.ok(text.endsWith(' word100000'));
  assert.ok(largest < 30e6, `the gateway kept ${largest} bytes more`);
});

test('a client that does not read is closed, and its upstream request ends', async () => {
  await hasty.emulator.reset();
  const connection = new RawConnection(hasty.port);
  await connection.write(chatRequest(say('mock:long:100000', { stream: true, max_tokens: 1_000_000 })));
  await connection.until((text) => text.includes('word1'));
  connection.socket.pause();
  await eventually(async () => {
    const stats = await hasty.emulator.stats();
    return (stats.running === 0 && stats.cancelled === 1) || stats;
  }, 'the call is cancelled');
  connection.close();
});

test('CORS is off unless configured', async () => {
  const response = await fetch(`${stack.url}/health`, { headers: { origin: 'https://example.com' } });
  assert.equal(response.headers.get('access-control-allow-origin'), null);
});
