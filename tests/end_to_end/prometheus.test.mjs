// SPDX-License-Identifier: Apache-2.0
// A real Prometheus scrapes the gateway: each query of OPERATIONS.md and each panel of the dashboard has a result
// after traffic of every kind, and exemplars name traces.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeCertificate } from './support/certificates.mjs';
import { Collector } from './support/collector.mjs';
import { Program, eventually, required } from './support/process.mjs';
import { RawConnection, chatRequest, say } from './support/raw.mjs';
import { Stack, apiKey, defaultRoutes, freePort } from './support/stack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-prometheus-'));
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
let stack, admin, prometheus, url, collector;

before(async () => {
  const { certificate, key } = makeCertificate(folder, 'gateway');
  admin = await freePort();
  collector = await Collector.start();
  const options = {
    extra: `[admin]\nlisten = "127.0.0.1:${admin}"\n[metrics]\nconventions = "1.41"\n` +
      `[observer.traces]\nuse = "otlp"\nendpoint = "${collector.url}"\n` +
      '[store.counters]\nuse = "memory"\n[limiter.quota]\nuse = "quota"\nstore = "counters"\nstore_timeout_ms = 10000\n' +
      'unpriced = "free"\n[[limiter.quota.budgets]]\nfor = "all"\namount = 1000.00\n[limiter.quota.prices."oci/openai.gpt-4.1"]\ninput = 2.00\noutput = 8.00\n',
    server: { max_concurrent_requests: 2 },
    provider: { models: 'discover' },
    routes: { ...defaultRoutes, list: ['oci/openai.gpt-4.1', 'greeter/any'] },
    upstream: { attempts: 2, client_certificate: certificate, client_key: key },
  };
  stack = await Stack.start(options);
  const { token } = await stack.emulator.post('session-token', { publicKey: stack.key.publicPem, lifetime: 3600 });
  writeFileSync(join(stack.folder, 'token'), token);
  const signer = { principal: 'session', key_file: join(stack.folder, 'key.pem'), security_token_file: join(stack.folder, 'token') };
  writeFileSync(stack.file, stack.configuration({ ...options, signer }));
  stack.gateway.child.kill('SIGHUP');
  await eventually(() => stack.gateway.output.includes(' reloaded ') || stack.gateway.output, 'a session signs');
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 500ms }\nscrape_configs: [{ job_name: gatehouse, static_configs: [{ targets: ["127.0.0.1:${admin}"] }] }]\n`);
  prometheus = new Program('prometheus', [`--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`, '--log.level=error', '--enable-feature=exemplar-storage', `--web.listen-address=127.0.0.1:${port}`]);
  await eventually(async () => (await results('up == 1')).length === 1 || prometheus.output, 'Prometheus has scraped the gateway');
});
after(async () => {
  await prometheus?.stop();
  await stack?.stop();
  await collector?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The samples of a query; none while Prometheus starts. */
async function results(query) {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`).catch(() => null);
  if (!answer || answer.status === 503) return [];
  const { status, data, error } = await answer.json();
  assert.equal(status, 'success', `${query}: ${error}`);
  return data.result.filter(({ value: [, value] }) => value !== 'NaN');
}

/** The rows of the table of questions. */
function queries() {
  const text = readFileSync(join(required('SOURCE'), 'core/OPERATIONS.md'), 'utf8');
  const [, table] = text.match(/^These queries of PromQL [^]*?\n\n([^]*?)\n\n/m);
  return table.split('\n').slice(2).map((row) => {
    const [, question, query] = row.match(/^\| (.*?) \| `(.*)` \|$/);
    return { question, query: query.replaceAll('\\|', '|') };
  });
}

async function traffic() {
  const ask = (content, more = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content }], ...more });
  for (const [content, more] of [['hello'], ['hello', { stream: true }], ['mock:miderr', { stream: true }], ['mock:err:500'], ['mock:err:429']])
    await (await stack.post(ask(content, more), { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } })).text();
  await (await stack.post({ ...ask('mock:err:503'), model: 'list' })).text();
  await Promise.all([1, 2, 3, 4].map(async () => (await stack.post(ask('mock:drip:20 a b c', { stream: true }))).text()));
  assert.equal((await stack.post(ask('hello'), { headers: { authorization: 'Bearer sk-wrong' } })).status, 401);
  const connection = new RawConnection(stack.port);
  await connection.write(chatRequest(say('mock:drip:100 ' + 'word '.repeat(100), { stream: true })));
  await connection.until((text) => text.includes('You'));
  connection.close();
}

test('each query of the documents has a result', async () => {
  appendFileSync(stack.file, 'wrong');
  stack.gateway.child.kill('SIGHUP');
  await eventually(() => stack.gateway.output.includes('reload rejected') || stack.gateway.output, 'a rejected reload');
  const all = queries();
  assert.ok(all.length >= 5);
  for (const { question, query } of all)
    await eventually(async () => {
      await traffic();
      // A rate of zero would be a result of a wrong label too.
      const counts = /rate|increase/.test(query) && !query.includes('log_lines_lost');
      return (await results(query)).some(({ value: [, value] }) => !counts || Number(value) > 0) || query;
    }, `a result: ${question}`);
});

