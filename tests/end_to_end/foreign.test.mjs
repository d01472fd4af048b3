// SPDX-License-Identifier: Apache-2.0
// Streams with unique texts over reused upstream connections, while half of
// the clients disconnect: each client receives exactly its own bytes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agent, askAndVerify } from './support/caller.mjs';
import { eventually } from './support/process.mjs';
import { randomFrom } from './support/random.mjs';
import { Wild } from './support/wild.mjs';

let wild;
before(async () => (wild = await Wild.start()));
after(() => wild.stop());

test('200 streams with unique texts, half of them aborted at random, 20 rounds: no byte of another stream', async (t) => {
  const random = randomFrom(5), using = agent();
  const outcomes = { complete: 0, left: 0 };
  for (let round = 0; round < 20; ++round) {
    await Promise.all(Array.from({ length: 200 }, async (_, i) => {
      const leave = i % 2 ? random.below(300) : undefined;
      const plan = random.one(['drip', 'pieces', 'plain', 'odd_events']);
      const outcome = await askAndVerify({ port: wild.port, using, model: 'steady', id: `r${round}s${i}x`, words: 10 + random.below(40), plan, number: random.below(1e6), stream: true, leave, good: true });
      outcomes[outcome] += 1;
      if (leave === undefined) assert.equal(outcome, 'complete');
    }));
    await wild.quiet();  // the upstream request of a disconnected client ends at once
  }
  assert.equal(outcomes.complete + outcomes.left, 4000);
  assert.ok(outcomes.complete >= 2000 && outcomes.left > 200, JSON.stringify(outcomes));
  assert.ok(wild.steady.reused > 1000, `upstream connections were used again: ${wild.steady.reused} times`);
  t.diagnostic(`${JSON.stringify(outcomes)}, ${wild.steady.accepted} upstream connections for ${wild.steady.requests} requests`);
});

test('an upstream connection with bytes after a response is not reused', async (t) => {
  const random = randomFrom(6), using = agent();
  const outcomes = {}, before = { accepted: wild.steady.accepted, requests: wild.steady.requests };
  for (let round = 0; round < 10; ++round)
    await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const plan = random.one(['at_once_foreign', 'then_reset', 'then_end', 'plain', 'plain']);
      const outcome = await askAndVerify({ port: wild.port, using, model: 'steady', id: `p${round}s${i}x`, words: 5 + random.below(10), plan, number: i, stream: random.chance(0.5),
        good: ['plain', 'then_end'].includes(plan) });
      outcomes[`${plan} ${outcome}`] = (outcomes[`${plan} ${outcome}`] ?? 0) + 1;
    }));
  t.diagnostic(`${JSON.stringify(outcomes)}; ${wild.steady.accepted - before.accepted} upstream connections for ${wild.steady.requests - before.requests} requests`);
});

test('a response without a request reaches no client', async () => {
  const using = agent();
  for (let round = 0; round < 5; ++round) {
    const ask = (plan, i) => askAndVerify({ port: wild.port, using, model: 'steady', id: `q${round}s${i}x`, words: 5, plan, number: i, stream: i % 2 === 0, good: true });
    await Promise.all(Array.from({ length: 10 }, (_, i) => ask('foreign_later', i)));
    await wild.quiet();  // after the response, because a running request could not tell the responses apart
    const before = wild.steady.connections, spoken = wild.steady.speakUnasked();
    assert.ok(spoken > 0, 'connections were kept');
    await eventually(() => wild.steady.connections <= before - spoken || wild.steady.connections, 'these connections are closed');
    await Promise.all(Array.from({ length: 20 }, (_, i) => ask('plain', 100 + i)));
  }
});
