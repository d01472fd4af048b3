// SPDX-License-Identifier: Apache-2.0
// Two gateways that share one Redis: each continues conversations of the other and answers from
// the other's cache; without Redis, new requests are served.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { Redis, redisMissing } from './support/redis.mjs';

describe('gateways that share a Redis', { skip: redisMissing }, () => {
  let redis, backend, gateways;
  const configuration = (port) => (own) => `
[server]
listen = "127.0.0.1:${own}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[store.shared]
use = "redis"
port = ${port}
[hook.cache]
use = "exact_cache"
store = "shared"
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
`;
  before(async () => {
    redis = await Redis.start();
    backend = await OpenAiServer.start({ models: ['m'] });
    gateways = [await Gateway.start(configuration(redis.port)), await Gateway.start(configuration(redis.port))];
  });
  after(async () => {
    await gateways?.[0].stop();
    await gateways?.[1].stop(backend);
    await redis?.stop();
  });

  test('a conversation goes on at the other gateway', async () => {
    const [first, second] = gateways.map((gateway) => gateway.client());
    const turn = await first.responses.create({ model: 'm', input: 'hello' });
    const next = await second.responses.create({ model: 'm', input: 'thanks', previous_response_id: turn.id });
    assert.equal(next.previous_response_id, turn.id);
    const sent = backend.requests.at(-1).body.messages.map(({ role }) => role);
    assert.deepEqual(sent, ['user', 'assistant', 'user']);
    await first.responses.delete(next.id);
    await assert.rejects(second.responses.retrieve(next.id), { status: 404 });
  });

  test('an answer is kept for the other gateway', async () => {
    const chat = { model: 'm', temperature: 0, messages: [{ role: 'user', content: 'cache me' }] };
    const first = await gateways[0].post(chat);
    assert.equal(first.headers.get('x-gatehouse-cache'), 'miss');
    const { choices: [made] } = await first.json();
    const asked = backend.requests.length;
    const second = await gateways[1].post(chat);
    assert.equal(second.headers.get('x-gatehouse-cache'), 'hit');
    assert.deepEqual((await second.json()).choices[0].message, made.message);
    const stream = await gateways[1].post({ ...chat, stream: true });
    assert.equal(stream.headers.get('x-gatehouse-cache'), 'hit');
    assert.match(await stream.text(), /data: \[DONE\]/);
    assert.equal(backend.requests.length, asked);
  });

  test('without Redis new requests are served, and stored conversations get 503', async () => {
    await redis.kill();
    const client = gateways[0].client();
    const fresh = await client.responses.create({ model: 'm', input: 'hello' });
    assert.equal(fresh.status, 'completed');
    await assert.rejects(client.responses.create({ model: 'm', input: 'x', previous_response_id: fresh.id }), { status: 503 });
    const chat = await gateways[0].post({ model: 'm', temperature: 0, messages: [{ role: 'user', content: 'cache me' }] });
    assert.equal(chat.status, 200);
  });
});
