// SPDX-License-Identifier: Apache-2.0
// A configuration changed under running clients: by HUP, by the command, by a
// watched file. No client loses a request, and an error changes nothing.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('a key that needs a restart is compared with the running value, not with the last file', async () => {
  await running(async (stack) => {
    const good = readFileSync(stack.file, 'utf8');
    const lines = async (...more) => (await stack.reload(0, ...more)).stdout.split('\n').slice(1, -1).map((line) => line.trim());
    const late = '~ [server] listen (needs a restart)';
    stack.write(good.replace(/^listen = .*$/m, 'listen = "127.0.0.1:1"'));
    assert.deepEqual(await lines('--dry-run'), [late]);
    assert.deepEqual(await lines(), [late, 'reloaded']);
    assert.deepEqual(await lines(), [late, 'reloaded'], 'the file still differs from the running value');
    stack.write(good);
    assert.deepEqual(await lines(), ['~ [server] listen (the running value)', 'reloaded']);
    assert.deepEqual(await lines(), ['nothing changes', 'reloaded']);
  });
});

test('the command and the log warn of budgets that begin at zero', async () => {
  const limits = (per, store) => `
[store.${store}]
use = "memory"
[limiter.limits]
use = "quota"
budgets = [{ for = "key:*", amount = 5.0, per = "${per}" }, { for = "all", amount = 9.0 }]
[limiter.limits.prices]
"oci/*" = { input = 1.0, output = 1.0 }
"greeter/*" = { input = 1.0, output = 1.0 }
`;
  await running(async (stack) => {
    const reload = async (extra) => {
      stack.write({ extra });
      return (await stack.reload()).stdout.split('\n').filter((line) => line.startsWith('  warning: '));
    };
    const restarted = (per) => new RegExp('^  warning: line \\d+: budgets begin at zero, because their `for`, `per`, `models` or ' +
      `\`routes\` or the \`time_zone\` changed: "key:\\*" per ${per}$`);
    const [first, ...more] = await reload(limits('day', 'one'));
    assert.match(first, restarted('day'));
    assert.deepEqual(more, []);
    assert.match(stack.gateway.output, /configuration is doubtful line=\d+ reason="budgets begin at zero/);
    assert.deepEqual(await reload(limits('day', 'one').replace('5.0', '6.0')), []);
    // The limiter's own warning follows if its store responds before the command ends.
    assert.equal((await reload(limits('day', 'two')))[0], '  warning: the store of the limiter "limits" is another one, or has another table: ' +
      'the counters, such as those of budgets, begin at zero unless the store still has them');
    assert.deepEqual(await reload(limits('day', 'two')), []);
  }, { extra: limits('month', 'one') });
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
    const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.some((line) => line.status === 413));
  });
});

