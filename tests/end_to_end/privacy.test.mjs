// SPDX-License-Identifier: Apache-2.0
// Secrets stay out of the log, and clients cannot choose the host of a request: requests of
// all kinds at the level debug, with secrets planted in every possible field, and an
// upstream that repeats everything it receives; also clients that name other hosts.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, runToEnd } from './support/process.mjs';
import { RawConnection, chatRequest, parseAnswer } from './support/raw.mjs';
import { Stack, apiKey } from './support/stack.mjs';

// Each secret is in one place only, so that a leak shows its origin.
const upstreamKey = 'upstreamkey-51c0ffee7a3d90b2';
const planted = {
  prompt: 'prompt-8d1f4e6a', system: 'system-2b9c7d10', answer: 'answer-c4a8f0e3', tool: 'toolcall-77e1b2d4', query: 'query-3e5f9a1c',
  wrongKey: 'wrongkey-90ab34cd56ef', token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.dG9rZW4tcGxhbnRlZA', cookie: 'cookie-1f2e3d4c',
  broken: 'broken-6a5b4c3d', image: 'aW1hZ2UtcGxhbnRlZC1pbWFnZQ', user: 'user-0f9e8d7c', passphrase: 'passphrase-5544ccdd',
};
const secrets = { ...planted, upstreamKey, clientKey: apiKey };

function clean(text, where) {
  for (const [name, secret] of Object.entries(secrets)) assert.ok(!text.includes(secret), `${name} stands in ${where}: ${line(text, secret)}`);
}
const line = (text, secret) => text.split('\n').find((one) => one.includes(secret))?.slice(0, 600);

let stack, upstream, elsewhere;
const received = [];

