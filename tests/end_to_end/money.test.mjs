// SPDX-License-Identifier: Apache-2.0
// Budgets against the bill of an upstream that counts by itself: a hard budget is spent and not exceeded, no kill
// loses spend, and a store that fails delays and loses nothing.  MONEY_ROUNDS (1), MONEY_KILLS (3) and MONEY_SEED (1)
// from the environment; `./tools/money` runs 20 rounds and 200 kills.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { BillingServer } from './support/billing_server.mjs';
import { Gateway, apiKey } from './support/gateway.mjs';
import { eventually, patience, required, sleep } from './support/process.mjs';
import { randomFrom } from './support/random.mjs';
import { Redis, redisMissing } from './support/redis.mjs';

const rounds = Number(process.env.MONEY_ROUNDS ?? 1), kills = Number(process.env.MONEY_KILLS ?? 3), seed = Number(process.env.MONEY_SEED ?? 1);

const configuration = (port, backend, store, budget, more = '') => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
[store.money]
${store}
[limiter.quota]
use = "quota"
store_timeout_ms = 10000
${more}
[[limiter.quota.budgets]]
for = "key:*"
amount = ${budget}
[limiter.quota.prices."local/*"]
input = 10.00
output = 100.00
`;

const ask = (random, limit) => ({ model: 'm', max_tokens: 1 + random.below(limit), stream: random.chance(0.8),
  messages: [{ role: 'user', content: 'say it '.repeat(1 + random.below(20)) }] });

/** One request; it leaves in the middle if `leaves`.  The status, or 0 if the gateway has ended. */
async function send(gateway, body, leaves = false) {
  const leaving = new AbortController();
  try {
    const answer = await gateway.post(body, { signal: leaving.signal });
    if (answer.status !== 200) return { status: answer.status, code: (await answer.json()).error.code };
    let pieces = 0;
    for await (const piece of answer.body) {
      if (!leaves || piece.length === 0 || ++pieces <= 3) continue;
      leaving.abort();
      return { status: 0 };
    }
    return { status: 200 };
  } catch {
    return { status: 0 };
  }
}

/** The amount that the gateway has counted and reserved, in dollars. */
async function used(gateway, budget) {
  const answer = await gateway.post({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] });
  const rest = answer.headers.get('x-gatehouse-budget-remaining');
  await answer.text();
  return rest === null ? NaN : budget - Number(rest.split(' ')[0]);
}

describe('a hard budget of one dollar', () => {
  for (let round = 1; round <= rounds; ++round)
    test(`is spent, and exceeded at most by what clients that left did not see: round ${round}`, { timeout: patience }, async (t) => {
      const random = randomFrom(seed * 100 + round), backend = await BillingServer.start({ seed: seed * 100 + round });
      const gateway = await Gateway.start((port) => configuration(port, backend, 'use = "memory"', '1.00'));
      const outcomes = { 0: 0, 200: 0, 429: 0 };
      try {
        await Promise.all(Array.from({ length: 64 }, async () => {
          // The reservations of others come back, so that a few tries more spend the rest.
          for (let refused = 0; refused < 12; ) {
            const leaves = random.chance(1 / 3);
            const { status, code } = await send(gateway, ask(random, refused > 4 ? 6 : 80), leaves);
            outcomes[status] = (outcomes[status] ?? 0) + 1;
            if (code === 'insufficient_quota') {
              refused += 1;
              await sleep(20 * refused);
            } else refused = status === 200 || status === 0 ? 0 : refused;
          }
        }));
      } finally {
        await gateway.stop();
        await backend.stop();
      }
      t.diagnostic(`the upstream's bill: ${backend.dollars} USD, ${JSON.stringify(outcomes)}`);
      // The last piece that the upstream sends to a client that has left is not seen: four tokens at once.
      const unseen = outcomes[0] * 4 * 0.0001;
      assert.ok(backend.dollars <= 1 + unseen && backend.dollars >= 0.98, `${backend.dollars} USD, at most ${1 + unseen}, ${JSON.stringify(outcomes)}`);
    });
});

const sqlite = !existsSync(join(required('BUILD'), 'plugins/store/sqlite/sqlite.so')) && 'store/sqlite was not built';

/** Kills the gateway again and again under load.  All spend is in the store afterwards. */
async function survives(t, store, folder) {
  const clients = 8, limit = 20, budget = 5_000, random = randomFrom(seed);
  const backend = await BillingServer.start({ seed });
  const gateway = new Gateway();
  gateway.makeFolder();
  const launch = () => gateway.launch((port) => configuration(port, backend, store, `${budget}.00`));
  await launch();
  let over = false, answered = 0;
  const load = Array.from({ length: clients }, async () => {
    while (!over) {
      const { status } = await send(gateway, ask(random, limit), random.chance(0.2));
      answered += status === 200;
      if (status !== 200) await sleep(20);
    }
  });
  try {
    for (let kill = 0; kill < kills; ++kill) {
      const before = answered;
      await eventually(() => answered > before + 5 || { answered }, 'requests are answered');
      await sleep(random.below(200));
      gateway.gateway.child.kill('SIGKILL');
      await gateway.gateway.ended;
      await launch();
    }
  } finally {
    over = true;
    await Promise.all(load);
  }
  try {
    let last = NaN;
    await eventually(async () => {
      const now = await used(gateway, budget), settled = now - last < 0.001;
      last = now;
      return settled;
    }, 'all requests are settled');
    const billed = backend.dollars, most = kills * clients * (limit * 100 + 5_000) / 1e6;
    t.diagnostic(`${answered} responses, the upstream's bill ${billed} USD, counted ${last} USD`);
    assert.ok(last >= billed, `${last} USD counted, ${billed} USD billed`);
    assert.ok(last <= billed * 1.01 + most, `${last} USD counted, ${billed} USD billed, at most ${most} USD more`);
  } finally {
    await gateway.stop();
    await backend.stop();
  }
}

