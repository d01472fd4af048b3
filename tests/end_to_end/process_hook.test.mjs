// SPDX-License-Identifier: Apache-2.0
// Hooks that are programs: the examples, and programs that crash, hang and write garbage.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, required, runToEnd } from './support/process.mjs';
import { HookStack, masked, question, whole } from './support/text_hook.mjs';

const examples = join(required('SOURCE'), 'plugins/hook/process/example');
const stars = '*****';

const hook = (command, more = '', settings = 'word = "tulip"') => `[hook.words]
use = "process"
command = ${JSON.stringify(command)}
${more}
[hook.words.settings]
${settings}`;

/** The children of a process. */
const children = (pid) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
  try {
    return Number(readFileSync(`/proc/${id}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]) === pid;
  } catch {
    return false;  // it has ended
  }
});

/** Runs `check` with a gateway whose hook is `toml`. */
async function running(toml, check) {
  const stack = new HookStack();
  try {
    await stack.start(toml);
    await check(stack);
  } finally {
    await stack.stop();
  }
}

test('the example in Python refuses a word, and masks it across the pieces of a response', async () => {
  await running(hook(['python3', join(examples, 'words.py')], 'processes = 2'), async (stack) => {
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(await stack.stream('hello'), { text: masked(stars), finish: 'stop' });
      const answer = await stack.client.chat.completions.create(question('hello'));
      assert.equal(answer.choices[0].message.content, masked(stars));
    }
    const asked = stack.asked;
    const error = await stack.failure('a tulip');
    assert.deepEqual([error.status, error.code], [403, 'word']);
    assert.match(error.message, /^403 The request contains a word that is not allowed/i);
    assert.equal(stack.asked, asked);
    const all = await Promise.all(Array.from({ length: 50 }, () => stack.stream('hello')));
    for (const one of all) assert.equal(one.text, masked(stars));
  });
});

test('the example in JavaScript answers a chat itself', async () => {
  await running(hook(['node', join(examples, 'count.mjs')], '', ''), async (stack) => {
    const answer = await stack.client.chat.completions.create(question('How many words?'));
    assert.equal(answer.choices[0].message.content, '3 words');
    assert.equal(stack.asked, 0);
    assert.deepEqual(await stack.stream('hello'), { text: whole, finish: 'stop' });
  });
});

/** A program that behaves well, but for requests whose text is the name of a fault. */
const faulty = `import json, os, signal, sys, time
print_line = lambda text: print(text, flush=True)
def fault(name):
    if name == "crash": os.kill(os.getpid(), signal.SIGSEGV)
    if name == "abort": os.abort()
    if name == "exit": os._exit(3)
    if name == "hang": time.sleep(600)
    if name == "loop":
        while True: pass
    if name == "silent": return
    if name == "closed": os.close(0); os.close(1); time.sleep(600)
    if name == "garbage": return print_line("no json")
    if name == "unknown": return print_line('{"anwser": "typo"}')
    if name == "two": return print_line('{}\\n{}')
    print_line('{}')
for line in sys.stdin:
    call = json.loads(line)
    if call["call"] == "describe": print_line('{"name": "faulty", "version": "1.0.0"}')
    elif call["call"] == "request": fault(call["text"])
    elif call["call"] == "text":
        if call["text"] == "li" and os.path.exists(sys.argv[1]): fault(open(sys.argv[1]).read())
        else: print_line(json.dumps({"text": call["text"]}))
    elif call["call"] == "flush": print_line('{"text": ""}')
    else: print_line('{}')
`;

const wrong = ['crash', 'abort', 'exit', 'closed', 'garbage', 'unknown', 'two'], silent = ['hang', 'loop', 'silent'];
const logged = {
  crash: /program ended, starting it again.*reason="was ended by signal 11 \(Segmentation fault\)"/,
  exit: /program ended.*reason="ended with status 3"/,
  hang: /program ended.*reason="did not reply within 4000 ms"/,
  closed: /program ended.*reason="closed its input and output"/,
  unknown: /program did not check a request.*program=faulty.*reason="cannot be used: its reply to request has a member/,
  two: /program ended.*reason="(replied with more than one line|wrote a line without being asked)"/,
};

// The time for a reply is short only for programs that exceed it.
for (const [faults, limit] of [[wrong, 300_000], [silent, 4_000]]) {
  for (const policy of ['refuse', 'pass']) {
    test(`a program with the faults ${faults.join(', ')} fails its own request only, and works again (${policy})`, async () => {
      const folder = new HookStack();
      await folder.start('');  // for its folder
      try {
        const program = join(folder.folder, 'faulty.py'), file = join(folder.folder, 'fault');
        writeFileSync(program, faulty);
        const toml = hook(['python3', program, file], `timeout_ms = ${limit}\non_failure = "${policy}"`, '');
        await running(toml, async (stack) => {
          for (const name of faults) {
            // The program has read a part of this response.  Later requests wait for the next process.
            const before = stack.stream('before').catch((error) => error);
            if (policy === 'refuse') {
              const error = await stack.failure(name);
              assert.equal(error.status, 503, name);
              assert.match(error.message, /a check of the request is not available now/i);
            } else {
              const answer = await stack.client.chat.completions.create(question(name));
              assert.equal(answer.choices[0].message.content, whole);
            }
            for (const one of await Promise.all(Array.from({ length: 10 }, () => stack.stream('after')))) {
              assert.deepEqual(one, { text: whole, finish: 'stop' });
            }
            await before;
            if (logged[name]) assert.match(stack.gateway.output, logged[name]);
          }
          assert.equal(children(stack.gateway.child.pid).length, 1);

          // A fault in the middle of a response ends that response in both cases.
          writeFileSync(file, 'crash');
          const cut = await stack.stream('hello').then((good) => assert.fail(JSON.stringify(good)), (error) => error);
          assert.match(String(cut.message), /a check of the request is not available now/i);
        });
      } finally {
        await folder.stop();
      }
    });
  }
}

test('killed processes are started again while streams run', async () => {
  await running(hook(['python3', join(examples, 'words.py')]), async (stack) => {
    for (let round = 0; round < 20; round += 1) {
      const [pid] = children(stack.gateway.child.pid);
      process.kill(pid, 'SIGKILL');
      await eventually(async () => {
        const [next] = children(stack.gateway.child.pid);
        return next !== undefined && next !== pid;
      }, 'another process runs');
      assert.deepEqual(await stack.stream('hello'), { text: masked(stars), finish: 'stop' });
    }
  });
});

test('a reload takes over a changed program, and the end of the gateway ends the program', async () => {
  const stack = new HookStack();
  await stack.start('');
  try {
    const program = join(stack.folder, 'words.py');
    copyFileSync(join(examples, 'words.py'), program);
    stack.write(hook(['python3', program]));
    const reload = () => runToEnd(required('GATEHOUSE'), ['reload', '-c', stack.file], {}, 0);
    await reload();
    assert.equal((await stack.stream('hello')).text, masked(stars));
    writeFileSync(program, readFileSync(program, 'utf8').replace('"*"', '"#"'));
    await reload();
    assert.equal((await stack.stream('hello')).text, masked('#####'));
    await eventually(async () => children(stack.gateway.child.pid).length === 1, 'the old process has ended');
    const [pid] = children(stack.gateway.child.pid);
    await stack.gateway.stop();
    await eventually(async () => {
      try {
        execFileSync('kill', ['-0', String(pid)], { stdio: 'ignore' });
        return false;
      } catch {
        return true;
      }
    }, 'the process has ended');
  } finally {
    await stack.stop();
  }
});

test('check reports a wrong program and wrong settings at their keys', async () => {
  const stack = new HookStack();
  await stack.start('');
  try {
    const words = ['python3', join(examples, 'words.py')];
    const cases = [
      [hook(['/no/such/program']), /:\d+:11: \/no\/such\/program does not start: No such file or directory/],
      [hook(['/dev/null']), /\/dev\/null does not start: Permission denied/],
      [hook(['false']), /false ended with status 1/],
      [hook(['echo', 'hello']), /echo (cannot be used: its description|replied with|ended with status 0)/],
      [hook(['sleep', '60'], 'start_timeout_ms = 100'), /sleep did not reply within 100 ms/],
      [hook(['cat']), /cat cannot be used: its description lacks "name"|cat cannot be used: .*"call"/],
      [hook(words, '', 'wrod = "tulip"'), /words has no setting "wrod" \(allowed: word\)/],
      [hook(words, '', ''), /settings lack the key "word": The word to refuse\./],
      [hook([]), /command must begin with a program/],
      [hook(words, 'environment = { A = ["b", "c"] }'), /environment must have a text for each name/],
    ];
    for (const [toml, message] of cases) {
      stack.write(toml);
      const { stderr } = await runToEnd(required('GATEHOUSE'), ['check', '-c', stack.file], {}, 2);
      assert.match(stderr, message);
    }
  } finally {
    await stack.stop();
  }
});

test('a program has no variable and no open file of the gateway', async () => {
  const stack = new HookStack();
  await stack.start('');
  try {
    const program = join(stack.folder, 'tell.py');
    writeFileSync(program, `import json, os, sys
for line in sys.stdin:
    call = json.loads(line)
    said = {}
    if call["call"] == "describe": said = {"name": "tell", "version": "1", "reads": ["request"]}
    if call["call"] == "request": said = {"answer": json.dumps([sorted(os.environ), sorted(os.listdir("/proc/self/fd"))])}
    print(json.dumps(said), flush=True)
`);
    stack.write(hook(['/usr/bin/python3', program], 'environment = { LANG = "C.UTF-8" }', ''));
    await runToEnd(required('GATEHOUSE'), ['reload', '-c', stack.file], {}, 0);
    const answer = await stack.client.chat.completions.create(question('tell'));
    const [variables, files] = JSON.parse(answer.choices[0].message.content);
    assert.deepEqual(variables.filter((name) => name !== 'LC_CTYPE'), ['LANG', 'PATH']);
    assert.ok(files.length <= 4, files.join());  // the three, and that of the list
  } finally {
    await stack.stop();
  }
});
