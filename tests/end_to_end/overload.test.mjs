// SPDX-License-Identifier: Apache-2.0
// Overload: fair queues, 503 with retry-after, memory that stays within
// its limit, descriptors that are released, and health and metrics that always respond.
// SHORT_CONNECTIONS makes more of those than 1,000; see ./tools/crowds.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { Program, eventually, patience, required, sleep } from './support/process.mjs';
import { HeldServer } from './support/held_server.mjs';
import { RawConnection, chatRequest, parseAnswer, say } from './support/raw.mjs';
import { Stack, apiKey, freePort } from './support/stack.mjs';

const sanitized = JSON.parse(readFileSync(join(required('BUILD'), 'meson-info/intro-buildoptions.json')))
  .find((one) => one.name === 'b_sanitize').value !== 'none';

const metric = async (url, name) => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(text.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ').at(-1));
};
const slow = 'mock:drip:100 ' + 'word '.repeat(30);

async function with_stack(options, body) {
  const stack = await Stack.start(options);
  try {
    await body(stack);
  } finally {
    await stack.stop();
  }
}

/** The same, with an upstream whose responses wait for the test. */
async function with_held(options, body) {
  const held = await HeldServer.start();
  try {
    await with_stack({ routes: { 'gpt-5': 'held/any' }, ...options, extra: held.provider + (options.extra ?? '') }, (stack) => body(stack, held));
  } finally {
    await held.stop();
  }
}

/** Sends a chat as `key` and gives the parsed answer. */
async function ask(stack, content, { key = apiKey } = {}) {
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest(say(content), { authorization: `Bearer ${key}`, connection: 'close' }));
  const answer = parseAnswer(await connection.until(() => false));
  connection.close();
  return answer;
}

test('beyond max_concurrent_requests, requests wait in fair queues, and further requests receive 503 with retry-after', () =>
  with_held({ server: { max_concurrent_requests: 2, max_queued: 3, queue_timeout_ms: 2 * patience },
    extra: '[authenticator.other]\nuse = "api_key"\nkeys = [{ name = "other", key = "sk-other-0123456789" }]\n' },
  async (stack, held) => {
    const one = (name, key) => ask(stack, name, { key });
    const queued = (count) => eventually(async () => {
      const now = await metric(stack.url, 'gatehouse_requests_queued');
      return now === count || now;
    }, `${count} wait`);
    const first = [one('r1'), one('r2')];
    await eventually(() => held.running === 2 || held.running, 'two run');
    const greedy = [];
    for (let i = 0; i < 3; ++i) {
      greedy.push(one(`g${i}`));
      await queued(i + 1);
    }
    const tooMany = await one('g3');
    assert.equal(tooMany.status, 503);
    assert.equal(tooMany.headers['retry-after'], '1');
    assert.equal(JSON.parse(tooMany.body).error.code, 'unavailable');
    const modest = one('m', 'sk-other-0123456789');
    for (const path of ['/health', '/ready', '/metrics']) assert.equal((await fetch(stack.url + path)).status, 200);
    assert.equal((await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } })).status, 200);
    await queued(4);
    for (let i = 0; i < 6; ++i) {
      await eventually(() => held.running > 0, 'one runs');
      held.release();
    }
    for (const answer of await Promise.all([...first, ...greedy, modest])) assert.equal(answer.status, 200, answer.body);
    const order = held.requests.map(({ body }) => body.messages[0].content);
    assert.ok(order.indexOf('m') < order.indexOf('g2'), `the modest client is not behind all of the greedy one's: ${order}`);
    assert.equal(held.peak, 2);
    await queued(0);
  }));

test('a request that waits too long receives 503', () =>
  with_held({ server: { max_concurrent_requests: 1, queue_timeout_ms: 300 } }, async (stack, held) => {
    const running = ask(stack, 'first');
    await eventually(() => held.running === 1, 'one runs');
    const late = await ask(stack, 'late');
    assert.deepEqual([late.status, late.headers['retry-after']], [503, '1']);
    held.release();
    assert.equal((await running).status, 200);
    assert.equal(held.requests.length, 1);
  }));

test('a request that leaves the queue is not sent upstream', () =>
  with_held({ server: { max_concurrent_requests: 1, queue_timeout_ms: 2 * patience } }, async (stack, held) => {
    const running = ask(stack, 'first');
    await eventually(() => held.running === 1, 'one runs');
    const impatient = new RawConnection(stack.port);
    await impatient.write(chatRequest(say('impatient')));
    await eventually(async () => await metric(stack.url, 'gatehouse_requests_queued') === 1, 'it waits');
    impatient.close();
    await eventually(async () => await metric(stack.url, 'gatehouse_requests_queued') === 0, 'it is taken out');
    held.release();
    assert.equal((await running).status, 200);
    const next = ask(stack, 'next');
    await eventually(() => held.running === 1, 'the next one runs');
    held.release();
    assert.equal((await next).status, 200);
    assert.deepEqual(held.requests.map(({ body }) => body.messages[0].content), ['first', 'next']);
  }));

