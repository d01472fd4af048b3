// SPDX-License-Identifier: Apache-2.0
// Gatehouse without its source: installed somewhere
// else than it was configured for, found by PATH and PKG_CONFIG_PATH.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Program, required, runToEnd, sanitizerEnvironment } from './process.mjs';

export class Installed {
  static async make() {
    const made = new Installed();
    made.folder = mkdtempSync(join(tmpdir(), 'gatehouse-author-'));
    const tree = join(made.folder, 'installed');
    await runToEnd('meson', ['install', '-C', required('BUILD'), '--no-rebuild', '--quiet', '--destdir', tree]);
    const options = JSON.parse(readFileSync(join(required('BUILD'), 'meson-info/intro-buildoptions.json')));
    const option = (name) => options.find((one) => one.name === name).value;
    made.prefix = join(tree, option('prefix'));
    made.gatehouse = join(made.prefix, option('bindir'), 'gatehouse');
    made.packages = join(made.prefix, option('libdir'), 'pkgconfig');
    made.pages = join(made.prefix, option('datadir'), 'gatehouse/sdk');
    // HOME is where a compiler's cache is, if there is one.
    made.environment = {
      ...sanitizerEnvironment,
      HOME: process.env.HOME ?? made.folder,
      PATH: `${join(made.prefix, option('bindir'))}:${process.env.PATH}`,
      PKG_CONFIG_PATH: made.packages,
    };
    return made;
  }

  /** Runs a program to its end, which must have this status. */
  run(command, args, status = 0) {
    return new Program(command, args, this.environment).finish(status);
  }

  /** The words that a compiler needs for a plugin. */
  async flags(...which) {
    return (await this.run('pkg-config', [...which, 'gatehouse-sdk'])).stdout.trim().split(/\s+/).filter(Boolean);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
