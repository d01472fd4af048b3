// SPDX-License-Identifier: Apache-2.0
// A strict reader of the streams of Anthropic's protocol.  The official client accepts more.
import assert from 'node:assert/strict';

const starts = { text: { text: '' }, thinking: { thinking: '', signature: '' }, tool_use: { input: {} } };
const deltas = { text_delta: ['text', 'text'], thinking_delta: ['thinking', 'thinking'], signature_delta: ['thinking', 'signature'] };

/** The message, or { error }, of the complete stream `text`. */
export function readMessageStream(text) {
  let state = 'before', message, block, input = '';
  assert.ok(text.endsWith('\n\n'), 'the last event is complete');
  for (const frame of text.split('\n\n').slice(0, -1)) {
    const [, name, data] = frame.match(/^event: (\w+)\ndata: (.*)$/) ?? assert.fail(frame);
    const event = JSON.parse(data);
    assert.equal(event.type, name);
    assert.notEqual(state, 'done', `nothing follows the end: ${frame}`);
    if (name === 'ping') continue;
    if (name === 'error') {
      message = { error: event.error };
      state = 'done';
    } else if (name === 'message_start') {
      assert.equal(state, 'before');
      message = event.message;
      assert.deepEqual([message.type, message.role, message.content, message.stop_reason], ['message', 'assistant', [], null]);
      assert.ok(message.usage.input_tokens > 0);
      state = 'idle';
    } else if (name === 'content_block_start') {
      assert.equal(state, 'idle');
      assert.equal(event.index, message.content.length);
      block = event.content_block;
      for (const [member, value] of Object.entries(starts[block.type] ?? {})) assert.deepEqual(block[member], value);
      message.content.push(block);
      [state, input] = ['block', ''];
    } else if (name === 'content_block_delta') {
      assert.equal(state, 'block');
      assert.equal(event.index, message.content.length - 1);
      const { type } = event.delta, [kind, member] = deltas[type] ?? [];
      if (type === 'input_json_delta') input += event.delta.partial_json;
      else if (type === 'citations_delta') (block.citations ??= []).push(event.delta.citation);
      else {
        assert.equal(block.type, kind, type);
        block[member] += event.delta[member];
      }
    } else if (name === 'content_block_stop') {
      assert.equal(state, 'block');
      if (input) block.input = JSON.parse(input);
      state = 'idle';
    } else if (name === 'message_delta') {
      assert.equal(state, 'idle');
      Object.assign(message, event.delta);
      Object.assign(message.usage, event.usage);
      state = 'delta';
    } else {
      assert.equal(name, 'message_stop');
      assert.equal(state, 'delta');
      state = 'done';
    }
  }
  assert.equal(state, 'done', 'the stream has an end');
  return message;
}
