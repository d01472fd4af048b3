// SPDX-License-Identifier: Apache-2.0
// Hostile bodies: every field of every endpoint with every wrong type and range, and invalid
// JSON.  The response is always 400 with the envelope, the field in `param` and a helpful
// message.  It is never a 5xx, and never shows internals.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { RawConnection, chatRequest, parseAnswer, say } from './support/raw.mjs';
import { Stack, apiKey } from './support/stack.mjs';

let stack;
before(async () => (stack = await Stack.start({ server: { max_body_bytes: 1_000_000 } })));
after(() => stack.stop());
afterEach(() => stack.answersNext());

async function ask(path, body, headers = {}) {
  const answer = await fetch(stack.url + path, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers }, body });
  return { status: answer.status, text: await answer.text() };
}

const inside = /std::|what\(\)|nlohmann|simdjson|exception|terminate|\.cpp|\/(home|tmp|usr|work|etc)\/|sk-test/i;

/** The envelope of a refusal, checked. */
function refusal({ status, text }, what, wanted = 400) {
  assert.equal(status, wanted, `${what}: ${text}`);
  const { error, ...others } = JSON.parse(text);
  assert.deepEqual(Object.keys(others), [], what);
  assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type'], what);
  assert.equal(error.type, 'invalid_request_error', what);
  assert.ok(error.message.length > 10 && error.message.length < 600, `${what}: ${error.message}`);
  assert.ok(!inside.test(text), `${what}: ${text}`);
  return error;
}

// --- every field -------------------------------------------------------------------

const values = { null: 'null', true: 'true', false: 'false', 0: '0', '-1': '-1', half: '0.5', huge: '1e400', big: '123456789012345678901234567890', string: '"x"', empty: '""',
  long: JSON.stringify('y'.repeat(300)), array: '[]', nested: '[[]]', nulls: '[null]', objects: '[{}]', object: '{}', deep: '{"a":{"b":[{"c":1}]}}' };
const all = Object.keys(values);
const none = ['null'];  // null means that an optional field is not set
const booleans = ['null', 'true', 'false'], strings = ['null', 'string', 'empty', 'long'], objects = ['null', 'object', 'deep'];

/** Accepted `values` of each field; the other values get 400, and `param` begins with the field. */
const sampling = { temperature: ['null', '0', 'half'], top_p: ['null', '0', 'half'], presence_penalty: ['null', '0', '-1', 'half'], frequency_penalty: ['null', '0', '-1', 'half'],
  seed: ['null', '0', '-1'], n: none, top_k: ['null', '0', '-1'], stop: ['null', 'string', 'empty', 'long', 'array'], logit_bias: ['null', 'object'], stream: booleans,
  stream_options: objects, user: strings };
const endpoints = {
  '/v1/chat/completions': { base: { model: 'gpt-5', messages: [{ role: 'user', content: 'hi' }] }, fields: {
    ...sampling, model: ['string', 'long'], messages: [], max_tokens: none, max_completion_tokens: none, logprobs: booleans, top_logprobs: none, tools: ['null', 'array'],
    tool_choice: none, functions: ['null', 'array'], function_call: none, parallel_tool_calls: booleans, response_format: none, reasoning_effort: strings, verbosity: strings,
    service_tier: strings, store: booleans, metadata: objects, modalities: ['null', 'array'], audio: objects, prediction: objects, web_search_options: objects,
    safety_identifier: strings, prompt_cache_key: strings } },
  '/v1/completions': { base: { model: 'gpt-5', prompt: 'hi' }, fields: {
    ...sampling, model: ['string', 'long'], prompt: ['string', 'empty', 'long'], max_tokens: ['null', '0'], suffix: strings, echo: booleans, best_of: none, logprobs: ['null', '0'], messages: none } },
  '/v1/embeddings': { base: { model: 'oci/cohere.embed-v4.0', input: 'hi' }, fields: {
    model: ['string', 'long'], input: ['string', 'long'], encoding_format: none, dimensions: none, input_type: strings, truncate: strings, user: strings } },
  '/v1/rerank': { base: { model: 'oci/cohere.rerank-v3.5', query: 'q', documents: ['a', 'b'] }, fields: {
    model: ['string', 'long'], query: ['string', 'long'], documents: ['deep', 'objects'], top_n: none, max_chunks_per_doc: none, max_tokens_per_doc: none, return_documents: booleans, rank_fields: ['null', 'array'] } },
};
endpoints['/v2/rerank'] = endpoints['/v1/rerank'];

