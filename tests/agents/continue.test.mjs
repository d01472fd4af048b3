// SPDX-License-Identifier: Apache-2.0
// Continue's command line.  It sends a model that is called like one of OpenAI's to the Responses API,
// and any other model to Chat Completions.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Agent, agents, apiKey, callOf, recipe, startStack } from './support/agent.mjs';

const names = ['gpt-5', 'fast'];

let stack, agent;
before(async () => (stack = await startStack({ routes: Object.fromEntries(names.map((name) => [name, 'oci/openai.gpt-4.1'])) })));
after(() => stack.stop());
beforeEach(() => {
  agent?.remove();
  agent = new Agent({ CONTINUE_TELEMETRY_ENABLED: '0' });
});
after(() => agent?.remove());

function ask(prompt, model) {
  const shipped = recipe('continue.yaml', stack.url).replace('model: gpt-5', `model: ${model}`);
  writeFileSync(join(agent.home, 'config.yaml'), shipped.replace('${{ secrets.GATEHOUSE_KEY }}', apiKey));
  return agent.run(join(agents, '.bin', 'cn'), ['--config', join(agent.home, 'config.yaml'), '--auto', '-p', prompt]);
}

for (const model of names) {
  test(`a plain turn returns the text of the model (${model})`, async () => {
    const { status, stdout, stderr } = await ask('say the word harbour', model);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /harbour/);
  });

  test(`a tool runs, and its result reaches the model (${model})`, async () => {
    const { stdout, stderr } = await ask(callOf('Bash', { command: 'echo harness-$((40+2))' }), model);
    assert.match(stdout, /The tool said: .*harness-42/s, stdout + stderr);
  });
}
