// SPDX-License-Identifier: Apache-2.0
// The features that every protocol has, a function for each row of the table "Capabilities by protocol" of
// plugins/README.md.  It fails if a backend does not do it.  A backend is { protocol, provider, ask, last }:
// `ask` is the function of protocols.mjs, `last` is the last request upstream.
import assert from 'node:assert/strict';

import { no, refused, yes } from './capabilities.mjs';

const parameters = (name) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name], additionalProperties: false });
const tools = [{ name: 'get_weather', parameters: parameters('city') }, { name: 'get_time', parameters: parameters('zone') }];
const say = (user, more = {}) => ({ turns: [{ user }], ...more });
const named = ({ calls, stop }) => [calls.map(({ name, arguments: given }) => [name, given]), stop];

/** The next turn: `results` of the calls of `answer`. */
const goOn = (request, answer, results) => ({ ...request, turns: [...request.turns, { answer },
  { results: answer.calls.map(({ id }, index) => ({ id, text: results[index] })) }] });

/** The words of a protocol for the kinds of errors. */
const words = {
  'Chat Completions': { missing: 'model_not_found', busy: 'rate_limit_exceeded', long: 'context_length_exceeded' },
  Messages: { missing: 'not_found_error', busy: 'rate_limit_error', long: 'invalid_request_error' },
  Responses: { missing: 'model_not_found', busy: 'rate_limit_exceeded', long: 'context_length_exceeded' },
};
async function fails({ ask, protocol }, request, status, kind) {
  const failure = await ask(request);
  assert.ok(failure.status, 'it was answered');
  assert.deepEqual([failure.status, failure.code ?? failure.type], [status, words[protocol][kind]], failure.message);
  return failure;
}

/** The request upstream of each turn begins with that of the turn before it, up to the end of its messages. */
const keepsPrefix = (more) => async ({ ask, last }) => {
  const sent = [];
  const turn = async (request) => {
    const answer = await ask(request);
    sent.push(JSON.stringify(await last()).replace(/[\]}]+$/, ''));
    return answer;
  };
  const first = say('call both tools', { tools, system: 'Be terse.', ...more });
  const second = goOn(first, await turn(first), ['rain', 'noon']);
  const answer = await turn(second);
  await turn({ ...second, turns: [...second.turns, { answer }, { user: 'thanks' }] });
  for (const [index, begin] of sent.slice(0, -1).entries())
    assert.ok(sent[index + 1].startsWith(begin) && sent[index + 1].length > begin.length, `${begin}\n${sent[index + 1]}`);
};

