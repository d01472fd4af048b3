// SPDX-License-Identifier: Apache-2.0
// A scripted server of Anthropic's Messages API, which is as strict about the
// order of messages as the real one.
import { answerTo, faultsIn, imageSize } from './mock_model.mjs';
import { Paced, ScriptedServer } from './scripted_server.mjs';

const idPattern = /^[a-zA-Z0-9_-]+$/;

/** Why the real API would refuse this body, or nothing. */
function complaint({ model, max_tokens: limit, messages, tools = [], tool_choice: choice, thinking, temperature }) {
  if (!model || !Number.isInteger(limit)) return 'max_tokens: Field required';
  if (!messages?.length) return 'messages: at least one message is required';
  const thinks = thinking?.type === 'enabled';
  if (thinks && !(thinking.budget_tokens >= 1024 && thinking.budget_tokens < limit)) return 'thinking.budget_tokens: out of range';
  if (thinks && temperature !== undefined && temperature !== 1) return '`temperature` may only be set to 1 when thinking is enabled';
  if (thinks && ['any', 'tool'].includes(choice?.type)) return 'Thinking may not be enabled when tool_choice forces tool use.';
  if (temperature > 1) return 'temperature: range: 0..1';
  const seen = new Set();
  let open = [];
  for (const [index, { role, content }] of messages.filter(({ role }) => role !== 'system').entries()) {
    if (role !== (index % 2 ? 'assistant' : 'user')) return `messages.${index}: roles must alternate`;
    if (!content?.length) return `messages.${index}: all messages must have non-empty content`;
    const results = content.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id);
    if (results.join() !== open.join()) return `messages.${index}: tool_use ids were found without tool_result blocks immediately after`;
    if (content.slice(0, results.length).some((block) => block.type !== 'tool_result')) return `messages.${index}: tool_result blocks must come first`;
    const uses = content.filter((block) => block.type === 'tool_use');
    if (thinks && uses.length && index === messages.length - 2 && !/thinking/.test(content[0].type))
      return `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`tool_use\``;
    if ((uses.length || results.length) && !tools.length) return 'tools: must be defined';
    for (const { id } of uses) {
      if (!idPattern.test(id)) return `messages.${index}: String should match pattern '^[a-zA-Z0-9_-]+$'`;
      if (seen.has(id)) return `messages.${index}: tool_use ids must be unique`;
      seen.add(id);
    }
    if (content.some((block) => block.type === 'text' && !block.text.trim())) return 'text content blocks must contain non-whitespace text';
    open = uses.map((block) => block.id);
  }
  return open.length ? 'the last tool_use has no tool_result' : undefined;
}

/** The last turn as the model reads it. */
function heard({ system, messages, tools = [], tool_choice: choice = {}, output_config: output, stop_sequences: stop, max_tokens: limit }) {
  const blocks = (type) => messages.findLast(({ role }) => role !== 'system').content.filter((block) => block.type === type);
  return {
    text: blocks('text').map(({ text }) => text).join(' '),
    results: blocks('tool_result').map(({ content }) => [content].flat().map((block) => block.text ?? block).join('')),
    images: blocks('image').map(({ source }) => imageSize(source.data)),
    tools: tools.map(({ name, input_schema: schema }) => ({ name, schema })),
    choice: { any: 'required', tool: { name: choice.name } }[choice.type] ?? choice.type ?? 'auto',
    parallel: !choice.disable_parallel_tool_use,
    schema: output?.format?.schema, json: JSON.stringify(system ?? '').includes('one JSON object'),
    stop, limit,
  };
}

const errorTypes = { 400: 'invalid_request_error', 404: 'not_found_error', 429: 'rate_limit_error', 529: 'overloaded_error' };

