// SPDX-License-Identifier: Apache-2.0
// Keys and tokens together, through the official client: an issuer whose keys are
// at a URL that may fail, rotate or belong to another issuer; keys rotated by reload.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

import { eventually, runToEnd } from './support/process.mjs';
import { Stack, apiKey, freePort } from './support/stack.mjs';

const issuer = 'https://issuer.test/';
const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

const kinds = {
  RS256: ['rsa', { modulusLength: 2048 }, 'sha256', {}],
  PS256: ['rsa', { modulusLength: 2048 }, 'sha256', { padding: 6, saltLength: 32 }],
  ES256: ['ec', { namedCurve: 'P-256' }, 'sha256', { dsaEncoding: 'ieee-p1363' }],
  EdDSA: ['ed25519', {}, null, {}],
};

class SigningKey {
  constructor(alg, kid) {
    const [type, options, hash, how] = kinds[alg];
    const { privateKey, publicKey } = generateKeyPairSync(type, options);
    this.jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
    this.header = { alg, kid, typ: 'JWT' };
    this.sign = (text) => sign(hash, Buffer.from(text), { key: privateKey, ...how }).toString('base64url');
  }
  token(claims = {}, header = {}) {
    const all = { iss: issuer, aud: 'gatehouse', sub: 'alice', exp: now() + 600, ...claims };
    const text = `${encoded({ ...this.header, ...header })}.${encoded(all)}`;
    return `${text}.${this.sign(text)}`;
  }
}

const keys = Object.fromEntries(Object.keys(kinds).map((alg) => [alg, new SigningKey(alg, `key-${alg}`)]));
let published = Object.values(keys).map((key) => key.jwk);
let fetches = 0;
let jwks, stack;

const people = (port) => `
[authenticator.people]
use = "jwt"
jwks_url = "http://127.0.0.1:${port}/keys"
issuer = "${issuer}"
audience = "gatehouse"
name_prefix = "sso:"
models = ["gpt-5"]
rules = [{ claim = "groups", value = "ml", models = ["oci/*"] }]
`;

before(async () => {
  jwks = createServer((request, answer) => {
    fetches += 1;
    answer.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
  });
  await new Promise((resolve) => jwks.listen(0, '127.0.0.1', resolve));
  stack = await Stack.start({ extra: people(jwks.address().port) });
});
after(async () => {
  jwks.close();
  await stack.stop();
});

const ask = (key, model = 'gpt-5') => new OpenAI({ baseURL: `${stack.url}/v1`, apiKey: key, maxRetries: 0 })
  .chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] })
  .then((answer) => answer.choices[0].message.content, (error) => error.status);

test('the gateway accepts keys and tokens of every algorithm together', async () => {
  for (const key of Object.values(keys)) assert.equal(await ask(key.token()), 'You said: hi');
  assert.equal(await ask(apiKey), 'You said: hi');
  assert.match(stack.gateway.output, / client=sso:alice /);
  assert.match(stack.gateway.output, / client=tests /);
  assert.equal(fetches, 1);
});

test('two authenticators agree on one message, and the log has the reason of each', async () => {
  const answer = await fetch(`${stack.url}/v1/models`, { headers: { authorization: 'Bearer sk-wrong' } });
  assert.equal(answer.status, 401);
  assert.match((await answer.json()).error.message, /^no valid API key, token or certificate/i);
  const line = `request_id=${answer.headers.get('x-request-id')} `;
  const found = () => stack.gateway.output.split('\n').find((one) => one.includes(line));
  await eventually(() => found() !== undefined || stack.gateway.output, 'the line of the request');
  assert.match(found(), / error=unauthenticated detail="team: .*; people: .*"/);
});

