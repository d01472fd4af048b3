// SPDX-License-Identifier: Apache-2.0
// A scripted server of Amazon Bedrock: Converse, ConverseStream and the lists of models.  It verifies
// Signature Version 4, and is as strict about the order of messages as the real service.
import { createHash, createHmac } from 'node:crypto';

import { answerTo, faultsIn, imageSize } from './mock_model.mjs';
import { Paced, ScriptedServer } from './scripted_server.mjs';

const hash = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const encoded = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The signature that `request` should have, by AWS's documentation. */
function signatureOf({ method, url, headers }, body, { scope, names }, secret) {
  const [path, query = ''] = url.split('?');
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort().join('&');
  const canonical = [method, path.split('/').map(encoded).join('/'), parameters,
    ...names.split(';').map((name) => `${name}:${headers[name]}`), '', names, hash(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n');
  return hmac(scope.split('/').reduce(hmac, `AWS4${secret}`), text).toString('hex');
}

/** Why the service would refuse the credentials, or nothing. */
function denial(request, body, { id, secret }) {
  const [, key, scope, names, signature] = request.headers.authorization?.match(
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/) ?? [];
  if (!key) return ['MissingAuthenticationTokenException', 'Missing Authentication Token'];
  if (key !== id) return ['UnrecognizedClientException', 'The security token included in the request is invalid.'];
  if (!scope.endsWith('/us-east-1/bedrock/aws4_request') || scope.slice(0, 8) !== request.headers['x-amz-date'].slice(0, 8))
    return ['InvalidSignatureException', 'Credential should be scoped to correct service.'];
  if (request.headers['x-amz-content-sha256'] !== hash(body) || signature !== signatureOf(request, body, { scope, names }, secret))
    return ['InvalidSignatureException', 'The request signature we calculated does not match the signature you provided.'];
  return undefined;
}

const members = new Set(['messages', 'system', 'inferenceConfig', 'toolConfig', 'guardrailConfig', 'additionalModelRequestFields',
  'additionalModelResponseFieldPaths', 'outputConfig', 'serviceTier', 'requestMetadata', 'performanceConfig']);
const kinds = new Set(['text', 'image', 'document', 'audio', 'toolUse', 'toolResult', 'reasoningContent', 'cachePoint']);

/** Why the service would refuse this body, or nothing. */
function complaint({ messages, system, toolConfig, additionalModelRequestFields: own = {}, inferenceConfig = {}, ...rest }) {
  const unknown = Object.keys(rest).find((name) => !members.has(name));
  if (unknown) return `unknown member ${unknown}`;
  if (!messages?.length) return 'A conversation must start with a user message.';
  if (system && !system.length) return 'system must not be empty';
  if (own.thinking?.type === 'enabled' && !(own.thinking.budget_tokens >= 1024)) return 'thinking.budget_tokens: at least 1024';
  if (own.thinking && inferenceConfig.temperature !== undefined) return '`temperature` may only be set to 1 when thinking is enabled';
  if (own.thinking && ['any', 'tool'].includes(Object.keys(toolConfig?.toolChoice ?? {})[0])) return 'Thinking may not be enabled when tool_choice forces tool use.';
  const seen = new Set();
  let open = [];
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== (index % 2 ? 'assistant' : 'user')) return 'roles must alternate between "user" and "assistant"';
    if (!content?.length) return `The content field in the Message object at messages.${index} is empty.`;
    for (const block of content) if (Object.keys(block).length !== 1 || !kinds.has(Object.keys(block)[0])) return `messages.${index}: not a content block`;
    if (content.some(({ text }) => text !== undefined && !text.trim())) return `The text field in the ContentBlock object at messages.${index}.content.0 is blank.`;
    if (content.some(({ document }) => document) && !content.some(({ text }) => text)) return 'a document needs a text block';
    const results = content.flatMap(({ toolResult }) => (toolResult ? [toolResult.toolUseId] : []));
    if (results.join() !== open.join()) return `Expected toolResult blocks at messages.${index}.content for the following Ids: ${open}`;
    const uses = content.flatMap(({ toolUse }) => (toolUse ? [toolUse] : []));
    if (own.thinking && uses.length && index === messages.length - 2 && !content[0].reasoningContent) return 'Expected `thinking` or `redacted_thinking`, but found `tool_use`';
    if ((uses.length || results.length) && !toolConfig?.tools?.length) return 'The toolConfig field must be defined when using toolUse and toolResult content blocks.';
    for (const { toolUseId: id, input } of uses) {
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(id) || seen.has(id)) return `invalid toolUseId ${id}`;
      if (typeof input !== 'object') return 'The format of the value at toolUse.input is invalid. Provide a json object for the field.';
      seen.add(id);
    }
    open = uses.map(({ toolUseId }) => toolUseId);
  }
  const schema = toolConfig?.tools.find(({ toolSpec: { inputSchema } }) => inputSchema.json.type !== 'object');
  if (schema) return 'The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object.';
  return open.length ? 'the last toolUse has no toolResult' : undefined;
}

