// SPDX-License-Identifier: Apache-2.0
// `gatehouse schema` and `gatehouse explain --toml`, compared with the checks of
// the gateway itself.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { violations, walk } from './support/json_schema.mjs';
import { required, runToEnd } from './support/process.mjs';

const gatehouse = required('GATEHOUSE');
const examples = join(required('SOURCE'), 'config');
let schema, folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-schema-'));
  const { stdout, stderr } = await runToEnd(gatehouse, ['schema']);
  assert.equal(stderr, '');
  schema = JSON.parse(stdout);
});
after(() => rmSync(folder, { recursive: true, force: true }));

// Node cannot parse TOML, and Python can without packages.
const reader = 'import json, sys, tomllib; print(json.dumps([tomllib.loads(text) for text in json.load(sys.stdin)]))';
async function parsed(texts) {
  const list = join(folder, 'texts.json');
  writeFileSync(list, JSON.stringify(texts));
  return JSON.parse((await runToEnd('sh', ['-c', `exec python3 -c '${reader}' < '${list}'`])).stdout);
}
async function check(text, status, environment = {}) {
  const file = join(folder, 'gatehouse.toml');
  writeFileSync(file, text);
  const { stdout, stderr } = await runToEnd(gatehouse, ['check', '-c', file], environment, status);
  return stdout + stderr;
}

const mapper = '[mapper.models]\nuse = "table"\nunknown = "greeter/*"\n';
const dialect = '[dialect.openai]\nuse = "openai"\n';
const greeter = '[provider.greeter]\nuse = "hello"\n';
const whole = greeter + mapper + dialect;
const oci = '[provider.o]\nuse = "oci"\nregion = "us-chicago-1"\ncompartment_id = "ocid1.compartment.oc1..x"\n';

test('the schema conforms to draft 07, and each default is valid', () => {
  assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
  let defaults = 0, descriptions = 0;
  walk(schema, (one, path) => {
    descriptions += one.description !== undefined;
    if (one.default === undefined) return;
    defaults += 1;
    assert.deepEqual(violations(one.default, one, schema), [], path);
  });
  assert.ok(defaults > 60 && descriptions > 100, `${defaults} defaults, ${descriptions} descriptions`);
});

test('every example is valid', async () => {
  const names = readdirSync(examples).filter((name) => name.endsWith('.toml'));
  assert.ok(names.length >= 8, names.join());
  const values = await parsed(names.map((name) => readFileSync(join(examples, name), 'utf8')));
  names.forEach((name, index) => assert.deepEqual(violations(values[index], schema), [], name));
});

