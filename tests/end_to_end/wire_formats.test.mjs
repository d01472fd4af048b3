// SPDX-License-Identifier: Apache-2.0
// The official package and every vendor's wire format: text, tools, parallel calls and
// usage, streaming and non-streaming, against an emulator that is as strict about
// schemas as the service.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { readStream } from './support/sse.mjs';
import { Stack } from './support/stack.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start({ emulatorArgs: ['--strict-schemas'] });
  client = stack.client();
});
after(() => stack.stop());

const vendors = [
  { model: 'oci/xai.grok-4' },
  { model: 'oci/xai.grok-4-fast-reasoning', reasons: true },
  { model: 'oci/openai.gpt-oss-120b', effort: 'low', reasons: true },
  { model: 'oci/google.gemini-2.5-flash' },
  { model: 'oci/meta.llama-3.3-70b-instruct' },
  { model: 'oci/cohere.command-a-03-2025', plans: true, cannotRequire: true },
  { model: 'oci/cohere.command-r-plus-08-2024', plans: true, cannotRequire: true },
  { model: 'oci/cohere.command-a-reasoning-08-2025', reasons: true },
  { model: 'oci/openai.gpt-5' },
  { model: 'oci/openai.gpt-4.1' },
];
const vision = 'oci/cohere.command-a-vision-07-2025';

// Schemas as clients write them: references, unions with null, constants, patterns.
const tools = [
  { type: 'function', function: { name: 'get-weather', description: 'Weather of a city', strict: true, parameters: {
    $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object',
    properties: {
      city: { $ref: '#/$defs/City', description: 'Where' },
      unit: { anyOf: [{ $ref: '#/$defs/Unit' }, { type: 'null' }], default: null },
      days: { type: ['integer', 'null'], exclusiveMinimum: 0 },
      env: { type: 'object', patternProperties: { '^.*$': { type: 'string' } } },
      kind: { const: 'now' },
      anything: {},
    },
    required: ['city'], additionalProperties: false,
    $defs: { City: { type: 'string', title: 'City' }, Unit: { anyOf: [{ const: 'C' }, { const: 'F' }] } } } } },
  { type: 'function', function: { name: 'get_time', parameters: {
    type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } } },
  { type: 'web_search' },
];

const user = (content) => ({ role: 'user', content });
const called = (message, calls = message.tool_calls) => ({ role: 'assistant', content: message.content, tool_calls: calls });
const result = (id, content) => ({ role: 'tool', tool_call_id: id, content });

/** The message, the finish reason and usage of an answer; a stream is put together by the package. */
async function ask(body, stream) {
  const request = { tools, ...body };
  if (!stream) {
    const { choices: [{ message, finish_reason }], usage, model } = await client.chat.completions.create(request);
    return { message, finish: finish_reason, usage, model };
  }
  const runner = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
  const { choices: [{ message, finish_reason }], usage, model } = await runner.finalChatCompletion();
  return { message, finish: finish_reason, usage, model };
}

function checkUsage(usage) {
  assert.ok(usage, 'usage');
  assert.ok(usage.prompt_tokens > 0);
  assert.ok(usage.completion_tokens > 0);
  assert.ok(usage.total_tokens >= usage.prompt_tokens + usage.completion_tokens);
}

function checkCall(call, name, key) {
  assert.equal(call.type, 'function');
  assert.equal(call.function.name, name);
  assert.equal(typeof JSON.parse(call.function.arguments)[key], 'string');
  assert.match(call.id, /^\S+$/);
}

