// SPDX-License-Identifier: Apache-2.0
// Traces through the real binary: one tree for each request, and a collector that fails in all ways without any
// request noticing it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { Collector } from './support/collector.mjs';
import { Gateway, apiKey, freePort } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually } from './support/process.mjs';

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const say = (content, more = {}) => ({ model: 'gpt-4.1', messages: [{ role: 'user', content }], ...more });
const configuration = (port, backend, collector, more = '') => `
[server]
listen = "127.0.0.1:${port}"
[upstream]
attempts = 2
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[provider.lab]
use = "openai"
base_url = "${backend.url}/v1"
[provider.backup]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "lab/*"
[mapper.models.models]
"two" = ["lab/gpt-4.1", "backup/gpt-4.1"]
[dialect.openai]
use = "openai"
[observer.traces]
use = "otlp"
endpoint = "${collector.url}"
interval_ms = 50
compression = "gzip"
timeout_ms = 1000
resource = { "deployment.environment.name" = "test" }
headers = [{ name = "x-tenant", value = "sentinel-header" }]
${more}`;

let backend, collector, gateway;
before(async () => {
  [backend, collector] = await Promise.all([OpenAiServer.start(), Collector.start()]);
  gateway = await Gateway.start((port) => configuration(port, backend, collector));
});
after(() => gateway.stop(backend, collector));

const finish = async (answer) => [await answer.text(), answer.headers.get('x-request-id')][1];
const span = async (id, from = collector) => {
  await eventually(() => from.servers().has(id) || from.faults.join() || `${from.requests.length} exports`, 'the span');
  return from.servers().get(id);
};
const metrics = async (name) => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
};
const none = () => assert.deepEqual(collector.faults, []);

for (const stream of [false, true])
  test(`a ${stream ? 'streaming' : 'whole'} response is one tree, and its upstream is a child of the attempt`, async () => {
    const id = await finish(await gateway.post(say('sentinel-prompt', { stream, max_tokens: 9 }), { headers: { traceparent: parent } }));
    const { headers } = backend.requests.at(-1), server = await span(id), [attempt, ...more] = collector.children(server);
    assert.deepEqual([server.traceId, server.parentSpanId], parent.split('-').slice(1, 3));
    assert.equal(server.name, 'POST /v1/chat/completions');
    assert.equal(server.attributes['gatehouse.client'], 'tests');
    assert.equal(server.attributes['http.response.status_code'], 200);
    assert.equal(server.resource['deployment.environment.name'], 'test');
    assert.deepEqual(more, []);
    assert.equal(headers.traceparent, `00-${server.traceId}-${attempt.spanId}-01`);
    assert.deepEqual([attempt.name, attempt.kind], ['chat gpt-4.1', 3]);
    assert.ok(attempt.attributes['gen_ai.usage.output_tokens'] > 0);
    assert.equal(attempt.attributes['gen_ai.request.max_tokens'], 9);
    assert.deepEqual(attempt.attributes['gen_ai.response.finish_reasons'], ['stop']);
    await eventually(() => new RegExp(`request_id=${id} .* trace_id=${server.traceId}`).test(gateway.output), 'the access line');
    none();
  });

test('a failed attempt and the next route are siblings of one tree', async () => {
  const before = backend.requests.length;
  const id = await finish(await gateway.post(say('mock:err:503:x:1', { model: 'two' })));
  const server = await span(id), attempts = collector.children(server);
  assert.equal(attempts.length, 2);
  assert.deepEqual(attempts.map(({ attributes }) => attributes['gatehouse.reason']), ['first', 'next_route']);
  assert.equal(attempts[0].attributes['error.type'], '503');
  assert.deepEqual(backend.requests.slice(before).map(({ headers }) => headers.traceparent.split('-')[2]), attempts.map(({ spanId }) => spanId));
  assert.equal(server.parentSpanId, undefined);
});

test('a refused request has a span without children', async () => {
  const id = await finish(await gateway.post(say('hello'), { headers: { authorization: 'Bearer sentinel-key' } }));
  const server = await span(id);
  assert.deepEqual([server.attributes['http.response.status_code'], collector.children(server)], [401, []]);
});

