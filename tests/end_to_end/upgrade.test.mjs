// SPDX-License-Identifier: Apache-2.0
// Another process of the program's file replaces the running one: no connection is refused, no response is cut,
// and a new process that cannot start changes nothing.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { freePort } from './support/gateway.mjs';
import { HeldServer } from './support/held_server.mjs';
import { Program, eventually, required, runToEnd } from './support/process.mjs';
import { RawConnection, chatRequest, parseAnswer, say } from './support/raw.mjs';
import { readStream } from './support/sse.mjs';
import { Stack } from './support/stack.mjs';

const command = (stack, ...words) => [required('GATEHOUSE'), [...words, '-c', stack.file]];

/** Upgrades it.  Returns the numbers of the old and the new process. */
async function upgrade(stack) {
  const { stdout } = await runToEnd(...command(stack, 'upgrade'));
  const [, old, next] = stdout.match(/^process (\d+): replaced by process (\d+)\n$/) ?? assert.fail(stdout);
  return { old: Number(old), next: Number(next) };
}

const isAlive = (process_) => {
  try {
    return readFileSync(`/proc/${process_}/stat`, 'utf8').split(') ')[1][0] !== 'Z';
  } catch {
    return false;
  }
};

/** Ends the newest process and waits for all of them, which share their output. */
async function stop(stack, next) {
  process.kill(next, 'SIGTERM');
  await stack.gateway.finish();
  await stack.emulator.program.stop();
}

test('running streams end in the old process, and every new connection is served, in three upgrades', async () => {
  const held = await HeldServer.start();
  const stack = await Stack.start({ routes: { 'gpt-5': 'oci/openai.gpt-4.1', held: 'held/any' }, extra: held.provider, server: { drain_timeout_ms: 0 } });
  const content = 'word '.repeat(40).trim();
  const open = async () => {
    const connection = new RawConnection(stack.port);
    await connection.write(chatRequest({ ...say(content, { stream: true }), model: 'held' }));
    return connection;
  };
  let asking = true, asked = 0;
  const errors = [];
  const asker = (async () => {
    while (asking) {
      const connection = new RawConnection(stack.port);
      await connection.write(chatRequest(say('hi'), { connection: 'close' }));
      const answer = parseAnswer(await connection.until(() => false));
      if (answer.status !== 200) errors.push(answer);
      ++asked;
    }
  })();
  const streams = [], processes = [];
  for (let round = 0; round < 3; ++round) {
    streams.push(...(await Promise.all(Array.from({ length: 5 }, open))));
    await eventually(() => held.running === streams.length || held.running, 'the streams run');
    processes.push(await upgrade(stack));
    const before = asked;
    await eventually(() => asked > before + 3 || asked, 'the new process answers');
  }
  assert.equal(processes[1].old, processes[0].next);
  for (const { old } of processes) assert.ok(isAlive(old), 'it waits for its streams');
  while (held.running) held.release();
  for (const connection of streams) {
    const answer = parseAnswer(await connection.until(() => false));
    assert.equal(readStream(answer.body, { model: 'held' }).choices[0].text, `You said: ${content}`);
  }
  await eventually(() => processes.every(({ old }) => !isAlive(old)), 'the old processes end');
  asking = false;
  await asker;
  assert.deepEqual(errors, []);
  await stop(stack, processes.at(-1).next);
  assert.match(stack.gateway.output, /info gatehouse upgrade started file=\S+ process=\d+\n/);
  await held.stop();
});