test('a changed file of a secret is named by the command and in the log, and followed by watch; its content is never shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'));
  const put = (name, key) => {
    writeFileSync(join(folder, `${name}.new`), `${key}\n`, { mode: 0o600 });
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };
  const old = { ci_key: 'sk-old-ci-51f0a2', agent_key: 'sk-old-agent-83c1' }, fresh = { ci_key: 'sk-new-ci-99d4b7', agent_key: 'sk-new-agent-20aa' };
  for (const name in old) put(name, old[name]);
  const ci = `{ name = "ci", key = "file:${folder}/ci_key" }`, agent = '{ name = "agent", key = "credential:agent_key" }';
  const shown = [];
  await running(async (stack) => {
    const status = async (key) => (await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    const use = (list, options = {}) => stack.write(stack.configuration(options).replace('keys = [', `keys = [${list}, `));
    const reload = async (...more) => {
      const { stdout } = await stack.reload(0, ...more);
      shown.push(stdout);
      return stdout.split('\n').slice(1, -1).map((line) => line.trim());
    };
    use(`${ci}, ${agent}`);
    assert.deepEqual(await reload(), ['+ [authenticator.team] keys "ci"', '+ [authenticator.team] keys "agent"', 'reloaded']);
    assert.deepEqual(await reload(), ['nothing changes', 'reloaded']);
    for (const [name, entry] of [['ci_key', 'ci'], ['agent_key', 'agent']]) {
      assert.deepEqual([await status(old[name]), await status(fresh[name])], [200, 401]);
      put(name, fresh[name]);
      const line = `~ [authenticator.team] keys "${entry}": content of ${folder}/${name} changed`;
      assert.deepEqual(await reload('--dry-run'), [line]);
      assert.deepEqual(await reload(), [line, 'reloaded']);
      assert.deepEqual([await status(old[name]), await status(fresh[name])], [401, 200]);
      assert.ok(stack.gateway.output.includes(
        ` info gatehouse content of a file changed file=${folder}/${name} key="[authenticator.team] keys \\"${entry}\\""\n`));
      assert.deepEqual(await reload(), ['nothing changes', 'reloaded']);
    }
    // The same content in another file has not changed.
    put('ci_key', fresh.ci_key);
    assert.deepEqual(await reload(), ['nothing changes', 'reloaded']);
    // A key that is rejected leaves the old one, and the next command names it again.
    put('ci_key', fresh.agent_key);
    assert.match((await stack.reload(2)).stderr, /this is the key of "ci" too/);
    stack.gateway.child.kill('SIGHUP');
    await eventually(() => stack.gateway.output.includes('reload rejected'), 'the rejection is logged');
    assert.equal(await status(fresh.ci_key), 200);
    put('ci_key', old.ci_key);
    assert.equal((await reload('--dry-run')).length, 1);

    use(agent.replace('"agent"', '"agent-2"'), { server: { watch: true } });
    assert.deepEqual(await reload(), ['+ [server] watch', '- [authenticator.team] keys "ci"', '- [authenticator.team] keys "agent"',
      '+ [authenticator.team] keys "agent-2"', 'reloaded']);
    put('agent_key', old.agent_key);
    await eventually(async () => (await status(old.agent_key)) === 200, 'the watched credential is read');
    await eventually(() => stack.gateway.output.includes('keys \\"agent-2\\""\n'), 'the log names it');
    // Neither the output nor what the process publishes in /proc has a secret.
    const descriptors = `/proc/${stack.gateway.child.pid}/fd`;
    const target = (fd) => {
      try {
        return readlinkSync(fd);
      } catch {
        return '';  // closed in the meantime
      }
    };
    const published = readdirSync(descriptors).map((fd) => join(descriptors, fd)).filter((fd) => target(fd).includes('memfd:gatehouse-files'));
    assert.equal(published.length, 1);
    const all = shown.join('') + stack.gateway.output + readFileSync(published[0], 'latin1');
    assert.ok(all.includes(`${folder}/agent_key`));
    for (const key of [...Object.values(old), ...Object.values(fresh)]) assert.ok(!all.includes(key), key);
  }, { environment: { CREDENTIALS_DIRECTORY: folder } });
  rmSync(folder, { recursive: true });
});

test('a renewed PEM file is named by its path', async () => {
  await running(async (stack) => {
    const ca = join(stack.folder, 'ca.pem');
    copyFileSync('/etc/ssl/certs/ca-certificates.crt', ca);
    stack.write({ upstream: { ca_file: ca } });
    await stack.reload();
    writeFileSync(ca, `# renewed\n${readFileSync(ca, 'utf8')}`);
    const { stdout } = await stack.reload();
    assert.ok(stdout.endsWith(`:\n  ~ content of ${ca} changed\n  reloaded\n`), stdout);
  });
});

test('reload fails if no gateway runs the file', async () => {
  const stack = await Stack.start();
  await stack.stop();
  const { stderr } = await runToEnd(gatehouse, ['reload', '-c', '/nonexistent/gatehouse.toml'], {}, 2);
  assert.match(stderr, /\/nonexistent\/gatehouse\.toml/);
});
