// SPDX-License-Identifier: Apache-2.0
// An upstream that speaks OpenAI's chats over bare sockets and misbehaves as it is told: the
// last user message is "ID WORDS PLAN NUMBER", and its answer's text follows from ID and WORDS
// alone, so that the client can verify each byte.
import { createServer } from 'node:net';

import { randomFrom } from './random.mjs';
import { reset } from './reset.mjs';
import { sleep } from './process.mjs';

/** Text of the answer to `id`: words that are in no other answer. */
export const textOf = (id, words) => Array.from({ length: words }, (_, i) => `${id}w${i}`).join(' ');

const json = (value) => JSON.stringify(value);
const usage = (words) => ({ prompt_tokens: 4, completion_tokens: words, total_tokens: 4 + words });
const wholeAnswer = (id, words, finish = 'stop') => json({ id: `up-${id}`, object: 'chat.completion', created: 1, model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: textOf(id, words) }, finish_reason: finish }], usage: usage(words) });

/** The events of a stream, each its data. */
function eventsOf(id, words) {
  const chunk = (delta, finish_reason = null) => json({ id: `up-${id}`, object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] });
  return [chunk({ role: 'assistant', content: '' }), ...textOf(id, words).split(' ').map((word, i) => chunk({ content: (i ? ' ' : '') + word })), chunk({}, 'stop'),
    json({ id: `up-${id}`, object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: usage(words) }), '[DONE]'];
}
const asEvent = (data) => `data: ${data}\n\n`;
const asChunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const head = (status, fields) => `HTTP/1.1 ${status} X\r\n${Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
const streamHead = head(200, { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' });
const withLength = (status, type, body, length = Buffer.byteLength(body)) => head(status, { 'content-type': type, 'content-length': length }) + body;
const wholeBytes = (call) => withLength(200, 'application/json', wholeAnswer(call.id, call.words));
const streamBytes = (call, edit = (events) => events, write = asEvent) => streamHead + edit(eventsOf(call.id, call.words)).map((data) => asChunk(write(data))).join('') + '0\r\n\r\n';
const goodBytes = (call) => (call.stream ? streamBytes(call) : wholeBytes(call));
/** A complete response without a request. */
const foreign = withLength(200, 'application/json', wholeAnswer('FOREIGN', 5));

/** Answers that are good, however they come. */
export const goodPlans = {
  plain: (call) => call.write(goodBytes(call)),
  drip: async (call) => {
    const bytes = goodBytes(call), step = Math.ceil(bytes.length / 12);
    for (let at = 0; at < bytes.length; at += step) {
      call.write(bytes.slice(at, at + step));
      await sleep(1 + call.random.below(25));
    }
  },
  pieces: async (call) => {
    for (let rest = goodBytes(call); rest.length && !call.gone();) {
      const size = 1 + call.random.below(call.random.chance(0.5) ? 3 : 400);
      call.write(rest.slice(0, size));
      rest = rest.slice(size);
      if (call.random.chance(0.1)) await sleep(1);
    }
  },
  odd_events: (call) => call.write(call.stream
    ? streamBytes(call, (events) => events, (data) => `: hello\r\nid: 7\r\nevent: x\r\n${data.startsWith('{') ? `data: {\r\ndata:${data.slice(1)}` : `data:${data}`}\r\n\r\n`) : wholeBytes(call)),
  many_chunks: (call) => call.write(call.stream ? streamHead + [...eventsOf(call.id, call.words).map(asEvent).join('')].map(asChunk).join('') + '0;x=y\r\nt: 1\r\n\r\n' : wholeBytes(call)),
  interim: (call) => call.write(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nlink: y\r\n\r\n${goodBytes(call)}`),
  until_end: (call) => {
    const body = call.stream ? eventsOf(call.id, call.words).map(asEvent).join('') : wholeAnswer(call.id, call.words);
    call.write(head(200, { 'content-type': call.stream ? 'text/event-stream' : 'application/json', connection: 'close' }) + body);
    call.socket.end();
  },
  slow_head: async (call) => {
    await sleep(100 + call.random.below(300));
    call.write(goodBytes(call));
  },
  // The connection ends just when another request may be on its way into it.
  then_end: async (call) => {
    call.write(goodBytes(call));
    await sleep(call.random.below(5));
    call.socket.end();
  },
};

const status = (code, type, body) => (call) => call.write(withLength(code, type, body));
const cutAt = (end) => async (call) => {
  const bytes = goodBytes(call);
  call.write(bytes.slice(0, call.random.below(bytes.length - 8)));  // never the whole
  await sleep(call.random.below(30));
  end(call.socket);
};

/** A good response, and at speakUnasked() a response without a request, while the connection is idle. */
const foreignLater = (call) => {
  call.write(goodBytes(call));
  call.later(foreign);
};

