// SPDX-License-Identifier: Apache-2.0
// Backends other than OCI, selected in the TOML only: a server that speaks OpenAI's
// protocol, the echo, and a list of fallback routes.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { eventually, patience, required, runToEnd } from './support/process.mjs';
import { Stack, freePort } from './support/stack.mjs';

/** An OpenAI-compatible server that keeps what it is asked. */
class Upstream {
  static async start() {
    const upstream = new Upstream();
    upstream.asked = [];
    upstream.closed = 0;
    upstream.server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => {
        response.on('close', () => (upstream.closed += response.writableFinished ? 0 : 1));
        const body = text ? JSON.parse(text) : undefined;
        upstream.asked.push({ url: request.url, headers: request.headers, body });
        upstream.answer(request, body, response);
      });
    });
    await new Promise((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    upstream.url = `http://127.0.0.1:${upstream.server.address().port}/v1`;
    return upstream;
  }
  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
  get last() {
    return this.asked.at(-1);
  }

  answer(request, body, response) {
    const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/v1/models')
      return json(200, { object: 'list', data: [{ id: 'served', object: 'model', created: 5, owned_by: 'lab', max_model_len: 4096 }] });
    if (request.url === '/v1/embeddings')
      return json(200, { data: body.input.map((text, index) => ({ index, embedding: [text.length, 1] })), usage: { prompt_tokens: 1, total_tokens: 1 } });
    if (request.url === '/v1/rerank')
      return json(200, { results: body.documents.map((text, index) => ({ index, relevance_score: 1 / (1 + index) })) });
    const said = body.messages.at(-1).content;
    const words = typeof said === 'string' ? said : 'parts';
    if (words === 'refuse') return json(400, { error: { message: 'no such thing', type: 'invalid_request_error', param: 'temperature', code: 'odd' } });
    if (words === 'limit' && body.max_tokens)
      return json(400, { error: { message: "Use 'max_completion_tokens' instead.", param: 'max_tokens', code: 'unsupported_parameter' } });
    const calls = words === 'call' ? [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] : undefined;
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    if (!body.stream)
      return json(200, { id: 'x', object: 'chat.completion', created: 1, model: 'served', x_seed: 42,
        choices: [{ index: 0, x_score: 0.5, message: { role: 'assistant', content: calls ? null : `You said: ${words}`, tool_calls: calls, x_note: 'n' },
          finish_reason: calls ? 'tool_calls' : 'stop' }], usage });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (choices, more = {}) => response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, choices, ...more })}\n\n`);
    if (words === 'hang') return chunk([{ index: 0, delta: { content: 'one' } }]);
    if (calls) {
      chunk([{ index: 0, delta: { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }] } }]);
      chunk([{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] } }]);
      chunk([{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] } }]);
    } else {
      chunk([{ index: 0, delta: { role: 'assistant', content: 'You said: ' } }], { x_seed: 42 });
      chunk([{ index: 0, delta: { content: words } }]);
    }
    chunk([{ index: 0, delta: {}, finish_reason: calls ? 'tool_calls' : 'stop' }]);
    if (body.stream_options?.include_usage) chunk([], { usage });
    // It keeps the connection open: the client must not wait for its end.
    response.write('data: [DONE]\n\n');
    if (words !== 'linger') response.end();
  }
}

let upstream, stack;
before(async () => {
  upstream = await Upstream.start();
  stack = await Stack.start({
    routes: { local: 'local/served', echo: 'echo/any', dead: ['dead/x', 'local/served'], 'all/*': 'local/*' },
    extra:
      `[signer.key]\nuse = "bearer"\nkey = "sk-upstream"\n[provider.local]\nuse = "openai"\nsigner = "key"\nbase_url = "${upstream.url}"\nmodels = "discover"\nidle_timeout_ms = ${2 * patience}\n` +
      `[provider.dead]\nuse = "oci"\nendpoint = "http://127.0.0.1:${await freePort()}"\ncompartment_id = "ocid1.compartment.oc1..a"\n` +
      '[provider.echo]\nuse = "echo"\nwords_per_second = 0\nprefix = "You said: "\n',
  });
});
after(async () => {
  await stack.stop();
  upstream.stop();
});

const ask = (model, content, more = {}) => stack.client().chat.completions.create({ model, messages: [{ role: 'user', content }], ...more });
async function collect(stream) {
  const seen = { text: '', calls: [], finish: undefined, usage: undefined };
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    seen.text += choice?.delta.content ?? '';
    for (const call of choice?.delta.tool_calls ?? []) {
      seen.calls[call.index] ??= { name: '', arguments: '' };
      seen.calls[call.index].name += call.function.name ?? '';
      seen.calls[call.index].arguments += call.function.arguments ?? '';
    }
    seen.finish = choice?.finish_reason ?? seen.finish;
    seen.usage = chunk.usage ?? seen.usage;
  }
  return seen;
}

for (const model of ['local', 'echo'])
  test(`${model}: non-streaming, streaming, with usage`, async () => {
    const whole = await ask(model, 'hello there');
    assert.equal(whole.choices[0].message.content, 'You said: hello there');
    assert.equal(whole.choices[0].finish_reason, 'stop');
    assert.ok(whole.usage.total_tokens > 0);
    const streamed = await collect(await ask(model, 'hello there', { stream: true, stream_options: { include_usage: true } }));
    assert.deepEqual([streamed.text, streamed.finish], ['You said: hello there', 'stop']);
    assert.ok(streamed.usage.total_tokens > 0);
  });

test('unknown fields arrive unchanged in both directions, and the key is the signer\'s', async () => {
  const whole = await ask('local', 'hi', { guided_json: { a: [1] }, min_p: 0.25 });
  assert.deepEqual(upstream.last.body.guided_json, { a: [1] });
  assert.equal(upstream.last.body.min_p, 0.25);
  assert.equal(upstream.last.headers.authorization, 'Bearer sk-upstream');
  assert.equal(upstream.last.body.model, 'served');
  assert.deepEqual([whole.x_seed, whole.choices[0].x_score, whole.choices[0].message.x_note], [42, 0.5, 'n']);
  let seed;
  for await (const chunk of await ask('local', 'hi', { stream: true })) seed = chunk.x_seed ?? seed;
  assert.equal(seed, 42);
});

test('tool calls, complete and in fragments', async () => {
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'integer' } } } } }];
  const whole = await ask('local', 'call', { tools });
  assert.equal(whole.choices[0].message.tool_calls[0].function.arguments, '{"a":1}');
  const streamed = await collect(await ask('local', 'call', { tools, stream: true }));
  assert.deepEqual([streamed.calls, streamed.finish], [[{ name: 'f', arguments: '{"a":1}' }], 'tool_calls']);
  assert.deepEqual(upstream.last.body.tools, tools);
});

test('errors keep their field; a field that the gateway added is removed and the request is sent again', async () => {
  await assert.rejects(ask('local', 'refuse'), (error) => error.status === 400 && error.param === 'temperature' && error.code === 'odd');
  assert.equal((await ask('local', 'limit', { max_tokens: 7 })).choices[0].message.content, 'You said: limit');
  assert.equal(upstream.last.body.max_completion_tokens, 7);
});

test('a client that disconnects ends the upstream request, and an upstream that keeps its connection delays no client', async () => {
  const closed = upstream.closed;
  const stream = await ask('local', 'hang', { stream: true });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  await eventually(() => upstream.closed > closed, 'the upstream call is cut');
  assert.equal((await collect(await ask('local', 'linger', { stream: true }))).text, 'You said: linger');
});

test('embeddings, rankings and models', async () => {
  const embedded = await stack.client().embeddings.create({ model: 'local', input: ['a', 'bcd'] });
  assert.deepEqual(embedded.data.map((one) => one.embedding), [[1, 1], [3, 1]]);
  const answer = await fetch(`${stack.url}/v1/rerank`, {
    method: 'POST', headers: { authorization: `Bearer ${stack.client().apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'local', query: 'q', documents: ['x', 'y'] }) });
  assert.deepEqual((await answer.json()).results.map((one) => one.index), [0, 1]);
  await eventually(async () => (await stack.client().models.list()).data.some((model) => model.id === 'all/served' && model.owned_by === 'lab'),
    10_000, 'the upstream\'s models are listed');
});

