// SPDX-License-Identifier: Apache-2.0
// A scripted service that speaks OpenAI's protocol, and is as strict about
// members, roles and the order of messages as OpenAI itself.
import { answerTo, faultsIn, imageSize } from './mock_model.mjs';
import { Paced, ScriptedServer } from './scripted_server.mjs';

const chatMembers = new Set(['model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'max_tokens',
  'max_completion_tokens', 'temperature', 'top_p', 'n', 'stop', 'presence_penalty', 'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs',
  'seed', 'user', 'response_format', 'reasoning_effort', 'verbosity', 'metadata', 'store', 'service_tier', 'prediction', 'modalities', 'audio',
  'web_search_options', 'prompt_cache_key', 'safety_identifier', 'min_p']);

const partsOf = ({ content }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content ?? []);
const textOf = (message) => partsOf(message).map((part) => part.text ?? '').join('');

/** Why OpenAI would refuse this chat: [message, param], or nothing. */
function complaint({ messages, stream, stream_options: options, tools = [], tool_choice: choice, response_format: format, logprobs, top_logprobs: top, ...rest }) {
  const unknown = Object.keys(rest).find((name) => !chatMembers.has(name));
  if (unknown) return [`Unrecognized request argument supplied: ${unknown}`, unknown];
  if (!messages?.length) return ["Invalid 'messages': empty array.", 'messages'];
  if (options && !stream) return ["The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options'];
  if (choice && !tools.length) return ["Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice'];
  if (top !== undefined && !logprobs) return ["'top_logprobs' needs 'logprobs'.", 'top_logprobs'];
  if (format?.type === 'json_object' && !messages.some((message) => /json/i.test(textOf(message))))
    return ["'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", 'messages'];
  let open = [];
  for (const [index, message] of messages.entries()) {
    const role = `messages[${index}].role`;
    if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(message.role)) return [`Invalid value: '${message.role}'.`, role];
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id))
        return ["Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", role];
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length) return ["An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.", role];
    open = (message.tool_calls ?? []).map(({ id }) => id);
  }
  return open.length ? ["An assistant message with 'tool_calls' must be followed by tool messages.", 'messages'] : undefined;
}

/** The chat as the model reads it. */
function heard({ messages, tools = [], tool_choice: choice, parallel_tool_calls: parallel, response_format: format, stop, ...rest }) {
  const user = messages.findLast(({ role }) => role === 'user');
  const behind = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  const offered = tools.map(({ function: { name, parameters } }) => ({ name, schema: parameters }));
  const allowed = choice?.allowed_tools?.tools.map((tool) => tool.function.name);
  return {
    text: user ? textOf(user) : '',
    results: behind.filter(({ role }) => role === 'tool').map(textOf),
    images: user ? partsOf(user).filter(({ type }) => type === 'image_url').map(({ image_url: { url } }) => imageSize(url.split(';base64,')[1])) : [],
    tools: allowed ? offered.filter(({ name }) => allowed.includes(name)) : offered,
    choice: choice?.function ?? (allowed ? choice.allowed_tools.mode : choice),
    parallel, schema: format?.json_schema?.schema, json: format?.type === 'json_object',
    stop: stop === undefined ? [] : [stop].flat(),
    limit: rest.max_completion_tokens ?? rest.max_tokens,
  };
}

export class OpenAiServer extends ScriptedServer {
  models = ['gpt-4.1', 'text-embedding-3-small', 'rerank', 'thinker'];

  error(response, status, message, { type = 'invalid_request_error', param = null, code = null, headers } = {}) {
    this.json(response, status, { error: { message, type, param, code } }, headers);
  }
  answer(request, text, response) {
    if (this.key && request.headers.authorization !== `Bearer ${this.key}`)
      return this.error(response, 401, `Incorrect API key provided: ${request.headers.authorization}.`, { code: 'invalid_api_key' });
    const what = `${request.method} ${request.url}`;
    if (what === 'GET /v1/models')
      return this.json(response, 200, { object: 'list', data: this.models.map((id) => ({ id, object: 'model', created: 5, owned_by: 'lab' })) });
    const answers = { 'POST /v1/chat/completions': 'chat', 'POST /v1/completions': 'complete', 'POST /v1/embeddings': 'embed', 'POST /v1/rerank': 'rerank' };
    if (!answers[what]) return this.error(response, 404, `Invalid URL (${what})`);
    const body = JSON.parse(text);
    this.requests.push({ body, headers: request.headers });
    if (!this.models.includes(body.model))
      return this.error(response, 404, `The model \`${body.model}\` does not exist or you do not have access to it.`, { code: 'model_not_found' });
    this[answers[what]](body, response);
  }

