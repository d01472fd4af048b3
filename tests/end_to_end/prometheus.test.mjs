// SPDX-License-Identifier: Apache-2.0
// A real Prometheus scrapes the gateway, and each query of OPERATIONS.md has a result after traffic of every kind.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeCertificate } from './support/certificates.mjs';
import { Program, eventually, required } from './support/process.mjs';
import { RawConnection, chatRequest, say } from './support/raw.mjs';
import { Stack, defaultRoutes, freePort } from './support/stack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-prometheus-'));
let stack, admin, prometheus, url;

before(async () => {
  const { certificate, key } = makeCertificate(folder, 'gateway');
  admin = await freePort();
  const options = {
    extra: `[admin]\nlisten = "127.0.0.1:${admin}"\n`,
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
    `--storage.tsdb.path=${join(folder, 'data')}`, '--log.level=error', `--web.listen-address=127.0.0.1:${port}`]);
  await eventually(async () => (await results('up == 1')).length === 1 || prometheus.output, 'Prometheus has scraped the gateway');
});
after(async () => {
  await prometheus?.stop();
  await stack?.stop();
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
    await (await stack.post(ask(content, more))).text();
  await (await stack.post({ ...ask('mock:err:503'), model: 'list' })).text();
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

test('promtool finds no fault in the metrics', async () => {
  const text = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
  assert.equal(execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }).toString(), '');
});
