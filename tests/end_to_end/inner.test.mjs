// SPDX-License-Identifier: Apache-2.0
// The texts of failed upstreams, ids of resources, inner hosts and file paths reach the log, and the client only with error_details = "client".
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { eventually } from './support/process.mjs';
import { events } from './support/sse.mjs';
import { Stack } from './support/stack.mjs';

const trace = 'Traceback (most recent call last): File "/app/vllm/engine.py", line 88, in step RuntimeError: CUDA error on gpu-7:50051';
const compartment = 'ocid1.compartment.oc1..innermost';
const inner = /engine\.py|gpu-7|RuntimeError|Traceback|ocid1|10\.0\.3\.7|innermost|\/srv\/model/;

let upstream, url, script;
const stacks = [];
const start = async (more) => {
  const native = { use: 'oci', endpoint: url, compartment_id: compartment };
  const tables = { oa: `use = "openai"\nbase_url = "${url}/v1"\n`, an: `use = "anthropic"\nbase_url = "${url}"\n`,
    oc: Object.entries(native).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join('') };
  const stack = await Stack.start({ upstream: { attempts: 1, ...more }, routes: { 'oa/*': 'oa/*', 'an/*': 'an/*', 'oc/*': 'oc/*', 'gpt-5': 'oci/openai.gpt-4.1' },
    extra: Object.entries(tables).map(([name, text]) => `[provider.${name}]\n${text}`).join('') });
  stacks.push(stack);
  return stack;
};

let closed, open;
before(async () => {
  upstream = createServer((request, response) => request.resume().on('end', () => script(response)));
  await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${upstream.address().port}`;
  closed = await start({});
  open = await start({ error_details: 'client' });
});
after(async () => {
  upstream.closeAllConnections();
  upstream.close();
  for (const stack of stacks) await stack.stop();
});

const models = { oa: 'oa/m', an: 'an/claude-sonnet-4-5', oc: 'oc/meta.llama-3.3-70b-instruct' };
const body = { oa: (message) => ({ error: { message, type: 'x' } }), an: (message) => ({ type: 'error', error: { type: 'api_error', message } }), oc: (message) => ({ code: 'InternalServerError', message }) };
const json = (status, value) => (response) => response.writeHead(status, { 'content-type': 'application/json', 'opc-request-id': 'upstream-id-1', 'request-id': 'upstream-id-1', 'x-request-id': 'upstream-id-1' }).end(JSON.stringify(value));
const ask = async (stack, model, more = {}) => {
  const response = await stack.post({ model, messages: [{ role: 'user', content: 'hello, what is new with you' }], ...more });
  return { status: response.status, text: await response.text(), id: response.headers.get('x-request-id') };
};

for (const [name, model] of Object.entries(models))
  for (const [status, expected, code] of [[500, 502, 'upstream_error'], [503, 503, 'unavailable'], [504, 504, 'timeout']])
    for (const stream of [false, true])
      test(`a ${status} of ${name} tells the client no text and the log all of it${stream ? ', before a stream' : ''}`, async () => {
        script = json(status, body[name](trace));
        const { status: got, text, id } = await ask(closed, model, { stream });
        assert.equal(got, expected, text);
        const { error } = JSON.parse(text);
        assert.deepEqual([error.type, error.code], ['server_error', code]);
        assert.match(error.message, new RegExp(`status ${status} \\(request id ${id}\\)`));
        assert.doesNotMatch(text, inner);
        const line = () => closed.gateway.output.split('\n').find((one) => one.includes(id) && / access request /.test(one));
        await eventually(() => line() !== undefined, 20_000, 'the request is logged');
        assert.match(line(), /upstream_id=upstream-id-1/);
        assert.match(line(), /engine\.py.*gpu-7:50051/);
        assert.match((await ask(open, model, { stream })).text, /engine\.py.*gpu-7:50051/);
      });

test('an error event within a stream tells no text either', async () => {
  const begin = { id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'He' }, finish_reason: null }] };
  let upstreamResponse;
  script = (response) => (upstreamResponse = response).writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${JSON.stringify(begin)}\n\n`);
  const broken = async (stack) => {
    const response = await stack.post({ model: models.oa, stream: true, messages: [{ role: 'user', content: 'hello' }] });  // has the first event
    upstreamResponse.end(`data: ${JSON.stringify({ error: { message: trace, code: 500 } })}\n\n`);
    return { status: response.status, id: response.headers.get('x-request-id'), text: await response.text() };
  };
  const { status, text, id } = await broken(closed);
  assert.equal(status, 200);
  assert.match(events(text).at(-1).error.message, new RegExp(`request id ${id}`));
  assert.doesNotMatch(text, inner);
  assert.match((await broken(open)).text, /engine\.py/);
});

test('the 404 of a model names no compartment', async () => {
  script = json(404, { code: 'NotAuthorizedOrNotFound', message: `Authorization failed for ${compartment}` });
  const { status, text } = await ask(closed, models.oc);
  assert.equal(status, 404);
  assert.match(text, /model_not_found/);
  assert.doesNotMatch(text, inner);
  assert.match((await ask(open, models.oc)).text, /ocid1\.compartment\.oc1\.\.innermost/);
});

for (const [name, model] of Object.entries(models))
  test(`the reason of a 400 of ${name} reaches the client, without what is inner`, async () => {
    const wrong = (message) => (name === 'an' ? { type: 'error', error: { type: 'invalid_request_error', message } } : body[name](message));
    for (const more of ['', ` for ${compartment}`, ' at http://10.0.3.7:8000/v1', ' (/srv/model/config.json)']) {
      script = json(400, wrong(`top_q must be at most 7${more}`));
      const { status, text } = await ask(closed, model);
      assert.equal(status, 400, text);
      assert.match(text, /op_q must be at most 7/);
      assert.doesNotMatch(text, inner);
    }
    script = json(400, wrong('prompt is too long: 9000 tokens > 8192 maximum context length'));
    const { error } = JSON.parse((await ask(closed, model)).text);
    assert.equal(error.code, 'context_length_exceeded');
    assert.match(error.message, /8192/);
  });
