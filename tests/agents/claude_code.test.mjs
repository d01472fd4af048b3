// SPDX-License-Identifier: Apache-2.0
// Claude Code in print mode, through dialect/anthropic.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { join } from 'node:path';

import { Agent, agents, apiKey, callOf, startStack } from './support/agent.mjs';

let stack, agent;
before(async () => (stack = await startStack()));
after(() => stack.stop());
beforeEach(() => {
  agent?.remove();
  agent = new Agent({
    ANTHROPIC_BASE_URL: stack.url, ANTHROPIC_AUTH_TOKEN: apiKey, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1', DISABLE_ERROR_REPORTING: '1', IS_SANDBOX: '1',
  });
});
after(() => agent?.remove());

async function ask(prompt, options = [], environment = {}) {
  const ended = await agent.run(join(agents, '.bin', 'claude'),
    ['-p', prompt, '--model', 'gpt-5', '--output-format', 'json', '--dangerously-skip-permissions', ...options], environment);
  try {
    return { ...JSON.parse(ended.stdout), status: ended.status };
  } catch {
    assert.fail(`Claude Code ended with ${ended.status}: ${ended.stdout}${ended.stderr}`);
  }
}

test('a plain turn returns the text of the model', async () => {
  const said = await ask('say the word harbour');
  assert.equal(said.is_error, false, JSON.stringify(said));
  assert.match(said.result, /harbour/);
  assert.ok(said.usage.input_tokens > 0 && said.usage.output_tokens > 0, JSON.stringify(said.usage));
});

test('a tool runs, and its result reaches the model', async () => {
  const said = await ask(callOf('Bash', { command: 'echo harness-$((40+2))', description: 'echo' }));
  assert.match(said.result, /The tool said: harness-42/);
});

test('parallel tools run, and all their results reach the model', async () => {
  const said = await ask([1, 2].map((n) => callOf('Bash', { command: `echo part-$((${n}*11))`, description: 'echo' })).join(' '));
  assert.match(said.result, /The tools said: part-11 \| part-22/);
});

test('a failed tool is reported to the model', async () => {
  const said = await ask(callOf('Bash', { command: 'echo broken >&2; exit 3', description: 'fail' }));
  assert.match(said.result, /The tool said: .*broken/s);
});

test('a second turn continues the conversation', async () => {
  const first = await ask('remember the word anchor');
  const second = await ask('say the word mooring', ['--resume', first.session_id]);
  assert.match(second.result, /mooring/);
  const { body } = await stack.emulator.last();
  const roles = body.chatRequest.messages.map(({ role }) => role).filter((role) => role !== 'SYSTEM');
  assert.deepEqual(roles.filter((role, i) => role !== roles[i - 1]).slice(-3), ['USER', 'ASSISTANT', 'USER']);
});

test('a sub-agent runs, and its answer reaches the model', async () => {
  const said = await ask(callOf('Agent', { description: 'a small task', prompt: 'say the word lighthouse', subagent_type: 'general-purpose', run_in_background: false }));
  assert.match(said.result, /The tool said: .*lighthouse/s);
});

test('a structured answer has the members of the schema', async () => {
  const schema = { type: 'object', properties: { port: { type: 'string' } }, required: ['port'], additionalProperties: false };
  const said = await ask('fill the form. call the tool StructuredOutput', ['--json-schema', JSON.stringify(schema)]);
  assert.equal(said.is_error, false, JSON.stringify(said));
});

test('an unknown model is reported with its name', async () => {
  const said = await ask('say hi', ['--model', 'nobody-knows']);
  assert.equal(said.is_error, true);
  assert.match(said.result, /nobody-knows/);
});

test('a wrong key is reported as such', async () => {
  const said = await ask('say hi', [], { ANTHROPIC_AUTH_TOKEN: 'sk-wrong' });
  assert.equal(said.is_error, true);
  assert.equal(said.api_error_status, 401, JSON.stringify(said));
});

test('a prompt that is too long is reported as such', async () => {
  const said = await ask('mock:toolong');
  assert.equal(said.is_error, true);
  assert.match(said.result, /prompt is too long/i);
});

test('a stream that breaks is asked for again, and ends in an error if it breaks again', async () => {
  const said = await ask('mock:miderr', [], { CLAUDE_CODE_MAX_RETRIES: '1', API_TIMEOUT_MS: '60000' });
  assert.equal(said.is_error, true, JSON.stringify(said));
  await stack.answersNext();
});

test('a 429 of the upstream does not reach the user if the next attempt succeeds', async () => {
  const said = await ask('mock:flaky:2:429 say the word buoy');
  assert.equal(said.is_error, false, JSON.stringify(said));
  assert.match(said.result, /buoy/);
});
