// SPDX-License-Identifier: Apache-2.0
// config/fallback.toml unchanged: OCI first, a local model second, Anthropic
// third.  A backend that fails before the first byte is followed by the
// next one.  The log and x-gatehouse-route name the route.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { AnthropicServer } from './support/anthropic_server.mjs';
import { Gateway } from './support/gateway.mjs';
import { OpenAiServer } from './support/openai_server.mjs';
import { eventually, required } from './support/process.mjs';
import { events, readStream } from './support/sse.mjs';
import { Emulator, apiKey, compartment, freePort, writeOciConfig } from './support/stack.mjs';

const anthropicKey = 'sk-ant-fallback-77';
const routes = ['oci/openai.gpt-4.1', 'local/llama-3.3-70b', 'anthropic/claude-sonnet-4-5'];
const toml = () => readFileSync(join(required('SOURCE'), 'config', 'fallback.toml'), 'utf8');

let folder, oci, local, anthropic, gateway;

/** The gateway in front of all three; the backends named in `dead` are replaced by closed ports. */
async function start(...dead) {
  const nobody = async () => `http://127.0.0.1:${await freePort()}`;
  const address = async (name, url) => (dead.includes(name) ? nobody() : url);
  const environment = {
    GATEHOUSE_KEY: apiKey, OCI_CONFIG_FILE: join(folder, 'config'), OCI_COMPARTMENT_ID: compartment, ANTHROPIC_API_KEY: anthropicKey,
    OCI_GENAI_ENDPOINT: await address('oci', oci.url), LOCAL_BASE_URL: `${await address('local', local.url)}/v1`,
    ANTHROPIC_BASE_URL: await address('anthropic', anthropic.url),
  };
  return Gateway.start((port) => {
    environment.GATEHOUSE_LISTEN = `127.0.0.1:${port}`;
    return toml();
  }, environment);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  writeOciConfig(folder);
  oci = await Emulator.start(folder);
  local = await OpenAiServer.start({ models: ['llama-3.3-70b'] });
  anthropic = await AnthropicServer.start({ key: anthropicKey });
  gateway = await start();
});
beforeEach(async () => {
  await oci.reset();
  local.reset();
  anthropic.reset();
});
after(async () => {
  await gateway?.stop(oci.program, local, anthropic);
  rmSync(folder, { recursive: true });
});

/** Asks `through`; the answer's text and its route, and the lines that the log has of this request. */
async function ask(through, content, { stream = false, ...more } = {}) {
  const response = await through.post({ model: 'assistant', stream, messages: [{ role: 'user', content }], ...more });
  const body = await response.text();
  const id = response.headers.get('x-request-id');
  const ofThis = () => through.output.split('\n').filter((line) => line.includes(id));
  await eventually(() => ofThis().some((line) => line.includes(`request_id=${id}`)), 'the log has a line about the answer');
  const lines = ofThis();
  const said = response.ok && (stream ? readStream(body).choices[0].text : JSON.parse(body).choices[0].message.content);
  return { status: response.status, route: response.headers.get('x-gatehouse-route'), said, body, lines,
    failed: lines.filter((line) => line.includes('attempt failed, retrying')) };
}

for (const stream of [false, true]) {
  const how = stream ? 'streamed' : 'whole';

  test(`OCI serves all requests while it works, ${how}`, async () => {
    const { said, route, failed } = await ask(gateway, 'hi', { stream });
    assert.deepEqual([said, route, failed], ['You said: hi', routes[0], []]);
    assert.deepEqual([local.requests.length, anthropic.requests.length], [0, 0]);
  });

  test(`an unreachable OCI falls back to the local model, ${how}`, async () => {
    const other = await start('oci');
    try {
      const { said, route, failed, lines } = await ask(other, 'hi', { stream });
      assert.deepEqual([said, route], ['You said: hi', routes[1]]);
      assert.equal(failed.length, 1);
      assert.match(failed[0], /\boci\b.*model=openai\.gpt-4\.1.*reason="[^"]*Connection refused/);
      assert.match(lines.at(-1), / route=local\/llama-3\.3-70b status=200 outcome=ok .*attempts=2 retries=1/);
      assert.equal(anthropic.requests.length, 0);
    } finally {
      await other.stop();
    }
  });

  test(`Anthropic responds if the local model is unreachable too, ${how}`, async () => {
    const other = await start('oci', 'local');
    try {
      const { said, route, failed } = await ask(other, 'hi', { stream });
      assert.deepEqual([said, route], ['You said: hi', routes[2]]);
      assert.deepEqual(failed.map((line) => routes.findIndex((one) => line.includes(`model=${one.split('/')[1]}`))), [0, 1]);
    } finally {
      await other.stop();
    }
  });

  test(`the client receives one error if all are unreachable, ${how}`, async () => {
    const other = await start('oci', 'local', 'anthropic');
    try {
      const { status, body } = await ask(other, 'hi', { stream });
      assert.equal(status, 502);
      const { error } = JSON.parse(body);
      assert.deepEqual([error.type, error.code], ['server_error', 'upstream_error']);
      assert.doesNotMatch(body, /sk-|ocid1/);
    } finally {
      await other.stop();
    }
  });

  for (const [fault, what] of [
    [{ fault: 'throttled' }, '429'], [{ fault: 'capacity' }, '503'], [{ fault: 'gateway' }, 'a load balancer\'s page'],
    [{ fault: 'reset' }, 'a broken connection'], [{ fault: 'not-authorized' }, '404'], [{ fault: 'unknown-key' }, '401']])
    test(`${what} of OCI causes a fallback too, ${how}`, async () => {
      await oci.post('faults', fault);
      const { said, route, failed } = await ask(gateway, 'hi', { stream });
      assert.deepEqual([said, route, failed.length], ['You said: hi', routes[1], 1]);
    });

  test(`a request that OCI does not support falls back to the next route, ${how}`, async () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
    const { route } = await ask(gateway, 'hi', { stream, tools,
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] } } });
    assert.equal(route, routes[1]);
  });

  test(`a client's error is reported without a fallback, ${how}`, async () => {
    const { status, body } = await ask(gateway, 'mock:toolong', { stream });
    assert.deepEqual([status, JSON.parse(body).error.code], [400, 'context_length_exceeded']);
    assert.equal(local.requests.length, 0);
  });
}

test('after the first byte there is no fallback: the client receives an error', async () => {
  const response = await gateway.post({ model: 'assistant', stream: true, messages: [{ role: 'user', content: 'mock:miderr one two three four' }] });
  assert.equal(response.headers.get('x-gatehouse-route'), routes[0]);
  const all = events(await response.text());
  assert.equal(all.at(-1).error?.type, 'server_error');
  assert.equal(local.requests.length, 0);
});

test('the log has no keys', () => {
  for (const secret of [apiKey, anthropicKey, 'PRIVATE KEY']) assert.ok(!gateway.output.includes(secret));
});
