// SPDX-License-Identifier: Apache-2.0
// A page for the admin resource of any plugin, such as limits, keys and spend: its lists become tables.
import { html } from 'htm/preact';

import { usePoll } from './hooks.js';
import { Facts, Problem, Table } from './parts.js';

const title = (name) => name.replaceAll('_', ' ').replace(/ ms$/, '');
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

export function Resource({ resource }) {
  const { data, error } = usePoll(`/${resource.name}`, 5000);
  const entries = Object.entries(data ?? {});
  const isList = ([, value]) => Array.isArray(value) && value.every((one) => one && typeof one === 'object');
  return html`<h1>${title(resource.name)}</h1>
    <p class="soft">${resource.methods.find((one) => one.method === 'GET')?.doc} From [${resource.kind}.${resource.instance}].</p>
    <${Problem} error=${error} />
    ${data && html`<${Facts} items=${entries.filter((one) => !isList(one)).map(([name, value]) => [title(name), text(name, value)])} />
    ${entries.filter(isList).map(([name, rows]) => html`<${List} key=${name} name=${name} rows=${rows} />`)}`}`;
}
