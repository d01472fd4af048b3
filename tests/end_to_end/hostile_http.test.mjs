// SPDX-License-Identifier: Apache-2.0
// Ambiguous HTTP: the real binary rejects each request that two parties could read differently,
// runs no later request of the connection, and closes the connection.
// Unusual requests with one meaning work.  After each group the next client is served.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { eventually, patience, sleep } from './support/process.mjs';
import { RawConnection, chatRequest, exchange, parseAnswer, say } from './support/raw.mjs';
import { Stack, apiKey } from './support/stack.mjs';

// The limits of `stack` close no connection here, so that the request itself is the reason; those of `hasty` do.
const never = 2 * patience;
let stack, hasty;
before(async () => {
  stack = await Stack.start({ server: { header_timeout_ms: never, body_timeout_ms: never, keep_alive_ms: never } });
  hasty = await Stack.start({ server: { header_timeout_ms: 2000, body_timeout_ms: 2500, keep_alive_ms: 2000 } });
});
after(async () => {
  await stack.stop();
  await hasty.stop();
});
afterEach(() => stack.answersNext());

const key = `authorization: Bearer ${apiKey}\r\n`;
const good = JSON.stringify(say('hostile'));
const smuggled = chatRequest(say('SMUGGLED'));
/** A chat with these lines of framing and this body. */
const post = (framing, body = good) => `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n${key}content-type: application/json\r\n${framing}\r\n${body}`;
const get = (line, fields = 'host: a\r\n') => `${line}\r\n${fields}\r\n`;
const length = Buffer.byteLength(good);
const chunked = (body) => post('transfer-encoding: chunked\r\n', body);
const oneChunk = `${length.toString(16)}\r\n${good}\r\n0\r\n\r\n`;