for (const [path, { base, fields }] of Object.entries(endpoints))
  test(`${path}: every field with every invalid value is 400, and the error names it`, async () => {
    const cases = Object.entries(fields).flatMap(([field, takes]) => all.filter((kind) => !takes.includes(kind)).map((kind) => [field, kind]));
    assert.ok(cases.length > Object.keys(fields).length * 5);
    for (const [field, kind] of cases) {
      const rest = Object.entries(base).filter(([name]) => name !== field).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`).join('');
      const what = `${path} ${field}: ${kind}`;
      // If several fields are wrong, the error names the first.
      const answer = await ask(path, `{${rest}"${field}":${values[kind]}}`);
      const error = refusal(answer, what);
      assert.ok(error.param?.startsWith(field), `${what}: param ${error.param}: ${error.message}`);
      assert.ok(error.message.startsWith(error.param), `${what}: ${error.message}`);
      assert.match(error.message, /must|is required|belong|needs|cannot|only/, what);
    }
  });

test('an optional field that is null counts as missing, at every endpoint', async () => {
  for (const [path, { base, fields }] of Object.entries(endpoints)) {
    const optional = Object.entries(fields).filter(([, takes]) => takes.includes('null')).map(([field]) => field);
    const answer = await ask(path, JSON.stringify({ ...base, ...Object.fromEntries(optional.map((field) => [field, null])) }));
    // An upstream without text completions rejects them in any case, not because of a null.
    assert.ok(answer.status === 200 || (path === '/v1/completions' && !optional.includes(JSON.parse(answer.text).error.param)), `${path}: ${answer.text}`);
  }
});

test('a required field that is missing is named', async () => {
  for (const [path, { base }] of Object.entries(endpoints))
    for (const field of Object.keys(base)) {
      const error = refusal(await ask(path, JSON.stringify({ ...base, [field]: undefined })), `${path} without ${field}`);
      assert.deepEqual([error.param, error.code], [field, 'missing_required_parameter']);
    }
});

const ranges = { temperature: [-0.01, 2.01], top_p: [-0.01, 1.01], presence_penalty: [-2.01, 2.01], frequency_penalty: [-2.01, 2.01], n: [0, 129], top_logprobs: [-1, 21],
  max_tokens: [0, 2147483648], max_completion_tokens: [0, 2147483648], top_k: [-2], seed: [9223372036854775808n, -9223372036854775809n, 1.5] };
test('a number just out of its range is 400, and the range is in the message', async () => {
  for (const [field, wrong] of Object.entries(ranges))
    for (const value of wrong) {
      const body = `{"model":"gpt-5","messages":[{"role":"user","content":"hi"}],"logprobs":true,"${field}":${value}}`;
      const error = refusal(await ask('/v1/chat/completions', body), body);
      assert.equal(error.param, field);
      assert.match(error.message, /between -?[\d.]+ and [\d.]+/);
    }
});

// --- messages ----------------------------------------------------------------------

const message = (members) => `{"model":"gpt-5","messages":[${members}]}`;
const user = (content) => message(`{"role":"user","content":${content}}`);
const part = (members) => user(`[{${members}}]`);
test('every member of a message and of its parts with a wrong type is 400, and the error names it', async () => {
  const wrong = (takes) => all.filter((kind) => !takes.includes(kind)).map((kind) => values[kind]);
  const rows = [
    ...wrong([]).map((value) => [message(value), 'messages[0]']),
    ...wrong([]).map((value) => [message(`{"role":${value},"content":"x"}`), 'messages[0].role']),
    ...wrong(['string', 'empty', 'long']).map((value) => [user(value), 'messages[0].content']),
    ...wrong(strings).map((value) => [message(`{"role":"user","content":"x","name":${value}}`), 'messages[0].name']),
    ...wrong(['string', 'long']).map((value) => [message(`{"role":"tool","content":"x","tool_call_id":${value}}`), 'messages[0].tool_call_id']),
    ...wrong(['null', 'array']).map((value) => [message(`{"role":"assistant","content":"x","tool_calls":${value}}`), 'messages[0].tool_calls']),
    ...wrong(strings).map((value) => [message(`{"role":"assistant","content":"x","refusal":${value}}`), 'messages[0].refusal']),
    ...wrong(strings).map((value) => [message(`{"role":"assistant","content":"x","reasoning_content":${value}}`), 'messages[0].reasoning_content']),
    ...wrong([]).map((value) => [user(`[${value}]`), 'messages[0].content[0]']),
    // Parts of other kinds pass to upstreams that support them.
    ...wrong(['string', 'long']).map((value) => [part(`"type":${value}`), 'messages[0].content[0].type']),
    ...wrong(['string', 'empty', 'long']).map((value) => [part(`"type":"text","text":${value}`), 'messages[0].content[0].text']),
    ...wrong(['string', 'long']).map((value) => [part(`"type":"image_url","image_url":${value}`), 'messages[0].content[0].image_url']),
    ...wrong([]).map((value) => [part(`"type":"image_url","image_url":{"url":${value}}`), 'messages[0].content[0].image_url']),
    ...wrong(['null', 'empty', 'string', 'long']).map((value) => [part(`"type":"image_url","image_url":{"url":"https://a/b","detail":${value}}`), 'messages[0].content[0].image_url.detail']),
    ...wrong(['string', 'long']).map((value) => [part(`"type":"input_audio","input_audio":{"format":"wav","data":${value}}`), 'messages[0].content[0].input_audio.data']),
    ...wrong(['string']).map((value) => [part(`"type":"input_audio","input_audio":{"data":"AA==","format":${value}}`), 'messages[0].content[0].input_audio.format']),
    ...wrong(['string', 'long']).map((value) => [part(`"type":"file","file":{"file_data":${value}}`), 'messages[0].content[0].file.file_data']),
    ...wrong([]).map((value) => [`{"model":"gpt-5","messages":[{"role":"user","content":"x"}],"tools":[${value}]}`, 'tools[0]']),
    ...wrong(['string', 'long']).map((value) => [`{"model":"gpt-5","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":${value}}}]}`, 'tools[0].function.name']),
    ...wrong(objects).map((value) => [`{"model":"gpt-5","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":${value}}}]}`, 'tools[0].function.parameters']),
  ];
  for (const [body, field] of rows) {
    const error = refusal(await ask('/v1/chat/completions', body), body);
    assert.ok(error.param?.startsWith(field), `${body}: ${error.param}: ${error.message}`);
  }
});

// --- invalid JSON ------------------------------------------------------------------

const bytes = (...parts) => Buffer.concat(parts.map((one) => Buffer.from(one, 'latin1')));
const start = '{"model":"gpt-5","messages":[{"role":"user","content":"';
const wrongJson = {
  'nothing': '', 'blanks': '   ', 'a word': 'hello', 'NaN': '{"model":"gpt-5","temperature":NaN}', 'Infinity': '{"temperature":Infinity}', '-Infinity': '{"temperature":-Infinity}',
  'a number with a leading zero': '{"n":01}', 'a number with a plus': '{"n":+1}', 'a number that ends in a point': '{"n":1.}', 'a hexadecimal number': '{"n":0x1}',
  'a trailing comma': '{"model":"gpt-5",}', 'two documents': '{} {}', 'something behind': '{"model":"x"}]', 'single quotes': "{'model':'x'}", 'names without quotes': '{model:"x"}',
  'a comment': '{"model":"x" /* y */}', 'a control character in a string': `${start}a\nb"}]}`, 'NUL in a string': `${start}a\x00b"}]}`, 'NUL behind': `${JSON.stringify(say('x'))}\x00`,
  'an unknown escape': `${start}\\x41"}]}`, 'half an escape': `${start}\\u00`,
  'UTF-8 that is cut': `${start}\xc3"}]}`, 'UTF-8 that is overlong': `${start}\xc0\xaf"}]}`, 'a surrogate in UTF-8': `${start}\xed\xa0\x80"}]}`, 'UTF-8 beyond Unicode': `${start}\xf4\x90\x80\x80"}]}`,
  'a lone continuation byte': `${start}\x80"}]}`, 'Latin 1': `${start}\xfcber"}]}`, 'UTF-16': Buffer.from('\ufeff{"model":"x"}', 'utf16le').toString('latin1'),
  'gzip': '\x1f\x8b\x08\x00\x00\x00\x00\x00', 'a form': 'model=gpt-5&n=1', 'XML': '<?xml version="1.0"?><model/>',
  '100,000 arrays': '['.repeat(100_000), '100,000 arrays, closed': '['.repeat(100_000) + ']'.repeat(100_000), '100,000 objects': '{"a":'.repeat(100_000),
  '100,000 deep in a field that nobody knows': `{"model":"gpt-5","messages":[{"role":"user","content":"x"}],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  '100,000 deep in a schema': `{"model":"gpt-5","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}}]}`,
};
// JSON's grammar allows half a surrogate pair, and JavaScript writes it.
test('half a surrogate pair is U+FFFD', async () => {
  for (const [what, text] of [['\\ud800', '\ufffd'], ['\\udc00', '\ufffd'], ['\\udc00\\ud800', '\ufffd\ufffd'], ['\\ud800a', '\ufffda'], ['cut \\ud83d here', 'cut \ufffd here']]) {
    const response = await stack.post(`${start}${what}"}]}`);
    const body = await response.text();
    assert.equal(response.status, 200, `${what}: ${body}`);
    assert.equal(JSON.parse(body).choices[0].message.content, `You said: ${text}`);
  }
});

