// SPDX-License-Identifier: Apache-2.0
// The service's own list of models: how clients see it, also if the
// service stops sending a list.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from './support/process.mjs';
import { Stack, freePort } from './support/stack.mjs';

const routes = { 'gpt-5': 'oci/openai.gpt-4.1', 'oci/*': 'oci/*' };
const provider = { models: 'discover' };

const list = async (stack) => (await stack.client().models.list()).data;
const names = async (stack) => (await list(stack)).map((model) => model.id);
const comes = (stack, name) => eventually(async () => (await names(stack)).includes(name), `${name} is listed`);

test('patterns list the service\'s models with their properties', async () => {
  const stack = await Stack.start({ routes, provider });
  try {
    await comes(stack, 'oci/cohere.command-a-03-2025');
    const models = await list(stack);
    const ids = models.map((model) => model.id);
    assert.equal(new Set(ids).size, ids.length, 'each once');
    assert.ok(ids.includes('gpt-5') && ids.includes('oci/xai.grok-4') && ids.includes('oci/cohere.embed-v4.0'));
    assert.ok(!ids.some((id) => id.includes('command-r-16k')), 'no retired ones');
    const command = models.find((model) => model.id === 'oci/cohere.command-a-03-2025');
    assert.equal(command.object, 'model');
    assert.equal(command.owned_by, 'cohere');
    assert.ok(command.created > 1_600_000_000);
    assert.equal(command.context_window, 256_000);
    assert.equal(models.find((model) => model.id === 'gpt-5').owned_by, 'openai');
    assert.equal((await stack.client().models.retrieve('oci/xai.grok-4')).id, 'oci/xai.grok-4');
    const answer = await stack.client().chat.completions.create({ model: 'oci/xai.grok-4', messages: [{ role: 'user', content: 'hi' }] });
    assert.equal(answer.choices[0].message.content, 'You said: hi');
  } finally {
    await stack.stop();
  }
});

test('the last list stays in use while the service fails, and is replaced after it recovers', async () => {
  const stack = await Stack.start({ routes, provider, upstream: { models_refresh_s: 1 } });
  try {
    await comes(stack, 'oci/xai.grok-4');
    const before = (await names(stack)).length;
    await stack.emulator.program.stop();
    await eventually(() => stack.gateway.output.includes('keeping the last list'), 'a refresh fails');
    assert.equal((await names(stack)).length, before);
  } finally {
    await stack.stop();
  }
});

test('an unreachable service does not delay the start or the static names', async () => {
  const stack = await Stack.start();
  try {
    await stack.gateway.stop();
    await stack.startGateway({ routes, provider, endpoint: `http://127.0.0.1:${await freePort()}` });
    assert.deepEqual(await names(stack), ['gpt-5']);
    await eventually(() => stack.gateway.output.includes('listing models failed'), 'the log says so');
  } finally {
    await stack.stop();
  }
});
