// SPDX-License-Identifier: Apache-2.0
// One request in the three protocols of clients.  A request is { model, system, turns, tools, choice,
// parallel, schema, limit, effort }.  A turn is { user, image }, { answer } or { results }.  An answer is
// { text, thoughts, calls, stop, usage, native }; a failure is { status, headers, type, code, message, param }.
import { apiKey } from './gateway.mjs';
import { readMessageStream } from './message_stream.mjs';
import { readResponseStream } from './responses_stream.mjs';
import { readStream } from './sse.mjs';

const members = (all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
const joined = (list, member) => list.map((one) => one[member]).join('');

const chat = {
  path: '/v1/chat/completions',
  headers: { authorization: `Bearer ${apiKey}` },
  body: ({ model = 'chat', system, turns, tools, choice, parallel, schema, limit, effort }, stream) => members({
    model, stream, stream_options: stream ? { include_usage: true } : undefined, max_tokens: limit, parallel_tool_calls: parallel,
    messages: [...(system ? [{ role: 'system', content: system }] : []), ...turns.flatMap(chat.turn)],
    tools: tools?.map(({ name, parameters }) => ({ type: 'function', function: { name, parameters } })),
    tool_choice: choice?.name ? { type: 'function', function: choice } : choice,
    response_format: schema && { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } }, reasoning_effort: effort }),
  turn({ user, image, answer, results }) {
    if (answer) return [answer.native];
    if (results) return results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
    if (!image) return [{ role: 'user', content: user }];
    return [{ role: 'user', content: [{ type: 'text', text: user }, { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }] }];
  },
  read(text, stream, model) {
    const whole = stream ? undefined : JSON.parse(text), streamed = stream ? readStream(text, { model, usageAsked: true }) : undefined;
    const { message = {}, finish_reason: finish } = whole?.choices[0] ?? {};
    const one = streamed?.choices[0] ?? { text: message.content ?? '', reasoning: message.reasoning_content ?? '', finish,
      calls: (message.tool_calls ?? []).map(({ id, function: call }) => ({ id, ...call })) };
    const usage = (whole ?? streamed).usage;
    const calls = one.calls.map(({ id, name, arguments: given }) => ({ id, type: 'function', function: { name, arguments: given } }));
    return {
      text: one.text, thoughts: one.reasoning, calls: one.calls.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) })),
      stop: one.finish, usage: { input: usage.prompt_tokens, output: usage.completion_tokens },
      native: { role: 'assistant', content: one.text || null, ...(calls.length ? { tool_calls: calls } : {}) } };
  },
  failure: ({ error: { type, code, message, param } }) => ({ type, code, message, param }),
};

const messages = {
  path: '/v1/messages',
  headers: { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' },
  body: ({ model = 'chat', system, turns, tools, choice, parallel, schema, limit = 8000, effort }, stream) => members({
    model, stream, system, max_tokens: limit, messages: turns.map(messages.turn),
    tools: tools?.map(({ name, parameters }) => ({ name, input_schema: parameters })),
    tool_choice: choice || parallel === false ? members({ type: choice?.name ? 'tool' : choice === 'required' ? 'any' : 'auto', name: choice?.name,
      disable_parallel_tool_use: parallel === false ? true : undefined }) : undefined,
    output_config: schema && { format: { type: 'json_schema', schema } },
    thinking: effort && { type: 'enabled', budget_tokens: 1024 } }),
  turn({ user, image, answer, results }) {
    if (answer) return { role: 'assistant', content: answer.native };
    if (results) return { role: 'user', content: results.map(({ id, text }) => ({ type: 'tool_result', tool_use_id: id, content: text })) };
    const source = { type: 'base64', media_type: 'image/png', data: image };
    return { role: 'user', content: [{ type: 'text', text: user }, ...(image ? [{ type: 'image', source }] : [])] };
  },
  read(text, stream) {
    const { content, stop_reason: stop, usage } = stream ? readMessageStream(text) : JSON.parse(text);
    const blocks = (type) => content.filter((block) => block.type === type);
    return {
      text: joined(blocks('text'), 'text'), thoughts: joined(blocks('thinking'), 'thinking'),
      calls: blocks('tool_use').map(({ id, name, input }) => ({ id, name, arguments: input })),
      stop: { end_turn: 'stop', max_tokens: 'length', tool_use: 'tool_calls' }[stop] ?? stop,
      usage: { input: usage.input_tokens, output: usage.output_tokens }, native: content };
  },
  failure: ({ error: { type, message } }) => ({ type, message }),
};

const responses = {
  path: '/v1/responses',
  headers: chat.headers,
  body: ({ model = 'chat', system, turns, tools, choice, parallel, schema, limit, effort }, stream) => members({
    model, stream, instructions: system, max_output_tokens: limit, parallel_tool_calls: parallel, input: turns.flatMap(responses.turn),
    tools: tools?.map(({ name, parameters }) => ({ type: 'function', name, parameters, strict: false })),
    tool_choice: choice?.name ? { type: 'function', ...choice } : choice,
    text: schema && { format: { type: 'json_schema', name: 'answer', strict: true, schema } },
    reasoning: effort && { effort, summary: 'auto' }, include: effort && ['reasoning.encrypted_content'] }),
  turn({ user, image, answer, results }) {
    if (answer) return answer.native;
    if (results) return results.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text }));
    const picture = { type: 'input_image', image_url: `data:image/png;base64,${image}`, detail: 'auto' };
    return [{ role: 'user', content: [{ type: 'input_text', text: user }, ...(image ? [picture] : [])] }];
  },
  read(text, stream) {
    const { status, incomplete_details: cut, output, usage } = stream ? readResponseStream(text).response : JSON.parse(text);
    const items = (type) => output.filter((item) => item.type === type);
    const calls = items('function_call').map(({ call_id: id, name, arguments: given }) => ({ id, name, arguments: JSON.parse(given) }));
    const done = calls.length ? 'tool_calls' : 'stop';
    return {
      text: joined(items('message').flatMap(({ content }) => content), 'text'), thoughts: joined(items('reasoning').flatMap(({ summary }) => summary), 'text'),
      calls, stop: status === 'completed' ? done : cut?.reason === 'max_output_tokens' ? 'length' : `${status} ${JSON.stringify(cut)}`,
      usage: { input: usage.input_tokens, output: usage.output_tokens }, native: output };
  },
  failure: chat.failure,
};

export const protocols = { 'Chat Completions': chat, Messages: messages, Responses: responses };

/** The answer or the failure of `request` in a protocol. */
export async function ask({ path, headers, body, read, failure }, url, request, stream) {
  const sent = JSON.stringify(body(request, stream));
  const response = await fetch(url + path, { method: 'POST', body: sent, headers: { 'content-type': 'application/json', ...headers } });
  const text = await response.text();
  if (response.ok) return read(text, stream, request.model ?? 'chat');
  return { status: response.status, headers: response.headers, ...failure(JSON.parse(text)) };
}