test('a new process that cannot start, and a mistake in the configuration, change nothing', async () => {
  const stack = await Stack.start();
  const good = readFileSync(stack.file, 'utf8');
  writeFileSync(stack.file, good.replace('[server]', '[server]\nnonsense = 1'));
  const refused = await new Program(...command(stack, 'upgrade')).finish(2);
  assert.match(refused.stderr, /nonsense/);
  process.kill(stack.gateway.child.pid, 'SIGUSR2');  // as a service manager would, without the check
  await eventually(() => /error gatehouse upgrade failed, this process continues file=\S+ reason=".*nonsense/.test(stack.gateway.output) || stack.gateway.output, 'it is logged');
  writeFileSync(stack.file, good);
  await stack.answersNext();
  const { next } = await upgrade(stack);
  await stack.answersNext();
  await stop(stack, next);
});

test('keys in memory end with the process: check and upgrade warn of it', async () => {
  const stack = await Stack.start({ extra: '[store.keys]\nuse = "memory"\n[authenticator.managed]\nuse = "managed_keys"\nstore = "keys"\n[store.records]\nuse = "memory"\n' });
  const warning = /the store .{1,2}keys.{1,2} ends with the process: \[authenticator.managed\] loses its records, such as API keys, at a restart/;
  assert.match((await new Program(...command(stack, 'check')).finish(0)).stderr, warning);
  assert.match(stack.gateway.output, warning);
  const upgraded = await new Program(...command(stack, 'upgrade')).finish(0);
  assert.match(upgraded.output, warning);
  await stop(stack, Number(/replaced by process (\d+)/.exec(upgraded.stdout)[1]));
});

test('the program that lies at the path is started, and a missing one is logged', async () => {
  const plugins = `[plugins]\npath = [${JSON.stringify(join(required('BUILD'), 'plugins'))}]\n`;
  const stack = await Stack.start({ extra: plugins });
  await stack.gateway.stop();
  const own = join(stack.folder, 'gatehouse');
  copyFileSync(required('GATEHOUSE'), own);
  stack.gateway = new Program(own, ['serve', '-c', stack.file]);
  const ready = () => fetch(`${stack.url}/ready`).then((answer) => answer.ok, String);
  await eventually(ready, 'it is ready');
  renameSync(own, `${own}.old`);
  process.kill(stack.gateway.child.pid, 'SIGUSR2');
  await eventually(() => /upgrade failed, this process continues file=\S+ reason="posix_spawn: No such file or directory"/.test(stack.gateway.output), 'it is logged');
  await stack.answersNext();
  copyFileSync(`${own}.old`, own);
  const { next } = await upgrade(stack);
  assert.equal(readFileSync(`/proc/${next}/cmdline`, 'utf8').split('\0')[0], own);
  await stack.answersNext();
  await stop(stack, next);
});

test('TERM ends an old process that drains within drain_timeout_ms', async () => {
  const held = await HeldServer.start();
  const stack = await Stack.start({ routes: { 'gpt-5': 'held/any' }, extra: held.provider, server: { drain_timeout_ms: 200 } });
  const stream = new RawConnection(stack.port);
  await stream.write(chatRequest(say('word word', { stream: true })));
  await eventually(() => held.running === 1 || held.running, 'the stream runs');
  const { old, next } = await upgrade(stack);
  process.kill(old, 'SIGTERM');
  await stream.until(() => false);
  await eventually(() => !isAlive(old), 'the old process ends');
  await stop(stack, next);
  await held.stop();
});

test('a store that the old process holds refuses the upgrade, and the old process continues', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-store-')), 'keys.db');
  const stack = await Stack.start({ extra: `[store.keys]\nuse = "sqlite"\npath = "${file}"\n[authenticator.managed]\nuse = "managed_keys"\nstore = "keys"\n[store.records]\nuse = "memory"\n` });
  await eventually(() => existsSync(file), 'the file is in use');
  const checked = await new Program(...command(stack, 'check')).finish(0);
  assert.doesNotMatch(checked.output, /not available/, 'check asks no store');
  const refused = await new Program(...command(stack, 'upgrade')).finish(1);
  const reason = 'the store "keys" is not available: another process uses the file';
  assert.ok(refused.stderr.includes(`process ${stack.gateway.child.pid} was not replaced: ${reason}`), refused.stderr);
  assert.match(stack.gateway.output, /upgrade failed, this process continues file=\S+ reason="the store \\"keys\\" is not available: another process/);
  await stack.answersNext();
  const other = join(stack.folder, 'other.toml');
  writeFileSync(other, readFileSync(stack.file, 'utf8').replace(file, `${file}.other`), { mode: 0o600 });
  await new Program(required('GATEHOUSE'), ['check', '-c', other]).finish(0);
  assert.ok(!existsSync(`${file}.other`), 'check creates no file');
  await stack.stop();
});

test('after an upgrade only the new process answers at [admin] listen', async () => {
  const held = await HeldServer.start();
  const port = await freePort();
  const stack = await Stack.start({ routes: { 'gpt-5': 'held/any' }, extra: `${held.provider}\n[admin]\nlisten = "127.0.0.1:${port}"\n` });
  const stream = new RawConnection(stack.port);
  await stream.write(chatRequest(say('word word', { stream: true })));
  await eventually(() => held.running === 1 || held.running, 'the stream runs');
  const { old, next } = await upgrade(stack);
  for (let i = 0; i < 20; ++i) {
    const answer = await fetch(`http://127.0.0.1:${port}/ready`, { headers: { connection: 'close' } });
    assert.equal(answer.status, 200);
  }
  assert.ok(isAlive(old), 'it waits for its stream');
  held.release();
  await stream.until(() => false);
  await stop(stack, next);
  await held.stop();
});