for (const { model, reasons, effort, plans, cannotRequire } of vendors)
  for (const stream of [false, true]) {
    const how = `${model}, ${stream ? 'streamed' : 'whole'}`;

    test(`text and usage: ${how}`, async () => {
      const { message, finish, usage, model: named } = await ask({ model, messages: [
        { role: 'developer', content: 'Be brief.' }, user('one'), { role: 'assistant', content: 'two' }, user('Grüße, 世界 👋')] }, stream);
      assert.equal(message.content, 'You said: Grüße, 世界 👋');
      assert.deepEqual([finish, named], ['stop', model]);
      checkUsage(usage);
    });

    test(`reasoning is separate from the text: ${how}`, async () => {
      const response = await stack.post({ model, messages: [user('think')], reasoning_effort: effort, stream });
      const [choice] = stream ? readStream(await response.text()).choices : (await response.json()).choices;
      const { text, reasoning } = stream ? choice : { text: choice.message.content, reasoning: choice.message.reasoning_content ?? '' };
      assert.deepEqual([text, reasoning], ['You said: think', reasons ? 'The user wants an answer.' : '']);
    });

    test(`a round trip of one tool: ${how}`, async () => {
      const messages = [user('please call the tool')];
      const { message, finish, usage } = await ask({ model, messages }, stream);
      assert.equal(finish, 'tool_calls');
      assert.equal(message.tool_calls.length, 1);
      checkCall(message.tool_calls[0], 'get-weather', 'city');
      checkUsage(usage);
      if (plans) assert.match(message.content, /\S/);
      const answer = await ask({ model, messages: [...messages, called(message), result(message.tool_calls[0].id, 'sunny, 21 °C')] }, stream);
      assert.deepEqual([answer.message.content, answer.finish], ['The tool said: sunny, 21 °C', 'stop']);
      checkUsage(answer.usage);
      // A further request has the round trip in its history.
      const next = await ask({ model, messages: [...messages, called(message), result(message.tool_calls[0].id, 'sunny, 21 °C'),
        { role: 'assistant', content: answer.message.content }, user('thanks')] }, stream);
      assert.equal(next.message.content, 'You said: thanks');
    });

    test(`parallel calls, results out of order with changed ids, and a user\'s message after them: ${how}`, async () => {
      const messages = [user('context'), user('call both tools')];
      const { message, finish } = await ask({ model, messages }, stream);
      assert.equal(finish, 'tool_calls');
      assert.equal(message.tool_calls.length, 2);
      checkCall(message.tool_calls[0], 'get-weather', 'city');
      checkCall(message.tool_calls[1], 'get_time', 'zone');
      const bare = message.tool_calls.map((call) => ({ ...call, id: call.id.replace(/[_-]/g, '') }));
      assert.notEqual(bare[0].id, bare[1].id);
      const results = [result(bare[1].id, 'noon'), result(bare[0].id, 'rain')];
      const answer = await ask({ model, messages: [...messages, { role: 'assistant', content: null, tool_calls: bare }, ...results] }, stream);
      assert.match(answer.message.content, model.includes('google') ? /noon/ : /^The tools said: rain \| noon$/);
      assert.equal(answer.finish, 'stop');
      // As in OpenClaw: only the ids of the results are changed, and a user's message follows.
      const last = await ask({ model, messages: [...messages, called(message), ...results, user([{ type: 'text', text: 'go on' }])] }, stream);
      assert.equal(last.finish, 'stop');
      assert.match(last.message.content, /\S/);
    });

    if (stream)
      test(`every chunk of parallel calls follows the rules of the clients: ${how}`, async () => {
        const response = await stack.post({ model, tools, messages: [user('call both tools')], stream, stream_options: { include_usage: true } });
        const { choices: [{ calls, finish }], usage } = readStream(await response.text(), { model, usageAsked: true });
        assert.deepEqual([calls.map((call) => call.name), finish], [['get-weather', 'get_time'], 'tool_calls']);
        assert.equal(new Set(calls.map((call) => call.id)).size, 2);
        checkUsage(usage);
      });

    test(`one tool by name: ${how}`, async () => {
      const { message } = await ask({ model, messages: [user(cannotRequire ? 'call the tool' : 'hello')],
        tool_choice: { type: 'function', function: { name: 'get_time' } } }, stream);
      assert.deepEqual(message.tool_calls.map((call) => call.function.name), ['get_time']);
    });

    test(`tool choice required and none: ${how}`, async () => {
      const required = ask({ model, messages: [user('hello')], tool_choice: 'required' }, stream);
      if (cannotRequire)
        await assert.rejects(required, (error) => error.status === 400 && error.param === 'tool_choice');
      else
        assert.equal((await required).message.tool_calls[0].function.name, 'get-weather');
      const none = await ask({ model, messages: [user('call the tool')], tool_choice: 'none' }, stream);
      assert.deepEqual([none.message.tool_calls ?? [], none.finish], [[], 'stop']);
    });

    test(`fields that the vendor rejects: ${how}`, async () => {
      const { message } = await ask({ model, messages: [user('still fine')], temperature: 1.5, top_p: 0.9, stop: ['@@@'],
        presence_penalty: -1, frequency_penalty: 0.5, seed: 7, reasoning_effort: 'low', max_tokens: 60_000, store: true, metadata: { a: 'b' },
        user: 'u', service_tier: 'auto', parallel_tool_calls: true, logit_bias: { 1: 1 }, verbosity: 'low' }, stream);
      assert.match(message.content, /^You said: still fine/);
    });

    test(`a response format: ${how}`, async () => {
      const schema = { $ref: '#/$defs/City', $defs: { City: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } };
      const { message } = await ask({ model, tools: undefined, messages: [user('a city')],
        response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } } }, stream);
      assert.equal(typeof JSON.parse(message.content).city, 'string');
    });

    test(`the limit: ${how}`, async () => {
      const limited = { model, tools, messages: [user('a b c d e f g h i j k l m n o p q r s t u v w x y z')], max_tokens: 12, reasoning_effort: 'none' };
      // The helper throws on a length when it parses; the plain calls do not.
      const response = await stack.post({ ...limited, stream });
      assert.equal(response.status, 200);
      const finish = stream ? readStream(await response.text()).choices[0].finish : (await response.json()).choices[0].finish_reason;
      assert.equal(finish, 'length');
    });
  }

