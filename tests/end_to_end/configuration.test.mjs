// SPDX-License-Identifier: Apache-2.0
// Changes of the TOML: valid examples, errors with their exact messages, one line
// that changes the backend, and the shutdown.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Program, eventually, patience, required, runToEnd } from './support/process.mjs';
import { RawConnection, chatRequest, parseAnswer, say } from './support/raw.mjs';
import { readStream } from './support/sse.mjs';
import { Stack, apiKey, configuration, defaultRoutes } from './support/stack.mjs';

const gatehouse = required('GATEHOUSE');
let stack;
before(async () => (stack = await Stack.start()));
after(() => stack.stop());

/** Output of `gatehouse check` for this text, without the file's name. */
async function complaint(text, { status = 2, environment, name = 'wrong.toml' } = {}) {
  const file = join(stack.folder, name);
  writeFileSync(file, text);
  for (const command of ['check', 'serve']) {
    const program = await runToEnd(gatehouse, [command, '-c', file], environment, status);
    if (command === 'serve') return program.stderr.replaceAll(`${stack.folder}/`, '').replace(/^\d{4}-.*\n/gm, '');  // without lines of the log
  }
}
const good = () => configuration({ port: 1, endpoint: 'http://127.0.0.1:9', folder: stack.folder });

test('an unknown key', async () => {
  const text = good().replace('[server]\n', '[server]\nlisten_on = "x"\n');
  assert.equal(await complaint(text), `wrong.toml:2:1: unknown key "listen_on" in [server]; did you mean "listen"? \
(allowed: tls, listen, workers, local_threads, allow_anonymous, max_connections, max_concurrent_requests, max_queued, queue_timeout_ms, memory_limit, header_timeout_ms, body_timeout_ms, body_timeout_per_mb_ms, keep_alive_ms, \
max_header_bytes, max_headers, max_body_bytes, max_json_depth, client_buffer_bytes, client_write_timeout_ms, heartbeat_ms, early_heartbeat_ms, hook_timeout_ms, drain_timeout_ms, \
drain_delay_ms, ready, cors_origins, watch, strict_permissions, auth_failures_per_minute, explain_clients)
    listen_on = "*"
    ^
`);
});

test('check as root warns of files that only root can read, and --user checks as another user', async (t) => {
  if (process.getuid() !== 0) return t.skip('needs root');
  const file = join(stack.folder, 'own.toml'), key = join(stack.folder, 'own_key');
  writeFileSync(file, `[authenticator.team]\nuse = "api_key"\nkeys = [{ name = "a", key = "file:${key}" }]\n[provider.greeter]\nuse = "hello"\n` +
    '[mapper.models]\nuse = "table"\nunknown = "greeter/*"\n[dialect.openai]\nuse = "openai"\n');
  writeFileSync(key, 'a-key-of-more-than-sixteen-characters');
  for (const [path, mode] of [[stack.folder, 0o711], [file, 0o644], [key, 0o600]]) chmodSync(path, mode);
  const check = async (status, ...more) => (await runToEnd(gatehouse, ['check', '-c', file, ...more], {}, status)).output;
  assert.match(await check(0), new RegExp(`warning: only root can read ${key}; if the gateway runs as another user, check with \`--user NAME\`\\n`));
  assert.match(await check(2, '--user', 'nobody'), new RegExp(`:3:.*${key}.*permission denied`, 'i'));
  assert.match(await check(2, '--user', '61234', '--json'), /"severity": "error"/);
  chmodSync(key, 0o644);
  assert.match(await check(0, '--user', 'nobody'), /own\.toml: ok\n/);
  assert.equal(await check(2, '--user', 'no-such-user'), 'there is no user "no-such-user"; give a name or a number\n');
});

test('a wrong type', async () => {
  assert.equal(await complaint(good().replace('[server]\n', '[server]\nworkers = "two"\n')),
    'wrong.toml:2:11: workers must be an integer, not a string; write it without quotes\n    workers = "two"\n              ^\n');
});