/** The page /metrics. */
const page = async (headers = {}) => (await fetch(`http://127.0.0.1:${admin}/metrics`, { headers })).text();
const shipped = (name) => join(required('SOURCE'), 'config/monitoring', name);
/** The queries of the dashboard, with the variables as Grafana fills them in. */
function panels() {
  const { panels: all } = JSON.parse(readFileSync(shipped('grafana.json'), 'utf8'));
  return all.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({
    title, query: expr.replaceAll('$__rate_interval', '2m').replaceAll(/\$(provider|instance)/g, '.*') })));
}

test('each query of the dashboard has a result', async () => {
  assert.ok(panels().length > 40);
  for (const { title, query } of panels())
    await eventually(async () => {
      if ((await results(query)).length > 0) return true;
      await traffic();
      return query;
    }, `a result: ${title}`);
});

test('the panels of the dashboard fit, and use the data source that a user chooses', () => {
  const dashboard = JSON.parse(readFileSync(shipped('grafana.json'), 'utf8'));
  assert.ok(dashboard.schemaVersion <= 39);
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  const taken = new Set();
  for (const { gridPos: { x, y, w, h }, targets = [], title } of dashboard.panels) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; ++column)
      for (let line = y; line < y + h; ++line) {
        assert.ok(!taken.has(`${column} ${line}`), `${title} overlaps`);
        taken.add(`${column} ${line}`);
      }
    for (const { datasource } of targets) assert.equal(datasource.uid, '${DS_PROMETHEUS}');
  }
});

test('each metric is in a panel, in an alert or in this list', async () => {
  const reasons = {
    gatehouse_attribute_: 'depends on the attributes of the configuration',
    gatehouse_plugin_: 'meters of plugins have the names of instances', gatehouse_breaker_opened_total: 'gatehouse_breakers_open',
    gatehouse_endpoint_ejections_total: 'gatehouse_endpoints_ejected', gatehouse_config_reloads_total: 'gatehouse_config_last_reload_successful',
    gatehouse_models_listed_seconds: 'only with discovery', gatehouse_store_write_seconds: 'the errors of a store tell first',
    gen_ai_client_: 'the same facts as gatehouse_…, for dashboards of others',
  };
  const used = readFileSync(shipped('grafana.json'), 'utf8') + readFileSync(shipped('alerts.yml'), 'utf8');
  const names = [...(await page()).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  assert.deepEqual(names.filter((name) => !used.includes(name) && !Object.keys(reasons).some((known) => name.startsWith(known))), []);
});

test('each alert fires and does not fire in the tests of promtool', () => {
  const rules = readFileSync(shipped('alerts.yml'), 'utf8'), cases = readFileSync(shipped('alerts_test.yml'), 'utf8');
  const promtool = (...words) => execFileSync('promtool', words, { cwd: shipped('.'), stdio: 'pipe' }).toString();
  assert.match(promtool('check', 'rules', 'alerts.yml'), /SUCCESS/);
  assert.match(promtool('test', 'rules', 'alerts_test.yml'), /SUCCESS/);
  for (const [, name] of rules.matchAll(/- alert: (\w+)/g)) {
    assert.ok(cases.includes(`# ${name} fires.`) && cases.includes(`# ${name} does not fire.`), name);
    assert.equal(cases.split(`alertname: ${name}\n`).length, 3);
  }
});

test('exemplars of three histograms name the trace of a request', async () => {
  const text = await page({ accept: 'application/openmetrics-text;version=1.0.0' });
  assert.match(text, /\n# EOF\n$/);
  assert.doesNotMatch(await page(), /trace_id/);
  for (const name of ['gatehouse_request_duration_seconds', 'gatehouse_time_to_first_token_seconds', 'gatehouse_overhead_seconds'])
    await eventually(async () => {
      await traffic();
      const found = await (await fetch(`${url}/api/v1/query_exemplars?query=${name}_bucket&start=0&end=${Date.now() / 1000 + 60}`)).json();
      return found.data?.some(({ exemplars }) => exemplars.some(({ labels }) => labels.trace_id === trace)) || JSON.stringify(found);
    }, `an exemplar of ${name}`);
});

test('hostile clients add no series', async () => {
  const series = async () => (await page()).split('\n').filter((line) => line && !line.startsWith('#')).length;
  const bad = async (i) => {
    const headers = { authorization: `Bearer made-up-${i}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: `made-up-${i}`, messages: [{ role: 'user', content: 'x' }] });
    await (await fetch(`${stack.url}/v1/made-up-${i}`, { method: 'POST', headers, body })).text();
    await (await fetch(`${stack.url}/v1/chat/completions`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${apiKey}` }, body })).text();
  };
  await bad(0);
  const before = await series();
  for (let i = 1; i <= 300; ++i) await bad(i);
  assert.ok((await series()) - before <= 2, `${await series()} series, ${before} before`);
});

test('promtool finds no fault in the metrics', async () => {
  const text = await page();
  assert.equal(execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }).toString(), '');
});