  embed({ input }, response) {
    const data = [input].flat().map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 0.5] }));
    this.json(response, 200, { object: 'list', data, model: 'm', usage: { prompt_tokens: data.length, total_tokens: data.length } });
  }
  rerank({ query, documents }, response) {
    const score = (text) => query.split(' ').filter((word) => text.includes(word)).length / query.split(' ').length;
    const results = documents.map((text, index) => ({ index, relevance_score: score(text) }));
    this.json(response, 200, { results: results.sort((a, b) => b.relevance_score - a.relevance_score) });
  }

  /** True, and answered: the words of `text` ask for a refusal. */
  refuses(text, response) {
    const { status, retryAfter, tooLong } = faultsIn(text);
    if (tooLong)
      this.error(response, 400, "This model's maximum context length is 128000 tokens. However, your messages resulted in 200012 tokens. " +
        'Please reduce the length of the messages.', { param: 'messages', code: 'context_length_exceeded' });
    else if (status)
      this.error(response, status, `scripted ${status}`, { type: status === 429 ? 'tokens' : 'server_error', code: status === 429 ? 'rate_limit_exceeded' : null,
        headers: retryAfter ? { 'retry-after': retryAfter } : {} });
    return tooLong || status > 0;
  }

  complete({ prompt, stream, stream_options: options, n = 1, max_tokens: limit, stop }, response) {
    const prompts = [prompt].flat();
    if (this.refuses(prompts.join(' '), response)) return;
    const answers = prompts.flatMap((text) => Array(n).fill(answerTo({ text, limit, stop: [stop ?? []].flat() })));
    const envelope = { id: 'cmpl-1', object: 'text_completion', created: 1, model: 'm' };
    const choice = (index, text, finish = null) => ({ index, text, logprobs: null, finish_reason: finish });
    const chunk = (...one) => ({ ...envelope, choices: [choice(...one)] });
    const said = answers.reduce((sum, { words }) => sum + words.length, 0);
    const usage = { prompt_tokens: 3, completion_tokens: said, total_tokens: 3 + said };
    if (!stream)
      return this.json(response, 200, { ...envelope, choices: answers.map(({ words, finish }, index) => choice(index, words.join(''), finish)), usage });
    this.play(new Paced(response, faultsIn(prompts.join(' '))), [
      ...answers.flatMap(({ words, finish }, index) => [...words.map((word) => chunk(index, word)), chunk(index, '', finish)]),
      ...(options?.include_usage ? [{ ...envelope, choices: [], usage }] : [])]);
  }

  chat(body, response) {
    const [message, param] = complaint(body) ?? [];
    if (message) return this.error(response, 400, message, { param });
    const request = heard(body);
    if (this.refuses(request.text, response)) return undefined;
    const said = { ...answerTo(request), thoughts: body.model === 'thinker' ? ['The user wants', ' an answer.'] : [] };
    const paced = new Paced(response, faultsIn(request.text));
    const usage = { prompt_tokens: 9, completion_tokens: said.words.length + said.calls.length, total_tokens: 9 + said.words.length + said.calls.length };
    return body.stream ? this.stream(body, said, usage, paced) : this.whole(body, said, usage, paced);
  }
  logprobs({ logprobs, top_logprobs: top = 0 }, words) {
    const one = (token) => ({ token, logprob: -0.25, bytes: [...Buffer.from(token)] });
    return logprobs ? { content: words.map((word) => ({ ...one(word), top_logprobs: Array(top).fill(one(word)) })), refusal: null } : null;
  }
  calls({ calls }) {
    return calls.map(({ name, arguments: text }, index) => ({ id: `call_${index + 1}`, type: 'function', function: { name, arguments: text } }));
  }
  whole(body, said, usage, response) {
    const message = { role: 'assistant', content: said.calls.length ? null : said.words.join(''), refusal: null };
    if (said.calls.length) message.tool_calls = this.calls(said);
    if (said.thoughts.length) message.reasoning_content = said.thoughts.join('');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
      id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: body.model,
      choices: Array.from({ length: body.n ?? 1 }, (_, index) => ({ index, message, logprobs: this.logprobs(body, said.words), finish_reason: said.finish })),
      usage, ...this.echoed(body) }));
  }
  /** A member that only newer versions know, said back. */
  echoed({ min_p }) {
    return min_p === undefined ? {} : { x_min_p: min_p };
  }
  stream(body, said, usage, response) {
    const envelope = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: body.model, ...this.echoed(body) };
    const chunks = (delta, finish = null, words) => Array.from({ length: body.n ?? 1 }, (_, index) => (
      { ...envelope, choices: [{ index, delta, logprobs: words ? this.logprobs(body, words) : null, finish_reason: finish }], usage: null }));
    const calls = this.calls(said).flatMap((call, index) => [
      ...chunks({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] }),
      ...(call.function.arguments.match(/[^]{1,5}/gu) ?? []).flatMap((text) => chunks({ tool_calls: [{ index, function: { arguments: text } }] }))]);
    this.play(response, [
      ...chunks({ role: 'assistant', content: said.calls.length ? null : '' }),
      ...said.thoughts.flatMap((text) => chunks({ reasoning_content: text })), ...said.words.flatMap((word) => chunks({ content: word }, null, [word])),
      ...calls, ...chunks({}, said.finish), ...(body.stream_options?.include_usage ? [{ ...envelope, choices: [], usage }] : [])]);
  }
  play(response, chunks) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  }
}