/** Sends `bytes` with a request behind it that must not run; answers what came until the server closed. */
async function refused(bytes, statuses, what) {
  const text = await exchange(stack.port, Buffer.concat([Buffer.from(bytes, 'latin1'), Buffer.from(smuggled)]));
  const answer = parseAnswer(text);
  assert.ok(statuses.includes(answer.status), `${what}: ${answer.line || 'no answer'} ${answer.body}`);
  assert.equal(answer.headers.connection, 'close', what);
  assert.equal(answer.rest, '', `${what}: something follows the refusal`);
  assert.ok(!/You said/.test(text), `${what}: it was run`);
  const { error } = JSON.parse(answer.body);
  assert.equal(typeof error.message, 'string');
  assert.ok(error.message.length > 5 && !/std::|what\(\)|\/(home|tmp|work|usr)\//.test(error.message), `${what}: ${error.message}`);
}

/** One test for a family: a list of [what, bytes] or [what, bytes, status]. */
const family = (name, status, rows) => test(name, async () => {
  for (let at = 0; at < rows.length; at += 10)
    await Promise.all(rows.slice(at, at + 10).map(([what, bytes, own]) => refused(bytes, [own ?? status].flat(), what)));
});

family('a content-length in a wrong spelling is refused', 400, [
  '-1', `+${length}`, `${length} ${length}`, `${length},${length}`, `${length}, ${length}`, `,${length}`, `${length},`, `0x${length.toString(16)}`,
  `${length}.0`, `${length}e0`, `${length}a`, `a${length}`, '', ' ', '\t', `"${length}"`, '١٢', '1_000', `${length};`, '18446744073709551615',
  '18446744073709551616', '9223372036854775808', '99999999999999999999999999', `${'0'.repeat(40)}${length}`, `${length}\x0b`, `\x0c${length}`, `${length}\xa0`,
].map((value) => [`content-length: ${JSON.stringify(value)}`, post(`content-length: ${value}\r\n`)]));

family('a content-length that comes twice is refused, the same or not', 400, [
  ['the same', post(`content-length: ${length}\r\ncontent-length: ${length}\r\n`)],
  ['another', post(`content-length: ${length}\r\ncontent-length: 0\r\n`)],
  ['in other letters', post(`content-length: 0\r\nCONTENT-LENGTH: ${length}\r\n`)],
  ['three times', post('content-length: 1\r\ncontent-length: 1\r\ncontent-length: 1\r\n')],
]);

family('a transfer-encoding in a wrong spelling is refused, an unknown one with 501', [400, 501], [
  'gzip', 'identity', 'chunked, identity', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'chunked,chunked', 'xchunked', 'chunkedx', 'chunke', '"chunked"',
  'chunked;q=1', 'chunked ;x', 'chunked, ', ', chunked', ' ', '', '\x0bchunked', 'chunked\x0b', 'chunked\x00', 'chun ked', 'c\thunked', 'chunked\xa0', 'chuNKed, deflate', 'cow', 'compress', 'trailers',
].map((value) => [`transfer-encoding: ${JSON.stringify(value)}`, post(`transfer-encoding: ${value}\r\n`, oneChunk), /^[a-z]+$/.test(value) ? 501 : [400, 501]]));

family('a transfer-encoding that comes twice, or with a length, or in HTTP/1.0 is refused', 400, [
  ['twice', post('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', oneChunk)],
  ['two', post('transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n', oneChunk)],
  ['and a length', post(`transfer-encoding: chunked\r\ncontent-length: ${length}\r\n`, oneChunk)],
  ['after a length', post(`content-length: ${length}\r\ntransfer-encoding: chunked\r\n`, oneChunk)],
  ['after a length of 0', post('content-length: 0\r\ntransfer-encoding: chunked\r\n', oneChunk)],
  ['an unknown one and a length', post(`content-length: ${length}\r\ntransfer-encoding: gzip\r\n`)],
  ['a space before its colon', post('transfer-encoding : chunked\r\n', oneChunk)],
  ['a tab before its colon', post('transfer-encoding\t: chunked\r\n', oneChunk)],
  ['a space before its name', post(' transfer-encoding: chunked\r\n', oneChunk)],
  ['on a folded line', post('transfer-encoding:\r\n chunked\r\n', oneChunk)],
  ['a folded line behind a length', post(`content-length: ${length}\r\n transfer-encoding: chunked\r\n`)],
  ['HTTP/1.0', post('transfer-encoding: chunked\r\n', oneChunk).replace('HTTP/1.1', 'HTTP/1.0')],
]);

const controls = [...Array.from({ length: 32 }, (_, i) => i).filter((code) => code !== 9 && code !== 10 && code !== 13), 127];
family('a control character anywhere in the head is refused', 400, controls.flatMap((code) => {
  const c = String.fromCharCode(code);
  return [
    [`0x${code.toString(16)} in a value`, get('GET /health HTTP/1.1', `host: a\r\nx: a${c}b\r\n`)],
    [`0x${code.toString(16)} in a name`, get('GET /health HTTP/1.1', `host: a\r\nx${c}y: b\r\n`)],
    [`0x${code.toString(16)} in the target`, get(`GET /hea${c}lth HTTP/1.1`)],
  ];
}));

family('lines that do not end in CRLF, or have a CR within them, are refused', 400, [
  ['LF after the request line', 'GET /health HTTP/1.1\nhost: a\r\n\r\n'],
  ['LF after a field', 'GET /health HTTP/1.1\r\nhost: a\nx: b\r\n\r\n'],
  ['LF as the empty line', 'GET /health HTTP/1.1\r\nhost: a\r\n\n'],
  ['LF everywhere', 'GET /health HTTP/1.1\nhost: a\n\n'],
  ['CR alone after a field', 'GET /health HTTP/1.1\r\nhost: a\rx: b\r\n\r\n'],
  ['CR in a value', 'GET /health HTTP/1.1\r\nhost: a\r\nx: b\rc\r\n\r\n'],
  ['CR before CRLF', 'GET /health HTTP/1.1\r\nhost: a\r\r\n\r\n'],
  ['CR in a name', 'GET /health HTTP/1.1\r\nhost: a\r\nx\ry: b\r\n\r\n'],
  ['CR in the request line', 'GET /health\r HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['CR before the request line', '\rGET /health HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['LF before the request line', '\nGET /health HTTP/1.1\r\nhost: a\r\n\r\n'],
]);

family('names and lines that are no fields are refused', 400, [
  ['no colon', get('GET /health HTTP/1.1', 'host: a\r\nnocolon\r\n')],
  ['an empty name', get('GET /health HTTP/1.1', 'host: a\r\n: x\r\n')],
  ['a space before the colon', get('GET /health HTTP/1.1', 'host : a\r\n')],
  ['a space within the name', get('GET /health HTTP/1.1', 'host: a\r\nx y: b\r\n')],
  ['a space before the first name', get('GET /health HTTP/1.1', ' host: a\r\n')],
  ['a folded line', get('GET /health HTTP/1.1', 'host: a\r\nx: b\r\n c\r\n')],
  ['a line folded by a tab', get('GET /health HTTP/1.1', 'host: a\r\nx: b\r\n\tc\r\n')],
  ['a folded line that is empty', get('GET /health HTTP/1.1', 'host: a\r\nx: b\r\n \r\n')],
  ...['(', ')', '<', '>', '@', ',', ';', '\\', '"', '/', '[', ']', '?', '=', '{', '}', '\xe9'].map((c) => [`${c} in a name`, get('GET /health HTTP/1.1', `host: a\r\nx${c}y: b\r\n`)]),
]);

family('request lines that are none are refused', 400, [
  ['no version', get('GET /health')],
  ['no target', get('GET HTTP/1.1')],
  ['two spaces', get('GET  /health HTTP/1.1')],
  ['two spaces before the version', get('GET /health  HTTP/1.1')],
  ['a space behind the version', get('GET /health HTTP/1.1 ')],
  ['a space before the method', get(' GET /health HTTP/1.1')],
  ['tabs', get('GET\t/health\tHTTP/1.1')],
  ['a space within the target', get('GET /hea lth HTTP/1.1')],
  ['a method that is no token', get('G(T /health HTTP/1.1')],
  ['version in small letters', get('GET /health http/1.1')],
  ['version HTTP/1.10', get('GET /health HTTP/1.10')],
  ['version HTTP/01.1', get('GET /health HTTP/01.1')],
  ['version HTTP/1', get('GET /health HTTP/1')],
  ['version HTTP/1.x', get('GET /health HTTP/1.x')],
  ['version HTTP/+1.1', get('GET /health HTTP/+1.1')],
  ['version HTTPS/1.1', get('GET /health HTTPS/1.1')],
  ['version ICY/1.1', get('GET /health ICY/1.1')],
  ['version HTTP/0.9', get('GET /health HTTP/0.9'), 505],
  ['version HTTP/1.2', get('GET /health HTTP/1.2'), 505],
  ['version HTTP/2.0', get('GET /health HTTP/2.0'), 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
]);

family('targets that a second reader could take elsewhere are refused', 400, [
  ['no slash', get('GET health HTTP/1.1')],
  ['a fragment', get('GET /health#x HTTP/1.1')],
  ['UTF-8', get('GET /h\xc3\xa9 HTTP/1.1')],
  ['a broken escape', get('GET /%zz HTTP/1.1')],
  ['half an escape', get('GET /health%4 HTTP/1.1')],
  ['an escaped NUL', get('GET /health%00 HTTP/1.1')],
  ['* for GET', get('GET * HTTP/1.1')],
  ['an authority', get('GET a.example:443 HTTP/1.1')],
  ['CONNECT', get('CONNECT a.example:443 HTTP/1.1')],
  ['another scheme', get('GET ftp://a/health HTTP/1.1')],
  ['a user in it', get('GET http://user@a/health HTTP/1.1')],
  ['no host in it', get('GET http:///health HTTP/1.1')],
  ['a backslash for a slash', get('GET \\health HTTP/1.1')],
]);

family('a host that is missing, doubled or none is refused', 400, [
  ['missing', get('GET /health HTTP/1.1', '')],
  ['missing beside an absolute target', get('GET http://a/health HTTP/1.1', '')],
  ['twice', get('GET /health HTTP/1.1', 'host: a\r\nhost: a\r\n')],
  ['twice in other letters', get('GET /health HTTP/1.1', 'Host: a\r\nhOST: b\r\n')],
  ['twice in HTTP/1.0', get('GET /health HTTP/1.0', 'host: a\r\nhost: b\r\n')],
  ...['', 'a b', 'a, b', 'a/b', 'u@a', 'a:x', 'a:99999999', '[::1', 'a?b', 'a#b', 'http://a'].map((value) => [`host: ${value}`, get('GET /health HTTP/1.1', `host: ${value}\r\n`)]),
]);

family('chunks in a wrong spelling are refused', 400, [
  ['no size', chunked(`\r\n${good}\r\n0\r\n\r\n`)],
  ['a size that is none', chunked(`xyz\r\n${good}\r\n0\r\n\r\n`)],
  ['a negative size', chunked(`-1\r\n${good}\r\n0\r\n\r\n`)],
  ['a size with a plus', chunked(`+${oneChunk}`)],
  ['a size with 0x', chunked(`0x${oneChunk}`)],
  ['a size with an underscore', chunked(`1_0\r\n${good}\r\n0\r\n\r\n`)],
  ['a space before the size', chunked(` ${oneChunk}`)],
  ['a space behind the size', chunked(oneChunk.replace('\r\n', ' \r\n'))],
  ['a tab behind the size', chunked(oneChunk.replace('\r\n', '\t\r\n'))],
  ['LF behind the size', chunked(oneChunk.replace('\r\n', '\n'))],
  ['LF behind the data', chunked(`${length.toString(16)}\r\n${good}\n0\r\n\r\n`)],
  ['nothing behind the data', chunked(`${length.toString(16)}\r\n${good}0\r\n\r\n`)],
  ['more data than the size', chunked(`${(length - 1).toString(16)}\r\n${good}\r\n0\r\n\r\n`)],
  ['a size of 17 digits', chunked(`${'0'.repeat(16)}${oneChunk}`)],
  ['a size beyond 64 bits', chunked(`10000000000000000\r\n${good}`)],
  ['a size of almost 64 bits', chunked(`ffffffffffffffff\r\n${good}`), 413],
  ['CR in an extension', chunked(oneChunk.replace('\r\n', ';a\rb\r\n'))],
  ['LF in an extension', chunked(oneChunk.replace('\r\n', ';a\nb\r\n'))],
  ['NUL in an extension', chunked(oneChunk.replace('\r\n', ';a\x00b\r\n'))],
  ['extensions without end', chunked(`${length.toString(16)};${'x'.repeat(100_000)}`)],
  ['a trailer without a colon', chunked(`${length.toString(16)}\r\n${good}\r\n0\r\nbad\r\n\r\n`)],
  ['a trailer with a space in its name', chunked(`${length.toString(16)}\r\n${good}\r\n0\r\na b: c\r\n\r\n`)],
  ['a trailer that is folded', chunked(`${length.toString(16)}\r\n${good}\r\n0\r\na: b\r\n c\r\n\r\n`)],
  ['trailers without end', chunked(`${length.toString(16)}\r\n${good}\r\n0\r\n${'a: b\r\n'.repeat(20_000)}`)],
]);

family('what is too large is refused as such, and no later than it shows', 431, [
  ['a target of 100 KB', get(`GET /${'x'.repeat(100_000)} HTTP/1.1`)],
  ['a value of 100 KB', get('GET /health HTTP/1.1', `host: a\r\nx: ${'y'.repeat(100_000)}\r\n`)],
  ['a name of 100 KB', get('GET /health HTTP/1.1', `host: a\r\n${'y'.repeat(100_000)}: x\r\n`)],
  ['a thousand fields', get('GET /health HTTP/1.1', `host: a\r\n${'x: y\r\n'.repeat(1000)}`)],
  ['a body of 10 GB', post('content-length: 10000000000\r\n', ''), 413],
]);

family('an unknown expectation is rejected', 417, [['x', post(`content-length: ${length}\r\nexpect: 200-ok\r\n`)]]);

// --- unusual requests with one meaning ---------------------------------------------

const close = 'connection: close\r\n';
const contentOf = (text) => JSON.parse(parseAnswer(text).body).choices[0].message.content;
for (const [what, bytes] of [
  ['an absolute target', post(`content-length: ${length}\r\n${close}`).replace('/v1', 'http://other.example:99/v1')],
  ['an absolute target with TLS in its scheme', post(`content-length: ${length}\r\n${close}`).replace('/v1', 'HTTPS://a/v1')],
  ['empty lines before the request', `\r\n\r\n${post(`content-length: ${length}\r\n${close}`)}`],
  ['a length with zeros in front', post(`content-length: 00${length}\r\n${close}`)],
  ['blanks around values', post(`content-length: \t ${length} \t\r\nConnection:close\r\n`)],
  ['values that are empty', post(`x-empty:\r\ncontent-length: ${length}\r\n${close}`)],
  ['names in odd letters', post(`CoNtEnT-lEnGtH: ${length}\r\ncOnNeCtIoN: Keep-Alive, CLOSE\r\n`)],
  ['UTF-8 in a value', post(`x-name: Gr\xc3\xbc\xc3\x9fe\r\ncontent-length: ${length}\r\n${close}`)],
  ['chunked in odd letters', post(`Transfer-Encoding: cHuNkEd\r\n${close}`, oneChunk)],
  ['chunk extensions', post(`transfer-encoding: chunked\r\n${close}`, oneChunk.replace('\r\n', ';a;b=c;d="e f"\r\n'))],
  ['sizes with zeros in front, in both letters', post(`transfer-encoding: chunked\r\n${close}`, `00${length.toString(16).toUpperCase()}\r\n${good}\r\n000\r\n\r\n`)],
  ['one byte a chunk', post(`transfer-encoding: chunked\r\n${close}`, `${[...good].map((c) => `1\r\n${c}\r\n`).join('')}0\r\n\r\n`)],
  ['trailers', post(`transfer-encoding: chunked\r\n${close}`, `${oneChunk.slice(0, -2)}x: y\r\ncontent-length: 7\r\n\r\n`)],
  ['a query', post(`content-length: ${length}\r\n${close}`).replace('completions ', 'completions?a=b&c=%zz ')],
])
  test(`one meaning: ${what}`, async () => assert.equal(contentOf(await exchange(stack.port, Buffer.from(bytes, 'latin1'))), 'You said: hostile'));

test('one meaning: each of these arrives byte by byte', async () => {
  const bytes = Buffer.from(`\r\n${post(`transfer-encoding: chunked\r\n${close}`, oneChunk.replace('\r\n', ' ;a=b\r\n'))}`);
  assert.equal(contentOf(await exchange(stack.port, Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)), { pause: 1 })), 'You said: hostile');
});

test('one meaning: Expect gets one 100 Continue, and none if the body has already arrived', async () => {
  const connection = new RawConnection(stack.port);
  await connection.write(post(`content-length: ${length}\r\nexpect: 100-Continue\r\n${close}`, ''));
  await connection.until((text) => text.includes('\r\n\r\n'));
  assert.match(connection.text, /^HTTP\/1\.1 100 [^\r]*\r\n\r\n$/);
  await connection.write(good);
  const text = await connection.until(() => false);
  assert.equal(contentOf(text.slice(text.indexOf('\r\n\r\n') + 4)), 'You said: hostile');
  const at_once = await exchange(stack.port, post(`content-length: ${length}\r\nexpect: 100-continue\r\n${close}`));
  assert.equal(contentOf(at_once.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '')), 'You said: hostile');
});

