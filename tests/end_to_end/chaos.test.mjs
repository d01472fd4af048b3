// SPDX-License-Identifier: Apache-2.0
// All faults together: upstreams that fail in every way, clients that disconnect at any time,
// reloads.  No wrong byte, no leak, no stuck flow.  CHAOS_SECONDS (20) and CHAOS_SEED (1) from
// the environment; `./tools/chaos` runs it for five minutes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agent, askAndVerify } from './support/caller.mjs';
import { badPlans, goodPlans } from './support/faulty.mjs';
import { eventually, patience, sleep } from './support/process.mjs';
import { randomFrom } from './support/random.mjs';
import { Wild } from './support/wild.mjs';

const seconds = Number(process.env.CHAOS_SECONDS ?? 20), seed = Number(process.env.CHAOS_SEED ?? 1);

let wild;
before(async () => (wild = await Wild.start(seed)));
after(() => wild.stop());

/** One client after the other, all different, until `over`. */
async function caller(number, over, outcomes) {
  const random = randomFrom(seed * 1000 + number), using = agent();
  for (let i = 0; !over(); ++i) {
    const good = random.chance(0.5);
    const plan = random.one(Object.keys(good ? goodPlans : random.chance(0.7) ? badPlans : goodPlans));
    const outcome = await askAndVerify({ port: wild.port, using, model: good ? 'steady' : 'wild', id: `c${number}i${i}x`, words: 1 + random.below(60), plan, number: random.below(1e9),
      stream: random.chance(0.6), leave: random.chance(0.3) ? random.below(600) : undefined, good });
    const key = `${good ? 'steady' : 'wild'} ${outcome}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
  }
  using.destroy();
}

test(`chaos for ${seconds} s with seed ${seed}: no wrong byte, no leak, no stuck flow`, { timeout: seconds * 1000 + 2 * patience }, async (t) => {
  // Every plan once, so that a short run covers each of them, and memory has its usual size.
  const using = agent();
  await Promise.all(Object.keys({ ...goodPlans, ...badPlans }).flatMap((plan, i) => [true, false].map((stream) =>
    askAndVerify({ port: wild.port, using, model: plan in goodPlans ? 'steady' : 'wild', id: `first${i}x`, words: 20, plan, number: i, stream, good: plan in goodPlans }))));
  using.destroy();
  await wild.quiet();
  const { gateway } = wild;
  const before = { memory: gateway.memory(), files: gateway.openFiles() };

  const end = Date.now() + seconds * 1000, outcomes = {};
  // On a slow machine it takes longer until each outcome has been seen.
  const seen = () => outcomes['steady complete'] > 10 && ['steady left', 'wild refused', 'wild broken'].every((one) => outcomes[one] > 0);
  const over = () => Date.now() >= end && (seen() || Date.now() >= end + patience);
  let reloads = 0;
  const reloading = (async () => {
    for (; !over(); await sleep(1000)) wild.reload(++reloads);
  })();
  await Promise.all([reloading, ...Array.from({ length: 40 }, (_, number) => caller(number, over, outcomes))]);

  await wild.quiet();
  await eventually(() => {
    // Idle connections to the upstreams are kept.
    const files = gateway.openFiles() - wild.steady.connections - wild.wild.connections;
    return files <= before.files + 8 || { before: before.files, files };
  }, 'descriptors are given back');
  const grown = (gateway.memory() - before.memory) / 1e6;
  t.diagnostic(`${JSON.stringify(outcomes)}; ${reloads} reloads; ${wild.steady.requests + wild.wild.requests} upstream requests on ` +
    `${wild.steady.accepted + wild.wild.accepted} connections; memory ${(before.memory / 1e6).toFixed(1)} MB, then ${grown.toFixed(1)} MB more`);
  assert.ok(grown < 60, `memory grew by ${grown} MB`);
  assert.ok(outcomes['steady complete'] > 10 && outcomes['steady left'] > 0, JSON.stringify(outcomes));
  assert.ok(outcomes['wild refused'] > 0 && outcomes['wild broken'] > 0, JSON.stringify(outcomes));
  const last = await askAndVerify({ port: wild.port, using: agent(), model: 'steady', id: 'lastx', words: 5, plan: 'plain', number: 1, stream: true, good: true });
  assert.equal(last, 'complete');
});

test('20 reloads under load: no request fails', async () => {
  const end = { now: false };
  let asked = 0;
  const load = Array.from({ length: 20 }, async (_, number) => {
    const random = randomFrom(number), using = agent();
    for (let i = 0; !end.now; ++i, ++asked)
      assert.equal(await askAndVerify({ port: wild.port, using, model: 'steady', id: `l${number}i${i}x`, words: 10, plan: random.one(['plain', 'drip', 'pieces']), number: i, stream: random.chance(0.5), good: true }), 'complete');
    using.destroy();
  });
  const all = Promise.all(load);
  for (let version = 1000; version < 1020; ++version) {
    const before = asked;
    wild.reload(version);
    await Promise.race([all, eventually(() => asked >= before + 3, 'three more requests are answered')]);
  }
  end.now = true;
  await all;
  assert.ok(asked > 50, `${asked} requests`);
});
