// LangChain: npm install @langchain/openai @langchain/core
// Chat Completions by default; `useResponsesApi: true` uses the Responses API.
import { ChatOpenAI } from '@langchain/openai';

const model = new ChatOpenAI({
  model: 'gpt-5',
  apiKey: process.env.GATEHOUSE_KEY,
  configuration: { baseURL: 'http://127.0.0.1:8050/v1' },
});

console.log((await model.invoke('Hello')).text);
for await (const chunk of await model.stream('Hello')) process.stdout.write(chunk.text);
console.log();