test('a half-closed client receives the gateway\'s own responses, also an error', async () => {
  for (const [bytes, expected] of [[get('GET /health HTTP/1.1'), /^HTTP\/1\.1 200 /], [get('GET /nothing HTTP/1.1', `host: a\r\n${key}`), /^HTTP\/1\.1 404 /],
    [post(`content-length: ${length}\r\n`).replace(apiKey, 'wrong'), /^HTTP\/1\.1 401 /], [post('content-length: 1\r\n', '{'), /^HTTP\/1\.1 400 /], ['GET', /^(HTTP\/1\.1 4|$)/]]) {
    const connection = new RawConnection(stack.port);
    connection.socket.end(bytes);
    assert.match(await connection.closed, expected, bytes);
  }
});

// --- time --------------------------------------------------------------------------

test('a request that never ends is rejected or closed within its timeout at every stage, and other clients are served', async () => {
  const stuck = ['', 'G', 'GET /health HTTP/1.1\r\n', 'GET /health HTTP/1.1\r\nhost: a\r\nx: ', post('content-length: 10\r\n', ''), post('content-length: 10\r\n', '{'),
    chunked(''), chunked('5\r\nab'), chunked('2\r\n{}\r\n'), chunked('2\r\n{}\r\n0\r\n'), chunked('2\r\n{}\r\n0\r\nx: y\r\n'), '\r\n', post('content-length: 10\r\nexpect: 100-continue\r\n', '')];
  const all = stuck.flatMap((bytes) => Array.from({ length: 10 }, async () => {
    const text = await exchange(hasty.port, bytes);
    assert.match(text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, ''), /^$|^HTTP\/1\.1 408 /, JSON.stringify(bytes));
  }));
  const chat = chatRequest(say('meanwhile'), { connection: 'close' });
  for (let i = 0; i < 5; ++i) {
    assert.equal(contentOf(await exchange(hasty.port, chat)), 'You said: meanwhile');
    await sleep(200);
  }
  await Promise.all(all);
});

