// The AI SDK: npm install ai @ai-sdk/openai
// gatehouse(NAME) uses the Responses API, gatehouse.chat(NAME) Chat Completions.  Both work.
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';

const gatehouse = createOpenAI({ baseURL: 'http://127.0.0.1:8050/v1', apiKey: process.env.GATEHOUSE_KEY });

const { text } = await generateText({ model: gatehouse('gpt-5'), prompt: 'Hello' });
console.log(text);
for await (const part of streamText({ model: gatehouse.chat('gpt-5'), prompt: 'Hello' }).textStream) process.stdout.write(part);
console.log();
