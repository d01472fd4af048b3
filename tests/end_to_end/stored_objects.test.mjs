// SPDX-License-Identifier: Apache-2.0
// Files, vector stores and containers, by OpenAI's own client, through the providers oci and openai: the upstream keeps
// the objects, and the gateway checks the client, counts the request and logs it.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { after, before, describe, test } from 'node:test';

import OpenAI, { toFile } from 'openai';

import { Gateway, apiKey } from './support/gateway.mjs';
import { Emulator, compartment, writeOciConfig } from './support/stack.mjs';

const otherKey = 'sk-other-51aa';
const upstreamKey = 'sk-emulated-key';

const providers = {
  oci: (url, folder) => `
[signer.oci]
use = "oci_signer"
config_file = "${folder}/config"
[provider.upstream]
use = "oci"
signer = "oci"
endpoint = "${url}"
compartment_id = "${compartment}"
`,
  openai: (url) => `
[signer.key]
use = "bearer"
key = "${upstreamKey}"
[provider.upstream]
use = "openai"
signer = "key"
base_url = "${url}/openai/v1"
`,
};

/** A request whose path the client does not normalize. */
const raw = (gateway, method, path, headers = {}) =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: new URL(gateway.url).port, method, path, headers: { authorization: `Bearer ${apiKey}`, ...headers } },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () => resolve({ status: response.statusCode, body }));
      });
    asked.on('error', reject).end();
  });

