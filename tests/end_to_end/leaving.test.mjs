// SPDX-License-Identifier: Apache-2.0
// Clients that disconnect: their upstream requests end at once, at every stage.  LEAVING_ROUNDS
// repeats the measurement; see ./tools/crowds.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';

import { eventually, patience, sleep } from './support/process.mjs';
import { RawConnection, chatRequest, say } from './support/raw.mjs';
import { reset } from './support/reset.mjs';
import { Stack } from './support/stack.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start();
  client = stack.client();
});
beforeEach(() => stack.emulator.reset());
after(() => stack.stop());

const ask = (content, stream = true) => ({ model: 'gpt-5', stream, messages: [{ role: 'user', content }] });
const running = (count) => eventually(async () => {
  const stats = await stack.emulator.stats();
  return stats.running === count || stats;
}, `${count} calls running`);
const cancelled = () => eventually(async () => {
  const stats = await stack.emulator.stats();
  return (stats.cancelled === 1 && stats.running === 0) || stats;
}, 'the upstream call is cancelled');

const idle = () => eventually(async () => await stack.metric('gatehouse_requests_running') === 0, 'no request runs');

test('in the middle of a stream, by abort()', async () => {
  const stream = await client.chat.completions.create(ask('mock:drip:100 ' + 'word '.repeat(100)));
  let chunks = 0;
  await assert.rejects(async () => {
    for await (const chunk of stream) {
      assert.ok(chunk);
      if (++chunks === 5) stream.controller.abort();
    }
    throw new Error('aborted');  // some versions end the iteration quietly
  });
  await cancelled();
});

test('in the middle of a stream, by leaving the loop', async () => {
  const stream = await client.chat.completions.create(ask('mock:drip:100 ' + 'word '.repeat(100)));
  for await (const chunk of stream) {
    assert.ok(chunk);
    break;
  }
  await cancelled();
});

for (const stream of [false, true])
  test(`before the first byte of a ${stream ? 'streaming' : 'non-streaming'} response`, async () => {
    const controller = new AbortController();
    const answer = client.chat.completions.create(ask('mock:wait:600000', stream), { signal: controller.signal });
    answer.catch(() => {});
    await running(1);
    controller.abort();
    await assert.rejects(answer);
    await cancelled();
  });

test('with a FIN, as curl does when it is stopped', async () => {
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest(say('mock:drip:100 ' + 'word '.repeat(100), { stream: true })));
  await connection.until((text) => text.includes('You'));
  connection.socket.end();
  await cancelled();
  connection.close();
});

test('with a reset', async () => {
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest(say('mock:drip:100 ' + 'word '.repeat(100), { stream: true })));
  await connection.until((text) => text.includes('You'));
  reset(connection.socket);
  await cancelled();
});

test('while a retry waits', async () => {
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest(say('mock:err:503:env:1')));
  await eventually(async () => (await stack.emulator.stats()).refused >= 1, 'the first attempt');
  connection.close();
  await idle();
  const { requests } = await stack.emulator.stats();
  await sleep(2500);  // in which it would be made
  assert.ok((await stack.emulator.stats()).requests <= requests, 'no attempt is made for a client that has left');
});

test('in the middle of its own body: no upstream request is sent', async () => {
  const request = chatRequest(say('x'.repeat(10_000)));
  const connection = new RawConnection(stack.port);
  await connection.write(request.slice(0, 5000));
  await eventually(async () => await stack.metric('gatehouse_requests_running') === 1, 'it has begun');
  connection.close();
  await idle();
  assert.equal((await stack.emulator.stats()).requests, 0);
});

test('a half-closed client still receives the gateway\'s own responses', async () => {
  const connection = new RawConnection(stack.port);
  connection.socket.end('GET /health HTTP/1.1\r\nhost: x\r\n\r\n');
  assert.match(await connection.closed, /^HTTP\/1\.1 200 [^]*\{"status":"ok"\}$/);
});

test('a failed upstream request is retried, and the client does not see the failure', async () => {
  for (const stream of [false, true]) {
    await stack.emulator.reset();
    const response = await stack.post(ask(`mock:flaky:2:503 ${stream}`, stream));
    assert.equal(response.status, 200, await response.clone().text());
    assert.match(await response.text(), stream ? /\[DONE\]\n\n$/ : /You said/);
    assert.equal((await stack.emulator.stats()).requests, 3);
  }
  await stack.emulator.reset();
  const failed = await stack.post(ask('mock:flaky:3:503 too often', false));
  assert.equal(failed.status, 503);
  assert.equal((await stack.emulator.stats()).requests, 3);
});