// The gateway rejects each of them too, because a stricter schema would be wrong.
const wrong = {
  'an unknown table': [`${whole}[sever]\n`, 'unknown table [sever]'],
  'an unknown key of the core': [`${whole}[server]\nworker = 2\n`, 'unknown key "worker" in [server]'],
  'an unknown key of a plugin': [`${greeter}greting = "Hi"\n${mapper}${dialect}`, 'unknown key "greting" in [provider.greeter]'],
  'another type': [`${whole}[server]\nworkers = "2"\n`, 'workers must be an integer'],
  'a number that is no integer': [`${whole}[server]\nworkers = 1.5\n`, 'workers must be an integer'],
  'a number above its range': [`${whole}[server]\nworkers = 129\n`, 'workers must be between 0 and 128'],
  'a number below its range': [`${whole}[upstream]\nattempts = 0\n`, 'attempts must be between 1 and 20'],
  'a word that is none of the allowed': [`${whole}[log]\nlevel = "loud"\n`, 'level must be one of'],
  'an instance without use': [`[provider.greeter]\ngreeting = "Hi"\n${mapper}${dialect}`, '[provider.greeter] lacks the key "use"'],
  'a plugin that there is not': [`[provider.greeter]\nuse = "helo"\n${mapper}${dialect}`, 'there is no provider plugin "helo"'],
  'a plugin of another kind': [`[provider.greeter]\nuse = "table"\n${mapper}${dialect}`, 'there is no provider plugin "table"'],
  'an instance that is no table': [`[provider]\ngreeter = "hello"\n${mapper}${dialect}`, '[provider] holds named instances'],
  'a name with a dot': [`${whole}[provider."a.b"]\nuse = "hello"\n`, 'the name of an instance is made of letters'],
  'a list where a table is due': [`${whole}[[log]]\nlevel = "info"\n`, 'log must be a table'],
  'a key in a list of tables': [`${whole}[authenticator.a]\nuse = "api_key"\nkeys = [{ name = "x", key = "y", more = 1 }]\n`, 'unknown key "more" in keys[0]'],
  'a required key in a list of tables': [`${whole}[authenticator.a]\nuse = "api_key"\nkeys = [{ key = "y" }]\n`, 'keys[0] lacks the key "name"'],
  'a key in a table of tables': [`${whole}${oci}[provider.o.models.m]\nfromat = "auto"\n`, 'unknown key "fromat" in models.m'],
  'a word in a table of tables': [`${whole}${oci}[provider.o.models.m]\nformat = "cohere3"\n`, 'models.m.format must be one of'],
  'a word in place of a table of tables': [`${whole}${oci}models = "discovr"\n`, 'models must be "discover"'],
  'a list of something else': [`${whole}[server]\ncors_origins = [1]\n`, 'cors_origins[0] must be a string'],
  'a route that is no string': [`${greeter}${mapper}models = { a = 1 }\n${dialect}`, 'models.a must be a string or a list of strings'],
  'a second mapper': [`${whole}[mapper.more]\nuse = "table"\nunknown = "greeter/*"\n`, 'a second mapper'],
  'no provider': [mapper + dialect, 'there is no [provider.'],
  'no mapper': [greeter + dialect, 'there is no [mapper.'],
  'no dialect': [greeter + mapper, 'there is no [dialect.'],
};
const wrong_texts = Object.values(wrong).map(([text]) => text);
test('a configuration that the gateway rejects is not valid', async () => {
  const values = await parsed(wrong_texts);
  for (const [index, [name, [text, why]]] of Object.entries(wrong).entries()) {
    assert.notDeepEqual(violations(values[index], schema), [], name);
    const said = await check(text, 2);
    assert.ok(said.includes(why), `${name}: ${said}`);
  }
});

const right = {
  'an integer for a number, env: for a word': `${whole}[log]\nlevel = "env:LEVEL:-info"\n`,
  'a credential for a word': `${whole}[log]\nlevel = "credential:level"\n`,
  'a string for a list': `${whole}[server]\ncors_origins = "*"\n`,
  'use from the environment': `[provider.greeter]\nuse = "env:WHICH:-hello"\ngreeting = "Hi"\n${mapper}${dialect}`,
  'a word in place of a table': `${whole}${oci}models = "discover"\n`,
  'a lone route and a list': `${greeter}${mapper}models = { a = "greeter/a", b = ["greeter/a", "greeter/b"] }\n${dialect}`,
};
test('a configuration that the gateway accepts is valid', async () => {
  const names = Object.keys(right), values = await parsed(Object.values(right));
  writeFileSync(join(folder, 'level'), 'info\n');
  const credentials = { CREDENTIALS_DIRECTORY: folder };
  for (const [index, name] of names.entries()) {
    assert.deepEqual(violations(values[index], schema), [], name);
    await check(right[name], 0, credentials);
  }
});

test('the schema has the plugins of --path', async () => {
  const { stdout } = await runToEnd(gatehouse, ['schema', '--path', required('TEST_PLUGINS')]);
  const own = JSON.parse(stdout);
  assert.deepEqual(own.definitions['provider.throwing'].required, ['use', 'url']);
  const [value] = await parsed([`${whole}[provider.bomb]\nuse = "throwing"\n`]);
  assert.deepEqual(violations(value, own), ['/provider/bomb: lacks url']);
  assert.ok(!Object.keys(own.definitions).some((name) => name.includes('old_abi')), 'a refused one is not');
});

test('python3-jsonschema, if installed, gives the same results', async (t) => {
  const program = `import json, sys
try:
    import jsonschema
except ImportError:
    print("not installed")
    sys.exit()
schema, values = json.load(sys.stdin)
jsonschema.Draft7Validator.check_schema(schema)
print(json.dumps([jsonschema.Draft7Validator(schema).is_valid(value) for value in values]))`;
  const values = await parsed([...wrong_texts, ...Object.values(right)]);
  writeFileSync(join(folder, 'all.json'), JSON.stringify([schema, values]));
  writeFileSync(join(folder, 'all.py'), program);
  const { stdout } = await runToEnd('sh', ['-c', `exec python3 '${folder}/all.py' < '${folder}/all.json'`]);
  if (stdout.startsWith('not')) return t.skip('it is not installed');
  assert.deepEqual(JSON.parse(stdout), [...Object.keys(wrong).map(() => false), ...Object.keys(right).map(() => true)]);
});

