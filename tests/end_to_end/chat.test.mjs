// SPDX-License-Identifier: Apache-2.0
// The official client through the gateway: non-streaming and streaming responses.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { readStream } from './support/sse.mjs';
import { eventually } from './support/process.mjs';
import { Stack, apiKey } from './support/stack.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start();
  client = stack.client();
});
after(() => stack.stop());

const ask = (content, more = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content }], ...more });

async function collect(stream) {
  const parts = { text: '', usage: null, finish: null };
  for await (const chunk of stream) {
    parts.text += chunk.choices[0]?.delta?.content ?? '';
    parts.finish = chunk.choices[0]?.finish_reason ?? parts.finish;
    parts.usage = chunk.usage ?? parts.usage;
  }
  return parts;
}

test('a non-streaming response', async () => {
  const begun = Math.floor(Date.now() / 1000);
  const { data, response, request_id } = await client.chat.completions.create(ask('Grüße, 世界 👋')).withResponse();
  assert.equal(data.object, 'chat.completion');
  assert.equal(data.model, 'gpt-5');
  assert.ok(data.created >= begun && data.created <= Date.now() / 1000, `${begun} ${data.created}`);
  assert.match(data.id, /^chatcmpl-/);
  assert.deepEqual(data.choices.map(({ index, finish_reason, message }) => [index, finish_reason, message.role, message.content]),
    [[0, 'stop', 'assistant', 'You said: Grüße, 世界 👋']]);
  assert.ok(data.usage.prompt_tokens > 0);
  assert.equal(data.usage.completion_tokens, 5);
  assert.ok(data.usage.total_tokens >= data.usage.prompt_tokens + 5);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  assert.ok(request_id, 'x-request-id');
  assert.ok(response.headers.get('x-upstream-request-id'), 'x-upstream-request-id');
});

test('the upstream sees a request that is signed, identity-coded and complete', async () => {
  await stack.emulator.reset();
  await client.chat.completions.create(ask('look', {
    temperature: 0.5, top_p: 0.9, seed: 7, presence_penalty: 0.1, frequency_penalty: 0.2, max_tokens: 50,
    stop: ['END'], logit_bias: { 42: 5 }, metadata: { a: 'b' }, user: 'u', store: true, service_tier: 'default',
    reasoning_effort: 'low',
  }));
  const { method, path, headers, body } = await stack.emulator.last();
  assert.deepEqual([method, path], ['POST', '/20231130/actions/chat']);
  const header = (name) => Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  assert.equal(header('accept-encoding'), 'identity');
  assert.equal(header('content-type'), 'application/json');
  assert.ok(header('x-content-sha256'));
  assert.equal(header('authorization'), undefined, 'kept out by the emulator');
  assert.deepEqual(body.servingMode, { servingType: 'ON_DEMAND', modelId: 'openai.gpt-4.1' });
  const sent = body.chatRequest;
  assert.equal(sent.apiFormat, 'GENERIC');
  assert.equal(sent.maxTokens, undefined);
  assert.equal(sent.maxCompletionTokens, 50);
  assert.deepEqual([sent.temperature, sent.topP, sent.seed, sent.presencePenalty, sent.frequencyPenalty], [0.5, 0.9, 7, 0.1, 0.2]);
  assert.deepEqual([sent.stop, sent.logitBias, sent.metadata, sent.serviceTier, sent.reasoningEffort],
    [['END'], { 42: 5 }, { a: 'b' }, 'DEFAULT', 'LOW']);
  assert.equal((await stack.emulator.stats()).unsigned, 0);
});

test('a streaming response', async () => {
  const { text, finish, usage } = await collect(await client.chat.completions.create(ask('one two three', { stream: true })));
  assert.equal(text, 'You said: one two three');
  assert.equal(finish, 'stop');
  assert.equal(usage.completion_tokens, 5);  // without the option, the finish chunk has it
});

test('a streaming response has usage in a separate chunk', async () => {
  const response = await stack.post(ask('one two', { stream: true, stream_options: { include_usage: true } }));
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  assert.equal(response.headers.get('content-encoding'), null);
  assert.ok(response.headers.get('x-request-id'));
  const { choices, usage } = readStream(await response.text(), { model: 'gpt-5', usageAsked: true });
  assert.equal(choices[0].text, 'You said: one two');
  assert.equal(usage.completion_tokens, 4);
});

test('the stream helper', async () => {
  const runner = client.chat.completions.stream(ask('helped'));
  assert.equal((await runner.finalMessage()).content, 'You said: helped');
  assert.equal((await runner.finalChatCompletion()).choices[0].finish_reason, 'stop');
});

test('streaming is chosen by the body, not by the Accept header', async () => {
  const whole = await stack.post(ask('x'), { headers: { accept: 'text/event-stream' } });
  assert.match(whole.headers.get('content-type'), /^application\/json/);
  assert.equal((await whole.json()).choices[0].message.content, 'You said: x');
  const streamed = await stack.post(ask('x', { stream: true }), { headers: { accept: 'application/json' } });
  assert.equal(readStream(await streamed.text()).choices[0].text, 'You said: x');
});