/** Responses that are invalid, or may be.  A stream may have begun; then it ends with an error. */
export const badPlans = {
  // The connection is poisoned: the next one must not get what is left on it.
  at_once_foreign: (call) => call.write(goodBytes(call) + foreign),
  then_reset: async (call) => {
    call.write(goodBytes(call));
    await sleep(call.random.below(5));
    reset(call.socket);
  },
  status_500: status(500, 'application/json', '{"error":{"message":"boom","type":"server_error"}}'),
  status_503_html: status(503, 'text/html', '<html>busy</html>'),
  status_429: (call) => call.write('HTTP/1.1 429 X\r\nretry-after: 1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'),
  status_401: status(401, 'application/json', '{"error":{"message":"your key sk-upstream is wrong"}}'),
  html: status(200, 'text/html', '<html>login</html>'),
  redirect: (call) => call.write('HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
  empty: (call) => call.socket.end(),
  reset: (call) => reset(call.socket),
  garbage: (call) => call.write(`\x00\xff garbage ${call.id}\r\n\r\n`, 'latin1'),
  two_lengths: (call) => call.write(wholeBytes(call).replace('content-length', 'content-length: 3\r\ncontent-length')),
  length_and_chunks: (call) => call.write(streamBytes(call).replace('\r\n\r\n', '\r\ncontent-length: 5\r\n\r\n')),
  endless_head: async (call) => {
    call.write('HTTP/1.1 200 X\r\n');
    for (let i = 0; i < 1000 && !call.gone(); ++i) {
      call.write(`x-${i}: ${'y'.repeat(1000)}\r\n`);
      if (i % 50 === 0) await sleep(1);
    }
  },
  cut_reset: cutAt(reset),
  cut_end: cutAt((socket) => socket.end()),
  bad_chunk: (call) => call.write(call.stream ? streamBytes(call).slice(0, -5 - call.random.below(100)) + 'zz\r\n' : streamHead.replace('event-stream', 'x') + 'zz\r\n'),
  too_short: (call) => {
    call.write(withLength(200, 'application/json', wholeAnswer(call.id, call.words), 100_000));
    call.socket.end();
  },
  too_long: (call) => call.write(withLength(200, 'application/json', wholeAnswer(call.id, call.words), 40) + foreign),
  error_event: (call) => call.write(call.stream ? streamBytes(call, (events) => [...events.slice(0, -3), json({ error: { message: 'midway', code: 'server_error' } })]) : withLength(200, 'application/json', '{"error":{"message":"x"}}')),
  broken_event: (call) => call.write(call.stream ? streamBytes(call, (events) => [...events.slice(0, -3), '{"id":"up', ...events.slice(-3)]) : withLength(200, 'application/json', '{"id":')),
  no_finish: (call) => call.write(call.stream ? streamBytes(call, (events) => events.slice(0, -3)) : withLength(200, 'application/json', wholeAnswer(call.id, call.words, null))),
  no_finish_done: (call) => call.write(call.stream ? streamBytes(call, (events) => [...events.slice(0, -3), '[DONE]']) : withLength(200, 'application/json', '{}')),
  stall_head: (call) => call.untilGone(),
  stall: async (call) => {
    const bytes = goodBytes(call);
    call.write(bytes.slice(0, call.random.below(bytes.length - 8)));
    await call.untilGone();
  },
};

const plans = { ...goodPlans, ...badPlans, foreign_later: foreignLater };

export class FaultyUpstream {
  /** Counts: `requests`, `running` (being answered), `connections` (open), `accepted` (ever), `reused` (requests on a used one). */
  static async start(seed = 1) {
    const upstream = Object.assign(new FaultyUpstream(), { random: randomFrom(seed), requests: 0, running: 0, connections: 0, accepted: 0, reused: 0, problems: [], postponed: [] });
    upstream.server = createServer({ noDelay: true }, (socket) => upstream.serve(socket));
    await new Promise((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    upstream.url = `http://127.0.0.1:${upstream.server.address().port}/v1`;
    return upstream;
  }

  async serve(socket) {
    this.connections += 1;
    this.accepted += 1;
    let received = Buffer.alloc(0), served = 0, busy = false;
    const gone = new Promise((resolve) => socket.on('close', resolve));
    gone.then(() => (this.connections -= 1));
    socket.on('error', () => {});
    socket.on('data', async (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (busy) return;  // it never pipelines; what comes early is looked at below
      busy = true;
      for (;;) {
        const end = received.indexOf('\r\n\r\n');
        if (end < 0) break;
        const length = Number(/^content-length: (\d+)\r?$/im.exec(received.toString('latin1', 0, end + 2))?.[1] ?? NaN);
        if (Number.isNaN(length)) this.problems.push(`a request without a length: ${received.toString('latin1', 0, end)}`);
        if (!(received.length >= end + 4 + length)) break;
        const body = received.toString('utf8', end + 4, end + 4 + length);
        received = received.subarray(end + 4 + length);
        this.reused += served++ > 0;
        this.requests += 1;
        this.running += 1;
        try {
          await this.answer(socket, JSON.parse(body), gone);
        } catch (error) {
          this.problems.push(String(error?.stack ?? error));
        }
        this.running -= 1;
      }
      busy = false;
    });
  }

  async answer(socket, request, gone) {
    const [id, words, plan, number] = request.messages.at(-1).content.split(' ');
    if (!plans[plan]) throw new Error(`no plan ${plan}`);
    await plans[plan]({
      socket, id, words: Number(words), stream: request.stream === true, random: randomFrom(Number(number)), later: (bytes) => this.postponed.push({ socket, bytes }), gone: () => socket.destroyed, untilGone: () => gone,
      write: (bytes, coding) => socket.destroyed || socket.write(bytes, coding),
    });
  }

  /** Writes what was postponed; on how many connections. */
  speakUnasked() {
    const open = this.postponed.splice(0).filter(({ socket }) => !socket.destroyed);
    for (const { socket, bytes } of open) socket.write(bytes);
    return new Set(open.map(({ socket }) => socket)).size;
  }

  async stop() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    await closed;
  }
}
