// SPDX-License-Identifier: Apache-2.0
// Scripted failures.  For each of them the access log, the span, the metric and the console say the same cause, and
// the id of the client's response finds all of them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer } from 'node:tls';

import { makeCertificate } from './support/certificates.mjs';
import { Collector } from './support/collector.mjs';
import { Gateway, apiKey, freePort } from './support/gateway.mjs';
import { eventually } from './support/process.mjs';
import { ScriptedServer } from './support/scripted_server.mjs';

const keys = { once: 'sk-once-1', poor: 'sk-poor-1', narrow: 'sk-narrow-1' };

/** An upstream that does as the model's name says. */
const upstream = {
  answer(request, text, response) {
    if (request.url === '/check') return this.json(response, 200, { allowed: !text.includes('forbidden words') });
    const { model, stream } = JSON.parse(text);
    if (/^\d+$/.test(model)) return this.json(response, Number(model), { error: { message: `scripted ${model}` } });
    if (model === 'long')
      return this.json(response, 400, { error: { message: "This model's maximum context length is 10 tokens.", code: 'context_length_exceeded' } });
    if (model === 'silent') return undefined;
    if (model === 'reset') return request.socket.destroy();
    if (model === 'nonsense') return response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
    const chunk = (delta, finish = null) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    if (stream) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk({ role: 'assistant', content: 'Hello' }));
    if (model === 'fails') return response.end('data: {"error":{"message":"it failed","code":500}}\n\n');
    if (model === 'breaks') return setTimeout(() => request.socket.destroy(), 50);
    if (stream) return undefined;
    return this.json(response, 200, { id: 'c', object: 'chat.completion', created: 1, model, usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }] });
  },
};

const configuration = (port, admin, backend, collector, closed, secured) => `
[server]
listen = "127.0.0.1:${port}"
max_body_bytes = 100000
[admin]
listen = "127.0.0.1:${admin}"
[upstream]
attempts = 1
response_timeout_ms = 1000
breaker_failures = 3
breaker_open_ms = 60000
[store.counters]
use = "memory"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }, { name = "once", key = "${keys.once}" }, { name = "poor", key = "${keys.poor}" },
  { name = "narrow", key = "${keys.narrow}", models = ["fine"] }]
[hook.policy]
use = "guardrail"
url = "${backend.url}/check"
[limiter.quota]
use = "quota"
store = "counters"
[[limiter.quota.limits]]
for = "key:once"
requests_per_minute = 1
[[limiter.quota.budgets]]
for = "key:poor"
amount = 0.000001
[limiter.quota.prices."fine"]
input = 1.00
output = 1.00
[provider.up]
use = "openai"
base_url = "${backend.url}/v1"
[provider.worn]
use = "openai"
base_url = "${backend.url}/v1"
[provider.closed]
use = "openai"
base_url = "http://127.0.0.1:${closed}/v1"
[provider.to_tls]
use = "openai"
base_url = "http://127.0.0.1:${secured}/v1"
[provider.to_plain]
use = "openai"
base_url = "${backend.url.replace('http:', 'https:')}/v1"
[mapper.models]
use = "table"
models = { closed = "closed/m", to-tls = "to_tls/m", to-plain = "to_plain/m", worn = "worn/503", fine = "up/fine", ${['401', '402', '403', '404', '429', '500', '503', 'long', 'silent', 'reset', 'nonsense', 'breaks', 'fails'].map((name) => `"up-${name}" = "up/${name}"`).join(', ')} }
[dialect.openai]
use = "openai"
[observer.console]
use = "console"
[observer.traces]
use = "otlp"
endpoint = "${collector.url}"
interval_ms = 50
`;

let backend, collector, gateway, admin, secured;
before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-causes-')), certificate = makeCertificate(folder, 'upstream');
  rmSync(folder, { recursive: true });
  secured = createServer({ cert: certificate.pem, key: certificate.keyPem }).on('tlsClientError', (_, socket) => socket.destroy()).unref();
  await new Promise((resolve) => secured.listen(0, '127.0.0.1', resolve));
  [backend, collector, admin] = await Promise.all([ScriptedServer.start(upstream), Collector.start(), freePort()]);
  const closed = await freePort();
  gateway = await Gateway.start((port) => configuration(port, admin, backend, collector, closed, secured.address().port));
});
after(() => gateway.stop(backend, collector));

