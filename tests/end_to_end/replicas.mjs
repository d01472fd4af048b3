// SPDX-License-Identifier: Apache-2.0
// Gateways behind haproxy with one Redis and open streams. One is killed again and again. No turn of a client that retries as
// its package does may fail, except those whose response had begun in the killed process. The budgets in Redis are exact. REPLICAS (5),
// REPLICA_SECONDS (300), KILL_SECONDS (10), STREAMS (300), REPLICA_SEED (1) from the environment; run by `./tools/replicas`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

import { BillingServer } from './support/billing_server.mjs';
import { Gateway } from './support/gateway.mjs';
import { Haproxy, haproxyMissing } from './support/haproxy.mjs';
import { Program, eventually, patience, required, sleep } from './support/process.mjs';
import { randomFrom } from './support/random.mjs';
import { Redis, redisMissing } from './support/redis.mjs';

const number = (name, usual) => Number(process.env[name] ?? usual);
const replicas = number('REPLICAS', 5), seconds = number('REPLICA_SECONDS', 300), every = number('KILL_SECONDS', 10);
const streams = number('STREAMS', 300), seed = number('REPLICA_SEED', 1);
// Few clients share a budget that they spend in the middle of the run.
const poor = Math.ceil(streams / 15), keys = { rich: 'sk-rich-0123456789', poor: 'sk-poor-0123456789' };

// Each response has 12 tokens in three writes, with a pause after each.
const tokens = 12, pause = 1_500, content = 'say it '.repeat(12).trim();
const nano = (dollars) => BigInt(Math.round(Number(dollars) * 1e9));
const cost = 10_000n * BigInt(4 + content.split(' ').length) + 100_000n * BigInt(tokens);
const poorAmount = (Number(cost) / 1e9 * poor * Math.max(5, seconds / (3 * pause / 1000) / 6)).toFixed(4);

