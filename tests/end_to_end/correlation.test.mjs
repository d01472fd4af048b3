// SPDX-License-Identifier: Apache-2.0
// One id from the client to the upstream's own log: each attempt has the gateway's id, and passes the client's trace on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually } from './support/process.mjs';
import { Stack } from './support/stack.mjs';

let backend, gateway, stack;
before(async () => {
  backend = await OpenAiServer.start();
  gateway = await Gateway.start((port) => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[provider.lab]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "lab/*"
[dialect.openai]
use = "openai"
`);
  stack = await Stack.start();
});
after(async () => {
  await gateway.stop(backend);
  await stack.stop();
});

const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'vendor=1' };
async function ask(one, content, headers = {}, model = 'gpt-4.1') {
  const answer = await fetch(`${one.url}/v1/chat/completions`, { method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content }] }) });
  await answer.text();
  return answer;
}
const line = async (one, id) => {
  await eventually(() => one.output.includes(` access request request_id=${id} `) || one.output, 'the line of the request');
  return one.output.split('\n').find((text) => text.includes(` access request request_id=${id} `));
};

test('the upstream receives the id of the gateway and the trace of the client', async () => {
  const answer = await ask(gateway, 'hello', { ...trace, 'x-request-id': 'client-1' });
  assert.equal(answer.status, 200);
  const id = answer.headers.get('x-request-id'), { headers } = backend.requests.at(-1);
  assert.match(id, /^req_/);
  assert.equal(headers['x-request-id'], id);
  assert.deepEqual([headers.traceparent, headers.tracestate], [trace.traceparent, trace.tracestate]);
  assert.match(await line(gateway, id), new RegExp(` client_request_id=client-1 traceparent=${trace.traceparent}`));
});

test('a trace that is not valid goes no further', async () => {
  await ask(gateway, 'hello', { traceparent: trace.traceparent.toUpperCase(), tracestate: 'vendor=1' });
  const { headers } = backend.requests.at(-1);
  assert.deepEqual([headers.traceparent, headers.tracestate], [undefined, undefined]);
});

test('a later attempt has another id', async () => {
  const before = backend.requests.length;
  const answer = await ask(gateway, 'mock:err:503:x:1');
  const id = answer.headers.get('x-request-id');
  const sent = backend.requests.slice(before).map(({ headers }) => headers['x-request-id']);
  assert.ok(sent.length >= 2);
  assert.deepEqual(sent.slice(0, 2), [id, `${id}-2`]);
});

test('one id finds the upstream ids of all attempts, also of the failed ones, and the endpoint of each', async () => {
  await stack.emulator.post('faults', { fault: 'throttled', first: 2 });
  try {
    const answer = await ask(stack, 'hello', { 'x-request-id': 'client-3' }, 'gpt-5');
    assert.equal(answer.status, 200);
    const id = answer.headers.get('x-request-id'), last = await line(stack, id);
    const lines = stack.output.split('\n').filter((text) => text.includes(` request_id=${id} `));
    const ids = lines.map((text) => text.match(/ upstream_id=(\S+)/)?.[1]);
    const sent = (await stack.emulator.requests()).slice(-3);
    assert.deepEqual(sent.map(({ status }) => status), [429, 429, 200]);
    assert.deepEqual(ids, sent.map((one) => one['opc-request-id']), lines.join('\n'));
    assert.equal(new Set(ids).size, 3);
    for (const text of lines) assert.ok(text.includes(` endpoint=${stack.emulator.url}`), text);
    for (const text of lines.slice(0, 2)) assert.match(text, / info oci attempt failed, retrying .* status=429 /);
    assert.match(last, / client_request_id=client-3$/);
  } finally {
    await stack.emulator.reset();
  }
});

test('OCI returns the id that it was sent', async () => {
  const answer = await ask(stack, 'hello', {}, 'gpt-5');
  assert.equal(answer.headers.get('x-upstream-request-id'), answer.headers.get('x-request-id'));
});