const ask = (model, { key = apiKey, content = 'hi', ...more } = {}) => gateway.post({ model, messages: [{ role: 'user', content }], ...more }, { headers: { authorization: `Bearer ${key}` } });
const twice = async (...asked) => (await (await ask(...asked)).text(), ask(...asked));

/** The kinds of errors that requests ended with, and their numbers. */
async function counted() {
  const text = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
  return Object.fromEntries([...text.matchAll(/^gatehouse_errors_total\{kind="(\w+)",provider="(\w+)"\} (\d+)$/gm)].map(([, kind, provider, count]) => [`${provider} ${kind}`, Number(count)]));
}

/** Waits until all four know the request with this id, and compares them. */
async function compare(id, { status, error, outcome = 'failed', provider = 'none', happened, action = /.{20}/ }, countsBefore) {
  const find = () => gateway.output.split('\n').find((one) => one.includes(` access request request_id=${id} `));
  await eventually(() => Boolean(find()) || gateway.output.slice(-500), 'the access line');
  const line = find();
  assert.match(line, new RegExp(` outcome=${outcome} `), line);
  assert.match(line, error ? new RegExp(` error=${error}( |$)`) : /^(?!.* error=)/, line);
  if (status) assert.match(line, new RegExp(` status=${status} `), line);

  await eventually(() => collector.servers().has(id) || collector.faults.join() || `${collector.requests.length} exports`, 'the span');
  const { attributes } = collector.servers().get(id);
  assert.deepEqual([attributes['gatehouse.outcome'], attributes['gatehouse.error'], attributes['http.response.status_code']], [outcome, error, status]);

  const now = await counted(), risen = Object.keys(now).filter((name) => now[name] !== (countsBefore[name] ?? 0));
  assert.deepEqual(risen, error ? [`${provider} ${error}`] : []);

  const answer = await fetch(`http://127.0.0.1:${admin}/api/v1/console/requests/${id}`), seen = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(seen));
  assert.deepEqual([seen.outcome, seen.error, seen.status || undefined], [outcome, error, status]);
  assert.match(seen.happened, happened);
  assert.match(seen.action, action);
}

