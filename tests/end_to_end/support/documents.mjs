// SPDX-License-Identifier: Apache-2.0
// Reads the fenced blocks of a Markdown document, and reports those that no test runs.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const commands = ['sh', 'bash', 'shell', 'console'];
const shown = ['text', 'json', 'http', 'c', 'cpp'];
const environments = ['quickstart', 'my.toml of README.md', 'a TLS server'];
const marker = /^\s*<!-- (not run|run with|played by):\s*(.*?)\s*-->$/;

/** Paths of all Markdown documents of the tree, without build folders and packages. */
export function documents(source, folder = '') {
  return readdirSync(join(source, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return path.endsWith('.md') ? [path] : [];
    const foreign = ['node_modules', '.git'].includes(entry.name) || existsSync(join(source, path, 'build.ninja'));
    return entry.isDirectory() && !foreign && !entry.name.startsWith('build') ? documents(source, path) : [];
  });
}

/** The fences of a document, and the markers that no fence follows. */
function parse(text) {
  const blocks = [], markers = [], indented = [];
  let fence, before = '', blank = true, list = false;
  text.split('\n').forEach((line, index) => {
    const mark = line.match(/^\s*(```+|~~~+)\s*(\S*)\s*(.*)$/), number = index + 1;
    if (fence) {
      if (mark && mark[1].startsWith(fence.mark) && !mark[2]) fence = undefined;
      else fence.content += line.slice(fence.indent) + '\n';
    } else if (mark) {
      fence = { mark: mark[1], indent: line.search(/\S/), language: mark[2], file: mark[3].trim(), line: number, content: '', before };
      const last = markers.at(-1);
      if (last?.text === before) fence.marker = Object.assign(last, { used: true });
      blocks.push(fence);
      before = '';
    } else {
      const found = line.match(marker);
      if (found) markers.push({ kind: found[1], reason: found[2], line: number, text: line });
      if (/^    \S/.test(line) && blank && !list) indented.push({ line: number, before });
      if (/^\s*([-*]|\d+\.) /.test(line)) list = true;
      else if (/^\S/.test(line)) list = false;
      if (line.trim()) before = line;
    }
    blank = !line.trim();
  });
  return { blocks, markers, indented, unclosed: fence };
}

export class Document {
  constructor(source, path) {
    Object.assign(this, { source, path }, parse(readFileSync(join(source, path), 'utf8')));
    this.played = this.markers.find(({ kind }) => kind === 'played by');
  }

  at({ line }) {
    return `${this.path}:${line}`;
  }

  /** Blocks that a shell must run or a check must accept. */
  get executed() {
    return this.played ? [] : this.blocks.filter((one) => (isCommand(one) || isToml(one)) && one.marker?.kind !== 'not run');
  }

  /** Output that the document shows, after the words that announce it, with the block that prints it. */
  get printed() {
    return this.blocks.flatMap((one, index) =>
      ['text', 'json'].includes(one.language) && /\bprints?\b.*:$/.test(one.before)
        ? [{ ...one, of: this.blocks.slice(0, index).findLast((other) => this.executed.includes(other) && isCommand(other)) }] : []);
  }

  /** Mistakes of the document: FILE:LINE, the mistake, and the action to take. */
  get faults() {
    const all = [...this.markers.flatMap((one) => this.markerFaults(one))];
    if (this.unclosed) all.push(`${this.at(this.unclosed)}: the block has no end`);
    if (!this.played) all.push(...this.blocks.flatMap((one) => this.blockFaults(one)), ...this.indented.map((one) =>
      `${this.at(one)}: an indented block; write a fence with a language instead`));
    return all;
  }

  markerFaults(one) {
    if (!one.reason) return [`${this.at(one)}: "${one.kind}" without a reason; say why the block cannot be run, or remove the marker`];
    if (one.kind === 'played by') return existsSync(join(this.source, one.reason)) ? [] : [`${this.at(one)}: there is no test ${one.reason}`];
    if (!one.used && !this.played) return [`${this.at(one)}: no block follows the marker "${one.kind}"; remove it`];
    if (one.kind === 'run with' && !environments.includes(one.reason))
      return [`${this.at(one)}: unknown environment "${one.reason}"; there are: ${environments.join(', ')}`];
    return [];
  }

  blockFaults(one) {
    if (!one.language) return [`${this.at(one)}: a block without a language; write \`\`\`sh for commands, \`\`\`text for output`];
    if (isCommand(one) && /^\$ /m.test(one.content)) return [`${this.at(one)}: a block of commands with a prompt; remove "$ "`];
    if (one.marker?.kind === 'not run' && shown.includes(one.language))
      return [`${this.at(one)}: a block of ${one.language} is never run; remove the marker`];
    if (one.marker?.kind === 'run with' && !isCommand(one)) return [`${this.at(one)}: only commands need an environment; remove the marker`];
    if (isCommand(one) || isToml(one) || shown.includes(one.language) || one.marker?.kind === 'not run') return [];
    return [`${this.at(one)}: no test runs a block of ${one.language}; precede it with <!-- not run: REASON -->`];
  }
}

export const isCommand = ({ language }) => commands.includes(language);
export const isToml = ({ language }) => language === 'toml';

const tableOf = {
  'signer.oci': 'use = "oci_signer"',
  'provider.oci': 'use = "oci"\nsigner = "oci"\nregion = "us-chicago-1"\ncompartment_id = "ocid1.compartment.oc1..example"',
  'provider.anthropic': 'use = "anthropic"',
};
const usual = { authenticator: 'use = "api_key"\nkeys = [{ name = "me", key = "sk-test-7f3a0b8e4d21" }]', dialect: 'use = "openai"',
  provider: 'use = "hello"', signer: 'use = "bearer"\nkey = "sk-example"', mapper: 'use = "table"', hook: 'use = "audit"' };

/** A configuration of which the document shows a part: the tables that the part names, and one of each necessary kind. */
export function complete(part) {
  let text = part;
  const has = (name) => text.includes(`[${name}]\n`);
  const add = (kind, name) => {
    if (!has(`${kind}.${name}`)) text += `\n[${kind}.${name}]\n${tableOf[`${kind}.${name}`] ?? usual[kind]}\n`;
  };
  for (const [, kind, name] of part.matchAll(/^\[+(authenticator|dialect|hook|mapper|provider)\.(\w+)/gm)) add(kind, name);
  for (const [, name] of part.matchAll(/"(\w+)\/[^"]*"/g)) add('provider', name);
  for (const [kind, name] of [['authenticator', 'team'], ['dialect', 'openai'], ['provider', 'greeter']])
    if (!text.includes(`\n[${kind}.`) && !text.startsWith(`[${kind}.`)) add(kind, name);
  for (const [, name] of text.matchAll(/^signer = "(\w+)"/gm)) add('signer', name);
  if (!/^\[mapper\./m.test(text)) text += `\n[mapper.models]\nuse = "table"\nunknown = "${text.match(/^\[provider\.(\w+)/m)[1]}/*"\n`;
  return text;
}