test('a missing variable', async () => {
  const text = good().replace(/compartment_id = .*/, 'compartment_id = "env:NO_SUCH_COMPARTMENT"');
  assert.match(await complaint(text), /^wrong\.toml:\d+:18: .*NO_SUCH_COMPARTMENT.*\n    compartment_id = "env:NO_SUCH_COMPARTMENT"\n +\^\n$/);
});

test('a missing credential', async () => {
  const text = good().replace(/compartment_id = .*/, 'compartment_id = "credential:compartment"');
  assert.match(await complaint(text),
    /^wrong\.toml:\d+:18: .*CREDENTIALS_DIRECTORY.*LoadCredential=compartment:PATH\n    compartment_id = "credential:compartment"\n/);
  const environment = { CREDENTIALS_DIRECTORY: stack.folder };
  assert.match(await complaint(text, { environment }), /^wrong\.toml:\d+:18: .*there is no credential compartment, .*LoadCredential=compartment:PATH/);
  writeFileSync(join(stack.folder, 'compartment'), 'ocid1.compartment.oc1..credential\n');
  await runToEnd(gatehouse, ['check', '-c', join(stack.folder, 'wrong.toml')], environment);
});

test('a name that needs quotes', async () => {
  for (const name of ['gpt-4.1', 'llama3:8b', 'openai/gpt-5', 'gpt-*'])
    assert.match(await complaint(good().replace('[mapper.models.models]\n', `[mapper.models.models]\n${name} = "oci/x"\n`)),
      new RegExp(`^wrong\\.toml:\\d+:\\d+: .* needs quotes: "${name.replace('*', '\\*').replace('.', '\\.')}"\n`));
});

test('a base_url that is the URL of an operation', async () => {
  for (const operation of ['/chat/completions', '/embeddings', '/completions', '/models', '/responses'])
    assert.match(await complaint(`${good()}[provider.oa]\nuse = "openai"\nbase_url = "http://127.0.0.1:1/v1${operation}"\n`),
      new RegExp(`^wrong\\.toml:\\d+:12: base_url ends in ${operation}, the path of an operation, which the gateway adds: give http://127\\.0\\.0\\.1:1/v1\n`));
});

test('a key in quotes is warned of, and not shown', async () => {
  const file = join(stack.folder, 'quoted.toml');
  writeFileSync(file, good().replace(JSON.stringify(apiKey), '"env:QUOTED_KEY"'));
  for (const [key, reason] of [[`"${apiKey}"`, 'quote'], [`'${apiKey}'`, 'quote'], [`${apiKey}"`, 'quote']]) {
    const { output } = await runToEnd(gatehouse, ['check', '-c', file], { QUOTED_KEY: key }, 0);
    assert.match(output, new RegExp(`^${file}:\\d+:\\d+: warning: the secret is probably wrong: [^\\n]*${reason}`, 'm'));
    assert.ok(!output.includes(apiKey));
  }
  for (const key of [`Bearer ${apiKey}`, ` ${apiKey}`, `${apiKey}\n`]) {
    const { output } = await runToEnd(gatehouse, ['check', '-c', file], { QUOTED_KEY: key }, 2);
    assert.match(output, /:\d+:\d+: warning: the secret is probably wrong: /);
    assert.ok(!output.includes(apiKey));
  }
  const { output } = await runToEnd(gatehouse, ['check', '-c', file], { QUOTED_KEY: apiKey }, 0);
  assert.doesNotMatch(output, /probably wrong/);
});