const failures = {
  'a wrong key': { ask: () => ask('fine', { key: 'sk-wrong' }), status: 401, error: 'unauthenticated', happened: /sent no valid credential/ },
  'an unknown path': { ask: () => fetch(`${gateway.url}/v1/chat`, { method: 'POST', headers: { authorization: `Bearer ${apiKey}` } }), status: 404, error: 'not_found', happened: /No protocol of the gateway has the path \/v1\/chat\./ },
  'an unknown model': { ask: () => ask('gone'), status: 404, error: 'not_found', happened: /No route has the model name "gone"/ },
  'a model that the key may not use': { ask: () => ask('up-500', { key: keys.narrow }), status: 404, error: 'not_found', happened: /or this client may not use the model/ },
  'a body that is not JSON': { ask: () => gateway.post('{"model": '), status: 400, error: 'bad_request', happened: /sent a request that is not valid/ },
  'a body that is too large': { ask: () => ask('fine', { content: 'x'.repeat(200_000) }), status: 413, error: 'too_large', happened: /larger than the limit/ },
  'a rate limit of the gateway': { ask: () => twice('fine', { key: keys.once }), status: 429, error: 'rate_limited', happened: /A limit of the gateway refused/ },
  'a spent budget': { ask: () => ask('fine', { key: keys.poor }), status: 429, error: 'rate_limited', happened: /A limit of the gateway refused/ },
  'a model without a price for a client with a budget': { ask: () => ask('up-500', { key: keys.poor }), status: 400, error: 'bad_request', happened: /^The limiter refused the request\.$/ },
  'a hook that refuses': { ask: () => ask('fine', { content: 'forbidden words' }), status: 403, error: 'forbidden', happened: /no permission/ },
  'a closed port': { ask: () => ask('closed'), status: 502, error: 'upstream', provider: 'closed', happened: /closed\/m did not respond: the connection failed/ },
  'a connection that the upstream resets': { ask: () => ask('up-reset'), status: 502, error: 'upstream', provider: 'up', happened: /up\/reset closed the connection without a response/, action: /compare the scheme of base_url in \[provider\.up\]/ },
  'http:// to a port with TLS': { ask: () => ask('to-tls'), status: 502, error: 'upstream', provider: 'to_tls', happened: /to_tls\/m closed the connection without a response/, action: /compare the scheme of base_url in \[provider\.to_tls\], https:\/\/ or http:\/\/, with the upstream/ },
  'https:// to a port without TLS': { ask: () => ask('to-plain'), status: 502, error: 'upstream', provider: 'to_plain', happened: /TLS with the upstream of to_plain\/m failed/, action: /Compare the scheme of base_url in \[provider\.to_plain\]/ },
  'an upstream that does not respond in time': { ask: () => ask('up-silent'), status: 504, error: 'timeout', provider: 'up', happened: /up\/silent did not respond within the time limit/ },
  'an upstream that refuses the key': { ask: () => ask('up-401'), status: 502, error: 'upstream', provider: 'up', happened: /refused the credentials of the gateway with status 401/ },
  'an upstream that forbids': { ask: () => ask('up-403'), status: 502, error: 'upstream', provider: 'up', happened: /refused the credentials of the gateway with status 403/ },
  'an upstream without the model': { ask: () => ask('up-404'), status: 404, error: 'not_found', provider: 'up', happened: /up\/404 responded with status 404/ },
  'a limit of the upstream': { ask: () => ask('up-429'), status: 429, error: 'rate_limited', provider: 'up', happened: /up\/429 responded with status 429/ },
  'a used-up quota at the upstream': { ask: () => ask('up-402'), status: 429, error: 'rate_limited', provider: 'up', happened: /up\/402 responded with status 402/, action: /^The quota or the balance at the upstream is used up: / },
  'an upstream that fails': { ask: () => ask('up-500'), status: 502, error: 'upstream', provider: 'up', happened: /up\/500 responded with status 500/ },
  'an upstream that is overloaded': { ask: () => ask('up-503'), status: 503, error: 'unavailable', provider: 'up', happened: /up\/503 responded with status 503/ },
  'a prompt that is too long': { ask: () => ask('up-long'), status: 400, error: 'context_length', provider: 'up', happened: /refused the request as invalid, with status 400/ },
  'a response that is not JSON': { ask: () => ask('up-nonsense'), status: 502, error: 'upstream', provider: 'up', happened: /up\/nonsense sent a response/, action: /^Check the URL in \[provider\.up\]: / },
  'a stream that the upstream ends with an error': { ask: () => ask('up-fails', { stream: true }), status: 200, error: 'upstream', outcome: 'cut', provider: 'up',
    happened: /^The response broke off after it had begun.*ended its response with an error/, action: /^The fault is the upstream's, / },
  'a stream that breaks off': { ask: () => ask('up-breaks', { stream: true }), status: 200, error: 'upstream', outcome: 'cut', provider: 'up', happened: /^The response broke off after it had begun/ },
};

for (const [name, row] of Object.entries(failures))
  test(name, async () => {
    const counts = await counted();
    const answer = await row.ask(), text = await answer.text(), id = answer.headers.get('x-request-id');
    assert.equal(answer.status, row.status, text);
    assert.ok(id, 'the response has the id');
    if (row.status >= 500) assert.ok(text.includes(id), text);
    await compare(id, row, counts);
  });

test('a breaker that is open', async () => {
  for (let i = 0; i < 3; ++i) await (await ask('worn')).text();
  const counts = await counted(), answer = await ask('worn');
  await answer.text();
  await compare(answer.headers.get('x-request-id'), { status: 503, error: 'unavailable', happened: /circuit breakers of all routes of the model "worn"/ }, counts);
});

test('a client that leaves', async () => {
  const counts = await counted(), leave = new AbortController();
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', signal: leave.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }, body: JSON.stringify({ model: 'fine', stream: true, messages: [{ role: 'user', content: 'hi' }] }) });
  await answer.body.getReader().read();
  leave.abort();
  await compare(answer.headers.get('x-request-id'), { status: 200, outcome: 'left', happened: /^The client disconnected after .* in the middle of the response\.$/ }, counts);
});