test('the echo keeps its pace, cuts at a limit, and rejects unsupported requests', async () => {
  const cut = await ask('echo', 'one two three', { max_tokens: 3 });
  assert.deepEqual([cut.choices[0].message.content, cut.choices[0].finish_reason], ['You said: one', 'length']);
  await assert.rejects(ask('echo', 'x', { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'required' }),
    (error) => error.status === 400 && error.param === 'tool_choice');
  await assert.rejects(stack.client().embeddings.create({ model: 'echo', input: 'a' }), (error) => error.status === 400);
});

test('an unreachable OCI falls back to the local server before the first byte, and the response names the route', async () => {
  const answer = await stack.post({ model: 'dead', stream: true, messages: [{ role: 'user', content: 'hi' }] });
  assert.equal(answer.headers.get('x-gatehouse-route'), 'local/served');
  assert.match(await answer.text(), /You said: /);
  assert.match(stack.gateway.output, /attempt failed, retrying/);
});

test('check --live sends a request to each of them', async () => {
  const { stdout } = await runToEnd(required('GATEHOUSE'), ['check', '--live', '-c', stack.file], {}, 1);
  assert.match(stdout, /ok {6}provider local: lists 1 model/);
  assert.match(stdout, /ok {6}model echo at echo\/any: answers/);
  assert.match(stdout, /FAILED {2}model dead at dead\/x: .*connection refused/);
});