test('a credential that is not a valid key or token receives 401', async () => {
  const { RS256, EdDSA } = keys;
  const stranger = new SigningKey('EdDSA', 'key-EdDSA');
  const [header, claims, signature] = RS256.token().split('.');
  const secret = JSON.stringify(RS256.jwk);
  const confused = `${encoded({ alg: 'HS256', kid: RS256.header.kid })}.${claims}`;
  for (const wrong of [
    'sk-wrong', 'a.b.c', `${header}.${claims}.`, `${encoded({ alg: 'none' })}.${claims}.`, `${header}.${claims}.${signature}=`,
    `${header}.${encoded({ iss: issuer, aud: 'gatehouse', sub: 'root', exp: now() + 600 })}.${signature}`,
    `${confused}.${createHmac('sha256', secret).update(confused).digest('base64url')}`,
    stranger.token(), EdDSA.token({ exp: now() - 120 }), EdDSA.token({ nbf: now() + 120 }), EdDSA.token({ aud: 'other' }),
    EdDSA.token({ iss: 'https://evil.test/' }), EdDSA.token({}, { alg: 'RS256' }), EdDSA.token({}, { crit: ['x'], x: 1 }),
    EdDSA.token({ sub: undefined }), RS256.token({}, { kid: keys.PS256.header.kid }),
  ])
    assert.equal(await ask(wrong), 401, wrong);
  assert.equal(await ask(EdDSA.token()), 'You said: hi');
});

test('a token sees and uses only the models of its claims', async () => {
  const plain = keys.ES256.token();
  const ml = keys.ES256.token({ groups: ['x', 'ml'] });
  assert.equal(await ask(plain, 'oci/openai.gpt-4.1'), 404);
  assert.equal(await ask(ml, 'oci/openai.gpt-4.1'), 'You said: hi');
  assert.equal(await ask(ml, 'hello'), 404);
  const listed = async (key) => {
    const answer = await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    return (await answer.json()).data.map((model) => model.id);
  };
  assert.deepEqual(await listed(plain), ['gpt-5']);
  assert.ok((await listed(apiKey)).includes('hello'));
});

test('a new signing key works with its first token, and a withdrawn key stops working', async () => {
  const fresh = new SigningKey('EdDSA', 'tomorrow');
  const before = fetches;
  published = [fresh.jwk];
  assert.equal(await ask(fresh.token()), 'You said: hi');
  assert.equal(await ask(keys.RS256.token()), 401);
  assert.equal(fetches, before + 1);
  published = [fresh.jwk, ...Object.values(keys).map((key) => key.jwk)];
});

test('an unreachable issuer does not prevent the start or affect other clients', async () => {
  await stack.gateway.stop();
  const port = await freePort();
  await stack.startGateway({ extra: people(port) });
  assert.equal(await ask(apiKey), 'You said: hi');
  assert.equal(await ask(keys.RS256.token()), 503);
  assert.equal(await ask('sk-wrong'), 401);
  assert.match(stack.gateway.output, /no token keys, clients with a token receive 503/);
  const late = createServer((request, answer) => answer.end(JSON.stringify({ keys: [keys.RS256.jwk] })));
  await new Promise((resolve) => late.listen(port, '127.0.0.1', resolve));
  await eventually(async () => (await ask(keys.RS256.token())) === 'You said: hi', 'the keys come');
  late.close();
});

test('reloads replace a client key, and both keys are valid in between', async () => {
  const { writeFileSync } = await import('node:fs');
  const [old, fresh] = ['sk-old-0123456789abcdef', 'sk-new-0123456789abcdef'];
  const use = async (list) => {
    const table = list.map((key, index) => `{ name = "team-${index}", key = "${key}" }`).join(', ');
    writeFileSync(stack.file, stack.configuration({}).replace(/^keys = .*$/m, `keys = [${table}]`));
    await runToEnd(process.env.GATEHOUSE, ['reload', '-c', stack.file], {});
  };
  const answers = async () => [await ask(old), await ask(fresh)].map((answer) => answer === 'You said: hi');
  await use([old]);
  assert.deepEqual(await answers(), [true, false]);
  await use([old, fresh]);
  assert.deepEqual(await answers(), [true, true]);
  await use([fresh]);
  assert.deepEqual(await answers(), [false, true]);
});
