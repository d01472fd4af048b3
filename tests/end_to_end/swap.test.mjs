// SPDX-License-Identifier: Apache-2.0
// The uses of an `openai` client, against every backend, swapped by its tables in
// the TOML alone.  support/capabilities.mjs lists the features that a backend lacks: each
// must be rejected clearly, or left out with a line in the log, and plugins/README.md
// must say so.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import OpenAI from 'openai';

import { startBackend } from './support/backends.mjs';
import { capabilities, columns, documentedTable, ignored, none, yes } from './support/capabilities.mjs';
import { chat, echoed, features, say, tools } from './support/features.mjs';
import { eventually, required } from './support/process.mjs';

/** Whether `error` says what cannot be done, and by whom, and names the field. */
function assertRefusal(error, param, name, feature) {
  assert.ok(error instanceof OpenAI.BadRequestError, `${error}`);
  assert.deepEqual([error.status, error.type, error.code], [400, 'invalid_request_error', 'unsupported']);
  assert.ok(error.param === param || error.param?.startsWith(`${param}[`), `param ${error.param}`);
  assert.match(error.message, new RegExp(`\\b${name}\\b|this model`, 'i'), 'the message says who cannot');
  const part = { Images: 'image', Files: 'file', 'Audio input': 'input_audio' }[feature];
  assert.match(error.message.replaceAll('_', ' '), new RegExp((part ?? param).replaceAll('_', ' ')), 'the message names the field');
}

// Behavior of the gateway itself, the same for every backend.
const gatewayBehavior = {
  async 'a wrong key is 401, an unknown model 404, a wrong field 400'({ gateway, client, ask }) {
    const fails = (promise) => promise.then(() => assert.fail('it was answered'), (error) => error);
    const key = await fails(gateway.client({ apiKey: 'sk-wrong' }).chat.completions.create(say('x')));
    assert.ok(key instanceof OpenAI.AuthenticationError);
    assert.equal(key.code, 'invalid_api_key');
    const model = await fails(ask({ ...say('x'), model: 'no-such-model' }));
    assert.ok(model instanceof OpenAI.NotFoundError);
    assert.deepEqual([model.code, model.param], ['model_not_found', 'model']);
    const field = await fails(ask(say('x', { temperature: 'hot' })));
    assert.ok(field instanceof OpenAI.BadRequestError);
    assert.equal(field.param, 'temperature');
    assert.ok((await client.models.list()).data.some(({ id }) => id === 'chat'));
    assert.equal((await client.models.retrieve('chat')).object, 'model');
    assert.equal((await fails(client.models.retrieve('nothing'))).code, 'model_not_found');
  },

  async 'tools that must not be called are no reason to refuse'({ ask }) {
    const { choices: [choice] } = await ask(say('call the tool', { tools, tool_choice: 'none' }));
    assert.deepEqual([choice.text, choice.calls, choice.finish], ['You said: call the tool', [], 'stop']);
  },

  async 'whole characters, wherever the bytes of an answer are cut'(backend) {
    for (const size of [1, 2, 3, 5]) {
      const text = `mock:split:${size} Grüße, 世界 👋🏽 e\u0301 \u{1F468}\u200D\u{1F469}\u200D\u{1F467} "\\" ende`;
      await echoed(backend, say(text), `You said: ${text}`);
    }
  },

  async 'a message of a megabyte, there and back'(backend) {
    const text = 'ä'.repeat(512 * 1024);
    await echoed(backend, say(text), `You said: ${text}`);
  },
};

// The same, with concurrent streaming and non-streaming requests.
const crowds = {
  async 'forty at once do not mix'({ client }) {
    await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const text = Array.from({ length: 8 }, (_, word) => `c${i}w${word}`).join(' ');
      const { choices } = await chat(client, say(text), i % 2 === 0);
      assert.equal(choices[0].text, `You said: ${text}`);
    }));
  },

  async 'a client that leaves in the middle ends everything at once'({ gateway, client, service }) {
    const left = await service.left?.();
    const gone = await gateway.metric('gatehouse_client_disconnects_total');
    const long = `mock:drip:50 mock:long:1000 ${'word '.repeat(1000)}`;
    const stream = await client.chat.completions.create(say(long, { stream: true }));
    let pieces = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++pieces > 2) break;
    await eventually(async () => (await gateway.metric('gatehouse_client_disconnects_total')) === gone + 1, 'the client has gone');
    await eventually(async () => (await gateway.metric('gatehouse_requests_running')) <= 1, 'nothing runs but this question');
    if (service.left) await eventually(async () => (await service.left()) === left + 1, 'the call upstream is cut');
  },
};

for (const [column, name] of columns.entries())
  test(name, async (t) => {
    const { gateway, service, upstreamKey } = await startBackend(name);
    t.after(() => gateway.stop(service));
    const client = gateway.client();

    const backendFor = (how, cell = yes) => {
      const since = gateway.output.length;
      return {
        gateway, service, client, how, cell, upstreamKey,
        ask: (request) => chat(client, request, how === 'streamed'),
        /** The request upstream has all `patterns`, or none of them and the log says that `fields` were left out. */
        async arrived(fields, ...patterns) {
          const sent = JSON.stringify((await service.last?.()) ?? null);
          for (const pattern of patterns) {
            if (cell === ignored) assert.doesNotMatch(sent, pattern);
            else if (service.last) assert.match(sent, pattern);
          }
          if (cell !== ignored) return;
          for (const field of Object.keys(fields))
            await eventually(() => gateway.output.slice(since).split('\n').some(
              (line) => /request fields dropped|left out of the request/.test(line) && (line.includes(field) || line.includes('unknown fields'))) || gateway.output.slice(since),
            5000, `the log says that ${field} was left out`);
        },
      };
    };

    for (const [feature, row] of Object.entries(capabilities))
      for (const how of ['whole', 'streamed']) {
        const cell = row[column];
        if (cell === none) continue;
        await t.test(`${feature}, ${how}: ${cell.text}`, async () => {
          const run = features[feature](backendFor(how, cell));
          if (!cell.param) return run;
          const error = await run.then(() => assert.fail('it was answered, not refused'), (failure) => failure);
          assertRefusal(error, cell.param, name, feature);
        });
      }

    for (const [behavior, run] of Object.entries(gatewayBehavior))
      for (const how of ['whole', 'streamed']) await t.test(`${behavior}, ${how}`, () => run(backendFor(how)));

    for (const [crowd, run] of Object.entries(crowds)) await t.test(crowd, () => run(backendFor('whole')));

    await t.test('the log has neither keys nor prompts', () => {
      for (const secret of [upstreamKey, 'sk-test', 'Grüße', 'More terse']) assert.ok(!gateway.output.includes(secret), secret);
    });
  });

test('plugins/README.md has the same table', () => {
  const readme = readFileSync(join(required('SOURCE'), 'plugins', 'README.md'), 'utf8');
  const [head, ...rows] = documentedTable(readme, 'Capabilities of backends');
  assert.deepEqual(head?.slice(1), columns);
  assert.deepEqual(rows, Object.entries(capabilities).map(([feature, row]) => [feature, ...row.map(({ text }) => text)]));
  assert.deepEqual(Object.keys(features), Object.keys(capabilities), 'every row has its test');
});