for (const { model } of vendors)
  test(`the package's tool runner: ${model}`, async () => {
    const seen = [];
    const runner = client.chat.completions.runTools({
      model, stream: true, messages: [user('call the tool get_weather')],
      tools: [{ type: 'function', function: { name: 'get_weather', description: 'd', parse: JSON.parse,
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        function: (input) => (seen.push(input), 'rain in ' + input.city) } }],
    });
    assert.equal(await runner.finalContent(), 'The tool said: rain in city');
    assert.deepEqual(seen, [{ city: 'city' }]);
  });

for (const stream of [false, true]) {
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } };
  const how = stream ? 'streamed' : 'whole';

  test(`a model that supports images: ${how}`, async () => {
    const { message, usage } = await ask({ model: vision, tools: undefined, messages: [user([{ type: 'text', text: 'what is it' }, picture])] }, stream);
    assert.equal(message.content, 'You said: what is it (1 image: 8 bytes)');
    checkUsage(usage);
  });

  test(`an unsupported feature is rejected with the field's name: ${how}`, async () => {
    const refused = (body, param) => assert.rejects(ask(body, stream), (error) => {
      assert.deepEqual([error.status, error.param, error.type], [400, param, 'invalid_request_error']);
      return true;
    });
    await refused({ model: vision, messages: [user('x')] }, 'tools');
    await refused({ model: 'oci/cohere.command-a-03-2025', messages: [user('x'), user([picture])] }, 'messages[1].content[0]');
    await refused({ model: 'oci/cohere.command-a-03-2025', messages: [user('x')], n: 2 }, 'n');
    const recursive = { type: 'object', properties: { next: { $ref: '#' } } };
    await refused({ model: 'oci/openai.gpt-4.1', messages: [user('x')], tools: [tools[1], { type: 'function',
      function: { name: 'f', parameters: recursive } }] }, 'tools[1].function.parameters');
  });

  test(`citations and reasoning of Cohere's models: ${how}`, async () => {
    const documents = [{ title: 'Tall penguins', url: 'https://penguins.example', snippet: 'Emperor penguins are the tallest.' }];
    for (const model of ['oci/cohere.command-a-03-2025', 'oci/cohere.command-a-reasoning-08-2025']) {
      const response = await stack.post({ model, messages: [user('which one')], documents, stream });
      const text = await response.text();
      assert.equal(response.status, 200, text);
      const [choice] = stream ? readStream(text).choices : JSON.parse(text).choices;
      assert.equal(stream ? choice.text : choice.message.content, 'You said: which one');
      assert.match(text, /"url":"https:\/\/penguins.example"/);
      assert.equal(text.includes('reasoning_content'), model.includes('reasoning'));
    }
  });
}

test('the web sources of Gemini are annotations, non-streaming and streaming', async () => {
  const body = { model: 'oci/google.gemini-2.5-flash', messages: [user('news')], web_search_options: {} };
  const expected = [{ type: 'url_citation', url_citation: {
    url: 'https://search.example/1', title: 'Result 1', start_index: 0, end_index: 'You said: news'.length } }];
  const { choices: [choice] } = await client.chat.completions.create(body);
  assert.deepEqual(choice.message.annotations, expected);
  assert.deepEqual(choice.grounding_metadata.webSearchQueries, ['query']);

  const response = await stack.post({ ...body, stream: true });
  const text = await response.text();
  readStream(text, { model: body.model });
  const chunks = text.split('\n\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)));
  const choices = chunks.flatMap((chunk) => chunk.choices);
  assert.deepEqual(choices.flatMap(({ delta }) => delta.annotations ?? []), expected);
  assert.equal(choices.filter((one) => one.grounding_metadata).length, 1);
});

test('the error for a wrong wire format names the configuration key', async () => {
  await stack.gateway.stop();
  await stack.startGateway({ emulatorArgs: ['--strict-schemas'], extra: '[provider.oci.models."meta.*"]\nformat = "cohere"\n' });
  await assert.rejects(stack.client().chat.completions.create({ model: 'llama', messages: [user('x')] }), (error) => {
    assert.equal(error.status, 400);
    assert.match(error.message, /models\."meta\.llama-3\.3-70b-instruct"\.format of this provider to "generic" or "coherev2"/);
    return true;
  });
});
