// SPDX-License-Identifier: Apache-2.0
// Many concurrent clients: no text in another client's response, no upstream request that runs for
// a disconnected client, memory and files released.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { eventually } from './support/process.mjs';
import { RawConnection, chatRequest, parseAnswer, say } from './support/raw.mjs';
import { reset } from './support/reset.mjs';
import { readStream } from './support/sse.mjs';
import { Stack } from './support/stack.mjs';

let stack;
before(async () => (stack = await Stack.start({ server: { workers: 4 } })));
beforeEach(() => stack.emulator.reset());
after(() => stack.stop());

/** A text whose words are in no other text. */
const words = (id, count) => Array.from({ length: count }, (_, i) => `${id}w${i}`).join(' ');

async function stream(content, { more = {} } = {}) {
  const connection = new RawConnection(stack.port);
  try {
    await connection.write(chatRequest(say(content, { stream: true, ...more }), { connection: 'close' }));
    const answer = parseAnswer(await connection.until(() => false));
    assert.equal(answer.status, 200, answer.body);
    return readStream(answer.body, { model: 'gpt-5' }).choices;
  } finally {
    connection.close();
  }
}

/** Milliseconds that this machine needs for one of 200 streams at once that do not drip. */
let needed = 0;

test('200 interleaved streams do not mix', async () => {
  const begun = performance.now();
  await Promise.all(Array.from({ length: 200 }, (_, i) => stream(words(`s${i}`, 30))));
  needed = (performance.now() - begun) / 200;
  await stack.emulator.reset();
  // The last one begins long before the first one ends.
  const drip = Math.ceil(Math.max(20, (3 * 200 * needed) / 30));
  await Promise.all(Array.from({ length: 200 }, async (_, i) => {
    const content = `mock:drip:${drip} ${words(`s${i}`, 30)}`;
    const [choice] = await stream(content);
    assert.equal(choice.text, `You said: ${content}`);
    assert.equal(choice.finish, 'stop');
  }));
  const stats = await stack.emulator.stats();
  assert.deepEqual([stats.completed, stats.running, stats.unsigned], [200, 0, 0]);
  assert.ok(stats.peak >= 100, `they did run at the same time: ${stats.peak}`);
});

test('100 streams of tool calls and several choices do not mix', async () => {
  await Promise.all(Array.from({ length: 100 }, async (_, i) => {
    if (i % 2) {
      const choices = await stream(`mock:drip:20 ${words(`n${i}`, 10)}`, { more: { n: 3 } });
      assert.deepEqual(choices.map((choice) => choice.text), Array(3).fill(`You said: mock:drip:20 ${words(`n${i}`, 10)}`));
    } else {
      const text = JSON.stringify({ id: `t${i}`, text: words(`t${i}`, 20) });
      const [choice] = await stream(`mock:drip:20 mock:tool:f${i}:${text}`);
      assert.deepEqual(choice.calls.map((call) => [call.name, call.arguments]), [[`f${i}`, text]]);
    }
  }));
});

test('300 concurrent non-streaming responses do not mix', async () => {
  await Promise.all(Array.from({ length: 300 }, async (_, i) => {
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest(say(words(`u${i}`, 20)), { connection: 'close' }));
    const { status, body } = parseAnswer(await connection.until(() => false));
    assert.equal(status, 200, body);
    assert.equal(JSON.parse(body).choices[0].message.content, `You said: ${words(`u${i}`, 20)}`);
  }));
});

const quiet = () => eventually(async () => await stack.metric('gatehouse_requests_running') === 0, 'no request runs');

/** A thousand streams, every third client leaving at a random moment before its end. */
async function storm(round) {
  await stack.emulator.reset();
  // A client that leaves has seen a few words; the others come when the machine has long served all clients.
  const leaving = Math.ceil(Math.max(200, (3 * 1000 * needed) / 20));
  let gone = 0;
  await Promise.all(Array.from({ length: 1000 }, async (_, i) => {
    const content = `mock:drip:${i % 3 ? 40 : leaving} ${words(`r${round}c${i}`, 30)}`;
    if (i % 3) {
      const [choice] = await stream(content);
      assert.equal(choice.text, `You said: ${content}`);
      return;
    }
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest(say(content, { stream: true })));
    const pieces = Math.floor(Math.random() * 5);
    await connection.until((text) => text.split('data: ').length > pieces);
    assert.ok(!connection.text.includes('[DONE]'), 'it left before the end');
    if (i % 2) connection.close();
    else reset(connection.socket);
    ++gone;
    await connection.closed;
  }));
  assert.equal(gone, 334);
  await eventually(async () => {
    const stats = await stack.emulator.stats();
    return stats.running === 0 || stats;
  }, 'no call runs for a client that has gone');
  const stats = await stack.emulator.stats();
  assert.equal(stats.completed, 666);
  assert.equal(stats.unsigned, 0);
  assert.equal(stats.cancelled, stats.requests - 666);
}

test('1,000 streams repeatedly, while a third of the clients disconnects', async (t) => {
  const { gateway } = stack;
  await storm(0);
  await quiet();
  const before = { memory: gateway.memory(), files: gateway.openFiles() };
  for (const round of [1, 2]) await storm(round);
  await quiet();
  const grown = (gateway.memory() - before.memory) / 1e6;
  t.diagnostic(`memory after the first thousand ${(before.memory / 1e6).toFixed(1)} MB, after three ${grown.toFixed(1)} MB more`);
  assert.ok(grown < 40, `memory grew by ${grown} MB`);
  await eventually(() => gateway.openFiles() <= before.files + 8 || gateway.openFiles(), 'files are closed');
  await stack.answersNext();
});