describe('kills of the gateway lose no spend', () => {
  let folder;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-money-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test(`${kills} kills with a file of SQLite`, { skip: sqlite, timeout: patience + kills * 10_000 }, async (t) => {
    await survives(t, `use = "sqlite"\npath = "${join(folder, 'store.db')}"`, folder);
  });
  test(`${kills} kills with Redis`, { skip: redisMissing, timeout: patience + kills * 10_000 }, async (t) => {
    const redis = await Redis.start();
    try {
      await survives(t, `use = "redis"\nport = ${redis.port}`, folder);
    } finally {
      await redis.stop();
    }
  });
});

describe('a store that fails', () => {
  let folder, backend;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-money-'));
    backend = await BillingServer.start();
  });
  after(async () => {
    await backend.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] };
  const works = (gateway, what) => eventually(async () => {
    const { status } = await send(gateway, body);
    return status === 200 || status === 502 ? true : status;
  }, what);

  test('Redis that is killed, paused, or empty delays no request beyond store_timeout_ms', { skip: redisMissing, timeout: patience }, async (t) => {
    const redis = await Redis.start(), timeout = 100;
    const gateway = await Gateway.start((own) => configuration(own, backend, `use = "redis"\nport = ${redis.port}\ntimeout_ms = ${timeout}`, '5.00')
      .replace('store_timeout_ms = 10000', `store_timeout_ms = ${timeout}`));
    const times = [];
    const load = async (what) => {
      await Promise.all(Array.from({ length: 20 }, async () => {
        const begun = Date.now(), { status, code } = await send(gateway, body);
        if (status !== 503) return;
        assert.equal(code, 'limits_unavailable', what);
        times.push(Date.now() - begun);
      }));
    };
    try {
      await works(gateway, 'the store is reached');
      redis.program.child.kill('SIGSTOP');
      for (let i = 0; i < 3; ++i) await load('paused');
      assert.ok(times.length > 0, 'requests were refused while Redis was paused');
      redis.program.child.kill('SIGCONT');
      await works(gateway, 'Redis goes on');
      await redis.kill();
      for (let i = 0; i < 3; ++i) await load('killed');
      await redis.launch();
      await works(gateway, 'an empty Redis is there');
      t.diagnostic(`${times.length} refused in at most ${Math.max(...times)} ms`);
      // A measured time has a wide factor: other programs run too.
      assert.ok(Math.max(...times) < 50 * timeout, `${Math.max(...times)} ms`);
    } finally {
      await gateway.stop();
      await redis.stop();
    }
  });

  test('a file of SQLite on a full disk, removed, or corrupt: an error, no crash, and recovery', { skip: sqlite, timeout: patience }, async () => {
    const own = join(folder, 'state'), file = join(own, 'store.db');
    mkdirSync(own);
    const gateway = await Gateway.start((port) => configuration(port, backend, `use = "sqlite"\npath = "${file}"`, '5.00'));
    const fails = async (what) => {
      await eventually(async () => (await send(gateway, body)).code === 'limits_unavailable', `refused: ${what}`);
      await eventually(() => gateway.output.includes('store not available'), `in the log: ${what}`);
    };
    try {
      await works(gateway, 'the store is there');
      // A limit for the size of files is a disk that is full.
      const limit = (bytes) => assert.equal(spawnSync('prlimit', ['--pid', `${gateway.gateway.child.pid}`, `--fsize=${bytes}`]).status, 0);
      limit('1:unlimited');
      await fails('a full disk');
      limit('unlimited:unlimited');
      await works(gateway, 'the disk has room again');
      const before = await used(gateway, 5);
      rmSync(own, { recursive: true });
      await eventually(() => gateway.output.includes('store file was moved or removed') || send(gateway, body).then(() => false), 'the folder is missed');
      mkdirSync(own);
      await works(gateway, 'the folder is back');
      assert.ok((await used(gateway, 5)) >= before, 'the counters of the process go into the new file');
      writeFileSync(join(own, 'garbage'), 'This is no file of SQLite at all. '.repeat(500), { mode: 0o600 });
      // Its log of changes would mend it.
      for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true });
      renameSync(join(own, 'garbage'), file);
      await eventually(async () => (await send(gateway, body)).code === 'limits_unavailable', 'a corrupt file is refused');
      rmSync(file);
      await works(gateway, 'the corrupt file is away');
      assert.ok((await used(gateway, 5)) >= before);
    } finally {
      await gateway.stop();
    }
  });
});
