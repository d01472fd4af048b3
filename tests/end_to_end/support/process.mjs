// SPDX-License-Identifier: Apache-2.0
// Runs the programs under test, keeps what they print, and does not let a
// sanitizer's report or a bad exit pass.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const reports = /ERROR: (Address|Leak|Thread|Memory)Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion .* failed|terminate called/;

// LeakSanitizer searches after main() has returned.  Rarely (once in some ten thousand ends) its own thread
// crashes; the exit status is then LeakSanitizer's.
const leakSearchCrashed = /LeakSanitizer has encountered a fatal error/;

// Freed memory is kept in quarantine by ASan; little of it lets a test see what is not given back.
export const sanitizerEnvironment = {
  ASAN_OPTIONS: 'quarantine_size_mb=4:thread_local_quarantine_size_kb=16:malloc_context_size=6:detect_leaks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

export function required(name) {
  const value = process.env[name];
  assert.ok(value, `${name} must be set: run these tests with meson`);
  return value;
}

/**
 * The longest wait for an event, in milliseconds.  Only a hang takes that long: a test passes on a
 * machine many times slower than a laptop.
 */
export const patience = 300_000;

/** Passes time.  An event that a test expects is awaited with eventually() instead. */
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Asks until `condition` holds; the last answer otherwise ends up in the failure.
 * `what` is a text, or a function that makes it at the time of the failure.
 */
export async function eventually(condition, what) {
  const end = Date.now() + patience;
  for (let last; ; await sleep(20)) {
    last = await condition();
    if (last === true) return;
    if (Date.now() > end) assert.fail(`not within ${patience} ms: ${typeof what === 'function' ? what() : what}; last seen: ${JSON.stringify(last)}`);
  }
}

export class Program {
  /** `inherited` are descriptors that it has from 3 on. */
  constructor(command, args, environment = {}, inherited = []) {
    this.name = command.split('/').pop();
    this.stdout = '';
    this.stderr = '';
    this.child = spawn(command, args, {
      env: { PATH: process.env.PATH, HOME: '/nonexistent', ...sanitizerEnvironment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', ...inherited],
    });
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve((this.end = { code, signal })));
      this.child.on('error', (error) => resolve((this.end = { code: null, signal: null, error })));
    });
  }

  get output() {
    return this.stdout + this.stderr;
  }

  /** Waits for the end, at most `limit` ms.  It must be a good one: this status and no report of a sanitizer. */
  async finish(status = 0, limit = patience) {
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, limit, 'late')));
    const first = await Promise.race([this.ended, late]);
    clearTimeout(timer);
    if (first === 'late') {
      await this.abandon();
      assert.fail(`${this.name} did not end within ${limit} ms\n${this.output}`);
    }
    assert.ok(!reports.test(this.output), `${this.name} printed a report:\n${this.output}`);
    if (leakSearchCrashed.test(this.output)) return this;
    assert.deepEqual({ code: this.end.code, signal: this.end.signal }, { code: status, signal: null }, this.output);
    return this;
  }

  /** Ends a program that hangs.  Its children may hold the pipes open, so this does not wait for their end. */
  async abandon() {
    this.child.kill('SIGTERM');
    await Promise.race([this.ended, sleep(5_000)]);
    this.child.kill('SIGKILL');
    this.child.stdout.destroy();
    this.child.stderr.destroy();
    await this.ended;
  }

  async stop(status = 0) {
    if (!this.end) this.child.kill('SIGTERM');
    return this.finish(status);
  }

  /** Resident memory in bytes. */
  memory() {
    const line = readFileSync(`/proc/${this.child.pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB/m);
    return Number(line[1]) * 1024;
  }

  openFiles() {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }
}

/** Runs a program to its end, which must have this status. */
export async function runToEnd(command, args, environment, status = 0) {
  return new Program(command, args, environment).finish(status);
}
