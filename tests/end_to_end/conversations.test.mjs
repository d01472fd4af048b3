// SPDX-License-Identifier: Apache-2.0
// The Conversations API on each store, for the official client and the Agents SDK: two gateways that share
// a Redis are one service for a conversation, and no turn is lost.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Agent, OpenAIConversationsSession, OpenAIResponsesModel, Runner, setTracingDisabled, tool } from '@openai/agents';
import { z } from 'zod';

import { Gateway, apiKey } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { Redis, redisMissing } from './support/redis.mjs';

setTracingDisabled(true);
const otherKey = 'sk-other-1c4e';
const user = (content) => ({ type: 'message', role: 'user', content });
const textsOf = (items) => items.map(({ type, role, content }) => (type === 'message' ? `${role}: ${content[0].text}` : type));
const notFound = { status: 404, message: /^404 Conversation with id 'conv_\w+' not found\.$/ };

const configuration = (backend, store) => (port, folder) => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }, { name = "other", key = "${otherKey}" }]
[store.shared]
${store(folder)}
[hook.mask]
use = "redact"
patterns = ["email"]
[provider.local]
use = "openai"
base_url = "${backend.url}/v1"
[mapper.models]
use = "table"
unknown = "local/*"
[dialect.openai]
use = "openai"
`;

for (const name of ['memory', 'sqlite', 'redis'])
  describe(`conversations in ${name}`, { skip: name === 'redis' && redisMissing }, () => {
    let redis, backend, gateways, clients;
    before(async () => {
      if (name === 'redis') redis = await Redis.start();
      backend = await OpenAiServer.start({ models: ['m'] });
      const store = { memory: () => 'use = "memory"', sqlite: (folder) => `use = "sqlite"\npath = "${folder}/store.db"`,
        redis: () => `use = "redis"\nport = ${redis.port}` }[name];
      gateways = [await Gateway.start(configuration(backend, store))];
      if (redis) gateways.push(await Gateway.start(configuration(backend, store)));
      clients = gateways.map((gateway) => gateway.client());
    });
    after(async () => {
      for (const gateway of gateways ?? []) await gateway.stop();
      await backend?.stop();
      await redis?.stop();
    });
    const all = async (client, id) => textsOf((await client.conversations.items.list(id, { order: 'asc', limit: 100 })).data);

    test('a conversation and its items, by the official client', async () => {
      const client = clients[0], last = clients.at(-1);
      const made = await client.conversations.create({ items: [user('hello')], metadata: { topic: 'tests' } });
      assert.deepEqual([made.object, made.metadata], ['conversation', { topic: 'tests' }]);
      assert.deepEqual(await last.conversations.retrieve(made.id), made);
      const changed = await last.conversations.update(made.id, { metadata: { topic: 'more' } });
      assert.deepEqual(changed, { ...made, metadata: { topic: 'more' } });
      const added = await client.conversations.items.create(made.id, { items: Array.from({ length: 20 }, (_, i) => user(`item ${i}`)) });
      assert.deepEqual([added.object, added.data.length, added.last_id], ['list', 20, added.data[19].id]);
      const paged = [];
      for await (const item of last.conversations.items.list(made.id, { order: 'asc', limit: 6 })) paged.push(item);
      assert.deepEqual(textsOf(paged), ['user: hello', ...added.data.map(({ content }) => `user: ${content[0].text}`)]);
      const item = await last.conversations.items.retrieve(paged[0].id, { conversation_id: made.id });
      assert.deepEqual(item, paged[0]);
      assert.equal((await client.conversations.items.delete(item.id, { conversation_id: made.id })).id, made.id);
      await assert.rejects(last.conversations.items.retrieve(item.id, { conversation_id: made.id }), { status: 404 });
      const deleted = await last.conversations.delete(made.id);
      assert.deepEqual(deleted, { id: made.id, object: 'conversation.deleted', deleted: true });
      await assert.rejects(client.conversations.retrieve(made.id), notFound);
      await assert.rejects(client.responses.create({ model: 'm', input: 'x', conversation: made.id }), notFound);
    });

    test('responses continue a conversation at any gateway', async () => {
      const { id } = await clients[0].conversations.create();
      const first = await clients[0].responses.create({ model: 'm', input: 'hello', conversation: id });
      assert.deepEqual([first.output_text, first.conversation], ['You said: hello', { id }]);
      let final;
      for await (const event of await clients.at(-1).responses.create({ model: 'm', input: 'again', conversation: { id }, stream: true }))
        if (event.type === 'response.completed') final = event.response;
      assert.deepEqual(final.conversation, { id });
      // The items are there as soon as the client has the last event.
      assert.deepEqual(await all(clients[0], id), ['user: hello', 'assistant: You said: hello', 'user: again', 'assistant: You said: again']);
      assert.deepEqual(backend.requests.at(-1).body.messages.map(({ role }) => role), ['user', 'assistant', 'user']);
      assert.equal(backend.requests.at(-1).body.conversation, undefined);
      const { data: [, said] } = await clients[0].conversations.items.list(id, { order: 'asc' });
      await clients[0].responses.create({ model: 'm', store: false, input: [{ type: 'item_reference', id: said.id }, user('and this?')] });
      assert.deepEqual(backend.requests.at(-1).body.messages.map(({ role }) => role), ['assistant', 'user']);
      await assert.rejects(clients[0].responses.create({ model: 'm', input: 'x', conversation: id, previous_response_id: first.id }),
        { status: 400, code: 'mutually_exclusive_parameters', param: 'previous_response_id' });
    });

    test('turns and items at the same time are all kept', async () => {
      const { id } = await clients[0].conversations.create({ metadata: { made: 'by 24' } });
      await Promise.all(Array.from({ length: 24 }, (_, i) => {
        const client = clients[i % clients.length];
        return i % 3 ? client.responses.create({ model: 'm', input: `turn ${i}`, conversation: id, stream: i % 2 === 0 }).then(async (response) => {
          if (i % 2 === 0) for await (const event of response) assert.ok(event.type);
        }) : client.conversations.items.create(id, { items: [user(`item ${i}`)] });
      }));
      const texts = await all(clients[0], id);
      assert.equal(texts.length, 8 + 2 * 16);
      for (let i = 0; i < 24; ++i) {
        const at = texts.indexOf(`user: ${i % 3 ? 'turn' : 'item'} ${i}`);
        assert.ok(at >= 0, `${i} is missing`);
        if (i % 3) assert.equal(texts[at + 1], `assistant: You said: turn ${i}`);
      }
      assert.deepEqual((await clients.at(-1).conversations.retrieve(id)).metadata, { made: 'by 24' });
    });

    test('no other client finds a conversation', async () => {
      const { id } = await clients[0].conversations.create({ items: [user('mine')] });
      const other = gateways[0].client({ apiKey: otherKey });
      for (const attempt of [() => other.conversations.retrieve(id), () => other.conversations.update(id, { metadata: {} }),
        () => other.conversations.delete(id), () => other.conversations.items.list(id), () => other.conversations.items.create(id, { items: [user('x')] }),
        () => other.responses.create({ model: 'm', input: 'x', conversation: id })])
        await assert.rejects(attempt, notFound);
      assert.deepEqual(await all(clients[0], id), ['user: mine']);
    });

    test('the store has what the hooks have left of a turn', async () => {
      const { id } = await clients[0].conversations.create();
      await clients[0].responses.create({ model: 'm', input: 'write to ann@example.com', conversation: id });
      const texts = await all(clients[0], id);
      assert.match(texts[0], /^user: write to /);
      assert.doesNotMatch(texts[0], /ann@example/);
    });

    test('a session of the Agents SDK', async () => {
      const session = new OpenAIConversationsSession({ client: clients[0] });
      const agent = new Agent({ name: 'tests', instructions: 'Terse.', model: new OpenAIResponsesModel(clients.at(-1), 'm'),
        tools: [tool({ name: 'get_weather', description: 'Weather of a city', parameters: z.object({ city: z.string() }), execute: async () => 'sunny' })] });
      const runner = new Runner();
      assert.equal((await runner.run(agent, 'please call the tool', { session })).finalOutput, 'The tool said: sunny');
      assert.equal((await runner.run(agent, 'thanks', { session })).finalOutput, 'You said: thanks');
      const roles = backend.requests.at(-1).body.messages.map(({ role }) => role);
      assert.deepEqual(roles, ['system', 'user', 'assistant', 'tool', 'assistant', 'user']);
      const items = await session.getItems();
      assert.equal(items.length, 6);
      assert.equal((await session.popItem()).role, 'assistant');
      assert.equal((await session.getItems()).length, 5);
      const id = await session.getSessionId();
      // The same, if the gateway adds the items.
      assert.equal((await runner.run(agent, 'bye', { conversationId: id })).finalOutput, 'You said: bye');
      assert.equal((await session.getItems()).length, 7);
      await session.clearSession();
      await assert.rejects(clients[0].conversations.retrieve(id), notFound);
    });
  });