for (const stream of [false, true]) {
  const how = stream ? 'streamed' : 'whole';
  const answer = async (body) => {
    const response = await stack.post({ ...body, stream });
    assert.equal(response.status, 200, await response.clone().text());
    if (stream) return readStream(await response.text()).choices;
    return (await response.json()).choices.map(({ message, finish_reason, index }) =>
      ({ text: message.content, finish: finish_reason, index, calls: message.tool_calls }));
  };

  test(`several choices (n), ${how}`, async () => {
    const choices = await answer(ask('a b c', { n: 3 }));
    assert.deepEqual(choices.map(({ text, finish }) => [text, finish]), Array(3).fill(['You said: a b c', 'stop']));
  });

  test(`the limit makes the finish length, ${how}`, async () => {
    for (const limit of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
      const [choice] = await answer(ask('a b c d', limit));
      assert.deepEqual([choice.text, choice.finish], ['You said: a', 'length']);
    }
  });

  test(`stop strings, ${how}`, async () => {
    for (const stop of ['END', ['nothing', 'END']]) {
      const [choice] = await answer(ask('a END b', { stop }));
      assert.deepEqual([choice.text, choice.finish], ['You said: a ', 'stop']);
    }
  });

  test(`an image, ${how}`, async () => {
    const bytes = Buffer.alloc(3000, 7);
    const [choice] = await answer(ask([
      { type: 'text', text: 'look at' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${bytes.toString('base64')}`, detail: 'low' } },
      { type: 'text', text: ' this' },
    ]));
    assert.equal(choice.text, 'You said: look at this (1 image: 3000 bytes)');
  });

  test(`a large image, ${how}`, async () => {
    const bytes = Buffer.alloc(3 * 1024 * 1024, 1);
    const [choice] = await answer(ask([{ type: 'image_url', image_url: { url: `data:image/jpeg;base64,${bytes.toString('base64')}` } }]));
    assert.match(choice.text, /\(1 image: 3145728 bytes\)$/);
  });

  test(`a JSON schema, ${how}`, async () => {
    const schema = {
      type: 'object', additionalProperties: false, required: ['city', 'population'],
      properties: { city: { type: 'string' }, population: { type: 'number' }, more: { type: 'boolean' } },
    };
    const [choice] = await answer(ask('A city as JSON.', {
      response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } },
    }));
    assert.deepEqual(JSON.parse(choice.text), { city: 'city', population: 1 });
  });

  test(`a JSON object, ${how}`, async () => {
    const [choice] = await answer(ask('as JSON', { response_format: { type: 'json_object' } }));
    assert.deepEqual(JSON.parse(choice.text), { said: 'as JSON' });
  });

  test(`every role and kind of content, ${how}`, async () => {
    const [choice] = await answer({
      model: 'gpt-5',
      messages: [
        { role: 'system', content: 'Terse.' },
        { role: 'developer', content: [{ type: 'text', text: 'More terse.' }], name: 'dev' },
        { role: 'user', content: 'first', name: 'bob' },
        { role: 'assistant', content: 'yes' },
        { role: 'user', content: [{ type: 'text', text: 'and ' }, { type: 'text', text: 'second' }] },
      ],
    });
    assert.equal(choice.text, 'You said: and second');
  });
}

test('log probabilities', async () => {
  const completion = await client.chat.completions.create(ask('a', { logprobs: true, top_logprobs: 2 }));
  const { content } = completion.choices[0].logprobs;
  assert.deepEqual(content.map(({ token, logprob }) => [token, logprob]), [['You', -0.25], [' said:', -0.25], [' a', -0.25]]);
  assert.equal(content[0].top_logprobs.length, 2);
});

test('unknown fields and headers are accepted', async () => {
  const response = await stack.post({ ...ask('x'), prompt_cache_key: 'k', safety_identifier: 's', something_new: { a: [1] } },
    { headers: { traceparent: '00-79d7ca8fdbebfa545c772740c1d8bb8f-419202d89d9f5954-01', 'x-stainless-lang': 'js' } });
  assert.equal(response.status, 200, await response.text());
});

test('the models', async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  for (const id of ['gpt-5', 'openai/gpt-5', 'openai-compatible/gpt-5']) assert.ok(ids.includes(id), `${id} in ${ids}`);
  assert.equal((await client.models.retrieve('openai/gpt-5')).id, 'openai/gpt-5');
  await assert.rejects(client.models.retrieve('nothing'), { status: 404, code: 'model_not_found' });
});

test('every name in the map, with and without a star', async () => {
  for (const model of ['gpt-5', 'openai/gpt-5', 'openai-compatible/gpt-5', 'llama', 'oci/xai.grok-3']) {
    const completion = await client.chat.completions.create({ ...ask('hi'), model });
    assert.deepEqual([completion.model, completion.choices[0].message.content], [model, 'You said: hi']);
  }
});

test('a provider without an upstream', async () => {
  const completion = await client.chat.completions.create({ ...ask('world'), model: 'hello' });
  assert.equal(completion.choices[0].message.content, 'Hello, world');
});

test('metrics count the requests', async () => {
  const text = await (await fetch(`${stack.url}/metrics`)).text();
  assert.match(text, /^# TYPE /m);
  assert.match(text, /200"?[^\n]*\} [1-9]/);
  assert.ok(!text.includes('sk-test'), 'no key in the metrics');
});

test('the log has a line per request, without keys and prompts', async () => {
  const response = await stack.post(ask('a very private prompt'));
  const id = response.headers.get('x-request-id');
  await response.text();
  await eventually(() => stack.gateway.output.includes(id), `a line with ${id} is in the log`);
  for (const secret of ['private prompt', apiKey, 'PRIVATE KEY'])
    assert.ok(!stack.gateway.output.includes(secret), `${secret} is in the log`);
});