test('the attempts of a request share a retry token, and an equal request has another', async () => {
  const tokens = async (words) => {
    await stack.emulator.reset();
    assert.equal((await stack.post(ask(words, false))).status, 200);
    return (await stack.emulator.requests()).filter(({ method }) => method === 'POST').map((line) => line['opc-retry-token']);
  };
  const first = await tokens('mock:flaky:2:503 token');
  assert.equal(first.length, 3);
  assert.match(first[0], /^req_[\w-]{24}-[\w-]{32}$/);
  assert.deepEqual(new Set(first).size, 1);
  const second = await tokens('mock:flaky:2:503 token');
  assert.deepEqual(new Set(second).size, 1);
  assert.notEqual(second[0], first[0]);
});

test('a permanent error is not retried', async () => {
  for (const status of [400, 401, 404, 413]) {
    await stack.emulator.reset();
    await (await stack.post(ask(`mock:err:${status}:env`, false))).text();
    assert.equal((await stack.emulator.stats()).requests, 1, `after ${status}`);
  }
});

/** An upstream that says `after` how much of its answer it falls silent, and when each call's connection has ended. */
async function silent() {
  const calls = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += data)).on('end', () => {
      const { stream, messages } = JSON.parse(body);
      const [id, after] = messages[0].content.split(' ');
      request.socket.once('close', () => calls.get(id).ended(performance.now()));
      if (after === 'head') {
        response.writeHead(200, stream ? { 'content-type': 'text/event-stream' } : { 'content-type': 'application/json', 'content-length': 1000 });
        const event = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'first' } }] };
        response.write(stream ? `data: ${JSON.stringify(event)}\n\n` : '{"choices":[');
      }
      calls.get(id).begun();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, calls, close: () => (server.closeAllConnections(), server.close()) };
}

test('an upstream request ends soon after its client disconnects: before and after the header, streaming and non-streaming', async (t) => {
  // How soon is measured if LEAVING_ROUNDS is set.  Otherwise the end is awaited: no other limit comes first.
  const measured = process.env.LEAVING_ROUNDS !== undefined, rounds = Number(process.env.LEAVING_ROUNDS ?? 9);
  const never = 2 * patience;
  const upstream = await silent();
  const own = await Stack.start({ routes: { up: 'up/any' }, 
    upstream: { proxy: 'none', first_byte_timeout_ms: never, response_timeout_ms: never, idle_timeout_ms: never },
    extra: `[provider.up]\nuse = "openai"\nbase_url = "http://127.0.0.1:${upstream.port}/v1"\n` });
  const ways = [(client) => client.close(), (client) => reset(client.socket), (client) => client.socket.end()];
  let next = 0;
  const round = async (port, after, stream) => {
    const id = `call-${++next}`, call = {};
    const begun = new Promise((resolve) => (call.begun = resolve)), ended = new Promise((resolve) => (call.ended = resolve));
    upstream.calls.set(id, call);
    const client = new RawConnection(port);
    await client.write(chatRequest({ ...say(`${id} ${after}`, { stream }), model: 'up' }));
    await begun;
    if (after === 'head' && stream) await client.until((text) => text.includes('first'));
    else await sleep(20);
    const left = performance.now();
    ways[next % ways.length](client);
    const time = await ended - left;
    client.close();
    return time;
  };
  const shown = (times) => `${times.at(times.length >> 1).toFixed(1)} ms, at most ${times.at(-1).toFixed(1)} ms`;
  const measure = async (...what) => {
    const times = [];
    for (let i = 0; i < rounds; ++i) times.push(await round(...what));
    return times.sort((a, b) => a - b);
  };
  try {
    for (const after of ['nothing', 'head'])
      for (const stream of [false, true]) {
        // `direct` is the time that this process and this machine need without a gateway.
        const direct = await measure(upstream.port, after, stream), through = await measure(own.port, after, stream);
        const what = `after ${after === 'head' ? 'the head' : 'nothing'} of a ${stream ? 'streamed' : 'whole'} answer`;
        t.diagnostic(`${what}: ${shown(through)}; without the gateway ${shown(direct)}`);
        assert.ok(!measured || through[0] < 100 + direct.at(-1), `${what}: ${through}; without the gateway ${direct}`);
      }
    assert.equal((await fetch(`${own.url}/health`)).status, 200);
  } finally {
    await own.stop();
    upstream.close();
  }
});

test('all resources are released', async () => {
  await running(0);
  await stack.answersNext();
});