for (const path of Object.keys(endpoints))
  test(`${path}: invalid JSON is 400 with that message`, async () => {
    for (const [what, text] of Object.entries(wrongJson)) {
      const error = refusal(await ask(path, bytes(text)), what);
      assert.match(error.message, /JSON|object/, what);
      assert.equal(error.param, null, what);
    }
  });

test('a request cut at any byte is 400', async () => {
  const body = JSON.stringify({ model: 'gpt-5', temperature: 1, messages: [{ role: 'user', content: [{ type: 'text', text: 'é"\\' }] }] });
  for (let size = 0; size < Buffer.byteLength(body); ++size) refusal(await ask('/v1/chat/completions', Buffer.from(body).subarray(0, size)), `cut at ${size}`);
});

test('a body that is not an object is 400', async () => {
  for (const path of Object.keys(endpoints))
    for (const body of ['null', 'true', '1', '"x"', '[]', '[{"model":"gpt-5"}]']) assert.match(refusal(await ask(path, body), body).message, /must be a JSON object/);
});

test('the last value of a repeated field counts, at every level', async () => {
  const { text } = await ask('/v1/chat/completions',
    '{"model":"no-such","model":"gpt-5","messages":[],"temperature":"hot","messages":[{"role":"assistant","content":"no","role":"user","content":"first","content":"last"}],"temperature":1}');
  // A wrong value is rejected even if a valid value follows.
  assert.equal(JSON.parse(text).error.param, 'temperature');
  const answer = await ask('/v1/chat/completions', '{"model":"no-such","model":"gpt-5","messages":[{"role":"user","content":"first"}],"messages":[{"role":"assistant","role":"user","content":"no","content":"last"}]}');
  assert.equal(answer.status, 200, answer.text);
  assert.equal(JSON.parse(answer.text).choices[0].message.content, 'You said: last');
});

