// SPDX-License-Identifier: Apache-2.0
// Several endpoints of one instance: the first working endpoint serves the
// request if no byte was sent yet, and a failed endpoint is not tried first for a while.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { Stack, freePort } from './support/stack.mjs';

/** An endpoint in trouble: `answer(response)` says how. */
class Troubled {
  static async start(answer) {
    const troubled = new Troubled();
    troubled.requests = 0;
    troubled.server = createServer((request, response) => {
      ++troubled.requests;
      request.resume().on('end', () => answer(response));
    });
    await new Promise((resolve) => troubled.server.listen(0, '127.0.0.1', resolve));
    troubled.url = `http://127.0.0.1:${troubled.server.address().port}`;
    return troubled;
  }
  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const ask = (stack, more = {}) =>
  stack.client().chat.completions.create({ model: 'llama', messages: [{ role: 'user', content: 'hi' }], ...more });

/** A gateway with the troubled endpoint before the emulator. */
async function withTrouble(first, use) {
  const stack = await Stack.start({ upstream: { attempts: 2 } });
  try {
    await stack.gateway.stop();
    await stack.startGateway({ upstream: { attempts: 2 }, endpoint: [first, stack.emulator.url] });
    await use(stack);
  } finally {
    await stack.stop();
  }
}

const json = (status, body, headers = {}) => (response) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const troubles = {
  'too many requests': json(429, { code: 'TooManyRequests', message: 'slow down' }, { 'retry-after': '30' }),
  'an internal error': json(500, { code: 'InternalServerError', message: 'oops' }),
  'no service': json(503, { code: 'ServiceUnavailable', message: 'later' }),
  'no capacity': json(400, { code: 'QuotaExceeded', message: 'the quota of this region is used up' }),
  'a load balancer': (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'),
  'a reset': (response) => response.destroy(),
};

for (const [name, answer] of Object.entries(troubles))
  test(`a client does not see ${name} at the first endpoint, streaming or non-streaming`, async () => {
    const troubled = await Troubled.start(answer);
    try {
      await withTrouble(troubled.url, async (stack) => {
        assert.equal((await ask(stack)).choices[0].message.content, 'You said: hi');
        assert.equal(troubled.requests, 1);
        let text = '';
        for await (const chunk of await ask(stack, { stream: true })) text += chunk.choices[0]?.delta.content ?? '';
        assert.equal(text, 'You said: hi');
        assert.equal(troubled.requests, 1, 'it rests');
      });
    } finally {
      troubled.stop();
    }
  });

test('the next endpoint is used if an endpoint refuses connections', async () => {
  await withTrouble(`http://127.0.0.1:${await freePort()}`, async (stack) => {
    assert.equal((await ask(stack)).choices[0].message.content, 'You said: hi');
  });
});

test("a client's error is reported at once, and no other endpoint is tried", async () => {
  const troubled = await Troubled.start(json(400, { code: '400', message: 'temperature must be at most 1' }));
  try {
    await withTrouble(troubled.url, async (stack) => {
      await assert.rejects(ask(stack, { temperature: 2 }), (error) => error.status === 400 && /at most 1/.test(error.message));
      assert.equal((await stack.emulator.stats()).requests, 0);
    });
  } finally {
    troubled.stop();
  }
});

test('the client receives the last error if every endpoint fails', async () => {
  const troubled = await Troubled.start(json(503, { code: 'ServiceUnavailable', message: 'later' }));
  const other = await Troubled.start(json(429, { code: 'TooManyRequests', message: 'slow down' }, { 'retry-after': '30' }));
  try {
    await withTrouble(troubled.url, async (stack) => {
      await stack.gateway.stop();
      await stack.startGateway({ upstream: { attempts: 2 }, endpoint: [troubled.url, other.url] });
      await assert.rejects(ask(stack), (error) => error.status === 429 && error.headers.get('retry-after') === '30');
      assert.deepEqual([troubled.requests, other.requests], [1, 1]);
    });
  } finally {
    troubled.stop();
    other.stop();
  }
});
