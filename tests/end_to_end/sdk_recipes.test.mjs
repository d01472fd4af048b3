// SPDX-License-Identifier: Apache-2.0
// The scripts of config/clients run unchanged, but for the port, with a gateway in front of the emulated OCI.  Further
// tests use the same libraries for tools, structured responses and embeddings over Chat Completions.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { OpenAI as LlamaOpenAI } from '@llamaindex/openai';
import { embed, generateText, stepCountIs, tool } from 'ai';
import { z } from 'zod';

import { required, runToEnd } from './support/process.mjs';
import { Stack, apiKey } from './support/stack.mjs';

const source = required('SOURCE');
const recipes = join(source, 'config', 'clients');
const city = z.object({ city: z.string() });
let stack, folder;
before(async () => {
  stack = await Stack.start();
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-recipes-'));
  symlinkSync(join(source, 'tests', 'end_to_end', 'node_modules'), join(folder, 'node_modules'));
});
after(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});
const baseURL = () => `${stack.url}/v1`;

for (const name of readdirSync(recipes).filter((one) => one.endsWith('.mjs')))
  test(`${name} prints a complete and a streamed response`, async () => {
    const file = join(folder, name);
    writeFileSync(file, readFileSync(join(recipes, name), 'utf8').replaceAll('http://127.0.0.1:8050', stack.url));
    const { stdout } = await runToEnd(process.execPath, [file], { GATEHOUSE_KEY: apiKey });
    assert.equal(stdout, 'You said: Hello\nYou said: Hello\n');
  });

test('the AI SDK runs a tool over Chat Completions, and embeds', async () => {
  const gatehouse = createOpenAI({ baseURL: baseURL(), apiKey });
  const tools = { get_weather: tool({ description: 'Weather of a city', inputSchema: city, execute: async () => 'sunny' }) };
  const { text, steps } = await generateText({ model: gatehouse.chat('gpt-5'), tools, stopWhen: stepCountIs(3), prompt: 'please call the tool' });
  assert.equal(text, 'The tool said: sunny');
  assert.equal(steps.length, 2);
  const { embedding } = await embed({ model: gatehouse.embedding('oci/cohere.embed-v4.0'), value: 'red' });
  assert.ok(embedding.length > 100);
});

test('LangChain runs a tool over Chat Completions, reads an object, and embeds', async () => {
  const chat = new ChatOpenAI({ model: 'gpt-5', apiKey, maxRetries: 0, configuration: { baseURL: baseURL() } });
  const weather = langchainTool(async () => 'sunny', { name: 'get_weather', description: 'Weather of a city', schema: city });
  const bound = chat.bindTools([weather]);
  const messages = [new HumanMessage('please call the tool')];
  const called = await bound.invoke(messages);
  messages.push(called, new ToolMessage({ content: 'sunny', tool_call_id: called.tool_calls[0].id }));
  assert.equal((await bound.invoke(messages)).text, 'The tool said: sunny');
  assert.deepEqual(await chat.withStructuredOutput(city).invoke('hello'), { city: 'city' });
  const embeddings = new OpenAIEmbeddings({ model: 'oci/cohere.embed-v4.0', apiKey, maxRetries: 0, configuration: { baseURL: baseURL() } });
  assert.equal((await embeddings.embedDocuments(['red', 'green'])).length, 2);
});

test('LlamaIndex calls a tool', async () => {
  const model = new LlamaOpenAI({ model: 'gpt-5', apiKey, baseURL: baseURL(), maxRetries: 0 });
  const weather = {
    metadata: { name: 'get_weather', description: 'Weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
    call: () => 'sunny',
  };
  const messages = [{ role: 'user', content: 'please call the tool' }];
  const { message } = await model.chat({ messages, tools: [weather] });
  const [call] = message.options.toolCall;
  assert.equal(call.name, 'get_weather');
  const result = { role: 'user', content: 'sunny', options: { toolResult: { id: call.id, result: 'sunny', isError: false } } };
  assert.equal((await model.chat({ messages: [...messages, message, result], tools: [weather] })).message.content, 'The tool said: sunny');
});
