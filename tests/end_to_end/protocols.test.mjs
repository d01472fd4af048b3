// SPDX-License-Identifier: Apache-2.0
// Each protocol of clients in front of each provider: the features that all protocols have, streaming and
// non-streaming.  support/protocol_features.mjs has the cells; plugins/README.md must say the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startBackend, startBackends } from './support/backends.mjs';
import { documentedTable, no, yes } from './support/capabilities.mjs';
import { required } from './support/process.mjs';
import { features, providers, table } from './support/protocol_features.mjs';
import { ask, protocols } from './support/protocols.mjs';

/** The protocol refuses the field that the cell names. */
function assertRefusal({ status, type, code, param, message }, cell, protocol) {
  assert.deepEqual([status, type], [400, 'invalid_request_error'], message);
  assert.match(message, new RegExp(cell.param));
  if (protocol !== 'Messages') assert.deepEqual([code, param], ['unsupported', cell.param]);
}

/** Runs one cell: a `yes` must pass, and every other cell must fail as it says. */
async function holds(cell, run, protocol) {
  let reply;
  const failure = await run((answer) => (reply = answer)).then(() => undefined, (error) => error);
  if (cell === yes && failure) throw failure;
  if (cell === yes) return;
  assert.ok(failure instanceof assert.AssertionError, failure ? `${failure.stack}` : `it works, but the table says ${cell.text}`);
  if (cell.param) assertRefusal(reply, cell, protocol);
  else assert.deepEqual([cell, reply.status], [no, undefined], `${reply.message}`);
}

for (const [column, provider] of providers.entries())
  test(provider, async (t) => {
    const { gateway, service } = await startBackend(provider);
    t.after(() => gateway.stop(service));
    for (const [protocol, form] of Object.entries(protocols))
      for (const [feature, rows] of Object.entries(table))
        for (const stream of [false, true]) {
          const cell = (rows.all ?? rows[protocol])[column];
          await t.test(`${feature}, ${protocol}, ${stream ? 'streamed' : 'whole'}: ${cell.text}`, () => holds(cell, (note) => features[feature]({
            protocol, provider, last: service.last, ask: async (request) => note(await ask(form, gateway.url, request, stream)) }), protocol));
        }
  });

/** Stream `index`: a long text with its own words, or a call whose argument is the stream's own. */
function markedStream(index) {
  const mark = `s${index}é`;
  if (index % 5 === 4) {
    const parameters = { type: 'object', properties: { [mark]: { type: 'string' } }, required: [mark] };
    return { request: { turns: [{ user: 'call the tool mock:drip:5' }], tools: [{ name: `tool_${index}`, parameters }] },
      expected: ['', [[`tool_${index}`, { [mark]: mark }]], 'tool_calls'] };
  }
  const text = `mock:drip:5 mock:split:${[7, 61][index % 2]} ${Array.from({ length: 20 }, (_, word) => `${mark}${word}`).join(' ')}`;
  return { request: { turns: [{ user: text }] }, expected: [`You said: ${text}`, [], 'stop'] };
}

test('a hundred streams at once, of all protocols and providers, do not mix', async (t) => {
  const { gateway, services } = await startBackends(providers);
  t.after(() => gateway.stop(...services));
  const forms = Object.values(protocols);
  await Promise.all(Array.from({ length: 100 }, async (_, index) => {
    const { request, expected } = markedStream(index);
    const model = `${providers[index % providers.length]}-chat`;
    const { text, calls, stop, message } = await ask(forms[index % forms.length], gateway.url, { ...request, model }, true);
    assert.deepEqual([text, calls?.map(({ name, arguments: given }) => [name, given]), stop], expected, `stream ${index}, ${model}: ${message}`);
  }));
  for (const { peak } of services) assert.ok(await peak() > 1, `${await peak()} request was upstream at a time`);
});

test('plugins/README.md has the same table', () => {
  const readme = readFileSync(join(required('SOURCE'), 'plugins', 'README.md'), 'utf8');
  const [head, ...rows] = documentedTable(readme, 'Capabilities by protocol');
  assert.deepEqual(head?.slice(1), ['protocol', ...providers]);
  assert.deepEqual(rows, Object.entries(table).flatMap(([feature, cells]) => Object.entries(cells)
    .map(([protocol, row]) => [feature, protocol, ...row.map(({ text }) => text)])));
  assert.deepEqual(Object.keys(table), Object.keys(features), 'every row has its test');
  for (const cells of Object.values(table))
    assert.deepEqual(Object.keys(cells), cells.all ? ['all'] : Object.keys(protocols), 'every protocol has its cells');
});
