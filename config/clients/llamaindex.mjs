// LlamaIndex: npm install @llamaindex/openai @llamaindex/core
import { OpenAI } from '@llamaindex/openai';

const model = new OpenAI({
  model: 'gpt-5',
  apiKey: process.env.GATEHOUSE_KEY,
  baseURL: 'http://127.0.0.1:8050/v1',
});
const messages = [{ role: 'user', content: 'Hello' }];

console.log((await model.chat({ messages })).message.content);
for await (const chunk of await model.chat({ messages, stream: true })) process.stdout.write(chunk.delta);
console.log();