test('a header or a body of one byte a second is closed at its timeout, not after its last byte', async () => {
  for (const bytes of ['GET /health HTTP/1.1\r\n', post('content-length: 100\r\n', '')]) {
    const connection = new RawConnection(hasty.port);
    await connection.write(bytes);
    const timer = setInterval(() => connection.socket.destroyed || connection.socket.write('x'), 300);
    const text = await connection.until(() => false);
    clearInterval(timer);
    assert.match(text, /^HTTP\/1\.1 408 /);
  }
});

/** Seconds of CPU that the gateway has used. */
function cpu() {
  const fields = readFileSync(`/proc/${stack.gateway.child.pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

test('a request without a key uses little CPU for any size and form', async (t) => {
  const wrong = (bytes) => bytes.replace(apiKey, 'sk-wrong');
  const kinds = [
    ['a large head', wrong(post(`${Array.from({ length: 90 }, (_, i) => `x-${i}: ${'y'.repeat(300)}\r\n`).join('')}content-length: ${length}\r\n`)), 401],
    ['a body of 30 MB', wrong(post('content-length: 30000000\r\n', 'x'.repeat(65536))), 401],
    ['a chunked body', wrong(post('transfer-encoding: chunked\r\n', `10000\r\n${'x'.repeat(65536)}\r\n`)), 401],
    ['a body nested 60,000 deep', wrong(post('content-length: 60000\r\n', '['.repeat(60_000))), 401],
    ['a head that is too large', get('GET /health HTTP/1.1', `host: a\r\n${'x: y\r\n'.repeat(20_000)}`), 431],
  ];
  const cost = async (what, bytes, status) => {
    const count = 100, before = cpu();
    for (let at = 0; at < count; at += 10)
      await Promise.all(Array.from({ length: 10 }, async () => {
        const connection = new RawConnection(stack.port);
        connection.write(bytes);
        await connection.until((text) => text.includes('\r\n\r\n'));
        assert.equal(parseAnswer(connection.text).status, status, what);
        connection.close();
      }));
    await sleep(50);
    return ((cpu() - before) / count) * 1000;
  };
  // The cost of a small request measures this machine and this build.
  const smallest = await cost('a small request', wrong(post('content-length: 2\r\n', '{}')), 401);
  for (const [what, bytes, status] of kinds) {
    const each = await cost(what, bytes, status);
    t.diagnostic(`${what}: ${each.toFixed(2)} ms; a small request ${smallest.toFixed(2)} ms`);
    assert.ok(each < Math.max(10, 20 * smallest), `${what}: ${each} ms; a small request ${smallest} ms`);
  }
});

test('401 is sent before the body is read or parsed', async () => {
  for (const framing of ['content-length: 33000000\r\n', 'transfer-encoding: chunked\r\n', 'content-length: 5\r\nexpect: 100-continue\r\n', 'content-length: 5\r\ncontent-encoding: gzip\r\n'])
    for (const credential of ['authorization: Bearer wrong\r\n', '', 'authorization: Basic eDp5\r\n', 'x-api-key: wrong\r\n']) {
      const connection = new RawConnection(stack.port);
      await connection.write(post(framing, '').replace(key, credential));
      await connection.until((text) => text.includes('\r\n\r\n'));
      assert.match(connection.text, /^HTTP\/1\.1 401 /, framing + credential);
      connection.close();
    }
});

test('all connections are released', async () => {
  await eventually(async () => {
    const text = await (await fetch(`${stack.url}/metrics`)).text();
    return /^gatehouse_requests_running 0$/m.test(text) || text.match(/^gatehouse_requests_running.*$/m)?.[0];
  }, 'no request is running');
});