/** Does what the model's name says, and repeats what it was told. */
function answer(request, response, body) {
  const mode = /"model":"([a-z0-9]+)/.exec(body)?.[1];
  const echo = `you sent ${body} with ${JSON.stringify(request.headers)}`;
  const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const status = /^status(\d+)/.exec(mode)?.[1];
  if (status) return json(Number(status), { error: { message: echo, type: echo, code: 'odd_code', param: 'x' } });
  if (mode === 'text500') return response.writeHead(500).end(echo);
  if (mode === 'garbage') return response.writeHead(200, { 'content-type': 'application/json' }).end(`{"x": ${echo}`);
  if (mode === 'html') return response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>${echo}</h1>`);
  if (mode === 'redirect') return response.writeHead(302, { location: `http://127.0.0.1:${elsewhere.address().port}/?${encodeURIComponent(echo)}` }).end();
  if (mode === 'reset') return response.socket.destroy();
  if (!/"stream":true/.test(body))
    return json(200, { id: 'a', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `${planted.answer} ${body}` } }] });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (delta, finish = null) => response.write(`data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
  event({ role: 'assistant', content: planted.answer });
  if (mode === 'cut') return response.socket.destroy();
  if (mode === 'badevent') return response.end(`data: {"broken ${echo}\n\n`);
  if (mode === 'errorevent') return response.end(`data: ${JSON.stringify({ error: { message: echo, code: 'odd' } })}\n\n`);
  if (mode === 'hang') return undefined;
  event({ content: ' more' }, 'stop');
  return response.end('data: [DONE]\n\n');
}

const listen = async (handler) => {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

before(async () => {
  elsewhere = await listen((request, response) => {
    received.push(`elsewhere ${request.url}`);
    response.end('{}');
  });
  upstream = await listen((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => (body += text));
    request.on('end', () => {
      received.push(`${request.method} ${request.url} ${request.headers.host} ${body}`);
      answer(request, response, body);
    });
  });
  const { port } = upstream.address();
  stack = await Stack.start({
    environment: { UPSTREAM_KEY: upstreamKey },
    routes: { 'up/*': 'up/*', hello: 'greeter/any', 'gpt-5': 'oci/openai.gpt-4.1' },
    extra: `[signer.up]\nuse = "bearer"\nkey = "env:UPSTREAM_KEY"\n[provider.up]\nuse = "openai"\nbase_url = "http://127.0.0.1:${port}/v1"\nsigner = "up"\n` +
      `[authenticator.people]\nuse = "jwt"\njwks_url = "http://127.0.0.1:${port}/keys"\nissuer = "x"\naudience = "y"\n` +
      '[log]\nlevel = "debug"\n',
  });
});
after(async () => {
  upstream.closeAllConnections();
  upstream.close();
  elsewhere.close();
  await stack.stop();
});

const chat = (model, more = {}) => ({
  model, user: planted.user,
  messages: [{ role: 'system', content: planted.system }, { role: 'user', content: planted.prompt }],
  tools: [{ type: 'function', function: { name: 'f', description: planted.tool, parameters: { type: 'object' } } }], ...more });
const failures = ['status400', 'status401', 'status403', 'status404', 'status407', 'status413', 'status429', 'status500', 'status503', 'text500', 'garbage', 'html', 'redirect', 'reset'];

test('no key, token, prompt or response is in the log, the metrics or the output of check', async () => {
  const post = (body, headers = {}, path = '/v1/chat/completions') =>
    fetch(`${stack.url}${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, cookie: planted.cookie, ...headers } })
      .then(async (one) => ({ status: one.status, text: await one.text().catch(() => 'cut') }));

  assert.equal((await post(chat('up/good'))).status, 200);
  assert.equal((await post(chat('up/good', { stream: true }))).status, 200);
  assert.equal((await post(chat('gpt-5'))).status, 200);
  for (const mode of failures) {
    for (const stream of [false, true]) {
      const { status, text } = await post(chat(`up/${mode}`, { stream }));
      assert.ok(status >= 400, `${mode}: ${status}`);
      assert.ok(!text.includes(upstreamKey), `${mode}: the client is told our key: ${text.slice(0, 600)}`);
    }
  }
  for (const mode of ['cut', 'badevent', 'errorevent']) {
    const { text } = await post(chat(`up/${mode}`, { stream: true }));
    assert.ok(!text.includes(upstreamKey), `${mode}: the client is told our key: ${text.slice(0, 600)}`);
  }
  const { tools } = chat('x');
  for (const body of [
    `{"model":"up/good","messages":[{"role":"user","content":"${planted.broken}`, `{"messages": ${planted.broken}}`,
    chat('up/good', { temperature: planted.broken }), chat('up/good', { stop: [planted.broken, 7] }), chat('up/good', { tool_choice: planted.broken }),
    chat('up/good', { messages: [{ role: planted.broken, content: planted.prompt }] }), chat('up/good', { messages: planted.broken }),
    chat('up/good', { messages: [{ role: 'user', content: [{ type: planted.broken, text: planted.prompt }] }] }),
    chat('up/good', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${planted.image}` } }] }] }),
    chat('up/good', { messages: [{ role: 'assistant', tool_calls: [{ id: planted.tool, type: 'function', function: { name: 'f', arguments: planted.broken } }] }] }),
    chat('up/good', { tools: [...tools, { type: 'function', function: { name: planted.broken.repeat(20) } }] }),
    chat('up/good', { response_format: { type: planted.broken } }), chat('up/good', { reasoning_effort: planted.broken }),
  ])
    await post(body);
  await post(chat('up/good'), { authorization: `Bearer ${planted.wrongKey}` });
  await post(chat('up/good'), { authorization: `Bearer ${planted.token}` });
  await post(chat('up/good'), { 'x-api-key': planted.wrongKey });
  await post(chat('up/good'), {}, `/v1/chat/completions?key=${planted.query}`);
  await post(chat('up/good'), {}, `/nowhere?key=${planted.query}`);
  await post(chat('up/good'), { 'content-type': 'text/plain' });
  await post({ model: 'up/good', input: planted.prompt }, {}, '/v1/embeddings');
  await post({ model: 'up/good', prompt: planted.prompt }, {}, '/v1/completions');
  await post({ model: 'gpt-5', query: planted.prompt, documents: [planted.answer] }, {}, '/v1/rerank');
  const gone = new RawConnection(stack.port);
  await gone.write(chatRequest(chat('up/hang', { stream: true })));
  await gone.until((text) => text.includes(planted.answer));
  gone.close();
  const malformed = new RawConnection(stack.port);
  await malformed.write(`GET /v1/models HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${apiKey}\r\n bad ${planted.wrongKey}\r\n\r\n`);
  await malformed.until(() => false);

  await eventually(() => / gone=true/.test(stack.gateway.output), 'the log says that the client has gone');
  clean(stack.gateway.output, 'the log');
  clean(await (await fetch(`${stack.url}/metrics`)).text(), 'the metrics');
  const environment = { UPSTREAM_KEY: upstreamKey };
  clean((await runToEnd(process.env.GATEHOUSE, ['check', '-c', stack.file], environment)).output, 'what check says');
  clean((await runToEnd(process.env.GATEHOUSE, ['reload', '--dry-run', '-c', stack.file], environment)).output, 'what reload says');
  const wrong = join(stack.folder, 'wrong.toml');
  writeFileSync(wrong, readFileSync(stack.file, 'utf8').replace('keys = [', `keys = [{ name = "a", key = "${planted.passphrase} b" }, `));
  clean((await runToEnd(process.env.GATEHOUSE, ['check', '-c', wrong], environment, 2)).output, 'what check says of a mistake');
  await stack.answersNext();
});

test('a client cannot change the destination of its request', async () => {
  received.length = 0;
  const { port } = upstream.address();
  const evil = `127.0.0.1:${elsewhere.address().port}`;
  const ask = async (body, headers, requestLine) => {
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest(body, { connection: 'close', ...headers }, requestLine));
    const text = await connection.until(() => false);
    return parseAnswer(text).status;
  };
  for (const headers of [
    { host: evil }, { 'x-forwarded-host': evil, 'x-forwarded-proto': 'http', 'x-forwarded-for': '127.0.0.1' }, { forwarded: `host=${evil}` },
    { 'x-original-url': `http://${evil}/`, 'x-rewrite-url': `http://${evil}/` }, { 'x-gatehouse-route': `http://${evil}/`, 'x-upstream': evil },
    { 'openai-organization': evil, 'x-base-url': `http://${evil}/v1`, destination: `http://${evil}/` },
  ])
    assert.equal(await ask(chat('up/good'), headers), 200, JSON.stringify(headers));
  assert.equal(await ask(chat('up/good'), {}, `POST http://${evil}/v1/chat/completions HTTP/1.1`), 200);
  assert.equal(await ask(chat('up/good'), {}, `CONNECT ${evil} HTTP/1.1`) >= 400, true);
  for (const name of [
    `http://${evil}/`, `//${evil}/`, `@${evil}/`, `../../${evil}`, '..', '../..', '.', '%2e%2e/', 'a/../../b', 'a\r\nhost: evil', 'a\nb', 'a b', 'a?b=c', 'a#b', 'a\\b', 'a;b', 'é',
    'a\u0000b', 'x'.repeat(5000),
  ]) {
    await ask(chat(`up/${name}`), {});
    await ask(chat(name), {});
    await ask({ model: `up/${name}`, input: 'x' }, {}, 'POST /v1/embeddings HTTP/1.1');
    // OCI's providers may use a model's name outside the body.
    await ask(chat(`gpt-5/${name}`), {});
    await fetch(`${stack.url}/v1/models/${encodeURIComponent(name)}`, { headers: { authorization: `Bearer ${apiKey}` } }).then((one) => one.text());
  }
  assert.ok(received.length > 20);
  for (const one of received.filter((each) => !each.startsWith('GET /keys '))) assert.match(one, new RegExp(`^POST /v1/(chat/completions|embeddings|completions) 127\\.0\\.0\\.1:${port} `), one.slice(0, 300));
  await stack.answersNext();
});

test('a secret file that other users may read causes a warning, or an error at start with strict_permissions', async () => {
  // The configuration has the client's key in it.
  assert.ok((statSync(stack.file).mode & 0o044) !== 0);
  assert.match(stack.gateway.output, / warning team file with a secret is readable by other users: `chmod 600` it file=\S+gatehouse.toml\n/);
  const environment = { UPSTREAM_KEY: upstreamKey };
  const strict = join(stack.folder, 'strict.toml');
  const secret = join(stack.folder, 'secret');
  const use = (key) => writeFileSync(strict,
    readFileSync(stack.file, 'utf8').replace('[server]\n', '[server]\nstrict_permissions = true\n').replace(JSON.stringify(apiKey), key));
  const check = async (status) => (await runToEnd(process.env.GATEHOUSE, ['check', '-c', strict], environment, status)).output;
  use(JSON.stringify(apiKey));
  assert.match(await check(2), /strict\.toml:\d+:\d+: users other than its owner may read \S+strict\.toml, which contains a secret: `chmod 600` it/);
  chmodSync(strict, 0o600);
  await check(0);
  writeFileSync(secret, 'sk-in-a-file-0123456789');
  use(`"file:${secret}"`);
  assert.match(await check(2), /strict\.toml:\d+:\d+: users other than its owner may read \S+\/secret, which contains a secret/);
  chmodSync(secret, 0o600);
  await check(0);
  chmodSync(strict, 0o644);  // it contains no secret any longer
  await check(0);
  use('"env:NOT_SET:-sk-a-default-in-the-file"');
  assert.match(await check(2), /users other than its owner may read \S+strict\.toml/);
  use('"sha256:04297f8c25c6bb87f23fb6c57eedbc452f5cc99e2c1f3c7caef41c582e53cb98"');
  await check(0);
  // A file that a plugin reads itself.
  writeFileSync(strict, `${readFileSync(strict, 'utf8')}\n[signer.of_a_file]\nuse = "bearer"\nkey_file = "${secret}"\n`);
  await check(0);
  chmodSync(secret, 0o644);
  assert.match(await check(2), /strict\.toml:\d+:\d+: users other than its owner may read \S+\/secret, which contains a secret: `chmod 600` it, or remove strict_permissions /);
});

test('a crash does not leave a core dump', () => {
  assert.match(readFileSync(`/proc/${stack.gateway.child.pid}/limits`, 'utf8'), /^Max core file size +1 +1 +bytes/m);
});

test('wrong credentials of an address delay its requests, only if this is configured', async () => {
  const wrong = () => stack.post({}, { headers: { authorization: 'Bearer sk-wrong' } }).then((one) => one.text().then(() => one.status));
  for (let i = 0; i < 100; ++i) assert.equal(await wrong(), 401);
  await stack.gateway.stop();
  await stack.startGateway({ server: { auth_failures_per_minute: 12 } });
  for (let i = 0; i < 12; ++i) assert.equal(await wrong(), 401);
  // One attempt comes back every five seconds.  Four at once use up those that a slow machine has got back.
  await eventually(async () => {
    const started = Date.now(), some = await Promise.all(Array.from({ length: 4 }, wrong));
    return some.includes(429) || Date.now() - started > 2000 || some;
  }, 'a request waits for its turn, or is told to come back');
  const line = Promise.all(Array.from({ length: 20 }, async () => {
    const answer = await stack.post({}, { headers: { authorization: 'Bearer sk-wrong' } });
    await answer.text();
    return [answer.status, Number(answer.headers.get('retry-after'))];
  }));
  // A reload does not reset the delay.
  stack.gateway.child.kill('SIGHUP');
  await eventually(() => / reloaded /.test(stack.gateway.output), 'the file is read');
  const again = await Promise.all(Array.from({ length: 12 }, wrong));
  assert.ok(again.includes(429), `${again}`);
  const many = await line;
  assert.ok(many.filter(([status, seconds]) => status === 429 && seconds > 0).length >= 15, JSON.stringify(many));
  // Other requests are served meanwhile: here the endpoints that need no credential.
  assert.equal((await fetch(`${stack.url}/health`)).status, 200);
});
