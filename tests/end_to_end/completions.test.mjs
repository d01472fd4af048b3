// SPDX-License-Identifier: Apache-2.0
// OpenAI's older text completions by its own client: served by chats of OCI and
// by the echo, and in full by a server that has the endpoint.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { Stack, apiKey } from './support/stack.mjs';

const logprobs = { tokens: [' in', ' bytes:\\xe4'], token_logprobs: [null, -0.25], top_logprobs: [{ ' in': -0.5, x: -2 }, { y: -1e-7 }],
  text_offset: [9, 9], x_ranks: [1, 2] };
const choices = (texts) => texts.map((text, index) => ({ text, index, logprobs, finish_reason: index ? 'length' : 'stop', x_stop: 7 }));
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const answer = (texts, more = {}) => ({ id: 'u', object: 'text_completion', created: 1, model: 'served', choices: choices(texts), x_seed: 42, ...more });

let asked, server, stack;
before(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => (text += piece)).on('end', () => {
      asked = { url: request.url, body: JSON.parse(text) };
      const { prompt, stream } = asked.body;
      const texts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt.map((_, i) => `text ${i}`) : ['one'];
      if (prompt === 'refuse')
        return response.writeHead(400, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: { message: 'no such thing', param: 'suffix', code: 'odd' } }));
      if (!stream) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(texts, { usage })));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const send = (value) => response.write(`data: ${JSON.stringify(value)}\n\n`);
      for (const choice of choices(texts)) {
        send({ ...answer([]), choices: [{ ...choice, finish_reason: null }] });
        send({ ...answer([]), choices: [{ index: choice.index, text: '!', logprobs: null, finish_reason: choice.finish_reason }] });
        if (prompt === 'break') return response.destroy();
      }
      if (asked.body.stream_options) send({ ...answer([]), usage });
      response.end('data: [DONE]\n\n');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack = await Stack.start({
    routes: { 'gpt-5': 'oci/openai.gpt-4.1', cohere: 'oci/cohere.command-r-08-2024', local: 'local/served', echo: 'echo/any', hello: 'greeter/any',
      both: ['oci/openai.gpt-4.1', 'local/served'] },
    extra: `[provider.local]\nuse = "openai"\nbase_url = "http://127.0.0.1:${server.address().port}/v1"\n` +
      '[provider.echo]\nuse = "echo"\nwords_per_second = 0\nprefix = "You said: "\n',
  });
});
after(async () => {
  await stack.stop();
  server.closeAllConnections();
  server.close();
});

const complete = (model, prompt, more = {}) => stack.client().completions.create({ model, prompt, ...more });
async function collect(stream) {
  const seen = { ids: new Set(), texts: [], finish: [], usage: undefined };
  for await (const chunk of stream) {
    seen.ids.add(chunk.id);
    assert.equal(chunk.object, 'text_completion');
    for (const choice of chunk.choices) {
      seen.texts[choice.index] = (seen.texts[choice.index] ?? '') + choice.text;
      seen.finish[choice.index] = choice.finish_reason ?? seen.finish[choice.index];
    }
    seen.usage = chunk.usage ?? seen.usage;
  }
  return seen;
}

for (const model of ['gpt-5', 'cohere', 'echo'])
  test(`${model}: a text completion by a chat provider, non-streaming and streaming`, async () => {
    const whole = await complete(model, 'Grüße');
    assert.match(whole.id, /^cmpl-/);
    assert.deepEqual([whole.object, whole.model], ['text_completion', model]);
    assert.deepEqual(whole.choices, [{ index: 0, text: 'You said: Grüße', logprobs: null, finish_reason: 'stop' }]);
    assert.ok(whole.usage.total_tokens > 0);
    const streamed = await collect(await complete(model, ['hello there'], { stream: true, stream_options: { include_usage: true } }));
    assert.deepEqual([streamed.texts, streamed.finish, streamed.ids.size], [['You said: hello there'], ['stop'], 1]);
    assert.ok(streamed.usage.total_tokens > 0);
  });

test('a field that a chat does not support is rejected by name, and the request falls back to a route that supports it', async () => {
  const rows = [['prompt', ['a', 'b']], ['prompt', [1, 2]], ['suffix', 'a', { suffix: 'b' }], ['echo', 'a', { echo: true }],
    ['best_of', 'a', { best_of: 2 }]];
  for (const [param, prompt, more] of rows)
    for (const model of ['gpt-5', 'cohere', 'echo'])
      await assert.rejects(complete(model, prompt, more), { status: 400, code: 'unsupported', param });
  await assert.rejects(complete('cohere', 'a', { logprobs: 1 }), { status: 400, code: 'unsupported', param: 'logprobs' });
  await assert.rejects(complete('hello', [1]), { status: 400, code: 'unsupported', param: 'prompt' });
  assert.deepEqual((await complete('both', ['a', 'b'])).choices.map((choice) => choice.text), ['text 0', 'text 1']);
  await assert.rejects(complete('local', 'a', { best_of: 1, n: 2 }), { status: 400, code: 'invalid_value', param: 'best_of' });
});

