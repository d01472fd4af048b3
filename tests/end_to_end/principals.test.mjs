// SPDX-License-Identifier: Apache-2.0
// All principals that can sign: the gateway against the emulator's metadata, federation,
// sessions, pods and resources.  The emulator checks the rights of the tokens.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Stack, freePort } from './support/stack.mjs';
import { eventually, patience, sleep } from './support/process.mjs';

const ask = (stack, text = 'hi') =>
  stack.client().chat.completions.create({ model: 'llama', messages: [{ role: 'user', content: text }] });

const answers = async (stack) => assert.equal((await ask(stack)).choices[0].message.content, 'You said: hi');

const page = async (stack, name, body) => {
  const answer = await fetch(`${stack.emulator.url}/_emulator/${name}`,
    body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  assert.ok(answer.ok, `${name}: ${answer.status}`);
  return answer.json();
};
const signers = async (stack) =>
  (await page(stack, 'requests')).map((request) => request.signed_by).filter((one) => one.startsWith('ST$'));

/** Requests are answered until one is signed with a second token. */
const answersWithAnother = (stack) => eventually(async () => {
  await answers(stack);
  return new Set(await signers(stack)).size >= 2;
}, 'another token is used');

/** An emulator and, for each test, a gateway of its own. */
class Place {
  static async start(emulatorArgs) {
    const place = new Place();
    place.stack = await Stack.start({ emulatorArgs });
    return place;
  }

  /**
   * Runs a gateway with this signer, this lifetime of tokens and these faults; afterwards checks that it has
   * told no secret.
   */
  async with(signer, use, environment = {}, { lifetime = 1200, faults = [] } = {}) {
    const { stack } = this;
    await stack.gateway.stop();
    await stack.emulator.reset();  // faults too
    await page(stack, 'identity', { token_lifetime: lifetime });
    for (const fault of faults) await page(stack, 'faults', fault);
    const urls = { metadata_endpoint: `${stack.emulator.url}/opc/v2`, auth_endpoint: stack.emulator.url };
    await stack.startGateway({ signer: { ...urls, ...signer }, environment: { HOME: stack.folder, ...environment } });
    await use(stack, stack.gateway);
    const told = stack.gateway.output.replace(/\breq_[\w-]+/g, '');  // one random name in 20,000 has a token's first letters
    const [secret] = /ST\$|eyJ[\w-]{10}|PRIVATE KEY|service-account-secret/.exec(told) ?? [];
    assert.equal(secret, undefined, 'a secret in the log');
  }

  /** `seconds`, or longer on a machine so slow that a gateway takes a tenth of that to start. */
  lifetime(seconds) {
    return Math.ceil(Math.max(seconds, this.stack.startedIn / 100));
  }

  stop() {
    return this.stack.stop();
  }
}

/** A login of the command line: a token and its key. */
async function login(stack, lifetime) {
  const { token } = await page(stack, 'session-token', { publicKey: readFileSync(join(stack.folder, 'public.pem'), 'utf8'), lifetime });
  const file = join(stack.folder, 'token');
  writeFileSync(file, token, { mode: 0o644 });
  return { principal: 'session', key_file: join(stack.folder, 'key.pem'), security_token_file: file };
}

let place;
let resource;
before(async () => {
  resource = mkdtempSync(join(tmpdir(), 'gatehouse-resource-'));
  place = await Place.start(['--resource-principal', resource, '--tls-listen', '127.0.0.1:0', '--tls-ca',
    join(resource, 'ca.crt'), '--service-account-token', 'service-account-secret']);
});
after(async () => {
  await place.stop();
  rmSync(resource, { recursive: true });
});

const resourceEnvironment = (literal = false) => {
  const value = (name) => (literal ? readFileSync(join(resource, name), 'utf8') : join(resource, name));
  return {
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: value('rpst'),
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: value('private.pem'),
    OCI_RESOURCE_PRINCIPAL_REGION: 'us-chicago-1',
  };
};
/** Environment of a pod in a cluster. */
const pod = (stack) => {
  writeFileSync(join(stack.folder, 'account'), 'service-account-secret\n');
  const port = stack.emulator.program.stdout.match(/listening on https:\/\/127\.0\.0\.1:(\d+)/)[1];
  return [
    { service_account_token_file: join(stack.folder, 'account') },
    {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT_PROXYMUX: port,
      OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH: join(resource, 'ca.crt'),
      HTTPS_PROXY: 'http://127.0.0.1:9',
    },
  ];
};

test('an instance principal signs streaming and non-streaming requests with a token for a new key', () =>
  place.with({ principal: 'instance' }, async (stack) => {
    await answers(stack);
    let text = '';
    for await (const chunk of await stack.client().chat.completions.create({ model: 'llama', stream: true, messages: [{ role: 'user', content: 'hi' }] }))
      text += chunk.choices[0]?.delta.content ?? '';
    assert.equal(text, 'You said: hi');
    assert.equal(new Set(await signers(stack)).size, 1);
  }));

test('environment variables set the endpoints of an instance principal', async () => {
  const { url } = place.stack.emulator;
  await place.with({ principal: 'instance', metadata_endpoint: '', auth_endpoint: '' }, answers,
    { OCI_METADATA_BASE_URL: `${url}/opc/v2`, OCI_AUTH_ENDPOINT: url });
});

test('a session signs, is refreshed before its token expires, and is written back for its owner only', async () => {
  const signer = await login(place.stack, place.lifetime(4));
  const before = readFileSync(signer.security_token_file, 'utf8');
  await place.with(signer, async (stack) => {
    await answers(stack);
    await eventually(() => readFileSync(signer.security_token_file, 'utf8') !== before, 'the token is another one');
    assert.equal(statSync(signer.security_token_file).mode & 0o777, 0o600);
    await answersWithAnother(stack);
  });
});

test('a session uses the token of a new login', async () => {
  const signer = { ...(await login(place.stack, 600)), refresh_session: false };
  await place.with(signer, async (stack) => {
    await answers(stack);
    await page(stack, 'identity', { revoke: true });
    await login(stack, 600);
    await answers(stack);  // rejected first, then signed with the new token
    const [first, ...others] = (await signers(stack)).reverse();
    assert.ok(others.some((one) => one !== first));
  });
});

for (const literal of [false, true])
  test(`a resource principal with ${literal ? 'literals' : 'files'} signs`, async () => {
    await page(place.stack, 'resource-principal', { lifetime: 600 });
    await place.with({ principal: 'resource' }, answers, resourceEnvironment(literal));
  });

test('a resource principal uses a new token and key of the platform', async () => {
  await page(place.stack, 'resource-principal', { lifetime: place.lifetime(3) });
  await place.with({ principal: 'resource' }, async (stack) => {
    await answers(stack);
    await page(stack, 'resource-principal', { lifetime: 600, new_key: true });
    await answersWithAnother(stack);
    assert.equal(new Set(await signers(stack)).size, 2);
  }, resourceEnvironment());
});

test('an OKE workload signs with the certificates of its cluster and without a proxy', async () => {
  const [signer, environment] = pod(place.stack);
  await place.with({ principal: 'oke_workload', ...signer }, answers, environment);
});

test('an OKE workload rejects a cluster with other certificates', async () => {
  const [signer, environment] = pod(place.stack);
  // The gateway's own certificate authorities do not apply there.
  await place.with({ principal: 'oke_workload', ...signer }, async (stack, gateway) => {
    await assert.rejects(ask(stack), { status: 503 });
    assert.match(gateway.output, /the certificate of the upstream is not accepted/);
  }, { ...environment, OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH: '/etc/ssl/certs/ca-certificates.crt' });
});

test('auto finds a principal and reports why the others failed', async () => {
  const [signer, environment] = pod(place.stack);
  const home = { config_file: join(place.stack.folder, 'nothing') };
  await page(place.stack, 'resource-principal', { lifetime: 600 });
  await place.with({ principal: 'auto', ...signer }, async (stack, gateway) => {
    await answers(stack);
    assert.match(gateway.output, /principal found principal="a resource principal"/);
  }, { ...environment, ...resourceEnvironment() });
  await place.with({ principal: 'auto', ...signer }, async (stack, gateway) => {
    await answers(stack);
    assert.match(gateway.output, /principal="an OKE workload" because="not a resource principal: the variable OCI_RESOURCE_PRINCIPAL_VERSION is not set/);
  }, environment);
  await place.with({ principal: 'auto' }, async (stack, gateway) => {
    await answers(stack);
    assert.match(gateway.output, /principal="an API key or a session" because="not a resource principal: .*; not an OKE workload: /);
  });
  await place.with({ principal: 'auto', ...home }, async (stack, gateway) => {
    await answers(stack);
    assert.match(gateway.output, /principal="an instance principal" because="not a resource principal: .*; not an OKE workload: .*; not an API key or a session: cannot read the configuration file/);
  });
});

/** Four clients, each with one request after the other until stop(); fails if one request does. */
class Load {
  constructor(stack) {
    this.answered = 0;
    let next = 0, going = true;
    this.stop = () => ((going = false), this.ended);
    this.ended = Promise.all(Array.from({ length: 4 }, async () => {
      for (; going; await sleep(20)) {
        const text = `request ${next++}`;
        assert.equal((await ask(stack, text)).choices[0].message.content, `You said: ${text}`);
        ++this.answered;
      }
    }));
    this.ended.catch(() => {});
  }

  /** Runs on until `condition` holds. */
  until(condition, what) {
    return Promise.race([eventually(condition, what), this.ended]);
  }

  more(count) {
    const before = this.answered;
    return this.until(() => this.answered >= before + count, `${count} more requests are answered`);
  }
}

test("an instance principal's token expires while requests run: none fails, none waits", () => {
  const lifetime = place.lifetime(30);
  const slow = { fault: 'slow', wait: Math.round(Math.min(15, lifetime / 6) * 1000), path: '/v1/x509' };
  return place.with({ principal: 'instance' }, async (stack) => {
    const tokens = new Set();
    const used = async () => {
      for (const one of await signers(stack)) tokens.add(one);
      return tokens.size;
    };
    await answers(stack);
    await page(stack, 'faults', slow);
    const load = new Load(stack);
    const renewals = async () => (await page(stack, 'faults')).find(({ fault }) => fault === 'slow').struck;
    for (const renewal of [1, 2]) {
      await load.until(async () => (await renewals()) === renewal, `renewal ${renewal} is in flight`);
      await load.more(8);  // at least four of them began after it
      assert.equal(await used(), renewal, 'the renewal is still in flight: no request has waited for it');
      await load.until(async () => (await used()) === renewal + 1, 'the new token is used');
    }
    await load.stop();
    const refused = (await page(stack, 'requests')).filter((request) => request.status === 401);
    assert.deepEqual(refused, [], 'no request had an expired token');
  }, {}, { lifetime });
});

test('revoked tokens are replaced once for all requests, and no client sees an error', () =>
  place.with({ principal: 'instance' }, async (stack) => {
    const load = new Load(stack);
    await load.more(20);
    const { tokens } = await stack.emulator.stats();
    await page(stack, 'identity', { revoke: true });
    await load.more(100);
    await load.stop();
    assert.equal((await stack.emulator.stats()).tokens, tokens + 1);
  }));

test('the next renewal uses replaced certificates', () =>
  place.with({ principal: 'instance' }, async (stack) => {
    await answers(stack);
    await page(stack, 'identity', { rotate: true, revoke: true });
    await answers(stack);
    assert.equal(new Set(await signers(stack)).size, 2);
  }));

test('requests use the old token while renewals fail, until a renewal succeeds', () =>
  place.with({ principal: 'instance' }, async (stack, gateway) => {
    await answers(stack);
    await page(stack, 'faults', { fault: 'status', status: 401, path: '/v1/x509' });
    await eventually(() => /token renewal failed, using the old token/.test(gateway.output), 'a renewal failed');
    await answers(stack);
    await fetch(`${stack.emulator.url}/_emulator/faults`, { method: 'DELETE' });
    await eventually(() => /token obtained/.test(gateway.output), 'a renewal succeeded');
    await answersWithAnother(stack);
  }, {}, { lifetime: place.lifetime(10) }));

test('without a metadata service the start is not delayed and requests fail soon', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}/opc/v2`;
  // Neither the start nor the request takes the time that a request may wait for a token.
  const token_wait_ms = 2 * patience;
  await place.with({ principal: 'instance', metadata_endpoint: nowhere, token_wait_ms }, async (stack, gateway) => {
    await assert.rejects(ask(stack), (error) => {
      assert.equal(error.status, 503);
      assert.ok(!error.message.includes('127.0.0.1'), 'a client does not learn where our metadata are');
      return true;
    });
    assert.match(gateway.output, /no token obtained reason="the instance metadata service, GET .*connection refused/);
    // Other requests are served during that time.
    const hello = await stack.client().chat.completions.create({ model: 'hello', messages: [{ role: 'user', content: 'x' }] });
    assert.ok(hello.choices[0].message.content);
  });
});
