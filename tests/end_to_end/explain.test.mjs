// SPDX-License-Identifier: Apache-2.0
// Explanations of requests through the real binary: what a client may learn, that it has no secret, and that the dry run
// of `gatehouse explain request` names the routes that the gateway then asks, in their order.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { required } from './support/process.mjs';
import { randomFrom } from './support/random.mjs';

const names = ['one', 'two', 'three', 'four'];
const say = (model, content = 'hello', more = {}) => ({ model, messages: [{ role: 'user', content }], ...more });

/** A configuration with models and rules by chance; lists of routes have no repetition. */
function configuration(port, backend, random) {
  const shuffled = () => [...names].map((name) => [random.below(1000), name]).sort((a, b) => a[0] - b[0]).map(([, name]) => name);
  const routes = (model) => shuffled().slice(0, 1 + random.below(3)).map((name) => `"${name}/${model}"`);
  const models = Array.from({ length: 6 }, (_, i) => `"m${i}" = [${routes('gpt-4.1').join(', ')}]`);
  const rule = (i) => `[[mapper.models.rules]]\nmodels = ["m${i}"]\nroutes = [{ to = ${routes('gpt-4.1')[0]}, weight = 1 }]\n`;
  return `
[server]
listen = "127.0.0.1:${port}"
explain_clients = ["test*"]
[upstream]
attempts = 4
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }, { name = "other", key = "sk-other" }]
${names.map((name) => `[provider.${name}]\nuse = "openai"\nbase_url = "${backend.url}/v1"\nsigner = "key"\ndrop = ["seed"]\n`).join('')}
[signer.key]
use = "bearer"
key = "sentinel-upstream-key"
[mapper.models]
use = "table"
unknown = "one/*"
[mapper.models.models]
${models.join('\n')}
"wild-*" = "two/gpt-*"
${random.below(2) ? rule(random.below(6)) : ''}
[dialect.openai]
use = "openai"
`;
}

let backend, gateway;
before(async () => {
  backend = await OpenAiServer.start();
  gateway = await Gateway.start((port) => configuration(port, backend, randomFrom(1)));
});
after(() => gateway.stop(backend));

const asking = { headers: { 'x-gatehouse-explain': '1' } };
const explained = (answer) => JSON.parse(answer.headers.get('x-gatehouse-explain'));
/** The dry run of a request with this configuration. */
function dry(file, body) {
  const words = ['explain', 'request', '-', '-c', file, '--client', 'tests', '--json'];
  return JSON.parse(execFileSync(required('GATEHOUSE'), words, { input: JSON.stringify(body), stdio: ['pipe', 'pipe', 'ignore'] }));
}

test('a client that may ask learns the rule and its line, routes, attempts, fields and times', async () => {
  const answer = await gateway.post(say('wild-4.1', 'sentinel-prompt', { max_tokens: 9, seed: 1 }), asking);
  const text = answer.headers.get('x-gatehouse-explain'), all = explained(answer);
  assert.equal(answer.status, 200);
  assert.equal(all.id, answer.headers.get('x-request-id'));
  assert.equal(all.client, 'tests');
  assert.deepEqual(all.routes, ['two/gpt-4.1']);
  assert.equal(all.rule.key, 'mapper.models.models."wild-*"');
  const line = readFileSync(gateway.file, 'utf8').split('\n')[all.rule.line - 1];
  assert.match(line, /^"wild-\*"/);
  assert.deepEqual(all.attempts.map(({ route, why, status }) => [route, why, status]), [['two/gpt-4.1', 'first', 200]]);
  assert.deepEqual([all.not_sent, all.rewritten], [['seed'], ['model']]);
  assert.ok(Math.abs(all.ms.upstream + all.ms.wait + all.ms.overhead - all.ms.total) <= 0.01 * all.ms.total + 0.01);
  assert.match(answer.headers.get('server-timing'), /^authenticate;dur=[\d.]+, .*upstream;dur=[\d.]+;desc="two\/gpt-4\.1", .*total;dur=[\d.]+$/);
  assert.doesNotMatch(text + answer.headers.get('server-timing'), /sentinel|sk-|127\.0\.0\.1/);
});

test('nobody else learns anything, and the answer is the same', async () => {
  for (const options of [{}, { headers: { ...asking.headers, authorization: 'Bearer sk-other' } }, { headers: { ...asking.headers, authorization: 'Bearer wrong' } }]) {
    const answer = await gateway.post(say('wild-x'), options);
    await answer.text();
    assert.equal(answer.headers.get('x-gatehouse-explain'), null);
    assert.equal(answer.headers.get('server-timing'), null);
  }
});

test('an unknown path, a failure of all routes and a stream are explained', async () => {
  const failed = await gateway.post(say('m0', 'mock:err:503'), asking);
  assert.ok(failed.status >= 500, failed.status);
  assert.ok(explained(failed).attempts.every(({ status }) => status === 503));
  const stream = await gateway.post(say('m1', 'hello', { stream: true }), asking);
  await stream.text();
  assert.ok(explained(stream).attempts.length >= 1);
  const lost = await fetch(`${gateway.url}/v1/nowhere`, { headers: { ...asking.headers, authorization: `Bearer ${apiKey}` } });
  assert.equal(lost.status, 404);
  assert.deepEqual([explained(lost).attempts, explained(lost).client], [[], 'tests']);
});

test('the dry run names the rule and the routes that the gateway asks, in their order', async () => {
  for (const seed of [2, 3]) {
    const other = await Gateway.start((port) => configuration(port, backend, randomFrom(seed)));
    try {
      for (const model of ['m0', 'm1', seed === 2 ? 'wild-4.1' : 'unlisted']) {
        const body = say(model, 'mock:err:503:x:9'), planned = dry(other.file, body);
        const before = backend.requests.length, answer = await other.post(body, asking), real = explained(answer);
        await answer.text();
        assert.deepEqual([planned.rule, planned.routes], [real.rule, real.routes], model);
        const tried = real.attempts.map(({ route }) => route).filter((route, i, all) => all.indexOf(route) === i);
        assert.deepEqual(tried, planned.routes, model);
        assert.equal(backend.requests.length - before, real.attempts.length);
      }
    } finally {
      await other.stop();
    }
  }
});

test('the dry run says what would be refused', () => {
  const run = (input, ...more) => {
    try {
      return [0, execFileSync(required('GATEHOUSE'), ['explain', 'request', '-', '-c', gateway.file, ...more], { input, stdio: 'pipe' }).toString()];
    } catch (failure) {
      return [failure.status, failure.stdout.toString() + failure.stderr];
    }
  };
  assert.match(run('{"model": "wild-x", "messages": [{"role": "user", "content": "x"}]}')[1], /rule +mapper\.models\.models\."wild-\*", .*:\d+\n +routes +1\. two\/gpt-x: first\n/);
  assert.deepEqual(run('nonsense')[0], 1);
  assert.match(run('nonsense')[1], /refused +400/);
  assert.match(run('{}', '--endpoint', '/v1/nowhere')[1], /refused/);
  // An endpoint that passes bodies on unread would take a chat request with a mistake.
  const faulty = run('{"model": "wild-x", "message": [{"role": "user", "content": "x"}]}');
  assert.equal(faulty[0], 1);
  assert.match(faulty[1], /endpoint +POST \/v1\/chat\/completions of \[dialect\..*\]\n +refused +400: .*messages.*\n +note +--endpoint PATH names/);
  assert.match(run('{"model": "wild-x", "input": "x"}', '--endpoint', '/v1/moderations')[1], /endpoint +POST \/v1\/moderations of/);
});