/** The last turn as the model reads it. */
function heard({ messages, system = [], toolConfig: { tools = [], toolChoice } = {}, inferenceConfig: { maxTokens: limit, stopSequences: stop } = {},
  outputConfig: output, additionalModelRequestFields: own = {} }) {
  const blocks = (kind) => messages.at(-1).content.flatMap((block) => (block[kind] ? [block[kind]] : []));
  const choice = Object.keys(toolChoice ?? { auto: {} })[0];
  const schema = output?.textFormat.structure.jsonSchema.schema;
  return {
    text: blocks('text').join(' '), images: blocks('image').map(({ source }) => imageSize(source.bytes)),
    results: blocks('toolResult').map(({ content }) => content.map(({ text }) => text).join('')),
    tools: tools.map(({ toolSpec: { name, inputSchema } }) => ({ name, schema: inputSchema.json })),
    choice: { any: 'required', tool: toolChoice?.tool }[choice] ?? 'auto', parallel: !own.tool_choice?.disable_parallel_tool_use,
    schema: schema && JSON.parse(schema), json: JSON.stringify(system).includes('one JSON object'), stop, limit,
  };
}

/** CRC-32 of IEEE 802.3. */
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; ++bit) sum = sum >>> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** A message of application/vnd.amazon.eventstream. */
function framed(headers, payload) {
  const number = (value, bytes) => { const out = Buffer.alloc(bytes); out.writeUIntBE(value, 0, bytes); return out; };
  const block = Buffer.concat(Object.entries(headers).flatMap(([name, value]) =>
    [number(name.length, 1), Buffer.from(name), number(7, 1), number(Buffer.byteLength(value), 2), Buffer.from(value)]));
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.concat([number(16 + block.length + body.length, 4), number(block.length, 4)]);
  const message = Buffer.concat([prelude, number(crc32(prelude), 4), block, body]);
  return Buffer.concat([message, number(crc32(message), 4)]);
}

const errorTypes = { 400: 'ValidationException', 403: 'AccessDeniedException', 404: 'ResourceNotFoundException', 429: 'ThrottlingException',
  500: 'InternalServerException', 503: 'ServiceUnavailableException' };

export class BedrockServer extends ScriptedServer {
  models = ['anthropic.claude-sonnet-4-5-20250929-v1:0', 'amazon.nova-lite-v1:0'];