test('unusual but valid bodies are accepted: unknown fields, escapes, parts, empty lists, a byte order mark or none', async () => {
  for (const body of [
    `{"model":"gpt-5","messages":[{"role":"user","content":"hi"}],"unknown":{"a":[1,null,{"b":"\\u00e9"}]},"$x":1e300,"":0}`,
    ` \t\r\n{ "model" : "gpt-5" ,\n"messages" : [ { "role":"user", "content" : "hi" } ] }\r\n `,
    '{"\\u006dodel":"gpt\\u002d5","messages":[{"role":"\\u0075ser","content":"h\\u0069"}]}',
    '{"model":"gpt-5","messages":[{"role":"user","content":[{"type":"text","text":"h"},{"text":"i","type":"text","cache_control":{"type":"ephemeral"}}]}]}',
    '{"model":"gpt-5","messages":[{"role":"user","content":"hi","name":null,"tool_calls":null,"odd":[]}],"tools":[],"stop":[],"logit_bias":{},"metadata":{}}',
    '{"model":"gpt-5","messages":[{"role":"user","content":"hi"}],"temperature":1E0,"top_p":1.0,"max_tokens":1e2,"seed":-0}',
  ]) {
    const answer = await ask('/v1/chat/completions', body);
    assert.equal(answer.status, 200, `${body}: ${answer.text}`);
    assert.match(JSON.parse(answer.text).choices[0].message.content, /^You said: h\s?i$/);
  }
});