test('beyond memory_limit new requests receive 503, and running requests continue', () =>
  with_stack({ server: { memory_limit: 8 << 20, max_body_bytes: 4 << 20 } }, async (stack) => {
    const size = 3 << 20;
    const text = JSON.stringify(say('x'.repeat(size)));
    const holder = new RawConnection(stack.port);  // reserves 6 of the 8 MiB when it is admitted
    await holder.write(chatRequest(text).slice(0, 100_000));
    await eventually(async () => await metric(stack.url, 'gatehouse_memory_held_bytes') > 6e6, 'it is counted');
    const big = new RawConnection(stack.port);
    await big.write(chatRequest(text, { connection: 'close' }));
    const refused = parseAnswer(await big.until((all) => all.includes('\r\n\r\n')));
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
    big.close();
    assert.equal((await ask(stack, 'small')).status, 200);
    await holder.write(chatRequest(text).slice(100_000));
    assert.equal(parseAnswer(await holder.until((all) => /\r\n\r\n[^]*}$/.test(all))).status, 200);
    holder.close();
    await eventually(async () => await metric(stack.url, 'gatehouse_memory_held_bytes') < 1e6, 'it is given back');
    assert.equal(await metric(stack.url, 'gatehouse_requests_refused_total{reason="memory"}'), 1);
  }));

test('the listener of [admin] has health, readiness and metrics, and the main listener has no metrics', async () => {
  const port = await freePort();
  await with_held({ server: { max_concurrent_requests: 1, max_connections: 8 }, extra: `[admin]\nlisten = "127.0.0.1:${port}"\n` }, async (stack, held) => {
    const admin = `http://127.0.0.1:${port}`;
    const idle = Array.from({ length: 9 }, () => new RawConnection(stack.port));
    await Promise.race(idle.map((one) => one.closed));  // one connection too many; other clients are served:
    for (const path of ['/health', '/ready', '/metrics']) assert.equal((await fetch(admin + path)).status, 200);
    assert.equal((await fetch(`${admin}/v1/models`)).status, 404);
    for (const one of idle) one.close();
    await eventually(() => fetch(`${stack.url}/health`).then((answer) => answer.status === 200 || answer.status), 'room again');
    assert.equal((await fetch(`${stack.url}/metrics`)).status, 404);
    assert.equal((await fetch(`${stack.url}/ready`)).status, 200);
    const running = ask(stack, 'x');
    await eventually(() => held.running === 1, 'one runs');
    assert.equal((await fetch(`${admin}/metrics`)).status, 200);
    held.release();
    assert.equal((await running).status, 200);
  });
});