  error(response, status, message, headers = {}, type = errorTypes[status] ?? 'InternalServerException') {
    this.json(response, status, { message }, { 'x-amzn-requestid': '5f0c7a3e', 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/`, ...headers });
  }
  answer(request, text, response) {
    const denied = denial(request, text, this);
    if (denied) return this.error(response, 403, denied[1], {}, denied[0]);
    const { pathname } = new URL(request.url, this.url);
    if (pathname === '/foundation-models')
      return this.json(response, 200, { modelSummaries: this.models.map((id) => ({ modelId: id, providerName: 'X', outputModalities: ['TEXT'], inferenceTypesSupported: ['ON_DEMAND'] })) });
    if (pathname === '/inference-profiles')
      return this.json(response, 200, { inferenceProfileSummaries: [{ inferenceProfileId: `us.${this.models[0]}`, status: 'ACTIVE', type: 'SYSTEM_DEFINED', models: [] }] });
    const [, name, operation] = pathname.match(/^\/model\/([^/]+)\/(converse|converse-stream)$/) ?? [];
    if (!name || request.method !== 'POST') return this.error(response, 404, 'UnknownOperationException');
    const body = JSON.parse(text);
    this.requests.push({ body, headers: request.headers, url: request.url });
    if (!this.models.includes(decodeURIComponent(name).replace(/^us\./, ''))) return this.error(response, 400, 'The provided model identifier is invalid.');
    const wrong = complaint(body);
    if (wrong) return this.error(response, 400, wrong);
    return this.speak(body, response, operation === 'converse-stream');
  }
  speak(body, response, stream) {
    const request = heard(body);
    const faults = faultsIn(request.text);
    if (faults.tooLong) return this.error(response, 400, 'The model returned the following errors: prompt is too long: 208310 tokens > 200000 maximum');
    if (faults.status) return this.error(response, faults.status, `scripted ${faults.status}`, faults.retryAfter ? { 'retry-after': faults.retryAfter } : {});
    const { words, calls, finish, stopped } = answerTo(request);
    const thought = body.additionalModelRequestFields?.thinking ? [{ reasoningContent: { reasoningText: { text: 'The user wants an answer.', signature: 'c2lnbmVk' } } }] : [];
    const content = [...thought, ...(calls.length
      ? calls.map((call, index) => ({ toolUse: { toolUseId: `tooluse_${index + 1}`, name: call.name, input: JSON.parse(call.arguments) } }))
      : [{ text: words.join('') }])];
    const stopReason = calls.length ? 'tool_use' : finish === 'length' ? 'max_tokens' : stopped ? 'stop_sequence' : 'end_turn';
    const usage = { inputTokens: 10, outputTokens: words.length + calls.length, totalTokens: 52, cacheReadInputTokens: 30, cacheWriteInputTokens: 2 };
    if (!stream) return this.json(response, 200, { output: { message: { role: 'assistant', content } }, stopReason, usage, metrics: { latencyMs: 1 } });
    return this.stream(new Paced(response, faults), content, stopReason, usage);
  }
  stream(response, content, stopReason, usage) {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    const event = (type, payload) => response.write(framed({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, { ...payload, p: 'abcdef' }));
    const pieces = (text) => text.match(text.length < 10_000 ? /[^]{1,5}/gu : /[^]{1,4096}/gu) ?? [];
    event('messageStart', { role: 'assistant' });
    for (const [contentBlockIndex, { text = '', toolUse, reasoningContent: thought }] of content.entries()) {
      const delta = (one) => event('contentBlockDelta', { contentBlockIndex, delta: one });
      if (toolUse) event('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId: toolUse.toolUseId, name: toolUse.name } } });
      for (const input of toolUse ? pieces(JSON.stringify(toolUse.input)) : []) delta({ toolUse: { input } });
      for (const piece of thought ? pieces(thought.reasoningText.text) : []) delta({ reasoningContent: { text: piece } });
      if (thought) delta({ reasoningContent: { signature: thought.reasoningText.signature } });
      for (const piece of pieces(text)) delta({ text: piece });
      event('contentBlockStop', { contentBlockIndex });
    }
    event('messageStop', { stopReason });
    event('metadata', { usage, metrics: { latencyMs: 1 } });
    return response.end();
  }
}