const configuration = (backend, redis) => (port) => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "rich", key = "${keys.rich}" }, { name = "poor", key = "${keys.poor}" }]
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
# The upstream is never the reason of a failure, not even on a busy machine.
connect_timeout_ms = ${patience}
first_byte_timeout_ms = ${patience}
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
[store.shared]
use = "redis"
port = ${redis.port}
[limiter.quota]
use = "quota"
store_timeout_ms = 10000
[[limiter.quota.budgets]]
for = "key:rich"
amount = 100000
per = "year"
[[limiter.quota.budgets]]
for = "key:poor"
amount = ${poorAmount}
per = "year"
[limiter.quota.prices."local/*"]
input = 10.00
output = 100.00
`;

let redis, backend, gateways, proxy;
before(async () => {
  redis = await Redis.start();
  backend = await BillingServer.start({ pause, failures: 0, longest: true });
  gateways = [];
  for (let i = 0; i < replicas; ++i) gateways.push(Object.assign(await Gateway.start(configuration(backend, redis)), { kills: [] }));
  proxy = await Haproxy.start(gateways.map(({ port }) => port));
});
after(async () => {
  await proxy?.stop();
  for (const one of gateways ?? []) await one.stop();
  await backend?.stop();
  await redis?.stop();
});

/** The sum that Redis has counted and reserved for this key, in nano-dollars. A gateway shows only limits that it has admitted a request by. */
function counted(name) {
  const ask = (...words) => execFileSync('redis-cli', ['-p', `${redis.port}`, ...words], { encoding: 'utf8' });
  const found = ask('--scan', '--pattern', `gatehouse:c:*:6:limits:*key:${name}*`).trim().split('\n').filter(Boolean);
  return found.reduce((sum, key) => sum + BigInt(ask('GET', key).trim().split(' ')[0]), 0n);
}

const outcomes = { complete: 0, cut: 0, refused: 0 }, unexpected = [];

/** One turn with the retries of the package. `began` is called when the response begins. */
async function turn(client, name, began = () => {}) {
  let replica;
  try {
    const { data, response } = await client.chat.completions.create({ model: name, max_tokens: tokens, stream: true,
      messages: [{ role: 'user', content }] }).withResponse();
    replica = Number(response.headers.get('x-replica').slice(1));
    const since = Date.now();
    let text = '', finish;
    try {
      began();
      for await (const { choices: [choice] } of data) {
        text += choice?.delta.content ?? '';
        finish ??= choice?.finish_reason;
      }
      if (finish !== 'stop' || text !== 'words '.repeat(tokens)) throw new Error(`the stream ended with ${finish} after "${text}"`);
    } catch (error) {
      // Its process was killed meanwhile.
      if (gateways[replica].kills.some((time) => time >= since - 1_000)) return 'cut';
      throw error;
    }
    return 'complete';
  } catch (error) {
    if (error.code === 'insufficient_quota') return 'refused';
    unexpected.push(`${name}, replica ${replica}: ${error.status ?? ''} ${error.message} ${error.cause ?? ''}`);
    return 'failed';
  }
}

async function killAndStart(which) {
  const gateway = gateways[which];
  gateway.kills.push(Date.now());
  gateway.gateway.child.kill('SIGKILL');
  await gateway.gateway.ended;
  gateway.gateway = new Program(required('GATEHOUSE'), ['serve', '-c', gateway.file]);
  await eventually(() => fetch(`${gateway.url}/ready`).then((answer) => answer.ok, () => false), () => `the replica is back: ${gateway.output}`);
}

/** Numbers [kept, unseen]: `kept` requests count their reservation instead of their cost, and `unseen` of them reached no upstream. */
function decompose(rest, reservation) {
  for (let unseen = 0n; unseen * cost <= rest; ++unseen)
    if ((rest - unseen * cost) % (reservation - cost) === 0n) {
      const kept = (rest - unseen * cost) / (reservation - cost);
      if (kept >= unseen) return [Number(kept), Number(unseen)];
    }
  return null;
}

test(`${replicas} replicas lose one each ${every} s for ${seconds} s below ${streams} streams`,
  { skip: redisMissing || haproxyMissing, timeout: patience + 2_000 * seconds }, async (t) => {
    const client = (name) => new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: keys[name], maxRetries: 8, timeout: patience });
    // One stream by itself shows a reservation.
    let reservation;
    assert.equal(await turn(client('rich'), 'rich', () => (reservation = counted('rich'))), 'complete');
    assert.ok(reservation > cost, `${reservation} ${cost}`);

    const random = randomFrom(seed), end = Date.now() + 1_000 * seconds;
    const clients = Array.from({ length: streams }, async (_, i) => {
      const name = i < poor ? 'poor' : 'rich', own = client(name);
      await sleep(random.below(3 * pause));
      while (Date.now() < end) {
        const outcome = await turn(own, name);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        if (outcome === 'refused') await sleep(pause);
      }
    });
    let kills = 0, peak = 0;
    const watcher = setInterval(() => (peak = Math.max(peak, backend.running)), 100);
    for (let next = Date.now() + 1_000 * every; next < end; next = Math.max(next + 1_000 * every, Date.now())) {
      await sleep(next - Date.now());
      await killAndStart(random.below(replicas));
      kills += 1;
    }
    await Promise.all(clients);
    clearInterval(watcher);

    // Settled when the sums do not change any more.
    const settled = {};
    for (const name of ['rich', 'poor'])
      await eventually(async () => {
        const now = counted(name), same = now === settled[name];
        settled[name] = now;
        await sleep(1_000);
        return same;
      }, 'all costs are settled');
    const billed = { rich: backend.byModel.get('rich'), poor: backend.byModel.get('poor') ?? 0n };
    const all = settled.rich + settled.poor, rest = all - BigInt(backend.requests) * cost, parts = decompose(rest, reservation);
    t.diagnostic(`${kills} kills, ${JSON.stringify(outcomes)}, ${backend.requests} upstream requests, ${backend.cut} of them cut, at most ${peak} at a time`);
    t.diagnostic(`rich: billed ${Number(billed.rich) / 1e9} USD, counted ${Number(settled.rich) / 1e9}; poor: billed ${Number(billed.poor) / 1e9}, counted ` +
      `${Number(settled.poor) / 1e9} of ${poorAmount}`);
    t.diagnostic(`${unexpected.length} turns failed for another reason than a kill`);
    t.diagnostic(`a request costs ${Number(cost) / 1e9} USD and reserves ${Number(reservation) / 1e9}; ${parts?.[0]} requests keep their reservation, ${parts?.[1]} of them ` +
      'reached no upstream');
    assert.deepEqual(unexpected.slice(0, 5), []);
    assert.ok(kills > 0);
    assert.ok(outcomes.complete > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
    for (const name of ['rich', 'poor']) assert.ok(settled[name] >= billed[name], `${name}: no spend is lost`);
    assert.ok(settled.poor <= nano(poorAmount), 'the budget is not exceeded');
    // Each request counts its cost; each that was killed its reservation, also if the response was complete and the cost not yet stored.
    assert.ok(parts, `${rest} nano-dollars are not those of whole requests`);
    const [kept, unseen] = parts;
    const ended = kept - unseen - (backend.requests - outcomes.complete - 1);
    assert.ok(ended >= 0 && ended <= kills && unseen <= kills, `${kept} reservations, ${unseen} without an upstream, ${ended} of complete responses`);
    for (const one of gateways) assert.doesNotMatch(one.output, /Sanitizer|runtime error:|terminate called/);
  });
