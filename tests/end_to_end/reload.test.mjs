// SPDX-License-Identifier: Apache-2.0
// A configuration changed under running clients: by HUP, by the command, by a
// watched file. No client loses a request, and an error changes nothing.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { eventually, required, runToEnd, sleep } from './support/process.mjs';
import { Stack, apiKey, defaultRoutes } from './support/stack.mjs';

const gatehouse = required('GATEHOUSE');
const times = (text, pattern) => (text.match(pattern) ?? []).length;

/** A stack, and ways to change its file. */
async function running(use, options = {}) {
  const stack = await Stack.start(options);
  stack.write = (changed) => {
    writeFileSync(`${stack.file}.new`, typeof changed === 'string' ? changed : stack.configuration({ ...options, ...changed }));
    renameSync(`${stack.file}.new`, stack.file);
  };
  stack.hup = async () => {
    const before = times(stack.gateway.output, / reloaded |reload rejected/g);
    stack.gateway.child.kill('SIGHUP');
    await eventually(() => times(stack.gateway.output, / reloaded |reload rejected/g) > before, 'the file is read');
  };
  stack.reload = (status = 0, ...more) => runToEnd(gatehouse, ['reload', '-c', stack.file, ...more], {}, status);
  try {
    await use(stack);
  } finally {
    await stack.stop();
  }
}

const say = async (stack, model) =>
  (await stack.client().chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] })).choices[0].message.content;

test('twenty reloads under fifty busy clients lose no request', async () => {
  await running(async (stack) => {
    let going = true, answers = 0;
    const client = stack.client();
    const busy = Array.from({ length: 50 }, async (_, index) => {
      for (let turn = 0; going; ++turn) {
        const text = `client ${index} turn ${turn}`;
        const request = { model: index % 2 ? 'llama' : 'gpt-5', messages: [{ role: 'user', content: text }] };
        let said = '';
        if (turn % 2) {
          for await (const chunk of await client.chat.completions.create({ ...request, stream: true }))
            said += chunk.choices[0]?.delta.content ?? '';
        } else {
          said = (await client.chat.completions.create(request)).choices[0].message.content;
        }
        assert.equal(said, `You said: ${text}`);
        ++answers;
      }
    });
    const all = Promise.all(busy);
    for (let round = 0; round < 20; ++round) {
      stack.write({ routes: { ...defaultRoutes, [`round-${round}`]: 'greeter/any' } });
      await Promise.race([stack.hup(), all]);
      assert.match(await say(stack, `round-${round}`), /^Hello/);
      await assert.rejects(say(stack, `round-${round - 1}`), (error) => error.status === 404);
    }
    going = false;
    await all;
    assert.ok(answers >= 50);
    assert.equal(times(stack.gateway.output, / reloaded /g), 20);
  });
});

test('a running stream ends with the configuration with which it began', async () => {
  await running(async (stack) => {
    const stream = await stack.client().chat.completions.create(
      { model: 'llama', stream: true, messages: [{ role: 'user', content: 'mock:drip:200 one two three four five' }] });
    let text = '';
    let reloaded = false;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (reloaded) continue;
      reloaded = true;
      stack.write({ routes: { other: 'greeter/any' } });
      await stack.hup();
      await assert.rejects(say(stack, 'llama'), (error) => error.status === 404);
    }
    assert.ok(text.endsWith('one two three four five'));
  });
});

test('an invalid configuration is logged and changes nothing', async () => {
  await running(async (stack) => {
    const good = stack.configuration();
    stack.write(good.replace('"gpt-5" =', '"gpt-6" = "nobody/x"\n"gpt-5" ='));
    await stack.hup();
    assert.match(stack.gateway.output, /reload rejected.*a route names the provider/);
    assert.equal(await say(stack, 'gpt-5'), 'You said: hi');
    const { stderr } = await stack.reload(2);
    assert.match(stderr, /gatehouse\.toml:\d+:\d+: a route names the provider "nobody"/);
    stack.write(good);
    await stack.reload();
    assert.equal(await say(stack, 'gpt-5'), 'You said: hi');
  });
});

test('the command shows the differences without secrets, and waits until they are active', async () => {
  await running(async (stack) => {
    stack.write({ routes: { 'gpt-5': 'greeter/any', new: 'oci/xai.grok-4' }, server: { workers: 3 }, upstream: { attempts: 2 },
      extra: '[provider.second]\nuse = "hello"\n', signer: { pass_phrase: 'very-secret' } });
    const dry = (await stack.reload(0, '--dry-run')).stdout;
    assert.equal(await say(stack, 'gpt-5'), 'You said: hi');
    const { stdout } = await stack.reload();
    assert.equal(await say(stack, 'gpt-5'), 'Hello, hi');
    assert.ok(stdout.startsWith(dry) && stdout.endsWith('  reloaded\n'));
    for (const line of ['+ [provider.second]', '+ [server] workers (needs a restart)', '+ [upstream] attempts', '+ [signer.oci] pass_phrase',
      "~ [mapper.models] models.gpt-5 = 'greeter/any' (was 'oci/openai.gpt-4.1')", "+ [mapper.models] models.new = 'oci/xai.grok-4'",
      "- [mapper.models] models.llama (was 'oci/meta.llama-3.3-70b-instruct')"])
      assert.ok(dry.includes(`  ${line}\n`), `${line} in\n${dry}`);
    assert.ok(!dry.includes('very-secret'));
    // The report names each key that needs a restart, even if its table is removed.
    stack.write(stack.configuration().replace(/\[server\]\nlisten = .*\n/, ''));
    const without = (await stack.reload(0, '--dry-run')).stdout;
    for (const line of ['- [server]', '~ [server] listen (needs a restart)'])
      assert.ok(without.includes(`  ${line}\n`), `${line} in\n${without}`);
    assert.match(stack.gateway.output, /changed key needs a restart key="?\[server\] workers/);
  });
});

test('a watched file is reloaded after it has been written', async () => {
  await running(async (stack) => {
    stack.write({ server: { watch: true }, routes: { 'gpt-5': 'greeter/any' } });
    await eventually(async () => (await say(stack, 'gpt-5')) === 'Hello, hi', 'the new route serves');
    stack.write('[server');
    await eventually(() => stack.gateway.output.includes('reload rejected'), 'the mistake is logged');
    await sleep(1500);
    assert.equal(times(stack.gateway.output, /reload rejected/g), 1, 'once');
    assert.equal(await say(stack, 'gpt-5'), 'Hello, hi');
  }, { server: { watch: true } });
});

test('keys, limits and the log change too', async () => {
  await running(async (stack) => {
    const models = (key) => fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    const log = `${stack.folder}/gatehouse.log`;
    stack.write(stack.configuration({ server: { max_body_bytes: 1000 } }).replace(apiKey, 'sk-another') +
      `[log]\nformat = "json"\nfile = "${log}"\n`);
    await stack.reload();
    assert.deepEqual([(await models(apiKey)).status, (await models('sk-another')).status], [401, 200]);
    const large = await stack.post({ model: 'gpt-5', messages: [{ role: 'user', content: 'x'.repeat(2000) }] },
      { headers: { authorization: 'Bearer sk-another' } });
    assert.equal(large.status, 413);
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.some((line) => line.status === 413 || line.status === '413'));
  });
});

test('reload fails if no gateway runs the file', async () => {
  const stack = await Stack.start();
  await stack.stop();
  const { stderr } = await runToEnd(gatehouse, ['reload', '-c', '/nonexistent/gatehouse.toml'], {}, 2);
  assert.match(stderr, /\/nonexistent\/gatehouse\.toml/);
});
