// SPDX-License-Identifier: Apache-2.0
// Tool calls in both directions, with each vendor's wire format behind the gateway.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { readStream } from './support/sse.mjs';
import { Stack } from './support/stack.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start();
  client = stack.client();
});
after(() => stack.stop());

const tools = [
  { type: 'function', function: { name: 'get_weather', description: 'Weather of a city', strict: true, parameters: {
    type: 'object', properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['C', 'F'] } }, required: ['city'] } } },
  { type: 'function', function: { name: 'get_time', parameters: {
    type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } } },
];

const models = ['gpt-5', 'llama', 'oci/openai.gpt-5', 'oci/xai.grok-4', 'oci/google.gemini-2.5-flash', 'oci/openai.gpt-oss-120b'];

async function callsOf(body, stream) {
  const response = await stack.post({ tools, ...body, stream });
  assert.equal(response.status, 200, await response.clone().text());
  if (stream) {
    const { choices: [choice] } = readStream(await response.text(), { model: body.model });
    return choice;
  }
  const { choices: [{ message, finish_reason }] } = await response.json();
  return { text: message.content, finish: finish_reason,
    calls: (message.tool_calls ?? []).map(({ id, type, function: { name, arguments: text } }) => {
      assert.equal(type, 'function');
      return { id, name, arguments: text };
    }) };
}

for (const model of models)
  for (const stream of [false, true]) {
    const how = `${model}, ${stream ? 'streamed' : 'whole'}`;
    const user = (content) => ({ model, messages: [{ role: 'user', content }] });

    test(`one call and its result: ${how}`, async () => {
      const question = user('please call the tool');
      const { calls, finish, text } = await callsOf(question, stream);
      assert.deepEqual(calls.map((call) => [call.name, JSON.parse(call.arguments)]), [['get_weather', { city: 'city' }]]);
      assert.equal(finish, 'tool_calls');
      assert.ok(!text);
      assert.match(calls[0].id, /\S/);
      const answer = await callsOf({ model, messages: [...question.messages,
        { role: 'assistant', content: null, tool_calls: [{ id: calls[0].id, type: 'function',
          function: { name: calls[0].name, arguments: calls[0].arguments } }] },
        { role: 'tool', tool_call_id: calls[0].id, content: 'sunny, 21 °C' }] }, stream);
      assert.deepEqual([answer.text, answer.finish, answer.calls], ['The tool said: sunny, 21 °C', 'stop', []]);
    });

    test(`parallel calls and their results: ${how}`, async () => {
      const question = user('call both tools');
      const { calls, finish } = await callsOf(question, stream);
      assert.deepEqual(calls.map((call) => [call.name, JSON.parse(call.arguments)]),
        [['get_weather', { city: 'city' }], ['get_time', { zone: 'zone' }]]);
      assert.equal(new Set(calls.map((call) => call.id)).size, 2);
      assert.equal(finish, 'tool_calls');
      const answer = await callsOf({ model, messages: [...question.messages,
        { role: 'assistant', content: null, tool_calls: calls.map((call) => ({ id: call.id, type: 'function',
          function: { name: call.name, arguments: call.arguments } })) },
        ...calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: `result of ${call.name}` }))] }, stream);
      assert.match(answer.text, /result of get_time/);
      assert.equal(answer.finish, 'stop');
    });

    test(`tool choice: ${how}`, async () => {
      const question = user('hello');
      assert.deepEqual((await callsOf(question, stream)).calls, []);
      assert.equal((await callsOf({ ...question, tool_choice: 'required' }, stream)).calls[0].name, 'get_weather');
      const named = await callsOf({ ...question, tool_choice: { type: 'function', function: { name: 'get_time' } } }, stream);
      assert.deepEqual(named.calls.map((call) => call.name), ['get_time']);
      const none = await callsOf({ ...user('call the tool'), tool_choice: 'none' }, stream);
      assert.deepEqual([none.calls, none.finish], [[], 'stop']);
    });

    test(`arguments stay unchanged: ${how}`, async () => {
      const text = JSON.stringify({ command: 'echo "ü {}" && ls\n\t\\', list: [1, [2.5, null, true]], empty: {} });
      const { calls } = await callsOf(user(`mock:tool:get_time:${text}`), stream);
      assert.deepEqual(JSON.parse(calls[0].arguments), JSON.parse(text));
    });

    test(`no arguments are an empty object: ${how}`, async () => {
      const { calls } = await callsOf(user('mock:tool:get_time'), stream);
      assert.deepEqual(JSON.parse(calls[0].arguments), {});
    });
  }

test('parallel calls can be switched off', async () => {
  const { calls } = await callsOf({ model: 'gpt-5', messages: [{ role: 'user', content: 'call both tools' }], parallel_tool_calls: false }, true);
  assert.equal(calls.length, 1);
});

test('a call that is cut by the limit has finish length and its incomplete arguments', async () => {
  const { calls, finish } = await callsOf({ model: 'llama', max_tokens: 4,
    messages: [{ role: 'user', content: 'mock:tool:get_time:{"zone":"a rather long name of a zone"}' }] }, true);
  assert.equal(finish, 'length');
  assert.equal(calls[0].arguments, '{"zone":"a rather ');
});

test('the tool runner of the official package', async () => {
  const seen = [];
  const runner = client.chat.completions.runTools({
    model: 'gpt-5', stream: true, messages: [{ role: 'user', content: 'call the tool get_weather' }],
    tools: [{ type: 'function', function: { name: 'get_weather', description: 'd', parse: JSON.parse,
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      function: (input) => (seen.push(input), 'rain in ' + input.city) } }],
  });
  assert.equal(await runner.finalContent(), 'The tool said: rain in city');
  assert.deepEqual(seen, [{ city: 'city' }]);
});

test('results out of order and a tool of an unknown type', async () => {
  const messages = [{ role: 'user', content: 'x' },
    { role: 'assistant', content: '', tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'get_time', arguments: '{}' } })) },
    { role: 'tool', tool_call_id: 'b', content: 'second' }, { role: 'tool', tool_call_id: 'a', content: 'first' }];
  const response = await stack.post({ model: 'gpt-5', messages, tools: [...tools, { type: 'web_search' }] });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  assert.match(body.choices[0].message.content, /first/);
  assert.match(body.choices[0].message.content, /second/);
});
