// SPDX-License-Identifier: Apache-2.0
// Search in the end of the log's file.
import { html } from 'htm/preact';

import { count } from './format.js';
import { usePoll } from './hooks.js';
import { Problem } from './parts.js';

export function Log({ query }) {
  const { data, error } = usePoll(`/gateway/log?${query}`, 3000);
  const change = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value); else next.delete(name);
    location.hash = `#/log?${next}`;
  };
  return html`<h1>Log</h1>
    <form class="filter" role="search" aria-label="Filter" onSubmit=${(event) => event.preventDefault()}>
      <label>Text<input name="text" value=${query.get('text') ?? ''} onChange=${(event) => change('text', event.target.value)} autocomplete="off" spellcheck=${false} /></label>
      <label>Level<select value=${query.get('level') ?? ''} onChange=${(event) => change('level', event.target.value)}>
        ${['', 'debug', 'info', 'warning', 'error'].map((level) => html`<option key=${level} value=${level}>${level || 'any'}</option>`)}</select></label></form>
    <${Problem} error=${error} />
    ${data && html`<p class="soft">${count(data.matching)} lines match${data.complete ? '' : ' in the last MiB of the file'}. The newest is last.</p>
      <pre class="log" tabindex="0" aria-label="Lines of the log">${data.lines.join('\n') || 'No line matches.'}</pre>`}`;
}
