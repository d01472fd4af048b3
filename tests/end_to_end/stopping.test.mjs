// SPDX-License-Identifier: Apache-2.0
// The gateway stops, and another process replaces it: no client is rejected, and no response
// is cut that could have ended in time.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { HeldServer } from './support/held_server.mjs';
import { Program, eventually, patience, required } from './support/process.mjs';
import { RawConnection, chatRequest, parseAnswer, say } from './support/raw.mjs';
import { readStream } from './support/sse.mjs';
import { Stack, freePort } from './support/stack.mjs';

async function with_stack(options, body) {
  const stack = await Stack.start(options);
  try {
    await body(stack);
  } finally {
    if (!stack.gateway.end) stack.gateway.child.kill('SIGKILL');
    await stack.emulator.program.stop();
  }
}

const running = (stack, count) => eventually(async () => {
  const stats = await stack.emulator.stats();
  return stats.running === count || stats;
}, `${count} calls run`);

test('100 running streams and TERM: 100 complete, and the exit status is 0', async () => {
  const port = await freePort();
  const held = await HeldServer.start();
  const extra = `[admin]\nlisten = "127.0.0.1:${port}"\n${held.provider}`;
  await with_stack({ server: { drain_timeout_ms: 2 * patience }, routes: { 'gpt-5': 'held/any' }, extra }, async (stack) => {
    const content = 'word '.repeat(40).trim();
    const streams = Array.from({ length: 100 }, () => {
      const connection = new RawConnection(stack.port);
      connection.write(chatRequest(say(content, { stream: true })));
      return connection;
    });
    const idle = new RawConnection(stack.port);
    await idle.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n');
    await idle.until((all) => all.includes('{"status":"ok"}'));
    await eventually(() => held.running === 100 || held.running, '100 calls run');
    stack.gateway.child.kill('SIGTERM');
    await idle.closed;
    const ready = await fetch(`http://127.0.0.1:${port}/ready`);
    assert.equal(ready.status, 503);
    await assert.rejects(fetch(`${stack.url}/health`));
    while (held.running) held.release();
    for (const connection of streams) {
      const answer = parseAnswer(await connection.until(() => false));
      const { choices: [choice] } = readStream(answer.body, { model: 'gpt-5' });
      assert.equal(choice.text, `You said: ${content}`);
    }
    await stack.gateway.finish();
  });
  await held.stop();
});

test('a response that still runs after drain_timeout_ms ends with an error in its own format', () =>
  with_stack({ server: { drain_timeout_ms: 2 * patience } }, (patient) => with_stack({ server: { drain_timeout_ms: 300 } }, async (stack) => {
    // A gateway with a longer timeout drains meanwhile, so that no other timeout is taken for this one.
    const kept = new RawConnection(patient.port);
    await kept.write(chatRequest(say('mock:wait:600000 x')));
    await running(patient, 1);
    patient.gateway.child.kill('SIGTERM');
    await eventually(() => patient.gateway.output.includes('draining'), 'it drains');
    const begun = new RawConnection(stack.port), waiting = new RawConnection(stack.port);
    await begun.write(chatRequest(say('mock:drip:200 ' + 'word '.repeat(3_000), { stream: true })));
    await waiting.write(chatRequest(say('mock:wait:600000 x')));
    await begun.until((all) => all.includes('You'));
    await running(stack, 2);
    stack.gateway.child.kill('SIGTERM');
    const cut = parseAnswer(await begun.until(() => false));
    const last = cut.body.trim().split('\n\n').at(-1);
    assert.match(JSON.parse(last.slice('data: '.length)).error.message, /^The gateway is stopping \(request id req_.*\)\.$/);
    assert.ok(!cut.body.includes('[DONE]'));
    const refused = parseAnswer(await waiting.until(() => false));
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
    await stack.gateway.finish();
    assert.deepEqual([kept.received, patient.gateway.end], ['', undefined]);
    kept.close();
  })));

test('a second TERM ends at once', () =>
  with_stack({ server: { drain_timeout_ms: 2 * patience } }, async (stack) => {
    const stream = new RawConnection(stack.port);
    await stream.write(chatRequest(say('mock:drip:200 ' + 'word '.repeat(2_000), { stream: true })));
    await stream.until((all) => all.includes('You'));
    stack.gateway.child.kill('SIGTERM');
    await eventually(() => stack.gateway.output.includes('draining'), 'it drains');
    stack.gateway.child.kill('SIGTERM');
    await stack.gateway.finish(1);
  }));

test('with an inherited socket a restart rejects no client', () =>
  with_stack({}, async (stack) => {
    // As in systemd: a socket that outlives the processes that serve it.
    const { TCP, constants } = process.binding('tcp_wrap');
    const socket = new TCP(constants.SERVER);
    assert.equal(socket.bind('127.0.0.1', 0), 0);
    const address = {};
    socket.getsockname(address);
    const file = join(stack.folder, 'activated.toml');
    writeFileSync(file, stack.configuration());  // its configured address is in use, and not needed
    const start = () => {
      const one = new Program('sh', ['-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" serve -c "$1"', required('GATEHOUSE'), file], {}, [socket.fd]);
      return one;
    };
    const ready = (one) => eventually(() => one.end ?? one.output.includes('listening'), 'it listens');
    let serving = start();
    await ready(serving);
    assert.ok(serving.output.includes(String(address.port)), serving.output);
    let stop = false, served = 0;
    const client = async () => {
      for (; !stop; ++served) {
        const connection = new RawConnection(address.port);
        await connection.write(chatRequest(say('hello'), { connection: 'close' }));
        const answer = parseAnswer(await connection.until(() => false));
        assert.equal(answer.status, 200, `${connection.error} ${connection.received}`);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    const servedMore = (before = served) => Promise.race([all, eventually(() => served >= before + 8, 'eight more are served')]);
    const all = Promise.all(clients).finally(() => (stop = true));
    all.catch(() => {});
    for (let restart = 0; restart < 3; ++restart) {
      await servedMore();
      await serving.stop();
      serving = start();
      await ready(serving);
    }
    await servedMore();
    stop = true;
    await all;
    assert.ok(served > 20, `${served} were served`);
    await serving.stop();
    socket.close();
  }));
