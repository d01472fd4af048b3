// SPDX-License-Identifier: Apache-2.0
// As much of JSON Schema draft 07 as `gatehouse schema` writes.  A word that is not
// known here is an error, so that nothing is passed over in silence.

const described = new Set(['$schema', '$id', 'title', 'description', 'default', 'definitions', 'then']);

const types = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
};

/** Errors of `value`, as "path: sentence"; an empty list if `value` is valid. */
export function violations(value, schema, root = schema, path = '') {
  if (schema === false) return [`${path}: not allowed`];
  if (schema === true) return [];
  const found = [];
  const say = (sentence) => found.push(`${path}: ${sentence}`);
  const inside = (part, rule, name) => found.push(...violations(part, rule, root, `${path}/${name}`));
  const good = (rule) => violations(value, rule, root, path).length === 0;
  const object = types.object(value);

  for (const [word, rule] of Object.entries(schema)) {
    switch (word) {
      case '$ref': {
        const target = rule.split('/').slice(1).reduce((at, step) => at?.[step], root);
        if (target === undefined) throw new Error(`${rule} leads nowhere`);
        found.push(...violations(value, target, root, path));
        break;
      }
      case 'type': if (!types[rule](value)) say(`is no ${rule}`); break;
      case 'const': if (value !== rule) say(`is not ${rule}`); break;
      case 'enum': if (!rule.includes(value)) say(`is none of ${rule}`); break;
      case 'pattern': if (typeof value === 'string' && !new RegExp(rule, 'u').test(value)) say(`does not match ${rule}`); break;
      case 'minimum': if (typeof value === 'number' && value < rule) say(`is below ${rule}`); break;
      case 'maximum': if (typeof value === 'number' && value > rule) say(`is above ${rule}`); break;
      case 'minProperties': if (object && Object.keys(value).length < rule) say(`has fewer than ${rule}`); break;
      case 'maxProperties': if (object && Object.keys(value).length > rule) say(`has more than ${rule}`); break;
      case 'required': if (object) for (const name of rule) if (!Object.hasOwn(value, name)) say(`lacks ${name}`); break;
      case 'propertyNames': if (object) for (const name of Object.keys(value)) inside(name, rule, name); break;
      case 'properties':
        if (object) for (const [name, part] of Object.entries(value)) if (Object.hasOwn(rule, name)) inside(part, rule[name], name);
        break;
      case 'additionalProperties':
        if (object) for (const [name, part] of Object.entries(value)) if (!Object.hasOwn(schema.properties ?? {}, name)) inside(part, rule, name);
        break;
      case 'items': if (Array.isArray(value)) value.forEach((part, index) => inside(part, rule, index)); break;
      case 'allOf': for (const one of rule) found.push(...violations(value, one, root, path)); break;
      case 'anyOf': if (!rule.some(good)) say('fits none of the alternatives'); break;
      case 'if': if (good(rule)) found.push(...violations(value, schema.then, root, path)); break;
      default: if (!described.has(word)) throw new Error(`this checker does not know "${word}"`);
    }
  }
  return found;
}

/** Calls visit(schema, path) for every schema in `schema`. */
export function walk(schema, visit, path = '') {
  if (typeof schema !== 'object') return;
  visit(schema, path);
  for (const word of ['properties', 'definitions'])
    for (const [name, one] of Object.entries(schema[word] ?? {})) walk(one, visit, `${path}/${word}/${name}`);
  for (const word of ['allOf', 'anyOf']) (schema[word] ?? []).forEach((one, index) => walk(one, visit, `${path}/${word}/${index}`));
  for (const word of ['items', 'additionalProperties', 'propertyNames', 'if', 'then']) if (schema[word] !== undefined) walk(schema[word], visit, `${path}/${word}`);
}