/** An upstream that says as much as it is let, for ever. */
async function flood() {
  const event = `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1,
    choices: [{ index: 0, delta: { content: 'flood '.repeat(100) } }] })}\n\n`.repeat(16);
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const more = () => {
        while (!response.destroyed && response.write(event));
      };
      response.on('drain', more);
      more();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('500 clients that do not read use at most 64 MiB and delay no other client', async (t) => {
  const upstream = await flood();
  try {
    await with_stack({ server: { client_write_timeout_ms: 2 * patience }, routes: { 'gpt-5': 'oci/openai.gpt-4.1', flood: 'flood/any' },
      extra: `[provider.flood]\nuse = "openai"\nbase_url = "http://127.0.0.1:${upstream.address().port}/v1"\n` }, async (stack) => {
      const fastest = async () => {
        const times = [];
        for (let i = 0; i < 10; ++i) {
          const start = performance.now();
          await stack.answersNext();
          times.push(performance.now() - start);
        }
        return Math.min(...times);
      };
      await stack.answersNext();
      const alone = await fastest();
      const before = { memory: stack.gateway.memory(), files: stack.gateway.openFiles(), held: await metric(stack.url, 'gatehouse_memory_held_bytes') };
      const clients = await Promise.all(Array.from({ length: 500 }, async () => {
        const connection = new RawConnection(stack.port);
        connection.socket.pause();
        await connection.write(chatRequest({ ...say('x', { stream: true }), model: 'flood' }));
        return connection;
      }));
      await eventually(async () => await metric(stack.url, 'gatehouse_requests_running') >= 500 || 'fewer', 'all run');
      const heldNow = async () => (await metric(stack.url, 'gatehouse_memory_held_bytes') - before.held) / (1 << 20);
      await eventually(async () => await heldNow() > 10 || heldNow(), 'it counts what it holds');
      await sleep(2_000);  // in which it would hold more than its limit
      let last = NaN;
      // On a loaded machine the buffers fill slowly.
      await eventually(async () => {
        const earlier = last;
        await sleep(500);
        last = await heldNow();
        return last === earlier || `${last} MiB, ${earlier} MiB before`;
      }, 'every buffer is full');
      const crowded = await fastest();
      const grown = (stack.gateway.memory() - before.memory) / (1 << 20);
      const held = await heldNow();
      t.diagnostic(`resident memory grew by ${grown.toFixed(1)} MiB, counted ${held.toFixed(1)} MiB; a good client waited for ${crowded.toFixed(1)} ms, and for ${alone.toFixed(1)} ms without the others`);
      assert.ok((sanitized ? held : grown) <= 64, `${grown} MiB, counted ${held} MiB`);
      assert.ok(crowded < 50 * alone, `${crowded} ms, ${alone} ms without the others`);
      for (const client of clients) client.close();
      await eventually(() => stack.gateway.openFiles() <= before.files + 8 || stack.gateway.openFiles(), 'descriptors come back');
      await stack.answersNext();
    });
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});

test('the gateway survives thousands of silent, slow and short connections, and releases their descriptors', (t) =>
  with_stack({ server: { header_timeout_ms: 1_500, body_timeout_ms: 1_500 } }, async (stack) => {
    const before = stack.gateway.openFiles();
    const idle = Array.from({ length: 2_000 }, () => new RawConnection(stack.port));
    const slowHeads = Array.from({ length: 300 }, () => new RawConnection(stack.port));
    const slowBodies = Array.from({ length: 300 }, () => new RawConnection(stack.port));
    for (const one of slowHeads) one.write('POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-');
    for (const one of slowBodies) one.write(chatRequest(say('x')).slice(0, -5));
    await stack.answersNext();
    for (const one of slowHeads) assert.equal(parseAnswer(await one.until(() => false)).status, 408);
    for (const one of slowBodies) assert.equal(parseAnswer(await one.until(() => false)).status, 408);
    for (const one of idle) await one.until(() => false);
    const rounds = Number(process.env.SHORT_CONNECTIONS ?? 1_000) / 50, start = performance.now();
    for (let round = 0; round < rounds; ++round)
      await Promise.all(Array.from({ length: 50 }, async () => {
        const connection = new RawConnection(stack.port);
        await connection.write('GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
        assert.equal(parseAnswer(await connection.until(() => false)).status, 200);
      }));
    t.diagnostic(`${rounds * 50} short connections in ${((performance.now() - start) / 1000).toFixed(1)} s, ${stack.gateway.openFiles() - before} descriptors more than before`);
    await eventually(() => stack.gateway.openFiles() <= before + 8 || stack.gateway.openFiles(), 'descriptors come back');
    await stack.answersNext();
  }));

test('a process with 256 descriptors serves some clients, rejects the others, and does not spin', () =>
  with_stack({}, async (stack) => {
    const port = await freePort();
    const file = join(stack.folder, 'few.toml');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file, stack.configuration().replace(/listen = ".*"/, `listen = "127.0.0.1:${port}"`));
    const few = new Program('sh', ['-c', `ulimit -n 256; exec "$0" serve -c "$1"`, required('GATEHOUSE'), file]);
    const url = `http://127.0.0.1:${port}`;
    try {
      await eventually(async () => few.end ?? fetch(`${url}/ready`).then((answer) => answer.ok, String), 'it is ready');
      assert.match(few.output, /allows fewer connections than max_connections/);
      const before = few.openFiles();
      const crowd = Array.from({ length: 400 }, () => {
        const one = new RawConnection(port);
        one.write(chatRequest(say(slow, { stream: true }), { connection: 'close' }));
        return one;
      });
      const answers = await Promise.all(crowd.map((one) => one.until(() => false)));
      const counts = {};
      for (const answer of answers) {
        const { status } = answer ? parseAnswer(answer) : { status: 'closed' };
        counts[status] = (counts[status] ?? 0) + 1;
      }
      assert.ok(counts[200] >= 40, JSON.stringify(counts));
      assert.deepEqual(Object.keys(counts).filter((one) => !['200', '503', 'closed'].includes(one)), [], JSON.stringify(counts));
      await eventually(() => few.openFiles() <= before + 100 || few.openFiles(), 'descriptors come back');
      assert.equal((await fetch(`${url}/health`)).status, 200);
    } finally {
      await few.stop();
    }
  }));