/** `explain --toml` of every plugin there is. */
async function fragments() {
  const { stdout } = await runToEnd(gatehouse, ['plugins']);
  const rows = [...stdout.matchAll(/^(authenticator|signer|provider|mapper|dialect|hook) +(\S+) /gm)];
  assert.ok(rows.length >= 7, stdout);
  const all = [];
  for (const [, kind, name] of rows) all.push([kind, name, (await runToEnd(gatehouse, ['explain', kind, name, '--toml'])).stdout]);
  return all;
}

test('explain --toml parses with and without comment marks, and is valid when filled in', async () => {
  const all = await fragments();
  const as_it_is = await parsed(all.map(([, , text]) => text));
  const uncommented = await parsed(all.map(([, , text]) => text.replaceAll(/^#(?! )/gm, '')));
  const instance = (kind, name) => schema.definitions[`${kind}.${name}`];
  all.forEach(([kind, name], index) => {
    assert.deepEqual(violations(as_it_is[index][kind][name], instance(kind, name), schema), [], `${kind} ${name}`);
    const every = uncommented[index][kind][name];
    assert.deepEqual(violations(every, instance(kind, name), schema), [], `${kind} ${name}, uncommented`);
    assert.deepEqual(Object.keys(every).sort(), Object.keys(instance(kind, name).properties).sort(), 'every key is there');
  });
});

test('explain --toml, pasted, passes the gateway\'s own check', async () => {
  const secrets = (text) => Object.fromEntries([...text.matchAll(/^[^#\n]*"env:(\w+)"/gm)].map(([, name]) => [name, 'x']));
  for (const [kind, name, text] of await fragments()) {
    const others = whole.replace({ mapper, dialect }[kind] ?? '', '');
    const file = join(folder, 'pasted.toml');
    writeFileSync(file, `${others}${text}`);
    const environment = { ...secrets(text) };
    const { stderr } = await runToEnd('sh', ['-c', `'${gatehouse}' check -c '${file}' || true`], environment);
    // Only the user can know some values; a key, a type or a word may not be wrong.
    assert.doesNotMatch(stderr, /unknown (key|table)|must be|lacks the key|expected a value|parse/, `${kind} ${name}: ${stderr}`);
  }
});

test('explain --toml of the core\'s tables', async () => {
  const texts = [];
  for (const table of ['server', 'admin', 'upstream', 'log', 'metrics', 'plugins']) texts.push((await runToEnd(gatehouse, ['explain', table, '--toml'])).stdout);
  const [server, admin, upstream, log, metrics, plugins] = (await parsed(texts.map((text) => text.replaceAll(/^#(?! )/gm, '')))).map((one) => Object.values(one)[0]);
  const value = { server, admin, upstream, log, metrics, plugins };
  assert.deepEqual(violations({ ...value, provider: { a: { use: 'hello' } }, mapper: { m: { use: 'table' } }, dialect: { d: { use: 'openai' } } }, schema), []);
  for (const [name, table] of Object.entries(value)) {
    const known = Object.keys(schema.properties[name].properties).filter((key) => `${name}.${key}` !== 'server.tls');
    assert.deepEqual(Object.keys(table).sort(), known.sort());
  }
  const inside = (await runToEnd(gatehouse, ['explain', 'server.tls', '--toml'])).stdout;
  const [{ server: { tls } }] = await parsed([inside.replaceAll(/^#(?! )/gm, '')]);
  assert.deepEqual(Object.keys(tls).sort(), Object.keys(schema.properties.server.properties.tls.properties).sort());
  assert.deepEqual(violations({ ...value, server: { ...server, tls }, provider: { a: { use: 'hello' } }, mapper: { m: { use: 'table' } }, dialect: { d: { use: 'openai' } } }, schema), []);
  assert.match(await check(whole + texts.join(''), 0), /: ok\n/);
});

test('explain --toml needs a plugin', async () => {
  const { stderr } = await runToEnd(gatehouse, ['explain', 'provider', '--toml'], {}, 2);
  assert.equal(stderr, '--toml needs a plugin too: gatehouse explain provider PLUGIN --toml\n');
});
