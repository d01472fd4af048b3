// SPDX-License-Identifier: Apache-2.0
// Runs an agent's program as a user does: with a home of its own, a fake key, no telemetry, and the
// gateway as its only service.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { apiKey, Stack } from '../../end_to_end/support/stack.mjs';

export { apiKey };

/** The folder where tools/agents has installed the agents. */
export const agents = process.env.AGENTS ?? assert.fail('AGENTS must be set: run these tests with tools/agents');

/** A turn of an agent takes seconds.  Only a hang takes that long. */
const patience = 240_000;

/** A file of config/clients, with the address of the gateway under test. */
export const recipe = (name, url) =>
  readFileSync(new URL(`../../../config/clients/${name}`, import.meta.url), 'utf8').replaceAll('http://127.0.0.1:8050', url);

/** The emulated OCI with a gateway in front of it that speaks every protocol. */
export function startStack(options = {}) {
  return Stack.start({ ...options, extra: '[dialect.anthropic]\nuse = "anthropic"\n' + (options.extra ?? '') });
}

export class Agent {
  constructor(environment) {
    this.home = mkdtempSync(join(tmpdir(), 'agent-'));
    this.environment = { PATH: process.env.PATH, HOME: this.home, NO_COLOR: '1', ...environment };
  }

  /** Runs `command` to its end.  The result: status, stdout, stderr. */
  run(command, args, environment = {}) {
    return new Promise((resolve) => {
      const child = spawn(command, args, {
        cwd: this.home, env: { ...this.environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], timeout: patience });
      let stdout = '', stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
      child.on('error', (error) => resolve({ status: String(error), stdout, stderr }));
      child.on('close', (status, signal) => resolve({ status: signal ?? status, stdout, stderr }));
    });
  }

  remove() {
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** The word that makes the emulated model call a tool. */
export const callOf = (name, input) => `mock:tool:${name}:${JSON.stringify(input)}`;
