// SPDX-License-Identifier: Apache-2.0
// Qwen Code without a terminal, through Chat Completions.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Agent, agents, apiKey, callOf, recipe, startStack } from './support/agent.mjs';

let stack, agent;
before(async () => (stack = await startStack()));
after(() => stack.stop());
beforeEach(() => {
  agent?.remove();
  const shipped = recipe('qwen_code.env', stack.url).split('\n').filter(Boolean).map((line) => line.split('='));
  agent = new Agent({ ...Object.fromEntries(shipped), OPENAI_API_KEY: apiKey });
});
after(() => agent?.remove());

const ask = (prompt) => agent.run(join(agents, '.bin', 'qwen'), ['--auth-type', 'openai', '--yolo', '-p', prompt]);

test('a plain turn returns the text of the model', async () => {
  const { status, stdout, stderr } = await ask('say the word harbour');
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /harbour/);
});

test('a tool runs, and its result reaches the model', async () => {
  const { stdout, stderr } = await ask(callOf('run_shell_command', { command: 'echo harness-$((40+2))', is_background: false }));
  assert.match(stdout, /The tool said: .*harness-42/s, stdout + stderr);
});