test('no text of a client or of a response and no credential is exported', async () => {
  const answer = await gateway.post(say('sentinel-prompt mock:err:400:x:1'));
  await span(await finish(answer));
  for (const { text } of collector.requests) assert.doesNotMatch(text, /sentinel|sk-test/);
  assert.equal(collector.requests[0].headers['x-tenant'], 'sentinel-header');
  assert.equal(collector.requests[0].headers['content-encoding'], 'gzip');
});

test('each of many requests is exported once, also those whose client leaves', async () => {
  const ids = new Set(), total = 200;
  const counted = await metrics('gatehouse_outcomes_total');
  await Promise.all(Array.from({ length: 8 }, async (_, lane) => {
    for (let i = lane; i < total; i += 8) {
      const abort = new AbortController();
      try {
        const answer = await gateway.post(say('hello there', { stream: i % 2 === 0 }), { signal: abort.signal });
        ids.add(answer.headers.get('x-request-id'));
        if (i % 5 === 0) abort.abort();
        await answer.text();
      } catch (error) {
        assert.equal(error.name, 'AbortError');
      }
    }
  }));
  await eventually(async () => (await metrics('gatehouse_outcomes_total')) - counted === total || 'not over', 'the requests end');
  await eventually(() => [...ids].every((id) => collector.servers().has(id)) || collector.servers().size, 'all spans');
  const seen = collector.spans.map(({ spanId }) => spanId);
  assert.equal(new Set(seen).size, seen.length);
  const known = new Set(seen);
  for (const one of collector.spans) assert.ok(!one.parentSpanId || known.has(one.parentSpanId) || one.parentSpanId === parent.split('-')[2]);
  none();
});

for (const mode of ['slow', 429, 503, 'die', 'hang'])
  test(`no request waits for a collector that is in the mode ${mode}, and its spans arrive later`, async () => {
    collector.mode = mode;
    const ids = [];
    for (let i = 0; i < 10; ++i) {
      const begun = performance.now();
      ids.push(await finish(await gateway.post(say('hello'))));
      assert.ok(performance.now() - begun < 1_000, `${performance.now() - begun} ms`);
    }
    await eventually(() => collector.requests.at(-1)?.mode === mode || 'no export', 'an export in this mode');
    collector.mode = 'ok';
    await span(ids.at(-1));
    for (const id of ids) assert.ok(collector.servers().has(id));
    none();
  });

test('spans that the collector refuses are dropped and counted', async () => {
  const dropped = () => metrics('gatehouse_plugin_traces_dropped_total');
  const before = await dropped();
  collector.mode = 400;
  await finish(await gateway.post(say('hello')));
  await eventually(async () => (await dropped()) > before || 'not counted', 'the count');
  collector.mode = 'partial';
  await span(await finish(await gateway.post(say('hello'))));
  await eventually(async () => (await metrics('gatehouse_plugin_traces_rejected_spans_total')) >= 1 || 'not counted', 'the count');
  collector.mode = 'big';
  await span(await finish(await gateway.post(say('hello'))));
  collector.mode = 'ok';
});

test('exported, unsampled, dropped and waiting requests are all requests', async () => {
  const parts = ['plugin_traces_exported_total', 'plugin_traces_unsampled_total', 'plugin_traces_dropped_total', 'plugin_traces_waiting', 'observer_dropped_total'];
  await eventually(async () => {
    const sums = await Promise.all(['outcomes_total', ...parts].map((name) => metrics(`gatehouse_${name}`)));
    return sums[0] === sums.slice(1).reduce((sum, one) => sum + one) || sums.join();
  }, 'the sum');
});

test('a reload sends what waits, and the new table applies', async () => {
  const other = await Collector.start();
  try {
    const last = await finish(await gateway.post(say('hello')));
    writeFileSync(gateway.file, configuration(gateway.port, backend, other));
    gateway.gateway.child.kill('SIGHUP');
    await eventually(() => / reloaded/.test(gateway.output) || gateway.output.slice(-500), 'the reload');
    await span(last);
    await span(await finish(await gateway.post(say('hello'))), other);
  } finally {
    await other.stop();
  }
});

