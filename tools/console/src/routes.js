// SPDX-License-Identifier: Apache-2.0
// Providers with their health, and the routes of each model name.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { count, duration } from './format.js';
import { usePoll } from './hooks.js';
import { Badge, Problem, stateKind, Table } from './parts.js';

const breakerText = (one) => `${one.name} ${one.state}${one.trial_ms ? `, next trial in ${duration(one.trial_ms)}` : ''}`;
const breakerKind = (one) => (one.state === 'failing' ? 'warn' : 'bad');
const breakers = (all) => (all.length ? all.map((one) => html`<div key=${one.name}><${Badge} kind=${breakerKind(one)}>${breakerText(one)}<//></div>`) : html`<${Badge} kind="good">closed<//>`);

const providerColumns = [
  { title: 'Provider', cell: (one) => html`<strong>${one.name}</strong>` },
  { title: 'Plugin', cell: (one) => one.plugin },
  { title: 'Signer', cell: (one) => one.signer || '–' },
  { title: 'State', cell: (one) => html`<${Badge} kind=${stateKind(one.state)}>${one.state}<//>
    ${one.reason && html`<div class="soft">${one.reason.replaceAll('_', ' ')}, ${count(one.failures)} failures in ${duration(1000 * one.failing_s)}</div>`}` },
  { title: 'Breakers of models', cell: (one) => breakers(one.routes) },
  { title: 'Breakers of endpoints', cell: (one) => breakers(one.endpoints) },
  { title: 'Models listed', number: true, cell: (one) => count(one.models_listed) },
];

const modelColumns = [
  { title: 'Model name', cell: (one) => html`<strong>${one.name}</strong>` },
  { title: 'Routes, in their order', cell: (one) => (one.error ? html`<span class="problem">${one.error}</span>` : html`<ol class="plain-list">${one.routes.map((to, i) => html`<li key=${i}>
    ${to.provider}/${to.model} ${to.open && html`<${Badge} kind="bad">breaker open<//>`}
    <span class="soft">${to.first_byte_us != null ? ` first byte ${duration(to.first_byte_us / 1000)}` : ''}${to.price_per_million ? ` ${to.price_per_million.input} / ${to.price_per_million.output} per million tokens` : ''}</span></li>`)}</ol>`) },
];

export function Routes() {
  const { data, error } = usePoll('/gateway/routes', 3000);
  const [text, setText] = useState('');
  const wanted = text.toLowerCase();
  const models = (data?.models ?? []).filter((one) => one.name.toLowerCase().includes(wanted) || one.routes.some((to) => `${to.provider}/${to.model}`.toLowerCase().includes(wanted)));
  return html`<h1>Routes and providers</h1><${Problem} error=${error} />
    ${data && html`<section><h2>Providers</h2><${Table} label="Providers" columns=${providerColumns} rows=${data.providers} name=${(one) => one.name} /></section>
    <section><h2>Models (${count(data.models_known)})</h2>
      <form class="filter" role="search" aria-label="Filter" onSubmit=${(event) => event.preventDefault()}>
        <label>Text<input name="text" value=${text} onInput=${(event) => setText(event.target.value)} autocomplete="off" spellcheck=${false} /></label></form>
      <${Table} label="Models" columns=${modelColumns} rows=${models} name=${(one) => one.name} empty="No model name matches." /></section>`}`;
}