for (const [name, provider] of Object.entries(providers))
  describe(`stored objects by provider/${name}`, () => {
    let gateway, emulator, client;
    before(async () => {
      gateway = new Gateway();
      gateway.makeFolder();
      writeOciConfig(gateway.folder);
      emulator = await Emulator.start(gateway.folder, ['--api-key', upstreamKey]);
      await gateway.launch((port, folder) => `
[server]
listen = "127.0.0.1:${port}"
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }, { name = "other", key = "${otherKey}", models = ["gpt-5"] }]
${provider(emulator.url, folder)}
[mapper.models]
use = "table"
models = { objects = "upstream/objects", gpt-5 = "upstream/openai.gpt-4.1" }
[limiter.quota]
use = "quota"
[[limiter.quota.budgets]]
for = "key:*"
amount = 1.00
per = "day"
[limiter.quota.prices."upstream/openai.gpt-4.1"]
input = 1.0
output = 1.0
[dialect.openai]
use = "openai"
stored_objects = "objects"
`);
      client = gateway.client();
    });
    after(async () => {
      await gateway?.stop();
      await emulator?.program.stop();
    });

    test('a file is uploaded, found, read byte for byte, and deleted', async () => {
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7919) % 256));
      const file = await client.files.create({ file: await toFile(bytes, 'data.bin'), purpose: 'user_data' });
      assert.equal(file.filename, 'data.bin');
      assert.equal(file.bytes, bytes.length);
      assert.equal(file.purpose, 'user_data');
      assert.deepEqual(await client.files.retrieve(file.id), file);
      assert.deepEqual(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()), bytes);
      const listed = [];
      for await (const one of client.files.list({ order: 'asc' })) listed.push(one.id);
      assert.ok(listed.includes(file.id));
      assert.equal((await emulator.requests()).at(-1).path.split('?')[0], '/openai/v1/files');
      assert.deepEqual(await client.files.delete(file.id), { id: file.id, object: 'file', deleted: true });
      await assert.rejects(client.files.retrieve(file.id), { status: 404 });
    });

    test('a vector store gets a file, is searched and changed, and is deleted', async () => {
      const file = await client.files.create({ file: await toFile(Buffer.from('The otter sleeps.'), 'otter.txt'), purpose: 'assistants' });
      const store = await client.vectorStores.create({ name: 'animals', metadata: { team: 'a' } });
      const added = await client.vectorStores.files.create(store.id, { file_id: file.id });
      assert.equal(added.vector_store_id, store.id);
      const found = await client.vectorStores.search(store.id, { query: 'otter' });
      assert.deepEqual(found.data.map((one) => one.content[0].text), ['The otter sleeps.']);
      assert.equal((await client.vectorStores.update(store.id, { name: 'mammals' })).name, 'mammals');
      assert.equal((await client.vectorStores.retrieve(store.id)).file_counts.completed, 1);
      assert.equal((await client.vectorStores.files.list(store.id)).data.length, 1);
      assert.equal((await client.vectorStores.delete(store.id)).deleted, true);
    });

    test('a container takes a file', async () => {
      const container = await client.containers.create({ name: 'work' });
      const file = await client.containers.files.create(container.id, { file: await toFile(Buffer.from('1,2'), 'a.csv') });
      assert.equal(file.path, '/mnt/data/a.csv');
      assert.equal(await (await client.containers.files.content.retrieve(file.id, { container_id: container.id })).text(), '1,2');
      await client.containers.delete(container.id);
    });

    test('the upstream explains a mistake to the client', async () => {
      await assert.rejects(client.vectorStores.search('vs_none', { query: 'x' }), { status: 404, message: '404 No such object: vs_none.', code: null });
      const store = await client.vectorStores.create({});
      await assert.rejects(client.vectorStores.files.create(store.id, { file_id: 'file-none' }), { status: 404 });
    });

    test('only a client that may use the model may use the objects', async () => {
      const other = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: otherKey, maxRetries: 0 });
      await assert.rejects(other.files.list(), { status: 404, code: 'model_not_found' });
      await assert.rejects(new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sk-no', maxRetries: 0 }).files.list(), { status: 401 });
    });

    test('no path of a client leaves the objects, and the upstream sees nothing of it', async () => {
      const before = (await emulator.requests()).length;
      for (const path of ['/v1/files/../models', '/v1/files/..', '/v1/files/%2e%2e/responses', '/v1/files/a%2fb', '/v1/files//a', '/v1/files/a/',
        `/v1/files/${'a'.repeat(600)}`, '/v1/files/a;b', '/v1/vector_stores/.', '/v1/containers/a/./b'])
        for (const method of ['GET', 'DELETE'])
          assert.ok([400, 404].includes((await raw(gateway, method, path)).status), `${method} ${path}`);
      assert.equal((await raw(gateway, 'GET', `/v1/files?${'a'.repeat(2_500)}`)).status, 400);
      assert.equal((await raw(gateway, 'DELETE', '/v1/files')).status, 405);
      assert.equal((await emulator.requests()).length, before);
    });

    test('a request that changes an object is sent once, and a request that reads one may be repeated', async () => {
      const sent = async () => (await emulator.requests()).filter(({ path }) => path.startsWith('/openai/v1/files')).length;
      const fault = (one) => emulator.post('faults', { path: '/openai/v1/files', ...one });
      for (const one of [{ fault: 'status', status: 503, first: 1 }, { fault: 'gateway', first: 1 }, { fault: 'throttled', first: 1 }]) {
        await fault(one);
        let before = await sent();
        await assert.rejects(client.files.create({ file: await toFile(Buffer.from('x'), 'x.txt'), purpose: 'user_data' }), undefined, one.fault);
        assert.ok((await sent()) - before <= 1, one.fault);
        await fault(one);
        before = await sent();
        assert.ok(Array.isArray((await client.files.list()).data), one.fault);
        await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
      }
    });

    test('a file that is a page does not run in a browser', async () => {
      const file = await client.files.create({ file: await toFile(Buffer.from('<script>1</script>'), 'a.html'), purpose: 'user_data' });
      const { headers } = await client.files.content(file.id);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox");
    });

    test('the log names the client, the route and the path, and the requests cost nothing', async () => {
      await client.files.list();
      assert.match(gateway.output, / client=tests .*path=\/v1\/files model=objects route=upstream\/objects status=200 /);
      const costs = [...gateway.output.matchAll(/ path=\/v1\/files[^ ]* .* cost=(\S+) (.*)/g)];
      assert.ok(costs.length > 0);
      for (const [line, cost, rest] of costs) assert.ok(cost === '0.00' && !rest.includes('cost_estimated'), line);
    });
  });

test('downloads need a slot, as all requests for an upstream do', async () => {
  let running = 0, most = 0;
  const server = createServer((asked, response) => {
    most = Math.max(most, ++running);
    setTimeout(() => {
      --running;
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end('bytes');
    }, 200);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway = await Gateway.start((port) => `
[server]
listen = "127.0.0.1:${port}"
max_concurrent_requests = 1
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[provider.upstream]
use = "openai"
base_url = "http://127.0.0.1:${server.address().port}/v1"
[mapper.models]
use = "table"
models = { objects = "upstream/objects" }
[dialect.openai]
use = "openai"
stored_objects = "objects"
`);
  try {
    const texts = await Promise.all([1, 2, 3, 4].map(async () => (await gateway.client().files.content('file-1')).text()));
    assert.deepEqual(texts, ['bytes', 'bytes', 'bytes', 'bytes']);
    assert.equal(most, 1);
    assert.equal((await gateway.client().models.list()).data.length, 1);
  } finally {
    await gateway.stop();
    server.close();
  }
});
