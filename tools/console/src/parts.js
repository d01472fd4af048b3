// SPDX-License-Identifier: Apache-2.0
// Small pieces that several pages use.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { time, utc } from './format.js';

/** A word with a sign, never a colour alone.  kind: good, bad, warn, plain. */
export const Badge = ({ kind, children }) =>
  html`<span class=${`badge ${kind}`}><span aria-hidden="true">${{ good: '●', bad: '▲', warn: '◆' }[kind] ?? '○'}</span> ${children}</span>`;

export const outcomeKind = (outcome) => ({ ok: 'good', failed: 'bad', cut: 'bad', left: 'warn' }[outcome] ?? 'plain');

/** The kind of badge for the state of a provider. */
export const stateKind = (state) => ({ usable: 'good', 'not usable': 'bad' }[state] ?? 'plain');

export const When = ({ ms }) => html`<time datetime=${utc(ms)} title=${utc(ms)}>${time(ms)}</time>`;

/** Facts as names and values; a value of null is left out. */
export const Facts = ({ items }) => html`<dl class="facts">${items.filter(([, value]) => value != null && value !== '')
  .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

export const Problem = ({ error }) => error && html`<p class="problem" role="alert">${error.message}</p>`;

/** A table that scrolls in its own box.  columns: {title, cell(row), number?}. */
export function Table({ label, columns, rows, name, empty = 'Nothing to show.' }) {
  if (!rows.length) return html`<p class="plain">${empty}</p>`;
  return html`<div class="scroll" role="region" aria-label=${label} tabindex="0"><table>
    <caption class="unseen">${label}</caption>
    <thead><tr>${columns.map((one) => html`<th key=${one.title} scope="col" class=${one.number ? 'number' : ''}>${one.title}</th>`)}</tr></thead>
    <tbody>${rows.map((row, i) => html`<tr key=${name ? name(row) : i}>${columns.map((one) =>
      html`<td key=${one.title} data-title=${one.title} class=${one.number ? 'number' : ''}>${one.cell(row)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

export function Copy({ text, children }) {
  const [done, setDone] = useState('');
  const copy = async () => {
    // Browsers have no clipboard on pages over plain HTTP, except those of localhost.
    const copied = await Promise.resolve(navigator.clipboard?.writeText(text).then(() => true)).catch(() => false);
    setDone(copied ? 'Copied' : 'Cannot copy');
    setTimeout(() => setDone(''), 1500);
  };
  return html`<button type="button" class="quiet" onClick=${copy}>${done || children}</button>`;
}

/** A text whose words between backticks are code. */
export const Prose = ({ text }) => text.split('`').map((part, i) => (i % 2 ? html`<code key=${i}>${part}</code>` : part));