test('all fields of the older protocol pass to a server that supports it, and back', async () => {
  const everything = { best_of: 3, echo: false, frequency_penalty: 0.5, logit_bias: { 50256: -100 }, logprobs: 2, max_tokens: 0, n: 1,
    presence_penalty: -0.5, seed: 7, stop: ['a', 'b'], suffix: 'end', temperature: 0.25, top_p: 0.5, user: 'u', min_p: 0.1, x_unknown: { ä: [1] } };
  const whole = await complete('local', 'Once', everything);
  assert.equal(asked.url, '/v1/completions');
  assert.deepEqual(asked.body, { model: 'served', prompt: 'Once', ...everything });
  const { id, created, model, ...rest } = whole;
  assert.deepEqual([id.slice(0, 5), created > 1, model], ['cmpl-', true, 'local']);
  const { id: _i, created: _c, model: _m, ...expected } = answer(['one'], { usage });
  assert.deepEqual(rest, expected);
  for (const prompt of [['a', 'b'], [[1, 2], [3]], [5, 6]]) {
    await complete('local', prompt);
    assert.deepEqual(asked.body, { model: 'served', prompt });
  }
});

test('streaming as well, chunk by chunk', async () => {
  const chunks = [];
  for await (const chunk of await complete('local', ['a', 'b'], { stream: true, stream_options: { include_usage: true }, logprobs: 2 }))
    chunks.push(chunk);
  assert.deepEqual(asked.body, { model: 'served', prompt: ['a', 'b'], stream: true, stream_options: { include_usage: true }, logprobs: 2 });
  assert.deepEqual(chunks[0].choices, [{ index: 0, text: 'text 0', logprobs, finish_reason: null, x_stop: 7 }]);
  assert.equal(chunks[0].x_seed, 42);
  assert.deepEqual([chunks.at(-1).choices, chunks.at(-1).usage], [[], usage]);
  const seen = await collect(await complete('local', ['a', 'b'], { stream: true }));
  assert.deepEqual([seen.texts, seen.finish, seen.usage], [['text 0!', 'text 1!'], ['stop', 'length'], usage]);
});

test('a hook masks prompts in requests, texts in responses, and their tokens', async () => {
  const extra = stack.options.extra + '[hook.redact]\nuse = "redact"\npatterns = ["email"]\n[[hook.redact.own]]\nname = "bytes"\nregex = "in bytes|t[a-z]xt 1!"\n';
  await stack.gateway.stop();
  await stack.startGateway({ ...stack.options, extra });
  await complete('local', ['to bob@example.com', 'b'], { suffix: 'from bob@example.com' });
  assert.deepEqual([asked.body.prompt, asked.body.suffix], [['to [email]', 'b'], 'from [email]']);
  assert.equal((await complete('echo', 'to bob@example.com')).choices[0].text, 'You said: to [email]');
  const streamed = await complete('local', ['a', 'b'], { stream: true, logprobs: 2 });
  const seen = { texts: [], tokens: [[], []] };
  for await (const { choices: [choice] } of streamed) {
    if (!choice) continue;
    seen.texts[choice.index] = (seen.texts[choice.index] ?? '') + choice.text;
    seen.tokens[choice.index].push(...(choice.logprobs?.tokens ?? []));
  }
  assert.deepEqual(seen, { texts: ['text 0!', '[bytes]'], tokens: [[' [bytes]', ':\\xe4'], [' [bytes]', ':\\xe4']] });
});

test('errors: the upstream\'s error, a broken stream, and an invalid request body', async () => {
  await assert.rejects(complete('local', 'refuse'), { status: 400, param: 'suffix', code: 'odd' });
  await assert.rejects(async () => collect(await complete('local', 'break', { stream: true })));
  for (const [body, param] of [['{"model":"local"}', 'prompt'], ['{"model":"local","prompt":{}}', 'prompt'],
    ['{"model":"local","prompt":["a",1]}', 'prompt[1]'], ['{"model":"local","prompt":"a","logprobs":9}', 'logprobs']]) {
    const refused = await fetch(`${stack.url}/v1/completions`, {
      method: 'POST', headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }, body });
    assert.deepEqual([refused.status, (await refused.json()).error.param], [400, param]);
  }
});