export const features = {
  async 'Texts'({ ask }) {
    const { text, calls, stop } = await ask(say('Grüße, 世界 👋 "\\"'));
    assert.deepEqual([text, calls, stop], ['You said: Grüße, 世界 👋 "\\"', [], 'stop']);
  },

  async 'System prompts, several turns'({ ask, last }) {
    const first = await ask(say('one', { system: 'Be terse.' }));
    const { text } = await ask({ system: 'Be terse.', turns: [{ user: 'one' }, { answer: first }, { user: 'two' }] });
    assert.equal(text, 'You said: two');
    assert.match(JSON.stringify(await last()), /Be terse\..*one.*You said: one.*two|one.*You said: one.*two.*Be terse\./);
  },

  async 'Tools: a call, its result, the next turn'({ ask }) {
    const request = say('call the tool', { tools });
    const call = await ask(request);
    assert.deepEqual(named(call), [[['get_weather', { city: 'city' }]], 'tool_calls']);
    const second = goOn(request, call, ['7 °C']);
    const answer = await ask(second);
    assert.deepEqual([answer.text, answer.stop], ['The tool said: 7 °C', 'stop']);
    assert.equal((await ask({ ...second, turns: [...second.turns, { answer }, { user: 'thanks' }] })).text, 'You said: thanks');
  },

  async 'Tools: parallel calls'({ ask }) {
    const request = say('call both tools', { tools });
    const both = await ask(request);
    assert.deepEqual(named(both), [[['get_weather', { city: 'city' }], ['get_time', { zone: 'zone' }]], 'tool_calls']);
    assert.notEqual(both.calls[0].id, both.calls[1].id);
    assert.equal((await ask(goOn(request, both, ['rain', 'noon']))).text, 'The tools said: rain | noon');
  },

  async 'Tools: parallel calls forbidden'({ ask }) {
    assert.deepEqual(named(await ask(say('call both tools', { tools, parallel: false }))), [[['get_weather', { city: 'city' }]], 'tool_calls']);
  },

  async 'Tools: a call required'({ ask }) {
    for (const [choice, name] of [['required', 'get_weather'], [{ name: 'get_time' }, 'get_time']]) {
      const { calls = [] } = await ask(say('hello', { tools, choice }));
      assert.deepEqual(calls.map((call) => call.name), [name]);
    }
  },

  async 'Images'({ ask }) {
    const { text } = await ask({ turns: [{ user: 'look', image: Buffer.from('x'.repeat(3000)).toString('base64') }] });
    assert.equal(text, 'You said: look (1 image: 3000 bytes)');
  },

  async 'Structured output'({ ask }) {
    const schema = { type: 'object', additionalProperties: false, required: ['city', 'population'],
      properties: { city: { type: 'string' }, population: { type: 'number' } } };
    const { text, stop } = await ask(say('A city.', { schema }));
    assert.deepEqual([JSON.parse(text), stop], [{ city: 'city', population: 1 }, 'stop']);
  },

  async 'Reasoning'({ ask }) {
    const request = { model: 'think', effort: 'low' };
    const { text, thoughts } = await ask(say('hello', request));
    assert.deepEqual([text, thoughts], ['You said: hello', 'The user wants an answer.']);
    assert.equal((await ask(say('hello'))).thoughts, '', 'nobody has asked for thoughts');
    const asked = say('call the tool', { ...request, tools });
    const call = await ask(asked);
    assert.deepEqual([named(call), call.thoughts], [[[['get_weather', { city: 'city' }]], 'tool_calls'], 'The user wants an answer.']);
    assert.equal((await ask(goOn(asked, call, ['rain']))).text, 'The tool said: rain');
  },

  'Prompt cache: the next turn begins with this one': keepsPrefix({}),
  'Prompt cache: the same with reasoning': keepsPrefix({ model: 'think', effort: 'low' }),

  async 'Usage'({ ask }) {
    const few = (await ask(say('one'))).usage, many = (await ask(say('one two three'))).usage;
    for (const { input, output } of [few, many]) assert.ok(input > 0 && output > 0, JSON.stringify({ input, output }));
    assert.ok(many.output >= few.output);
  },

  async 'Stop reason of a limit'({ ask }) {
    const { text, stop } = await ask(say('one two three', { limit: 3 }));
    assert.deepEqual([text, stop], ['You said: one', 'length']);
  },

  async 'Errors: unknown model, here and upstream'(backend) {
    for (const model of ['no-such-model', 'all/no-such-model']) await fails(backend, say('hi', { model }), 404, 'missing');
  },

  async 'Errors: throttled, with `retry-after`'(backend) {
    const { headers } = await fails(backend, say('mock:err:429:env:7'), 429, 'busy');
    assert.equal(headers.get('retry-after'), '7');
  },

  async 'Errors: prompt too long'(backend) {
    const { message } = await fails(backend, say('mock:toolong'), 400, 'long');
    assert.match(message, backend.protocol === 'Messages' ? /prompt is too long: \d+ tokens > \d+/ : /maximum context length/);
  },
};

export const providers = ['oci', 'openai', 'anthropic', 'bedrock', 'ollama'];
const everywhere = { all: providers.map(() => yes) };

/** The cells of each feature, for all protocols or for each of them. */
export const table = {
  ...Object.fromEntries(Object.keys(features).map((feature) => [feature, everywhere])),
  'Tools: parallel calls forbidden': { all: [yes, yes, yes, yes, no] },
  'Tools: a call required': { all: [yes, yes, yes, yes, refused('tool_choice')] },
  // Clients of Chat Completions return no signatures of thoughts.
  'Prompt cache: the same with reasoning': {
    'Chat Completions': [yes, yes, no, no, yes], Messages: [yes, yes, yes, yes, yes], Responses: [yes, yes, yes, yes, yes] },
  'Errors: prompt too long': { all: [yes, yes, yes, yes, no] },
};