for (const [name, mode, within] of [['sends what waits', 'ok', 3_000], ['does not wait long for a collector that hangs', 'hang', 5_000]])
  test(`a gateway that stops ${name}`, async () => {
    const own = await Collector.start();
    own.mode = mode;
    const one = await Gateway.start((port) => configuration(port, backend, own).replace('interval_ms = 50', 'interval_ms = 600000'));
    try {
      const id = await finish(await one.post(say('hello')));
      const begun = Date.now();
      await one.stop();
      assert.ok(Date.now() - begun < within, `${Date.now() - begun} ms`);
      if (mode === 'ok') assert.ok(own.servers().has(id));
      else assert.equal(own.requests.length, 1);
    } finally {
      await own.stop();
    }
  });

test('a collector that is not there does no harm, and gets the spans when it comes', async () => {
  const port = await freePort(), url = `http://127.0.0.1:${port}`;
  const one = await Gateway.start((listen) => configuration(listen, backend, { url }));
  let late;
  try {
    const id = await finish(await one.post(say('hello')));
    await eventually(() => /traces spans not exported/.test(one.output) || one.output.slice(-500), 'the warning');
    late = await Collector.start(port);
    await span(id, late);
    await eventually(() => /traces spans exported again/.test(one.output) || one.output.slice(-500), 'the line');
  } finally {
    await one.stop(...(late ? [late] : []));
  }
});

test('metrics count every request, also those whose trace is not sampled', async () => {
  const own = await Collector.start();
  const one = await Gateway.start((port) => configuration(port, backend, own)
    .replace('interval_ms = 50', 'interval_ms = 50\nmetrics_interval_ms = 100\nsignals = ["traces", "metrics"]\nsample = 0.0'));
  try {
    for (let i = 0; i < 3; ++i) await finish(await one.post(say('hello', { stream: true })));
    await eventually(() => own.metrics.at(-1)?.['http.server.request.duration'] === 3 || JSON.stringify(own.metrics.at(-1)) || own.faults.join(), 'the numbers');
    assert.deepEqual(own.metrics.at(-1), { 'http.server.request.duration': 3, 'gen_ai.client.operation.duration': 3,
      'gen_ai.client.operation.time_to_first_chunk': 3, 'gen_ai.client.token.usage': 6 });
    assert.deepEqual([own.spans, own.faults], [[], []]);
  } finally {
    await one.stop(own);
  }
});

test('protobuf has the same spans and metrics as JSON', async () => {
  const own = await Collector.start();
  const one = await Gateway.start((port) => configuration(port, backend, own)
    .replace('interval_ms = 50', 'interval_ms = 50\nencoding = "protobuf"\nmetrics_interval_ms = 100\nsignals = ["traces", "metrics"]'));
  try {
    const id = await finish(await one.post(say('hello', { stream: true, temperature: 0.5 }), { headers: { traceparent: parent } }));
    const server = await span(id, own), [attempt] = own.children(server);
    assert.deepEqual([server.traceId, server.parentSpanId, server.kind], [...parent.split('-').slice(1, 3), 2]);
    assert.equal(server.attributes['http.response.status_code'], 200);
    assert.equal(server.attributes['gatehouse.stream'], true);
    assert.equal(attempt.attributes['gen_ai.request.temperature'], 0.5);
    assert.deepEqual(attempt.attributes['gen_ai.response.finish_reasons'], ['stop']);
    await eventually(() => own.metrics.at(-1)?.['gen_ai.client.token.usage'] === 2 || own.faults.join() || 'no metrics', 'the numbers');
    assert.ok(own.requests.every(({ headers }) => headers['content-type'] === 'application/x-protobuf'));
    own.mode = 'partial';
    await finish(await one.post(say('hello')));
    await eventually(() => /traces spans rejected count=1/.test(one.output) || one.output.slice(-300), 'the rejected span');
    assert.deepEqual(own.faults, []);
  } finally {
    await one.stop(own);
  }
});
