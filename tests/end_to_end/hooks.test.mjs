// SPDX-License-Identifier: Apache-2.0
// Hooks that wait for a service and hooks that count: other requests are not
// delayed, a client may leave, and a service that does not answer is bounded.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, patience } from './support/process.mjs';
import { ScriptedServer } from './support/scripted_server.mjs';

/** Allows every text but "bad"; a text with "slow" is answered by decide(), and one with "never" not at all. */
class Guard extends ScriptedServer {
  answer(request, text, response) {
    const body = JSON.parse(text);
    this.requests.push({ body, headers: request.headers });
    const decide = () => this.json(response, 200, { result: !body.input.includes('bad') });
    if (body.input.includes('never')) return;
    if (body.input.includes('slow')) this.undecided.push(decide);
    else decide();
  }
  reset() {
    super.reset();
    this.undecided = [];
  }
  decide() {
    for (const decide of this.undecided.splice(0)) decide();
  }
}

const configuration = (backend, guard, limit = 1500) => (port, folder) => `
[server]
listen = "127.0.0.1:${port}"
workers = 1
max_concurrent_requests = 4096
hook_timeout_ms = ${limit}
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}", groups = ["red"] }]
[hook.guard]
use = "guardrail"
url = "${guard.url}/check"
key = "sk-guard"
allowed = "/result"
timeout_ms = 60000
[hook.ledger]
use = "ledger"
file = "${folder}/ledger.jsonl"
prices = [{ route = "local/*", input = 1.0, output = 2.0 }]
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
`;

let backend, guard, gateway, patient;  // no test reaches the time limit of `patient`
before(async () => {
  backend = await OpenAiServer.start({ models: ['m'] });
  guard = await Guard.start();
  gateway = await Gateway.start(configuration(backend, guard));
  patient = await Gateway.start(configuration(backend, guard, 2 * patience));
});
beforeEach(() => {
  backend.reset();
  guard.reset();
});
after(async () => {
  await patient?.stop();
  await gateway?.stop(backend, guard);
});

const chat = (content, more = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more });
const ledger = () => readFileSync(join(gateway.folder, 'ledger.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));

test('a service allows and refuses, streaming and not', async () => {
  for (const stream of [false, true]) {
    const good = await gateway.post(chat('good', { stream }));
    assert.equal(good.status, 200);
    await good.text();
    const bad = await gateway.post(chat('bad', { stream }));
    assert.equal(bad.status, 403);
    assert.equal((await bad.json()).error.message, 'The request was refused by a check of its content.');
  }
  assert.equal(backend.requests.length, 2);
  assert.equal(guard.requests[0].headers.authorization, 'Bearer sk-guard');
  assert.equal(guard.requests[0].body.client, 'tests');
  assert.match(guard.requests[0].body.request, /^req_/);
});

test('a service that never answers is bounded by hook_timeout_ms', async () => {
  const begun = Date.now();
  const answer = await gateway.post(chat('never'));
  assert.equal(answer.status, 504);
  assert.match((await answer.json()).error.message, /^A check of the request did not end in time \(request id req_.*\)\.$/);
  assert.ok(Date.now() - begun >= 1_400);
  assert.match(gateway.output, /the hook guard did not complete within hook_timeout_ms/);
  assert.equal(backend.requests.length, 0);
});

test('requests that wait for a service do not delay a list of models', async () => {
  const slow = Array.from({ length: 100 }, () => patient.post(chat('slow')));
  await eventually(() => guard.undecided.length === 100, 'all requests wait');
  const models = await fetch(`${patient.url}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
  assert.equal(models.status, 200);
  guard.decide();
  for (const answer of await Promise.all(slow)) {
    assert.equal(answer.status, 200);
    await answer.text();
  }
});

test('a client that leaves while a service decides leaves nothing behind', async () => {
  const leaving = Array.from({ length: 20 }, () => {
    const control = new AbortController();
    return { control, done: patient.post(chat('slow'), { signal: control.signal }).catch(() => 'left') };
  });
  await eventually(() => guard.undecided.length === 20, 'all wait');
  for (const { control } of leaving) control.abort();
  for (const { done } of leaving) assert.equal(await done, 'left');
  const running = () => patient.metric('gatehouse_requests_running');
  await eventually(async () => (await running()) === 0 || running(), 'the requests have ended');
  guard.decide();
  assert.equal((await patient.post(chat('good'))).status, 200);
  assert.equal(backend.requests.length, 1);
  await eventually(async () => (await running()) === 0 || running(), 'nothing is left');
});

test('the ledger has a line for each request, with its cost', async () => {
  const answer = await gateway.post(chat('count me'));
  const { usage } = await answer.json(), id = answer.headers.get('x-request-id');
  await eventually(() => ledger().some(({ request }) => request === id), 'the line is written');
  const line = ledger().find(({ request }) => request === id);
  assert.equal(line.client, 'tests');
  assert.equal(line.route, 'local/m');
  assert.equal(line.cost, ((usage.prompt_tokens + 2 * usage.completion_tokens) / 1e6).toFixed(9));
  assert.equal(line.status, 200);
  assert.ok(!readFileSync(join(gateway.folder, 'ledger.jsonl'), 'utf8').includes('count me'));
});
