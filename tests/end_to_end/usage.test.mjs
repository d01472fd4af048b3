// SPDX-License-Identifier: Apache-2.0
// Requests by outcome, and tokens by client, model and route, in the metrics and in the log.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './support/process.mjs';
import { RawConnection, chatRequest, say } from './support/raw.mjs';
import { Stack, freePort } from './support/stack.mjs';

let stack, admin;
before(async () => {
  admin = await freePort();
  stack = await Stack.start({ extra: `[admin]\nlisten = "127.0.0.1:${admin}"\n`, upstream: { attempts: 1 } });
});
after(() => stack.stop());

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

test('an unknown model and the listener of clients show no name', async () => {
  assert.equal((await stack.post(ask('x', { model: 'made-up' }))).status, 404);
  await becomes('gatehouse_client_requests_total{client="tests",model="none",outcome="failed",route="none"}', 1);
  assert.equal((await fetch(`${stack.url}/metrics`)).status, 404);
});