/** The API.  `script(body, response, api)` answers what the rules let through; else the mock model does. */
export class AnthropicServer extends ScriptedServer {
  json(response, status, body, headers = {}) {
    super.json(response, status, body, { 'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy', ...headers });
  }
  error(response, status, type, message, headers) {
    this.json(response, status, { type: 'error', error: { type, message }, request_id: 'req_1' }, headers);
  }
  answer(request, text, response) {
    if (request.headers['x-api-key'] !== this.key) return this.error(response, 401, 'authentication_error', 'invalid x-api-key');
    if (request.headers['anthropic-version'] !== '2023-06-01') return this.error(response, 400, 'invalid_request_error', 'anthropic-version: header is required');
    if (request.headers.authorization) return this.error(response, 400, 'invalid_request_error', 'two keys');
    const url = new URL(request.url, this.url);
    if (request.method === 'GET' && url.pathname === '/v1/models') return this.list(url, response);
    const counts = url.pathname === '/v1/messages/count_tokens';
    if (request.method !== 'POST' || (url.pathname !== '/v1/messages' && !counts)) return this.error(response, 404, 'not_found_error', 'Not found');
    const body = JSON.parse(text);
    this.requests.push({ body, headers: request.headers });
    const inside = body.messages?.some(({ role }) => role === 'system');
    if (inside && !request.headers['anthropic-beta']?.includes('mid-conversation-system'))
      return this.error(response, 400, 'invalid_request_error', 'messages: Unexpected role "system"');
    if (counts) return this.json(response, 200, { input_tokens: 4321 });
    const wrong = complaint(body);
    if (wrong) return this.error(response, 400, 'invalid_request_error', wrong);
    if (/nine|no-such/.test(body.model)) return this.error(response, 404, 'not_found_error', `model: ${body.model}`);
    if (this.script) return this.script(body, response, this);
    return this.speak(body, response);
  }
  speak(body, response) {
    const request = heard(body);
    const faults = faultsIn(request.text);
    if (faults.tooLong) return this.error(response, 400, 'invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum');
    if (faults.status)
      return this.error(response, faults.status, errorTypes[faults.status] ?? 'api_error', `scripted ${faults.status}`,
        faults.retryAfter ? { 'retry-after': faults.retryAfter } : {});
    const { words, calls, finish, stopped } = answerTo(request);
    const thought = body.thinking ? [{ type: 'thinking', thinking: 'The user wants an answer.', signature: 'c2lnbmVk' }] : [];
    const content = calls.length
      ? calls.map((call, index) => ({ type: 'tool_use', id: `toolu_${index + 1}`, name: call.name, input: JSON.parse(call.arguments) }))
      : [{ type: 'text', text: words.join('') }];
    const stop = calls.length ? 'tool_use' : finish === 'length' ? 'max_tokens' : stopped ? 'stop_sequence' : 'end_turn';
    return this.say(body, new Paced(response, faults), [...thought, ...content], stop);
  }
  list(url, response) {
    const all = ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-1'];
    const from = all.indexOf(url.searchParams.get('after_id')) + 1;
    const data = all.slice(from, from + 2).map((id) => (
      { type: 'model', id, display_name: id, created_at: '2025-09-29T00:00:00Z', max_input_tokens: 200_000, max_tokens: 64_000 }));
    this.json(response, 200, { data, has_more: from + 2 < all.length, first_id: data[0].id, last_id: data.at(-1).id });
  }
  /** Content blocks as a non-streaming response, or as the events of a stream. */
  say(body, response, content, stop = content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn') {
    const usage = { input_tokens: 10, cache_creation_input_tokens: 2, cache_read_input_tokens: 30, output_tokens: 7, service_tier: 'standard' };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: body.model, content, stop_reason: stop, stop_sequence: null, usage };
    if (!body.stream) return this.json(response, 200, message);
    this.begin(response);
    this.event(response, 'message_start', { message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } } });
    for (const [index, block] of content.entries()) this.block(response, index, block);
    this.event(response, 'message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: usage.output_tokens } });
    this.event(response, 'message_stop');
    response.end();
  }
  begin(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy' });
  }
  event(response, type, members = {}) {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`);
  }
  block(response, index, block) {
    const delta = (type, members) => this.event(response, 'content_block_delta', { index, delta: { type, ...members } });
    const pieces = (text) => text.match(text.length < 10_000 ? /[^]{1,5}/gu : /[^]{1,4096}/gu) ?? [];
    const empty = { text: { type: 'text', text: '' }, thinking: { type: 'thinking', thinking: '', signature: '' }, tool_use: { ...block, input: {} } };
    this.event(response, 'content_block_start', { index, content_block: empty[block.type] ?? block });
    this.event(response, 'ping');
    if (block.type === 'text') for (const text of pieces(block.text)) delta('text_delta', { text });
    if (block.type === 'thinking') {
      for (const thinking of pieces(block.thinking)) delta('thinking_delta', { thinking });
      delta('signature_delta', { signature: block.signature });
    }
    if (block.type === 'tool_use') for (const partial_json of ['', ...pieces(JSON.stringify(block.input))]) delta('input_json_delta', { partial_json });
    this.event(response, 'content_block_stop', { index });
  }
}
