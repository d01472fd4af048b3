// SPDX-License-Identifier: Apache-2.0
// Frameworks for agents as clients of the Responses API, in front of each backend: the AI SDK,
// the Agents SDK and LangChain.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { Agent, OpenAIResponsesModel, Runner, setTracingDisabled, tool as agentTool } from '@openai/agents';
import { generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

import { startBackend } from './support/backends.mjs';
import { apiKey } from './support/gateway.mjs';

const city = z.object({ city: z.string() });
setTracingDisabled(true);

for (const name of ['oci', 'openai', 'anthropic'])
  describe(`agents through ${name}`, () => {
    let gateway, service, model;
    before(async () => {
      ({ gateway, service } = await startBackend(name));
      model = createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey }).responses('chat');
    });
    after(async () => {
      await gateway?.stop();
      await service?.stop();
    });
    const tools = { get_weather: tool({ description: 'Weather of a city', inputSchema: city, execute: async () => 'sunny' }) };

    for (const store of [true, false]) {
      const providerOptions = { openai: { store, ...(store ? {} : { include: ['reasoning.encrypted_content'] }) } };

      test(`the AI SDK runs a tool, store ${store}`, async () => {
        const { text, steps } = await generateText({ model, tools, providerOptions, stopWhen: stepCountIs(3), prompt: 'please call the tool' });
        assert.equal(text, 'The tool said: sunny');
        assert.equal(steps.length, 2);
        const streamed = streamText({ model, tools, providerOptions, stopWhen: stepCountIs(3), prompt: 'please call the tool' });
        assert.equal(await streamed.text, 'The tool said: sunny');
        assert.equal((await streamed.steps).length, 2);
      });

      test(`the AI SDK continues a conversation, store ${store}`, async () => {
        const first = [{ role: 'user', content: 'hello' }];
        const { response, text } = await generateText({ model, providerOptions, messages: first });
        assert.equal(text, 'You said: hello');
        const next = await generateText({ model, providerOptions, messages: [...first, ...response.messages, { role: 'user', content: 'again' }] });
        assert.equal(next.text, 'You said: again');
      });
    }

    test('the AI SDK reads an object, and continues by the id of a response', async () => {
      const { object } = await generateObject({ model, schema: city, prompt: 'hello' });
      assert.deepEqual(object, { city: 'city' });
      const first = await generateText({ model, prompt: 'hello' });
      const previousResponseId = first.providerMetadata.openai.responseId;
      const second = await generateText({ model, prompt: 'again', providerOptions: { openai: { previousResponseId } } });
      assert.equal(second.text, 'You said: again');
    });

    test('the Agents SDK runs a tool, whole and streamed', async () => {
      const agent = new Agent({ name: 'tests', instructions: 'Terse.', model: new OpenAIResponsesModel(gateway.client(), 'chat'),
        tools: [agentTool({ name: 'get_weather', description: 'Weather of a city', parameters: city, execute: async () => 'sunny' })] });
      const runner = new Runner();
      const whole = await runner.run(agent, 'please call the tool');
      assert.equal(whole.finalOutput, 'The tool said: sunny');
      const streamed = await runner.run(agent, 'please call the tool', { stream: true });
      for await (const event of streamed) assert.ok(event.type);
      assert.equal(streamed.finalOutput, 'The tool said: sunny');
      const next = await runner.run(agent, 'thanks', { previousResponseId: whole.lastResponseId });
      assert.equal(next.finalOutput, 'You said: thanks');
    });

    test('LangChain runs a tool, and streams', async () => {
      const chat = new ChatOpenAI({ model: 'chat', apiKey, useResponsesApi: true, maxRetries: 0, configuration: { baseURL: `${gateway.url}/v1` } });
      const weather = langchainTool(async () => 'sunny', { name: 'get_weather', description: 'Weather of a city', schema: city });
      const bound = chat.bindTools([weather]);
      const messages = [new HumanMessage('please call the tool')];
      const called = await bound.invoke(messages);
      assert.deepEqual(called.tool_calls.map((call) => [call.name, call.args]), [['get_weather', { city: 'city' }]]);
      messages.push(called, new ToolMessage({ content: 'sunny', tool_call_id: called.tool_calls[0].id }));
      assert.equal((await bound.invoke(messages)).text, 'The tool said: sunny');
      let text = '';
      for await (const chunk of await chat.stream('hello')) text += chunk.text;
      assert.equal(text, 'You said: hello');
    });
  });
