// SPDX-License-Identifier: Apache-2.0
// OCI's OpenAI-compatible surface behind the gateway: signed and with an API
// key, streaming and non-streaming, with tools, and with unknown fields.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readStream } from './support/sse.mjs';
import { Stack, compartment } from './support/stack.mjs';

const key = 'sk-genai-0123456789abcdef';
const project = 'ocid1.generativeaiproject.oc1.us-chicago-1.endtoend';
const tools = [{
  type: 'function',
  function: { name: 'weather', description: 'd', strict: true,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}];
const ask = (content, more = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content }], ...more });
const header = ({ headers }, name) => Object.entries(headers).find(([one]) => one.toLowerCase() === name)?.[1];

const ways = {
  signed: { provider: { surface: 'openai', project } },
  'with an API key': {
    provider: { surface: 'openai', signer: 'key', compartment_id: '' },
    extra: `[signer.key]\nuse = "bearer"\nkey = "${key}"\n`,
    emulatorArgs: ['--api-key', key],
  },
};

for (const [name, options] of Object.entries(ways)) {
  test(name, async (t) => {
    const stack = await Stack.start(options);
    const client = stack.client();
    try {
      await t.test('a non-streaming response has usage', async () => {
        const answer = await client.chat.completions.create(ask('Grüße'));
        assert.equal(answer.choices[0].message.content, 'You said: Grüße');
        assert.equal(answer.choices[0].finish_reason, 'stop');
        assert.equal(answer.model, 'gpt-5');
        assert.ok(answer.usage.total_tokens > 0);
        const last = await stack.emulator.last();
        assert.equal(last.path, '/openai/v1/chat/completions');
        assert.equal(last.body.model, 'openai.gpt-4.1');
        assert.equal(header(last, 'opc-compartment-id'), name === 'signed' ? compartment : undefined);
        assert.equal(header(last, 'openai-project'), name === 'signed' ? project : undefined);
      });

      await t.test('a stream follows the rules', async () => {
        const answer = await stack.post(ask('hello there', { stream: true, stream_options: { include_usage: true } }));
        const { choices, usage } = readStream(await answer.text(), { model: 'gpt-5', usageAsked: true });
        assert.deepEqual([choices[0].text, choices[0].finish], ['You said: hello there', 'stop']);
        assert.ok(usage.completion_tokens > 0);
      });

      await t.test('a tool round trip, streaming and non-streaming', async () => {
        for (const stream of [false, true]) {
          const question = ask('call the tool', { tools, stream });
          const message = stream ? await client.chat.completions.stream(question).finalMessage()
            : (await client.chat.completions.create(question)).choices[0].message;
          const [call] = message.tool_calls;
          assert.equal(call.function.name, 'weather');
          assert.ok('city' in JSON.parse(call.function.arguments));
          const next = await client.chat.completions.create({
            model: 'gpt-5', tools,
            messages: [...question.messages, message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }],
          });
          assert.equal(next.choices[0].message.content, 'The tool said: sunny');
        }
      });

      await t.test('unknown fields pass in both directions', async () => {
        const unknown = { safety: { level: 3, words: ['ä', null] }, min_p: 0.05 };
        const answer = await client.chat.completions.create(ask('hi', unknown));
        assert.deepEqual(answer.x_unknown, unknown);
        const text = await (await stack.post(ask('hi', { stream: true, ...unknown }))).text();
        readStream(text, { model: 'gpt-5' });
        const chunks = text.split('\n\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)));
        assert.deepEqual(chunks.filter((chunk) => 'x_unknown' in chunk).map((chunk) => chunk.x_unknown), [unknown]);
        const message = { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }], tag: 'x' };
        await client.chat.completions.create({ model: 'gpt-5', messages: [message] });
        assert.deepEqual((await stack.emulator.last()).body.messages, [message]);
      });

      await t.test('errors in OpenAI\'s format are unchanged', async () => {
        await assert.rejects(client.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] }),
          (error) => error.status === 400 && /must be a response to a prec/.test(error.message) && error.param === 'messages[0].role');
        await assert.rejects(client.chat.completions.create({ ...ask('hi'), model: 'oci/openai.unknown' }),
          { status: 404, code: 'model_not_found' });
        await assert.rejects(client.chat.completions.create({ ...ask('hi'), model: 'oci/cohere.command-a-03-2025' }),
          (error) => error.status === 400 && /surface to "native"/.test(error.message));
      });

      await t.test('failures in the middle of a stream are reported', async () => {
        for (const word of ['mock:miderr', 'mock:errevent', 'mock:garbage', 'mock:nofinish'])
          await assert.rejects(async () => {
            for await (const chunk of await client.chat.completions.create(ask(word, { stream: true }))) void chunk;
          }, word);
        const whole = await (await stack.post(ask('mock:split:1 äöü', { stream: true }))).text();
        assert.match(readStream(whole).choices[0].text, /äöü/);
        await stack.answersNext();
      });
    } finally {
      await stack.stop();
    }
  });
}

test('auto: OpenAI\'s models use this surface, Cohere\'s and dedicated models the native one', async () => {
  const stack = await Stack.start({ provider: { surface: 'auto' } });
  try {
    const path = async (model) => {
      const answer = await stack.client().chat.completions.create({ ...ask('hi'), model });
      assert.match(answer.choices[0].message.content, /hi/);
      return (await stack.emulator.last()).path;
    };
    const openai = '/openai/v1/chat/completions', native = '/20231130/actions/chat';
    assert.equal(await path('gpt-5'), openai);
    assert.equal(await path('oci/xai.grok-4'), openai);
    assert.equal(await path('oci/google.gemini-2.5-flash'), openai);
    assert.equal(await path('llama'), openai);
    assert.equal(await path('oci/cohere.command-a-03-2025'), native);
    assert.equal(await path('oci/cohere.command-a-vision'), native);
    assert.equal(await path('oci/ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaaaaendtoend'), native);
    const embedded = await stack.client().embeddings.create({ model: 'oci/cohere.embed-v4.0', input: 'a' });
    assert.equal(embedded.data.length, 1);
  } finally {
    await stack.stop();
  }
});

test('the older path, and a wrong API key', async () => {
  const extra = '[signer.key]\nuse = "bearer"\nkey = "sk-wrong-0123456789"\n';
  const stack = await Stack.start({ ...ways['with an API key'],
    provider: { ...ways['with an API key'].provider, surface_path: '/20231130/actions/v1' } });
  try {
    await stack.client().chat.completions.create(ask('hi'));
    assert.equal((await stack.emulator.last()).path, '/20231130/actions/v1/chat/completions');
    await assert.rejects(stack.client().embeddings.create({ model: 'oci/cohere.embed-v4.0', input: 'a' }),
      (error) => error.status === 400 && /compartment_id/.test(error.message));
    await stack.gateway.stop();
    await stack.startGateway({ ...ways['with an API key'], extra });
    await assert.rejects(stack.client().chat.completions.create(ask('hi')), (error) => {
      assert.equal(error.status, 502);
      assert.ok(!JSON.stringify(error).includes('sk-wrong'));
      return true;
    });
    assert.ok(!stack.gateway.output.includes('sk-wrong'), 'no key in the log');
  } finally {
    await stack.stop();
  }
});
