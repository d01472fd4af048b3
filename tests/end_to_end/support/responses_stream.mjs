// SPDX-License-Identifier: Apache-2.0
// Reads a stream of the Responses API, and checks what every such stream promises.
import assert from 'node:assert/strict';

/** The events of a complete stream, and the response of the last one. */
export function readResponseStream(text) {
  const events = [];
  assert.ok(text.endsWith('\n\n'), 'the stream ends within an event');
  for (const block of text.split('\n\n').filter((one) => one && !one.startsWith(':'))) {
    const [, name, data] = block.match(/^event: (\S+)\ndata: (.*)$/) ?? assert.fail(`not an event: ${block}`);
    const event = JSON.parse(data);
    assert.equal(event.type, name);
    assert.equal(event.sequence_number, events.length);
    events.push(event);
  }
  const [created, running] = events, last = events.at(-1);
  assert.deepEqual([created.type, running.type], ['response.created', 'response.in_progress']);
  assert.match(last.type, /^response\.(completed|incomplete|failed)$/);
  assert.equal(last.response.status, last.type.slice('response.'.length));
  assert.equal(last.response.id, created.response.id);
  const done = [];
  let open;
  for (const event of events) {
    if (event.type === 'response.output_item.added') {
      assert.equal(open, undefined);
      assert.equal(event.output_index, done.length);
      open = { ...event.item, joined: '' };
    } else if (event.type === 'response.output_item.done') {
      assert.deepEqual([event.item.id, event.item.call_id, event.item.name], [open.id, open.call_id, open.name]);
      done.push(event.item);
      open = undefined;
    } else if (event.item_id) {
      assert.equal(event.item_id, open?.id);
      if (event.delta !== undefined) open.joined += event.delta;
      if (event.type.endsWith('text.done')) assert.equal(event.text, open.joined);
      if (event.type.endsWith('arguments.done')) assert.equal(event.arguments, open.joined);
    }
  }
  if (last.type !== 'response.failed') assert.deepEqual(last.response.output, done);
  return { events, response: last.response };
}
