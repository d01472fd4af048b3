// SPDX-License-Identifier: Apache-2.0
// The model behind the scripted services: it says and does what the one of the
// OCI emulator does, by the same words (tools/oci_emulator/README.md, "The model").

/** Faults that the words `mock:…` of `text` ask for. */
export function faultsIn(text) {
  const number = (pattern) => Number(text.match(pattern)?.[1] ?? 0);
  const [, status, seconds] = text.match(/mock:err:(\d{3})(?::env(?::(\d+))?)?/) ?? [];
  return {
    status: Number(status ?? 0), retryAfter: seconds, tooLong: text.includes('mock:toolong'),
    drip: number(/mock:drip:(\d+)/), split: number(/mock:split:(\d+)/), words: number(/mock:long:(\d+)/),
  };
}

/** A value that a schema takes. */
function sample(schema = {}, name = 'text') {
  if (schema.enum) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  const type = [schema.type].flat()[0] ?? (schema.properties ? 'object' : 'string');
  if (type === 'object')
    return Object.fromEntries((schema.required ?? []).map((key) => [key, sample(schema.properties?.[key], key)]));
  if (type === 'array') return [sample(schema.items, name)];
  return { string: name, integer: 1, number: 1, boolean: true, null: null }[type];
}

function callsIn({ text, results, tools, choice, parallel }) {
  const calls = (...some) => some.filter(Boolean).map(({ name, schema }) => ({ name, arguments: JSON.stringify(sample(schema)) }));
  if (!tools.length || results.length || choice === 'none') return [];
  if (choice.name) return calls(tools.find(({ name }) => name === choice.name));
  if (/call both tools/i.test(text)) return calls(tools[0], parallel ? tools[1] : undefined);
  if (/call the tool/i.test(text) || choice === 'required') return calls(tools[0]);
  return [];
}

const imagesSeen = (sizes) => (sizes.length ? ` (${sizes.length} image${sizes.length > 1 ? 's' : ''}: ${sizes.join(', ')})` : '');
/** Description of a base64 image, or of an image that is named by its address. */
export const imageSize = (base64) => (base64 ? `${Buffer.from(base64, 'base64').length} bytes` : 'by address');

/**
 * The model's output for the `text` of the last user: { words, calls, finish }.
 * `results` of tools, `images` by their size, `tools` as { name, schema }; `choice` is auto, none, required or { name }.
 */
export function answerTo({ text, results = [], images = [], tools = [], choice = 'auto', parallel = true, json, schema, stop = [], limit = Infinity }) {
  const calls = callsIn({ text, results, tools, choice, parallel });
  if (calls.length) return { words: [], calls, finish: 'tool_calls' };
  const { words: many } = faultsIn(text);
  let said = many ? Array.from({ length: many }, (_, i) => `word${i + 1}`).join(' ')
    : schema ? JSON.stringify(sample(schema))
      : json ? JSON.stringify({ said: text })
        : results.length ? `The tool${results.length > 1 ? 's' : ''} said: ${results.join(' | ')}`
          : `You said: ${text}${imagesSeen(images)}`;
  const ends = stop.map((one) => said.indexOf(one)).filter((at) => at >= 0);
  if (ends.length) said = said.slice(0, Math.min(...ends));
  const words = said.match(/\s*\S+(?:\s+$)?/g) ?? [];
  const cut = words.length > limit;
  return { words: cut ? words.slice(0, limit) : words, calls: [], finish: cut ? 'length' : 'stop', stopped: ends.length > 0 };
}
