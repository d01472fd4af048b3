// SPDX-License-Identifier: Apache-2.0
// A scripted server of Ollama's own API (docs/api.md): chats as a document or as JSON lines.
import { answerTo, faultsIn, imageSize } from './mock_model.mjs';
import { Paced, ScriptedServer } from './scripted_server.mjs';

const chatMembers = new Set(['model', 'messages', 'stream', 'tools', 'format', 'options', 'think', 'keep_alive']);
const messageMembers = new Set(['role', 'content', 'images', 'thinking', 'tool_calls', 'tool_name']);

/** A body that Ollama would not read, or misread: it ignores members that it does not know. */
function complaint({ messages, tools = [], ...rest }) {
  const unknown = Object.keys(rest).find((name) => !chatMembers.has(name));
  if (unknown) return `unknown member ${unknown}`;
  for (const message of messages) {
    const strange = Object.keys(message).find((name) => !messageMembers.has(name));
    if (strange) return `unknown member ${strange} of a message`;
    if (!['system', 'user', 'assistant', 'tool'].includes(message.role)) return `invalid role ${message.role}`;
    if (typeof message.content !== 'string') return 'json: cannot unmarshal object into Go struct field ChatRequest.messages.content of type string';
    if (message.role === 'tool' && !message.tool_name) return 'a result without a name';
    for (const { function: { arguments: given } } of message.tool_calls ?? [])
      if (typeof given !== 'object') return 'json: cannot unmarshal string into Go struct field ToolCallFunction.arguments';
  }
  return tools.some(({ type }) => type !== 'function') ? 'invalid tool' : undefined;
}

/** The chat as the model reads it. */
function heard({ messages, tools = [], format, options = {} }) {
  const user = messages.findLast(({ role }) => role === 'user');
  const behind = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  return {
    text: user?.content ?? '',
    results: behind.filter(({ role }) => role === 'tool').map(({ content }) => content),
    images: (user?.images ?? []).map(imageSize),
    tools: tools.map(({ function: { name, parameters: schema } }) => ({ name, schema })),
    schema: typeof format === 'object' ? format : undefined, json: format === 'json',
    stop: options.stop, limit: options.num_predict,
  };
}

export class OllamaServer extends ScriptedServer {
  models = ['qwen3:8b', 'llama3.2:3b'];

  error(response, status, message, headers) {
    this.json(response, status, { error: message }, headers);
  }
  answer(request, text, response) {
    const what = `${request.method} ${request.url}`;
    if (what === 'GET /api/tags') return this.json(response, 200, { models: this.models.map((name) => ({ name, model: name, size: 1 })) });
    if (what !== 'POST /api/chat') return response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
    const body = JSON.parse(text);
    this.requests.push({ body, headers: request.headers });
    if (!this.models.includes(body.model)) return this.error(response, 404, `model '${body.model}' not found`);
    const wrong = complaint(body);
    if (wrong) return this.error(response, 400, wrong);
    if (body.think && !body.model.startsWith('qwen3')) return this.error(response, 400, `"${body.model}" does not support thinking`);
    return this.chat(body, response);
  }
  chat(body, response) {
    const request = heard(body);
    const faults = faultsIn(request.text);
    // Ollama drops the beginning of a prompt that is too long, without an error.
    if (faults.status) return this.error(response, faults.status, `scripted ${faults.status}`, faults.retryAfter ? { 'retry-after': faults.retryAfter } : {});
    return this.say(body, answerTo(request), new Paced(response, faults));
  }
  say({ model, stream = true, think }, { words, calls, finish }, response) {
    const line = (message, last = {}) => (
      { model, created_at: '2026-11-20T10:00:00.123456789Z', message: { role: 'assistant', content: '', ...message }, done: false, ...last });
    const done = { done: true, done_reason: finish === 'length' ? 'length' : 'stop', prompt_eval_count: 26, eval_count: words.length + calls.length };
    const called = calls.map(({ name, arguments: text }) => ({ function: { name, arguments: JSON.parse(text) } }));
    const thoughts = think ? ['The user wants', ' an answer.'] : [];
    if (!stream) {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      const thinking = thoughts.length ? { thinking: thoughts.join('') } : {};
      return response.end(JSON.stringify(line({ content: words.join(''), ...thinking, ...(calls.length ? { tool_calls: called } : {}) }, done)));
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const one of [...thoughts.map((thinking) => line({ thinking })), ...words.map((content) => line({ content })),
      ...called.map((call) => line({ tool_calls: [call] })), line({}, done)]) response.write(`${JSON.stringify(one)}\n`);
    return response.end();
  }
}
