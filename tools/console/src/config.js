// SPDX-License-Identifier: Apache-2.0
// The running configuration with masked secrets, its difference to the file, and the plugins.
import { html } from 'htm/preact';

import { usePoll } from './hooks.js';
import { Badge, Problem, Table } from './parts.js';

function Difference({ data }) {
  if (data.file_error) return html`<p><${Badge} kind="bad">The file cannot be used<//> ${data.file_error}</p>`;
  if (!data.difference.length) return html`<p><${Badge} kind="good">The file matches the running configuration<//></p>`;
  return html`<p><${Badge} kind="warn">The file differs from the running configuration<//> A reload would change:</p>
    <pre tabindex="0" aria-label="Difference">${data.difference.join('\n')}</pre>`;
}

const pluginColumns = [
  { title: 'Instance', cell: (one) => `[${one.kind}.${one.instance}]` },
  { title: 'Plugin', cell: (one) => one.plugin }, { title: 'Version', cell: (one) => one.version },
  { title: 'SHA-256', cell: (one) => html`<code title=${one.sha256}>${one.sha256.slice(0, 16)}</code>` },
  { title: 'Library', cell: (one) => one.library },
];

export function Config() {
  const { data, error } = usePoll('/gateway/config', 10_000);
  return html`<h1>Configuration</h1><${Problem} error=${error} />
    ${data && html`<p><code>${data.file}</code></p><${Difference} data=${data} />
    <section><h2>Running values</h2><p class="soft">Secrets are masked. References to the environment and to files are shown without their content.</p>
      ${data.tables.map((table) => html`<div key=${table.title} class="toml"><h3><code>${table.title}</code></h3><dl>
        ${table.keys.map((key) => html`<div key=${key.name}><dt title=${`line ${key.line}`}>${key.name}</dt><dd class=${key.masked ? 'soft' : ''}>${key.value}</dd></div>`)}</dl></div>`)}</section>
    <section><h2>Plugins</h2><${Table} label="Plugins" columns=${pluginColumns} rows=${data.plugins} name=${(one) => `${one.kind}.${one.instance}`} /></section>`}`;
}
