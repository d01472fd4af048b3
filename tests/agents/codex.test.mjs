// SPDX-License-Identifier: Apache-2.0
// Codex in exec mode, through the Responses API of dialect/openai.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Agent, agents, apiKey, callOf, startStack } from './support/agent.mjs';

// Codex chooses the shape of its request by the name of the model.
const names = { functions: 'gpt-5', custom: 'gpt-5.5', namespaces: 'gpt-6-astra' };

let stack, agent;
before(async () => {
  const routes = Object.fromEntries(Object.values(names).map((name) => [name, 'oci/openai.gpt-4.1']));
  stack = await startStack({ routes });
});
after(() => stack.stop());
beforeEach(() => {
  agent?.remove();
  agent = new Agent({ GATEHOUSE_KEY: apiKey });
  mkdirSync(join(agent.home, '.codex'));
  writeFileSync(join(agent.home, '.codex', 'config.toml'), `
model_provider = "gatehouse"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.gatehouse]
name = "gatehouse"
base_url = "${stack.url}/v1"
env_key = "GATEHOUSE_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
`);
});
after(() => agent?.remove());

/** The events that Codex printed, `said`: the text of its messages, `failed`: its error, if any. */
async function ask(prompt, { model = names.functions, options = [], environment = {}, resume = [] } = {}) {
  const ended = await agent.run(join(agents, '.bin', 'codex'),
    ['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '-m', model, ...options, ...resume, prompt], environment);
  const events = ended.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const items = events.filter(({ type }) => type === 'item.completed').map(({ item }) => item);
  return {
    ...ended, events, items,
    said: items.filter(({ type }) => type === 'agent_message').map(({ text }) => text).join('\n'),
    failed: events.find(({ type }) => type === 'turn.failed')?.error.message,
    usage: events.find(({ type }) => type === 'turn.completed')?.usage,
  };
}

for (const [shape, model] of Object.entries(names)) {
  test(`a plain turn returns the text of the model (${shape})`, async () => {
    const turn = await ask('say the word harbour', { model });
    assert.equal(turn.status, 0, turn.stdout + turn.stderr);
    assert.match(turn.said, /harbour/);
    assert.ok(turn.usage.input_tokens > 0 && turn.usage.output_tokens > 0, JSON.stringify(turn.usage));
  });
}

test('a tool runs, and its result reaches the model', async () => {
  const turn = await ask(callOf('exec_command', { cmd: 'echo harness-$((40+2))' }));
  assert.match(turn.said, /The tool said: .*harness-42/s, turn.stdout + turn.stderr);
});

test('parallel tools run, and all their results reach the model', async () => {
  const turn = await ask([1, 2].map((n) => callOf('exec_command', { cmd: `echo part-$((${n}*11))` })).join(' '));
  assert.match(turn.said, /The tools said: .*part-11.*\|.*part-22/s, turn.stdout + turn.stderr);
});

test('a second turn continues the conversation', async () => {
  const first = await ask('remember the word anchor');
  const { thread_id: thread } = first.events.find(({ type }) => type === 'thread.started');
  const second = await ask('say the word mooring', { resume: ['resume', thread] });
  assert.match(second.said, /mooring/, second.stdout + second.stderr);
  const { body } = await stack.emulator.last();
  assert.ok(JSON.stringify(body).includes('remember the word anchor'));
});

test('an unknown model is reported with its name', async () => {
  const turn = await ask('say hi', { model: 'nobody-knows' });
  assert.match(turn.failed ?? '', /nobody-knows/, turn.stdout + turn.stderr);
});

test('a wrong key is reported as such', async () => {
  const turn = await ask('say hi', { environment: { GATEHOUSE_KEY: 'sk-wrong' } });
  assert.match(turn.failed ?? '', /401/, turn.stdout + turn.stderr);
});

test('a prompt that is too long is reported as such', async () => {
  const turn = await ask('mock:toolong');
  assert.match(turn.failed ?? '', /context window/i, turn.stdout + turn.stderr);
});

test('a stream that breaks ends in an error', async () => {
  const turn = await ask('mock:miderr');
  assert.ok(turn.failed, turn.stdout + turn.stderr);
  await stack.answersNext?.call(stack);
});

test('a 429 of the upstream does not reach the user if the next attempt succeeds', async () => {
  const turn = await ask('mock:flaky:2:429 say the word buoy');
  assert.match(turn.said, /buoy/, turn.stdout + turn.stderr);
});
