// SPDX-License-Identifier: Apache-2.0
// The contract of a stream (clients' union contract), checked on every event.
import assert from 'node:assert/strict';

/** The payloads of a text/event-stream, each parsed but `[DONE]`. */
export function events(text) {
  return text.split('\n\n').filter((event) => event.length).map((event) => {
    assert.match(event, /^data: [^\n]*$/, `not one data line: ${JSON.stringify(event)}`);
    const data = event.slice(6);
    return data === '[DONE]' ? data : JSON.parse(data);
  });
}

/**
 * Checks a complete, good stream and returns what it says, per choice:
 * { text, calls, finish }, and usage.
 */
export function readStream(text, { model, usageAsked = false } = {}) {
  const all = events(text);
  assert.equal(all.pop(), '[DONE]', 'the last event is [DONE]');
  const chunks = all;
  assert.ok(chunks.length >= 2);
  const [first] = chunks;
  const choices = [];
  let usage;
  for (const [position, chunk] of chunks.entries()) {
    assert.equal(chunk.error, undefined, `an error in the stream: ${JSON.stringify(chunk)}`);
    assert.equal(chunk.id, first.id);
    assert.match(chunk.id, /\S/);
    assert.equal(chunk.object, 'chat.completion.chunk');
    assert.ok(Number.isInteger(chunk.created));
    assert.equal(chunk.created, first.created);
    if (model) assert.equal(chunk.model, model);
    assert.ok(Array.isArray(chunk.choices));
    if (chunk.usage) {
      assert.equal(usage, undefined, 'usage comes once');
      usage = chunk.usage;
      if (usageAsked) assert.deepEqual([chunk.choices, position], [[], chunks.length - 1]);
    }
    for (const choice of chunk.choices) {
      assert.ok(Number.isInteger(choice.index));
      assert.equal(typeof choice.delta, 'object');
      const known = choices[choice.index];
      const state = known ?? { text: '', reasoning: '', calls: [], finish: null };
      choices[choice.index] = state;
      if (!known) assert.equal(choice.delta.role, 'assistant', 'the first delta of a choice has the role');
      assert.equal(state.finish, null, 'nothing comes after the finish of a choice');
      state.text += choice.delta.content ?? '';
      state.reasoning += choice.delta.reasoning_content ?? '';
      for (const call of choice.delta.tool_calls ?? []) {
        assert.ok(Number.isInteger(call.index));
        let one = state.calls[call.index];
        if (!one) {
          assert.equal(call.index, state.calls.length, 'calls are numbered from 0');
          assert.match(call.id, /\S/);
          assert.equal(call.type, 'function');
          assert.match(call.function.name, /\S/);
          one = { id: call.id, name: call.function.name, arguments: '' };
          state.calls.push(one);
        } else {
          assert.ok(call.id === undefined || call.id === one.id);
        }
        one.arguments += call.function?.arguments ?? '';
      }
      if (choice.finish_reason !== null && choice.finish_reason !== undefined) {
        assert.match(choice.finish_reason, /^(stop|length|tool_calls|content_filter)$/);
        state.finish = choice.finish_reason;
        if (state.calls.length && state.finish !== 'length') {
          assert.equal(state.finish, 'tool_calls');
          for (const call of state.calls) JSON.parse(call.arguments);
        }
      }
    }
  }
  for (const choice of choices) assert.ok(choice?.finish, 'every choice finishes');
  if (usageAsked) assert.ok(usage, 'usage was asked for');
  return { id: first.id, choices, usage, chunks };
}
