// SPDX-License-Identifier: Apache-2.0
// Typical requests for SOAK_MINUTES: streaming and non-streaming chats, tools, embeddings, errors,
// clients that disconnect, reloads.  Memory and descriptors must be flat.  SOAK_MINUTES (60) from the
// environment; run by `./tools/soak`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { sleep } from './support/process.mjs';
import { RawConnection, chatRequest, say } from './support/raw.mjs';
import { reset } from './support/reset.mjs';
import { randomFrom } from './support/random.mjs';
import { readStream } from './support/sse.mjs';
import { Stack, apiKey } from './support/stack.mjs';

const minutes = Number(process.env.SOAK_MINUTES ?? 60), clients = 24;

let stack;
before(async () => (stack = await Stack.start({ extra: '[log]\nlevel = "warning"\n' })));
after(() => stack.stop());

const send = (path, body, key = apiKey) => fetch(stack.url + path, {
  method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body: typeof body === 'string' ? body : JSON.stringify(body) });
const words = (random, count) => Array.from({ length: count }, () => random.below(1e9).toString(36)).join(' ');

const acts = {
  whole: async (random) => {
    const text = words(random, 20);
    const answer = await (await send('/v1/chat/completions', say(text))).json();
    assert.equal(answer.choices[0].message.content, `You said: ${text}`);
  },
  stream: async (random) => {
    const text = `mock:drip:${random.below(20)} ${words(random, 30)}`;
    const answer = await (await send('/v1/chat/completions', say(text, { stream: true, stream_options: { include_usage: true } }))).text();
    assert.equal(readStream(answer, { usageAsked: true }).choices[0].text, `You said: ${text}`);
  },
  tool: async () => {
    const answer = await (await send('/v1/chat/completions', say('mock:tool:f:{"a":1}', { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }))).json();
    assert.equal(answer.choices[0].message.tool_calls[0].function.arguments, '{"a":1}');
  },
  large: async (random) => {
    const text = 'x'.repeat(100_000 + random.below(400_000));
    const answer = await (await send('/v1/chat/completions', say(text))).json();
    assert.equal(answer.choices[0].message.content.length, text.length + 10);
  },
  embeddings: async (random) => {
    const answer = await (await send('/v1/embeddings', { model: 'oci/cohere.embed-v4.0', input: [words(random, 5), words(random, 5)] })).json();
    assert.equal(answer.data.length, 2);
  },
  mistakes: async () => {
    assert.equal((await send('/v1/chat/completions', '{')).status, 400);
    assert.equal((await send('/v1/chat/completions', say('x'), 'wrong')).status, 401);
    assert.equal((await send('/v1/nothing', {})).status, 404);
  },
  upstream_fails: async () => {
    const answer = await send('/v1/chat/completions', say('mock:err:500:env'));
    assert.ok(answer.status >= 500 && (await answer.json()).error.message);
  },
  broken_stream: async () => {
    const text = await (await send('/v1/chat/completions', say('mock:miderr a b c d', { stream: true }))).text();
    assert.ok(!text.includes('[DONE]') && text.includes('"error"'), text);
  },
  leaves: async (random) => {
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest(say(`mock:drip:50 ${words(random, 50)}`, { stream: random.chance(0.7) })));
    await sleep(random.below(1000));
    reset(connection.socket);
  },
};
const often = ['whole', 'whole', 'stream', 'stream', 'stream', 'stream', 'tool', 'embeddings', 'mistakes', 'leaves', 'leaves', 'upstream_fails', 'broken_stream', 'large'];

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

test(`${minutes} minutes of typical requests: memory and descriptors do not grow`, { timeout: (minutes + 5) * 60_000 }, async (t) => {
  const end = Date.now() + minutes * 60_000, done = {}, samples = [];
  const work = Array.from({ length: clients }, async (_, number) => {
    const random = randomFrom(number);
    while (Date.now() < end) {
      const act = random.one(often);
      try {
        await acts[act](random);
      } catch (error) {
        // A circuit that a failing upstream has opened, or a limit, says so; all else is a defect.
        throw new Error(`${act}: ${error.message}`, { cause: error });
      }
      done[act] = (done[act] ?? 0) + 1;
      await sleep(random.below(200));
    }
  });
  const watch = (async () => {
    for (let i = 1; Date.now() < end; ++i) {
      await sleep(Math.min(5000, (minutes * 60_000) / 24));
      samples.push({ memory: stack.gateway.memory() / 1e6, files: stack.gateway.openFiles() });
      if (i % 6 === 0) stack.gateway.child.kill('SIGHUP');
      if (i % 12 === 0) t.diagnostic(`${(samples.at(-1).memory).toFixed(1)} MB, ${samples.at(-1).files} descriptors, ${JSON.stringify(done)}`);
    }
  })();
  await Promise.all([watch, ...work]);

  const quarter = Math.floor(samples.length / 4);
  const second = samples.slice(quarter, 2 * quarter), last = samples.slice(-quarter);
  const memory = [mean(second.map((one) => one.memory)), mean(last.map((one) => one.memory))];
  const files = [Math.max(...second.map((one) => one.files)), Math.max(...last.map((one) => one.files))];
  t.diagnostic(`memory ${memory.map((value) => value.toFixed(1)).join(' MB, then ')} MB; most descriptors ${files.join(', then ')}; ${JSON.stringify(done)}`);
  assert.ok(memory[1] < memory[0] * 1.1 + 4, `memory is not flat: ${memory}`);
  assert.ok(files[1] < files[0] + 20, `descriptors are not flat: ${files}`);
});
