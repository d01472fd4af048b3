// SPDX-License-Identifier: Apache-2.0
// OpenCode's `run`, through Chat Completions.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Agent, agents, apiKey, callOf, recipe, startStack } from './support/agent.mjs';

let stack, agent;
before(async () => (stack = await startStack()));
after(() => stack.stop());
beforeEach(() => {
  agent?.remove();
  agent = new Agent({ GATEHOUSE_KEY: apiKey, OPENCODE_DISABLE_AUTOUPDATE: 'true', OPENCODE_DISABLE_MODELS_FETCH: 'true' });
  const shipped = JSON.parse(recipe('opencode.json', stack.url));
  writeFileSync(join(agent.home, 'opencode.json'), JSON.stringify({ ...shipped, permission: 'allow', share: 'disabled' }));
});
after(() => agent?.remove());

const ask = (prompt) => agent.run(join(agents, '.bin', 'opencode'), ['run', prompt]);

test('a plain turn returns the text of the model', async () => {
  const { status, stdout, stderr } = await ask('say the word harbour');
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /harbour/);
});

test('a tool runs, and its result reaches the model', async () => {
  // It quotes a prompt that has blanks.
  const { stdout, stderr } = await ask(callOf('bash', { command: 'echo${IFS}harness-$((40+2))', description: 'prints' }));
  assert.match(stdout, /The tool said: .*harness-42/s, stdout + stderr);
});