test('a file that is not TOML', async () => {
  assert.match(await complaint('[server\n'), /^wrong\.toml:1:8: not valid TOML: [^\n]+\n    \[server\n           \^\n$/);
});

test('a route to a missing provider', async () => {
  const text = good().replace('"oci/openai.gpt-4.1"', '"oic/openai.gpt-4.1"');
  const line = text.slice(0, text.indexOf('"oic/')).split('\n').length;
  assert.match(await complaint(text), new RegExp(`^wrong\\.toml:${line}:\\d+: a route names the provider "oic", but there is no \\[provider\\.oic\\]; \
did you mean "oci"\\? \\(there are: [a-z, ]+\\)\\n.*"oic/openai\\.gpt-4\\.1"`));
});

test('a missing signer', async () => {
  assert.match(await complaint(good().replace('signer = "oci"', 'signer = "oracle"')), /^wrong\.toml:\d+:10: there is no \[signer\.oracle\] \(there is: oci\)\n    signer = "oracle"\n             \^\n$/);
});

test('a missing plugin', async () => {
  assert.match(await complaint(good().replace('use = "hello"', 'use = "helo"')), /^wrong\.toml:\d+:\d+: there is no provider plugin "helo"; did you mean "hello"\?/);
});

test('a missing file', async () => {
  const { stderr } = await runToEnd(gatehouse, ['check', '-c', '/nonexistent/gatehouse.toml'], {}, 2);
  assert.match(stderr, /^\/nonexistent\/gatehouse\.toml: .*No such file/i);
});

test('a missing key file', async () => {
  writeFileSync(join(stack.folder, 'no-key'), '[DEFAULT]\nuser=ocid1.user.oc1..a\ntenancy=ocid1.tenancy.oc1..a\nfingerprint=' + stack.key.fingerprint + '\nkey_file=/nonexistent/key.pem\n');
  const text = good().replace(/config_file = .*/, `config_file = "${stack.folder}/no-key"`);
  const message = await complaint(text);
  assert.match(message, /^wrong\.toml:\d+:15: cannot read the private key \/nonexistent\/key\.pem \(key_file of profile \[DEFAULT\] in no-key\): No such file or directory\n    config_file = "no-key"\n +\^\n$/);
});

test('a fingerprint of another key', async () => {
  writeFileSync(join(stack.folder, 'other'), readFileSync(join(stack.folder, 'config'), 'utf8').replace(/fingerprint=../, 'fingerprint=00'));
  const message = await complaint(good().replace(/config_file = .*/, `config_file = "${stack.folder}/other"`));
  assert.match(message, /^wrong\.toml:\d+:15: fingerprint of profile \[DEFAULT\] in other is 00:[0-9a-f:]+, which does not belong to the private key key\.pem/);
  assert.ok(message.includes(stack.key.fingerprint), 'it says the right one');
});

test('a public address needs an authenticator', async () => {
  const text = good().replace(/listen = .*/, 'listen = "0.0.0.0:8050"').replace(/\[authenticator.team\]\n.*\n.*\n/, '');
  assert.match(await complaint(text), new RegExp('^wrong\\.toml:2:10: every client that reaches 0\\.0\\.0\\.0:8050 could use this gateway: add an \\[authenticator\\.…\\] table, ' +
    'listen on 127\\.0\\.0\\.1, or set `allow_anonymous = true` in \\[server\\]\\n    listen = "0\\.0\\.0\\.0:8050"\\n             \\^\\n'));
});

test('a port in use', async () => {
  const program = new Program(gatehouse, ['serve', '-c', stack.file]);
  await program.finish(1);
  assert.match(program.stderr, new RegExp(`127\\.0\\.0\\.1:${stack.port}.*in use`, 'i'));
});

test('no error message contains a secret', async () => {
  const text = good().replace('use = "api_key"', 'use = "api_key"\nkey = "sk-very-secret"');
  assert.ok(!(await complaint(text)).includes('very-secret'));
});

test('every example passes the check', async () => {
  const folder = join(required('SOURCE'), 'config');
  const environment = {
    HOME: stack.folder, OCI_CONFIG_FILE: join(stack.folder, 'config'), OCI_COMPARTMENT_ID: 'ocid1.compartment.oc1..a',
    OCI_GENAI_ENDPOINT: 'http://127.0.0.1:9', GATEHOUSE_KEY: 'sk-test', OCI_GENAI_API_KEY: 'sk-oci', ANTHROPIC_API_KEY: 'sk-ant-x',
    KUBERNETES_SERVICE_HOST: '127.0.0.1', ANN_KEY: 'sk-ann-0123456789', BOB_KEY: 'sk-bob-0123456789', CI_KEY: 'sk-ci-0123456789',
    GATEHOUSE_STORE: join(stack.folder, 'store.db'),
  };
  const examples = readdirSync(folder).filter((name) => name.endsWith('.toml'));
  assert.ok(examples.includes('quickstart.toml') && examples.includes('oci.toml'));
  for (const name of examples) {
    const { stdout } = await runToEnd(gatehouse, ['check', '-c', join(folder, name)], environment);
    assert.match(stdout, /: ok\n/);
  }
  // The key of the examples is in the documents, so that their files need no protection.
  const trial = await runToEnd(gatehouse, ['check', '-c', join(folder, 'quickstart.toml')], environment);
  assert.doesNotMatch(trial.output, /chmod/);
  assert.match(trial.output, /quickstart\.toml:\d+:1: warning: a key of less than 16 characters can be guessed: key=quickstart\n/);
});

test('the OpenClaw example is JSON and names what the quickstart serves', () => {
  const config = JSON.parse(readFileSync(join(required('SOURCE'), 'config', 'openclaw.json'), 'utf8'));
  const provider = config.models.providers['openai-compatible'];
  assert.deepEqual([provider.baseUrl, provider.api, provider.models[0].id], ['http://127.0.0.1:8050/v1', 'openai-completions', 'gpt-5']);
  const quickstart = readFileSync(join(required('SOURCE'), 'config', 'quickstart.toml'), 'utf8');
  assert.ok(quickstart.includes(`"${provider.apiKey}"`) && quickstart.includes(`"${provider.models[0].id}" =`));
});

test('explain, plugins, hash-key and version', async () => {
  const plugins = await runToEnd(gatehouse, ['plugins']);
  for (const name of ['oci', 'hello', 'api_key', 'oci_signer', 'table', 'openai']) assert.match(plugins.stdout, new RegExp(`\\b${name}\\b`));
  assert.match((await runToEnd(gatehouse, ['explain', 'provider', 'oci'])).stdout, /compartment_id/);
  const hash = (await runToEnd(gatehouse, ['hash-key', 'sk-hashed'])).stdout.trim();
  assert.match(hash, /^sha256:\S+$/);
  assert.match((await runToEnd(gatehouse, ['version'])).stdout, /\d+\.\d+/);

  const hashed = await Stack.start({ extra: `[authenticator.other]\nuse = "api_key"\nkeys = [{ name = "h", key = "${hash}" }]\n` });
  try {
    const status = async (key) => (await fetch(`${hashed.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    assert.deepEqual([await status('sk-hashed'), await status(hash), await status(apiKey)], [200, 401, 200]);
  } finally {
    await hashed.stop();
  }
});

test('one changed line changes the backend, with the same binary', async () => {
  const say = async (running) => (await running.client().chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'Gatehouse' }] })).choices[0].message.content;
  const changing = await Stack.start();
  try {
    assert.equal(await say(changing), 'You said: Gatehouse');
    const before = changing.configuration().split('\n');
    await changing.gateway.stop();
    const options = { routes: { ...defaultRoutes, 'gpt-5': 'greeter/any' } };
    await changing.startGateway(options);
    const after = changing.configuration(options).split('\n');
    assert.equal(after.filter((line, i) => line !== before[i] && !line.includes('listen')).length, 1);
    assert.equal(await say(changing), 'Hello, Gatehouse');
  } finally {
    await changing.stop();
  }
});

test('routes are tried in order', async () => {
  const ordered = await Stack.start({ routes: { 'gpt-5': ['dead/any', 'oci/openai.gpt-4.1'], sick: ['oci/openai.gpt-4.1', 'greeter/any'] },
    extra: '[provider.dead]\nuse = "oci"\nendpoint = "http://127.0.0.1:9"\ncompartment_id = "ocid1.compartment.oc1..a"\nsigner = "oci"\n' });
  try {
    const ask = async (model, content, stream) => ordered.post({ model, stream, messages: [{ role: 'user', content }] });
    assert.equal((await (await ask('gpt-5', 'x')).json()).choices[0].message.content, 'You said: x');
    assert.equal(readStream(await (await ask('gpt-5', 'x', true)).text()).choices[0].text, 'You said: x');
    assert.equal((await (await ask('sick', 'mock:err:503')).json()).choices[0].message.content, 'Hello, mock:err:503');
    // After the first byte there is no other route.
    assert.match(await (await ask('sick', 'mock:miderr one two three', true)).text(), /data: \{"error"/);
  } finally {
    await ordered.stop();
  }
});

test('a key that is limited to some models sees and uses only those', async () => {
  const guest = 'sk-guest-0a1b2c3d4e5f';
  const guests = (models) => `[authenticator.guests]\nuse = "api_key"\nkeys = [{ name = "guest", key = "${guest}", models = ${models} }]\n`;
  assert.match(await complaint(good() + guests('["gpt-5", "*-mini"]')),
    /^wrong\.toml:\d+:77: must be a name, or a prefix with a star at its end; "\*" alone matches every name\n/);

  const shared = await Stack.start({ extra: guests('["gpt-5", "openai*"]') });
  try {
    const client = shared.client({ apiKey: guest });
    const seen = async (one) => (await one.models.list()).data.map(({ id }) => id).sort();
    assert.deepEqual(await seen(client), ['gpt-5', 'openai-compatible/gpt-5', 'openai/gpt-5']);
    assert.ok((await seen(shared.client())).includes('hello'));
    assert.equal((await client.models.retrieve('openai/gpt-5')).id, 'openai/gpt-5');
    const ask = (model) => client.chat.completions.create({ model, messages: [{ role: 'user', content: 'x' }] });
    assert.equal((await ask('openai/gpt-5')).choices[0].message.content, 'You said: x');
    // A model that the key may not use gets the same error as a model that does not exist.
    for (const model of ['hello', 'gpt-5x', 'no-such-model'])
      for (const refused of [ask, (name) => client.models.retrieve(name)])
        await assert.rejects(refused(model), { status: 404, code: 'model_not_found',
          message: `404 The model '${model}' does not exist or you do not have access to it.` });
    // Only the log tells them apart.
    await assert.rejects(shared.client().chat.completions.create({ model: 'absent', messages: [{ role: 'user', content: 'x' }] }), { status: 404 });
    await assert.rejects(shared.client().models.retrieve('absent'), { status: 404 });
    const details = (words) => shared.output.split('\n').filter((line) => line.includes(' status=404 ') && words.test(line))
      .map((line) => line.match(/ detail="([^"]*)"/)?.[1]);
    await eventually(() => details(/ client=tests /).length === 2, 'the log has the requests');
    assert.deepEqual(new Set(details(/ client=guest /)), new Set(['model not allowed for this client']));
    assert.deepEqual(details(/ client=tests /), ['no such model', 'no such model']);
  } finally {
    await shared.stop();
  }
});

test('an unknown model name may pass to OCI unchanged', async () => {
  const open = await Stack.start({ routes: { 'gpt-5': 'oci/openai.gpt-4.1' }, mapper: { unknown: 'oci/*' } });
  try {
    const completion = await open.client().chat.completions.create({ model: 'meta.llama-3.3-70b-instruct', messages: [{ role: 'user', content: 'x' }] });
    assert.equal(completion.choices[0].message.content, 'You said: x');
    assert.equal((await open.emulator.last()).body.servingMode.modelId, 'meta.llama-3.3-70b-instruct');
  } finally {
    await open.stop();
  }
});

test('a stream is simulated from a non-streaming response', async () => {
  const simulated = await Stack.start({ provider: { streaming: 'simulated' } });
  try {
    const response = await simulated.post(say('one two three', { stream: true, stream_options: { include_usage: true } }));
    const { choices, usage } = readStream(await response.text(), { usageAsked: true });
    assert.equal(choices[0].text, 'You said: one two three');
    assert.ok(usage.total_tokens > 0);
    assert.notEqual((await simulated.emulator.last()).body.chatRequest.isStream, true);
  } finally {
    await simulated.stop();
  }
});

test('CORS, if it is configured', async () => {
  const cors = await Stack.start({ server: { cors_origins: ['https://app.example.com'] } });
  try {
    const origin = 'https://app.example.com';
    const preflight = await fetch(`${cors.url}/v1/chat/completions`, { method: 'OPTIONS', headers: {
      origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-stainless-lang' } });
    assert.ok(preflight.ok);
    assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
    assert.match(preflight.headers.get('access-control-allow-headers'), /authorization/i);
    for (const key of [apiKey, 'wrong']) {
      const answer = await cors.post(say('x'), { headers: { origin, authorization: `Bearer ${key}` } });
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      assert.match(answer.headers.get('access-control-expose-headers') ?? '', /x-request-id/i);
      await answer.text();
    }
    const stranger = await cors.post(say('x'), { headers: { origin: 'https://evil.example.com' } });
    assert.equal(stranger.headers.get('access-control-allow-origin'), null);
  } finally {
    await cors.stop();
  }
});

for (const signal of ['SIGTERM', 'SIGINT'])
  test(`${signal}: running streams complete, new clients are rejected, status 0`, async () => {
    const draining = await Stack.start();
    const connection = new RawConnection(draining.port);
    await connection.write(chatRequest(say('mock:drip:100 ' + 'word '.repeat(20), { stream: true })));
    await connection.until((text) => text.includes('You'));
    draining.gateway.child.kill(signal);
    await eventually(() => fetch(`${draining.url}/health`).then(() => 'accepted', () => true), 'no new connection is accepted');
    const answer = parseAnswer(await connection.until((text) => text.endsWith('\r\n0\r\n\r\n')));
    assert.match(readStream(answer.body).choices[0].text, /(word ){20}$/);
    await draining.gateway.finish();
    await draining.stop();
  });

test('a drain ends at its limit', async () => {
  const draining = await Stack.start({ server: { drain_timeout_ms: 500 } });
  const connection = new RawConnection(draining.port);
  await connection.write(chatRequest(say('mock:drip:1000 ' + 'word '.repeat(600), { stream: true })));
  await connection.until((text) => text.includes('You'));
  await draining.gateway.stop();  // before the stream has ended
  assert.ok(!(await connection.closed).includes('[DONE]'));
  await eventually(async () => (await draining.emulator.stats()).running === 0, 'its upstream call is cancelled');
  await draining.stop();
});

test('/ready returns 503 during the drain', async () => {
  const draining = await Stack.start({ server: { drain_delay_ms: 2 * patience } });
  draining.gateway.child.kill('SIGTERM');
  await eventually(async () => (await fetch(`${draining.url}/ready`)).status === 503, '/ready reports the drain');
  assert.equal((await fetch(`${draining.url}/health`)).status, 200);
  draining.gateway.child.kill('SIGTERM');
  await draining.gateway.finish(1);
  await draining.emulator.program.stop();
});

test('a gateway that drains ends after drain_delay_ms', async () => {
  const draining = await Stack.start({ server: { drain_delay_ms: 500 } });
  draining.gateway.child.kill('SIGTERM');
  await draining.gateway.finish();
  await draining.stop();
});
