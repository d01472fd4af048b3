// SPDX-License-Identifier: Apache-2.0
// A page for the admin resource of any plugin, such as limits, keys and spend: its lists become tables.
import { html } from 'htm/preact';

import { capital } from './format.js';
import { usePoll } from './hooks.js';
import { Facts, Problem, Table } from './parts.js';

const title = (name) => capital(name.replaceAll('_', ' ').replace(/ ms$/, ''));
const isTime = (name, value) => name.endsWith('_ms') && typeof value === 'number' && value > 1e12;

function text(name, value) {
  if (value == null || value === '') return '–';
  if (isTime(name, value)) return new Date(value).toISOString().replace('T', ' ').slice(0, 19);
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object') ? value.join(', ') : JSON.stringify(value);
  return typeof value === 'object' ? Object.entries(value).map(([key, one]) => `${title(key)}: ${text(key, one)}`).join(', ') : String(value);
}

function List({ name, rows }) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((one) => ({ title: title(one), number: rows.every((row) => typeof row[one] === 'number') && !one.endsWith('_ms'), cell: (row) => text(one, row[one]) }));
  return html`<section><h2>${title(name)}</h2><${Table} label=${title(name)} columns=${columns} rows=${rows} /></section>`;
}

/** The answer of a resource: its lists as tables, and the rest as facts. */
function Answer({ data }) {
  const entries = Object.entries(data);
  const isList = ([, value]) => Array.isArray(value) && value.every((one) => one && typeof one === 'object');
  return html`<${Facts} items=${entries.filter((one) => !isList(one)).map(([name, value]) => [title(name), text(name, value)])} />
    ${entries.filter(isList).map(([name, rows]) => html`<${List} key=${name} name=${name} rows=${rows} />`)}`;
}

export function Resource({ resource }) {
  const { data, error } = usePoll(`/${resource.name}`, 5000);
  return html`<h1>${title(resource.name)}</h1>
    <p class="soft">${resource.methods.find((one) => one.method === 'GET')?.doc} From [${resource.kind}.${resource.instance}].</p>
    <${Problem} error=${error} />${data && html`<${Answer} data=${data} />`}`;
}

const sums = ['key', 'group', 'model', 'route', 'status', 'day', 'month', 'key,model', 'day,key'];
const times = [['24h', '24 hours'], ['7d', '7 days'], ['30d', '30 days'], ['', 'all time']];

/** The spend of a resource with limits, by the words of `gatehouse spend`. */
export function Spend({ query }) {
  const by = query.get('by') ?? 'key', since = query.get('since') ?? '7d';
  const { data, error } = usePoll(`/limits/spend?${new URLSearchParams({ by, ...(since && { since }) })}`, 15_000);
  const change = (name, value) => { location.hash = `#/spend?${new URLSearchParams({ by, since, [name]: value })}`; };
  const select = (name, value, options) => html`<select name=${name} value=${value} onChange=${(event) => change(name, event.target.value)}>
    ${options.map(([word, label]) => html`<option key=${word} value=${word}>${label}</option>`)}</select>`;
  return html`<h1>Spend</h1>
    <form class="filter" aria-label="Sums" onSubmit=${(event) => event.preventDefault()}>
      <label>By${select('by', by, sums.map((one) => [one, one.replace(',', ' and ')]))}</label><label>Time${select('since', since, times)}</label></form>
    <${Problem} error=${error} />${data && html`<${Answer} data=${data} />`}`;
}
