// SPDX-License-Identifier: Apache-2.0
// OpenClaw in its three modes: Chat Completions, Responses and Messages.  The emulated model repeats the
// last message, which OpenClaw writes itself.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Agent, agents, apiKey, callOf, startStack } from './support/agent.mjs';

const modes = { 'openai-completions': '/v1', 'openai-responses': '/v1', 'anthropic-messages': '' };

let stack;
before(async () => (stack = await startStack()));
after(() => stack.stop());

for (const [api, path] of Object.entries(modes)) describe(api, () => {
  let agent, config;
  before(() => install(apiKey));
  after(() => agent.remove());

  function install(key) {
    // OpenClaw needs a newer Node than Debian has.
    agent = new Agent({ PATH: `${join(agents, 'node', 'bin')}:${process.env.PATH}` });
    config = join(agent.home, 'config.json');
    const model = (id) => ({ id, name: id, reasoning: false, input: ['text'], cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 200000, maxTokens: 8192 });
    const provider = { baseUrl: stack.url + path, apiKey: key, api, models: [model('gpt-5'), model('nobody-knows')] };
    writeFileSync(config, JSON.stringify({ models: { mode: 'merge', providers: { gatehouse: provider } },
      agents: { defaults: { model: { primary: 'gatehouse/gpt-5' } } } }));
  }

  async function ask(prompt, model = 'gpt-5', options = []) {
    const ended = await agent.run(join(agents, '.bin', 'openclaw'),
      ['agent', 'exec', '--config', config, '--json', '--code-mode', 'direct', '--cwd', agent.home, '--model', `gatehouse/${model}`, ...options, prompt]);
    return { ...ended, output: ended.stdout + ended.stderr };
  }

  test('a plain turn returns the text of the model', async () => {
    const turn = await ask('say the word harbour');
    assert.equal(turn.status, 0, turn.output);
    assert.match(turn.stdout, /"final": "You said: /);
  });

  test('a tool runs, and its result reaches the model', async () => {
    const turn = await ask(callOf('exec', { command: 'echo harness-$((40+2))' }));
    assert.match(turn.stdout, /The tool said: harness-42/, turn.output);
  });

  test('parallel tools run, and all their results reach the model', async () => {
    const turn = await ask([1, 2].map((n) => callOf('exec', { command: `echo part-$((${n}*11))` })).join(' '));
    assert.match(turn.stdout, /The tools said: part-11 \| part-22/, turn.output);
  });

  test('an unknown model is reported', async () => {
    const turn = await ask('say hi', 'nobody-knows');
    assert.notEqual(turn.status, 0, turn.output);
    assert.match(turn.output, /nobody-knows/);
  });

  test('a 429 of the upstream does not reach the user if the next attempt succeeds', async () => {
    const turn = await ask('mock:flaky:2:429 say the word buoy');
    assert.match(turn.stdout, /"final": "You said: /, turn.output);
  });

  test('a wrong key is reported', async () => {
    // OpenClaw remembers for a minute that a key has failed.
    agent.remove();
    install('sk-wrong');
    const turn = await ask('say hi');
    assert.notEqual(turn.status, 0, turn.output);
    assert.match(turn.output, /401|key/i);
  });
});
