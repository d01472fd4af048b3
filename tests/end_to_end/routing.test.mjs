// SPDX-License-Identifier: Apache-2.0
// Rules of mapper/table between real backends: a conversation stays on its upstream,
// moves when that fails, and stays there; large requests and clients have routes of their own; the
// price of a provider or of its model chooses the route.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';

const configuration = (one, two) => (port) => `
[server]
listen = "127.0.0.1:${port}"
[upstream]
breaker_failures = 0
[authenticator.team]
use = "api_key"
keys = [
  { name = "tests", key = "${apiKey}", models = ["chat", "priced"] },
  { name = "batch", key = "sk-batch-000000000000", attributes = { tier = "gold" } },
]
[provider.one]
use = "openai"
base_url = "${one.url}/v1"
price = { input = 3.00, output = 3.00 }
[provider.two]
use = "openai"
base_url = "${two.url}/v1"
per_model = { "m*" = { price = { input = 1.00, output = 9.00 } } }
[mapper.models]
use = "table"
[mapper.models.models]
"chat" = "one/m"
"priced" = ["one/m", "two/m"]
[[mapper.models.rules]]
models = ["priced"]
prefer = "cheapest"
[[mapper.models.rules]]
when = { attribute = { tier = "gold" } }
routes = [{ to = "two/gold" }]
[[mapper.models.rules]]
when = { larger_than = 1000 }
routes = [{ to = "two/large" }]
[[mapper.models.rules]]
models = ["chat"]
routes = [{ to = "one/m", weight = 1 }, { to = "two/m", weight = 1 }]
sticky = true
[dialect.openai]
use = "openai"
`;

/** Fails if it is told so. */
class Backend extends OpenAiServer {
  answer(request, text, response) {
    if (!this.down || !request.url.endsWith('/chat/completions')) return super.answer(request, text, response);
    this.error(response, 503, 'overloaded');
  }
}

let one, two, gateway;
before(async () => {
  one = await Backend.start({ models: ['m'] });
  two = await Backend.start({ models: ['m', 'large', 'gold'] });
  gateway = await Gateway.start(configuration(one, two));
});
beforeEach(() => {
  for (const backend of [one, two]) {
    backend.reset();
    backend.down = false;
  }
});
after(() => gateway?.stop(one, two));

async function route(more = {}, options = {}) {
  const answer = await gateway.post({ model: 'chat', messages: [{ role: 'user', content: 'hi' }], ...more }, options);
  assert.equal(answer.status, 200, await answer.text());
  return answer.headers.get('x-gatehouse-route');
}

test('a conversation stays on its upstream, moves when that fails, and stays there', async () => {
  const homes = new Map();
  for (let i = 0; i < 40; ++i) homes.set(`s${i}`, await route({ prompt_cache_key: `s${i}` }));
  assert.ok(new Set(homes.values()).size === 2, 'both upstreams have conversations');
  for (const [key, home] of homes) assert.equal(await route({ prompt_cache_key: key }), home);
  const [key] = [...homes].find(([, home]) => home === 'one/m');
  one.down = true;
  assert.equal(await route({ prompt_cache_key: key }), 'two/m');
  one.down = false;
  one.reset();
  for (let turn = 0; turn < 3; ++turn) assert.equal(await route({ prompt_cache_key: key, stream: turn === 1 }), 'two/m');
  assert.equal(one.requests.length, 0);
});

test('a header or the user names a conversation as well', async () => {
  const home = await route({ prompt_cache_key: 'mine' });
  assert.equal(await route({}, { headers: { 'x-session-id': 'mine' } }), home);
  assert.equal(await route({ user: 'mine' }), home);
});

test('a large request and a client with an attribute have routes of their own', async () => {
  assert.equal(await route({ messages: [{ role: 'user', content: 'word '.repeat(1_000) }] }), 'two/large');
  assert.equal(await route({}, { headers: { authorization: 'Bearer sk-batch-000000000000' } }), 'two/gold');
});

test('the price for the size of the request chooses the route, and the other one serves if it fails', async () => {
  const large = { messages: [{ role: 'user', content: 'x'.repeat(40_000) }] };
  assert.equal(await route({ model: 'priced' }), 'one/m', '1,024 tokens of output cost most');
  assert.equal(await route({ model: 'priced', ...large }), 'two/m', '10,000 tokens of input cost most');
  const small = { messages: [{ role: 'user', content: 'x'.repeat(400) }] };
  assert.equal(await route({ model: 'priced', ...small }), 'one/m');
  assert.equal(await route({ model: 'priced', ...small, max_tokens: 1 }), 'two/m', 'the limit makes the output cheap');
  two.down = true;
  assert.equal(await route({ model: 'priced', ...large }), 'one/m');
  assert.ok(!gateway.output.includes('route without a price'));
});
