// SPDX-License-Identifier: Apache-2.0
// Asks a faulty upstream through the gateway and verifies every byte of what comes back.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';

import { textOf } from './faulty.mjs';
import { apiKey } from './stack.mjs';

/** Connections to the gateway, which are used again. */
export const agent = () => new Agent({ keepAlive: true, maxSockets: 500 });

/** Sends one chat, and disconnects after `leave` milliseconds.  { status, text, left, cut } */
export function post({ port, using, body, leave }) {
  return new Promise((resolve) => {
    const bytes = JSON.stringify(body);
    let text = '', status = 0, timer, left = false;
    const done = (cut) => {
      clearTimeout(timer);
      resolve({ status, text, left, cut });
    };
    const asked = request({ port, host: '127.0.0.1', agent: using, method: 'POST', path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) } }, (answer) => {
      status = answer.statusCode;
      answer.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => done(!answer.complete)).on('error', () => done(true));
    });
    asked.on('error', () => done(true));
    if (leave !== undefined)
      timer = setTimeout(() => {
        left = true;
        asked.destroy();
      }, leave);
    asked.end(bytes);
  });
}

/** Reads the stream as far as it came: { said, finished, done, error }. */
function readPart(text, whole) {
  const seen = { said: '', finished: false, done: false, error: undefined };
  const events = text.split('\n\n');
  const rest = events.pop();
  assert.ok(!whole || rest === '', `a stream ends with a whole event: ${JSON.stringify(rest)}`);
  for (const event of events) {
    assert.ok(!seen.done && !seen.error, `after the end: ${event}`);
    assert.match(event, /^data: [^\n]*$/);
    const data = event.slice(6);
    if (data === '[DONE]') {
      seen.done = true;
      continue;
    }
    const chunk = JSON.parse(data);
    seen.error = chunk.error;
    for (const choice of chunk.choices ?? []) {
      seen.said += choice.delta.content ?? '';
      seen.finished ||= choice.finish_reason === 'stop';
    }
  }
  return seen;
}

/** Asks with `plan`; what comes must be the answer of `id`, a beginning of it and an error, or an error. */
export async function askAndVerify({ port, using, model, id, words, plan, number, stream, leave, good }) {
  const what = `${id} ${words} ${plan} ${number}${stream ? ' streamed' : ''}`;
  const answer = await post({ port, using, leave, body: { model, stream, messages: [{ role: 'user', content: `${id} ${words} ${plan} ${number}` }] } });
  const expected = textOf(id, words);
  const { status, text } = answer;
  if (answer.left && !status) return 'left';
  if (!answer.left) assert.ok(!answer.cut, `${what}: the connection was cut: ${status} ${text}`);
  if (good && !answer.left) assert.equal(status, 200, `${what}: ${text}`);
  if (status === 200 && stream) {
    const seen = readPart(text, !answer.left);
    assert.ok(expected.startsWith(seen.said), `${what}: FOREIGN OR WRONG BYTES: ${seen.said.slice(0, 500)}`);
    if (answer.left) return 'left';
    if (seen.error) {
      assert.ok(!good && !seen.done, `${what}: ${JSON.stringify(seen.error)}`);
      return 'broken';
    }
    assert.deepEqual([seen.said, seen.finished, seen.done], [expected, true, true], what);
    return 'complete';
  }
  if (answer.left) return 'left';
  const whole = JSON.parse(text);
  if (status === 200) {
    assert.equal(whole.choices[0].message.content, expected, what);
    return 'complete';
  }
  assert.ok(status >= 400 && status < 600 && typeof whole.error.message === 'string', `${what}: ${status} ${text}`);
  assert.ok(![400, 401, 403].includes(status), `${what}: an upstream's fault is not the client's: ${status} ${text}`);
  assert.ok(!/sk-upstream|FOREIGN/.test(text), `${what}: ${text}`);
  return 'refused';
}
