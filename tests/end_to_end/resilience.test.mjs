// SPDX-License-Identifier: Apache-2.0
// Upstreams that fail for a while, and clients that disconnect: retries, the circuit
// breaker, drained responses, and the metrics.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { eventually, patience, required, runToEnd } from './support/process.mjs';
import { RawConnection, chatRequest, say } from './support/raw.mjs';
import { Stack } from './support/stack.mjs';

/** Speaks OpenAI's protocol and behaves as `behavior` says, separately for each model. */
const upstream = { asked: {}, finished: 0, cut: 0, behavior: {} };
// A slow one ends when the test says so.
const slow = [];
const soon = (behavior, end) => (behavior === 'slow' ? slow.push(end) : end());
upstream.server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => {
    const { model, stream } = JSON.parse(text);
    upstream.asked[model] = (upstream.asked[model] ?? 0) + 1;
    response.on('close', () => (response.writableFinished ? upstream.finished++ : upstream.cut++));
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const behavior = upstream.behavior[model];
    if (typeof behavior === 'number') return response.writeHead(behavior).end('{}');
    if (behavior === 'silent') return;
    if (!stream)
      return soon(behavior, () => response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }], usage })));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (delta, more = {}) => response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, ...more }], usage: more.finish_reason && usage })}\n\n`);
    chunk({ role: 'assistant', content: 'ok' });
    return soon(behavior, () => {
      chunk({}, { finish_reason: 'stop' });
      response.end('data: [DONE]\n\n');
    });
  });
});

let stack, options;
before(async () => {
  await new Promise((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${upstream.server.address().port}/v1`;
  options = {
    upstream: { breaker_open_ms: 500 },
    routes: { 'gpt-5': 'one/gpt-5', '*': 'one/*', both: ['few/both', 'one/spare'], patient: ['few/patient', 'one/spare'] },
    extra: `[provider.one]\nuse = "openai"\nbase_url = "${url}"\nper_model = { "drained*" = { on_disconnect = "drain" } }\n` +
      `[provider.few]\nuse = "openai"\nbase_url = "${url}"\nresponse_timeout_ms = 500\nfirst_byte_timeout_ms = 500\n`,
  };
  stack = await Stack.start(options);
});
after(async () => {
  await stack.stop();
  upstream.server.closeAllConnections();
  upstream.server.close();
});

/** The gateway closes its side when it has seen that the client has left. */
const leave = (connection) => {
  connection.socket.end();
  return connection.closed;
};
const ask = (model, more = {}) => stack.post({ ...say('x'), model, ...more });
const metric = async (sample) => {
  const text = await (await fetch(`${stack.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return line ? Number(line.slice(sample.length + 1)) : undefined;
};

test('an upstream that is down receives few retries', async () => {
  upstream.behavior.down = 500;
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask('down')));
  for (const answer of answers) {
    assert.ok([502, 503].includes(answer.status), String(answer.status));
    await answer.text();
  }
  assert.ok(upstream.asked.down <= 145, `${upstream.asked.down} upstream requests`);
});

test('then the circuit breaker opens: clients receive 503 with retry-after at once, until the upstream recovers', async () => {
  assert.equal(await metric('gatehouse_breakers_open{provider="one"}'), 1);
  await eventually(async () => {
    const answer = await ask('down');
    const { error } = await answer.json();
    if (answer.status !== 503) return answer.status;  // a trial
    assert.deepEqual([error.type, error.code], ['server_error', 'unavailable']);
    assert.match(error.message, /temporarily unavailable after repeated failures/);
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    return true;
  }, 'a refusal');
  assert.ok((await metric('gatehouse_breaker_refused_total{provider="one"}')) >= 1);
  assert.equal((await ask('other')).status, 200);  // a model of the same provider
  delete upstream.behavior.down;
  await eventually(async () => {
    const answer = await ask('down');
    await answer.text();
    return answer.status === 200 || answer.status;
  }, 'the route works again');
  assert.equal(await metric('gatehouse_breakers_open{provider="one"}'), 0);
});

test('circuit breaker state is kept across a reload only if the provider did not change', async () => {
  const slow = { ...options, upstream: { breaker_open_ms: 2 * patience, breaker_failures: 1 } };
  const reload = async (changed) => {
    writeFileSync(stack.file, stack.configuration(changed));
    await runToEnd(required('GATEHOUSE'), ['reload', '-c', stack.file]);
  };
  await reload(slow);
  upstream.behavior.kept = 500;
  assert.equal((await ask('kept')).status, 502);
  await reload({ ...slow, server: { keep_alive_ms: 70_000 } });
  const asked = upstream.asked.kept;
  assert.equal((await ask('kept')).status, 503);
  assert.equal(upstream.asked.kept, asked);
  await reload({ ...slow, extra: options.extra.replace('per_model', 'idle_timeout_ms = 50000\nper_model') });
  assert.equal((await ask('kept')).status, 502);
  assert.equal(upstream.asked.kept, asked + 1);
  await reload(options);
});

test('the next route serves requests while the first route\'s circuit breaker is open', async () => {
  upstream.behavior.both = 503;
  for (let i = 0; i < 40; ++i) {
    const answer = await ask('both');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-gatehouse-route'), 'one/spare');
    await answer.text();
  }
  assert.ok(upstream.asked.both < 40, `${upstream.asked.both} requests went to the route that is down`);
});

test('a slow route falls back after its own timeout, streaming or non-streaming', async () => {
  upstream.behavior.patient = 'silent';
  for (const stream of [false, true]) {
    const answer = await ask('patient', { stream });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-gatehouse-route'), 'one/spare');
    await answer.text();
  }
});

for (const stream of [false, true])
  for (const policy of ['cancelled', 'drained'])
    test(`a client disconnects from a ${stream ? 'streaming' : 'non-streaming'} response: the upstream request is ${policy}`, async () => {
      const model = `${policy}-${stream}`;
      const sample = `gatehouse_upstream_abandoned_total{outcome="${policy}",provider="one"}`;
      const wasted = 'gatehouse_tokens_discarded_total{kind="completion",provider="one"}';
      upstream.behavior[model] = 'slow';
      const [{ finished, cut }, left, tokens] = [upstream, await metric(sample), await metric(wasted)];
      const connection = new RawConnection(stack.port);
      await connection.write(chatRequest({ ...say('x', { stream }), model }));
      if (stream) await connection.until((text) => text.includes('"ok"'));
      else await eventually(() => upstream.asked[model] === 1, 'the upstream call');
      await leave(connection);
      for (const end of slow.splice(0)) end();
      await eventually(async () => (await metric(sample)) === left + 1, policy);
      await eventually(() => (policy === 'drained' ? upstream.finished === finished + 1 : upstream.cut === cut + 1), 'its end');
      assert.equal(await metric(wasted), tokens + (policy === 'drained' ? 2 : 0));
    });

test('the log has the client\'s retry count', async () => {
  await (await stack.post({ ...say('x'), model: 'again' }, { headers: { 'x-stainless-retry-count': '2' } })).text();
  await eventually(() => /client_retries=2/.test(stack.gateway.output), 'the count in the log');
});

test('a stopping gateway does not wait for responses without a client', async () => {
  upstream.behavior['drained-late'] = 'silent';
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest({ ...say('x'), model: 'drained-late' }));
  await eventually(() => upstream.asked['drained-late'] === 1, 'the upstream call');
  await leave(connection);
  assert.equal(await metric('gatehouse_requests_running'), 1);  // after() requires a normal exit
});
