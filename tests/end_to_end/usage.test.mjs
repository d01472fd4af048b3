// SPDX-License-Identifier: Apache-2.0
// Requests by outcome, and tokens by client, model and route, in the metrics and in the log.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { eventually, sleep } from './support/process.mjs';
import { RawConnection, chatRequest, say } from './support/raw.mjs';
import { Stack, defaultRoutes, freePort } from './support/stack.mjs';

/** An upstream that reports some tokens for each response, and keeps the sums of what it has reported. */
const counting = createServer(async (request, response) => {
  let body = '';
  for await (const bytes of request) body += bytes;
  const usage = { prompt_tokens: body.length, completion_tokens: 1 + (body.length % 7), total_tokens: body.length + 1 + (body.length % 7) };
  const choice = (more) => ({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, finish_reason: 'stop', ...more }] });
  const event = (value) => response.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  if (JSON.parse(body).stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < 20; i += 1) {
      event(choice({ delta: { content: 'word ' }, finish_reason: null }));
      await sleep(20);
    }
    event(choice({ delta: {} }));
    event({ ...choice({}), choices: [], usage });
    event('[DONE]');
    response.end();
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...choice({ message: { role: 'assistant', content: 'word' } }), usage }));
  }
  counting.prompt += usage.prompt_tokens;
  counting.completion += usage.completion_tokens;
});

let stack, admin;
before(async () => {
  Object.assign(counting, { prompt: 0, completion: 0 });
  await new Promise((resolve) => counting.listen(0, '127.0.0.1', resolve));
  admin = await freePort();
  stack = await Stack.start({
    routes: { ...defaultRoutes, counted: 'counting/m' },
    extra: `[provider.counting]\nuse = "openai"\nbase_url = "http://127.0.0.1:${counting.address().port}/v1"\non_disconnect = "drain"\n` +
      `[admin]\nlisten = "127.0.0.1:${admin}"\n`,
    upstream: { attempts: 1 },
  });
});
after(async () => {
  await stack.stop();
  counting.closeAllConnections();
  counting.close();
});

const ask = (content, more = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content }], ...more });
const labels = 'client="tests",model="gpt-5",';
const route = 'route="oci/openai.gpt-4.1"';

/** The value of one sample of the admin listener, or 0. */
async function sample(name) {
  const text = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line ? Number(line.slice(name.length + 1)) : 0;
}
/** Waits for the end of the one request that `run` sends, and returns its line of the log. */
async function logged(run) {
  const lines = () => stack.gateway.output.split('\n').filter((line) => line.includes(' access request '));
  const before = lines().length;
  await run();
  await eventually(() => lines().length > before, 'the line of the request');
  return lines().at(-1);
}
const becomes = (name, value) => eventually(async () => (await sample(name)) === value || (await sample(name)), `${name} is ${value}`);

test('the tokens of a client are those that its responses report', async () => {
  let prompt = 0, completion = 0;
  for (const text of ['one', 'one and two', 'three']) {
    const line = await logged(async () => {
      const { usage } = await (await stack.post(ask(text))).json();
      prompt += usage.prompt_tokens;
      completion += usage.completion_tokens;
    });
    assert.match(line, / status=200 outcome=ok /);
  }
  await becomes(`gatehouse_client_tokens_total{${labels.replace(',', ',kind="prompt",')}${route}}`, prompt);
  await becomes(`gatehouse_client_tokens_total{${labels.replace(',', ',kind="completion",')}${route}}`, completion);
  assert.equal(await sample(`gatehouse_client_requests_total{${labels}outcome="ok",${route}}`), 3);
});

test('a stream that breaks in the middle was cut, although its status is 200', async () => {
  const line = await logged(async () => {
    const answer = await stack.post(ask('mock:miderr', { stream: true }));
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /"error":/);
  });
  assert.match(line, / status=200 outcome=cut .* estimated_prompt_tokens=[1-9]\d* estimated_completion_tokens=\d+ .*error=/);
  assert.match(line, / error=upstream cause=connection_lost detail="127\.0\.0\.1:\d+: the upstream (closed|reset) the connection during the response"$/);
  await becomes('gatehouse_outcomes_total{outcome="cut",provider="oci"}', 1);
  assert.equal(await sample(`gatehouse_client_requests_total{${labels}outcome="cut",${route}}`), 1);
});

test('a request that gets an error has failed, and costs no tokens', async () => {
  const line = await logged(async () => assert.equal((await stack.post(ask('mock:err:500'))).status, 502));
  assert.match(line, / status=502 outcome=failed /);
  assert.doesNotMatch(line, /tokens/);
  await becomes('gatehouse_outcomes_total{outcome="failed",provider="oci"}', 1);
});

test('the tokens of a client that leaves are estimated, and counted apart', async () => {
  const before = await sample('gatehouse_tokens_estimated_total{kind="prompt",provider="oci"}');
  const line = await logged(async () => {
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest(say('mock:drip:100 ' + 'word '.repeat(400), { stream: true })));
    await connection.until((text) => text.includes('You'));
    connection.close();
  });
  const [, prompt] = line.match(/ outcome=left .* estimated_prompt_tokens=(\d+) /);
  assert.ok(Number(prompt) > 300, line);
  await becomes('gatehouse_tokens_estimated_total{kind="prompt",provider="oci"}', before + Number(prompt));
  await becomes('gatehouse_outcomes_total{outcome="left",provider="oci"}', 1);
});

test('the sum of all tokens is what the upstream has reported, also for clients that left', async () => {
  const requests = [];
  for (let i = 0; i < 12; i += 1) requests.push(stack.post({ ...ask('x'.repeat(i)), model: 'counted', stream: i % 2 === 0 }).then((answer) => answer.text()));
  await Promise.all(requests);
  for (let i = 0; i < 3; i += 1) {
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest({ ...ask('y'.repeat(i)), model: 'counted', stream: true }));
    await connection.until((text) => text.includes('word'));
    connection.close();
  }
  const sum = (kind) => `gatehouse_tokens_total{kind="${kind}",provider="counting"}`;
  await becomes('gatehouse_upstream_abandoned_total{outcome="drained",provider="counting"}', 3);
  assert.ok(counting.prompt > 0);
  assert.equal(await sample(sum('prompt')), counting.prompt);
  assert.equal(await sample(sum('completion')), counting.completion);
  assert.equal(await sample('gatehouse_tokens_estimated_total{kind="prompt",provider="counting"}'), 0);
});

test('an unknown model and the listener of clients show no name', async () => {
  assert.equal((await stack.post(ask('x', { model: 'made-up' }))).status, 404);
  await becomes('gatehouse_client_requests_total{client="tests",model="none",outcome="failed",route="none"}', 1);
  assert.equal((await fetch(`${stack.url}/metrics`)).status, 404);
});