// --- types, codings, sizes ---------------------------------------------------------

test('another content type or coding is 415, and unusual spellings of the supported ones work', async () => {
  const body = JSON.stringify(say('typed'));
  for (const path of Object.keys(endpoints)) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/json; charset=utf-16', 'json', 'application/jsonp'])
      refusal(await ask(path, body, { 'content-type': type }), `${path} ${type}`, 415);
    for (const coding of ['gzip', 'br', 'deflate', 'identity, gzip', 'x-unknown']) refusal(await ask(path, body, { 'content-encoding': coding }), `${path} ${coding}`, 415);
  }
  for (const headers of [{ 'content-type': 'Application/JSON' }, { 'content-type': 'application/json;charset="UTF-8"' }, { 'content-type': 'application/vnd.x+json; x=y' }, { 'content-encoding': 'identity' }])
    assert.equal((await ask('/v1/chat/completions', body, headers)).status, 200, JSON.stringify(headers));
});

test('a body that is too large is 413 before it is read, by length and by chunks', async () => {
  for (const [headers, body] of [[{ 'content-length': '1000001' }, ''], [{ 'content-length': '99999999999' }, ''], [{ 'content-length': null, 'transfer-encoding': 'chunked' }, 'f4241\r\n'],
    [{ 'content-length': null, 'transfer-encoding': 'chunked' }, `${'fffff\r\n'}`]]) {
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest(body, headers));
    await connection.until((text) => text.includes('\r\n\r\n') && text.includes('}'));
    const answer = parseAnswer(connection.text);
    assert.equal(answer.headers.connection, 'close');
    refusal({ status: answer.status, text: answer.body }, JSON.stringify(headers), 413);
    connection.close();
  }
  assert.equal((await ask('/v1/chat/completions', JSON.stringify(say('x'.repeat(990_000))))).status, 200);
});

test('no change of a valid request causes a 5xx', async () => {
  let state = 7;
  const random = (below) => (state = (state * 48271) % 2147483647) % below;
  const pieces = ['"', '{', '}', '[', ']', ',', ':', '\\', '\\u', '\\ud83d', 'null', '1e9', '-', '\u0000', 'é', '\u{1F600}', '""', '[[', 'true', ' ', '\n', '0', '"role"', '"tool"', '"content"'];
  const seed = JSON.stringify({ model: 'gpt-5', messages: [{ role: 'system', content: 's' }, { role: 'user', content: [{ type: 'text', text: 't' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] },
    { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'c', content: 'r' }],
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }], temperature: 1, n: 2, stop: ['a'], stream_options: { include_usage: true } });
  for (let round = 0; round < 500; ++round) {
    let body = seed;
    for (let times = 1 + random(3); times; --times) {
      const at = random(body.length);
      body = body.slice(0, at) + pieces[random(pieces.length)] + body.slice(at + random(8));
    }
    const answer = await ask('/v1/chat/completions', body);
    assert.ok(answer.status < 500, `${answer.status} ${answer.text} for ${body}`);
    assert.ok(!inside.test(answer.text.replace(/"content":"[^"]*"/g, '')), answer.text);
  }
});
