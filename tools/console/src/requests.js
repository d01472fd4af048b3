// SPDX-License-Identifier: Apache-2.0
// The live list of requests, and one request.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { count, duration, money, rate, route, time } from './format.js';
import { usePoll } from './hooks.js';
import { Badge, Copy, Facts, outcomeKind, Problem, Prose, Table, When } from './parts.js';

const columns = [
  { title: 'Time', cell: (one) => html`<a href=${`#/requests/${encodeURIComponent(one.id)}`}><${When} ms=${one.start_ms} /></a>` },
  { title: 'Outcome', cell: (one) => html`<${Badge} kind=${outcomeKind(one.outcome)}>${one.outcome}${one.error ? `: ${one.error.replaceAll('_', ' ')}` : ''}<//>` },
  { title: 'Status', number: true, cell: (one) => one.status || '–' },
  { title: 'Client', cell: (one) => one.client || '–' },
  { title: 'Model', cell: (one) => one.model || one.path },
  { title: 'Route', cell: route },
  { title: 'First token', number: true, cell: (one) => duration(one.first_token_ms) },
  { title: 'Duration', number: true, cell: (one) => duration(one.total_ms) },
  { title: 'Tokens', number: true, cell: (one) => (one.usage ? `${count(one.usage.prompt)} + ${count(one.usage.completion)}` : '–') },
  { title: 'Tokens/s', number: true, cell: (one) => count(rate(one)) },
  { title: 'Cost', number: true, cell: (one) => (one.cost ? money(one.cost.amount, one.cost.currency) : '–') },
];

export const RequestTable = ({ rows, empty }) =>
  html`<${Table} label="Finished requests" columns=${columns} rows=${rows} name=${(one) => one.number} empty=${empty} />`;

const runningColumns = [
  { title: 'Since', cell: (one) => html`<${When} ms=${one.start_ms} />` },
  { title: 'For', number: true, cell: (one) => duration(one.age_ms) },
  { title: 'Step', cell: (one) => html`<${Badge} kind="plain">${one.step}<//>` },
  { title: 'Client', cell: (one) => one.client || '–' },
  { title: 'Model', cell: (one) => one.model || one.path },
  { title: 'Route', cell: route },
  { title: 'Attempts', number: true, cell: (one) => one.attempts },
  { title: 'Bytes sent', number: true, cell: (one) => count(one.bytes_out) },
];

const fields = [['text', 'Text', 'id, client, model, route, error'], ['client', 'Client', ''], ['model', 'Model', ''], ['provider', 'Provider', ''],
  ['status', 'Status', '429 or 4'], ['slower_ms', 'Slower than (ms)', '']];
const outcomes = [['', 'any'], ['problem', 'any problem'], ['ok', 'ok'], ['failed', 'failed'], ['cut', 'cut'], ['left', 'client left']];

/** The filter is in the address, so that it can be sent to a colleague. */
function FilterForm({ query }) {
  const change = (name, value) => {
    const next = new URLSearchParams(query);
    next.delete('before');
    if (value) next.set(name, value); else next.delete(name);
    location.hash = `#/requests${next.size ? `?${next}` : ''}`;
  };
  return html`<form class="filter" role="search" aria-label="Filter" onSubmit=${(event) => event.preventDefault()}>
    ${fields.map(([name, title, hint]) => html`<label key=${name}>${title}<input name=${name} value=${query.get(name) ?? ''} placeholder=${hint}
      onChange=${(event) => change(name, event.target.value)} autocomplete="off" spellcheck=${false} inputmode=${name === 'status' || name === 'slower_ms' ? 'numeric' : 'text'} /></label>`)}
    <label>Outcome<select name="outcome" value=${query.get('outcome') ?? ''} onChange=${(event) => change('outcome', event.target.value)}>
      ${outcomes.map(([value, title]) => html`<option key=${value} value=${value}>${title}</option>`)}</select></label>
    ${query.size > 0 && html`<a class="button" href="#/requests">Clear</a>`}
  </form>`;
}

export function Requests({ resource, query }) {
  const [paused, setPaused] = useState(false);
  const running = usePoll('/gateway/running', paused ? 0 : 1000);
  const wanted = new URLSearchParams(query);
  wanted.set('limit', '50');
  const older = query.has('before');
  const list = usePoll(`/${resource}/requests?${wanted}`, paused || older ? 0 : 2000);
  const next = new URLSearchParams(query);
  if (list.data?.next_before) next.set('before', list.data.next_before);
  return html`<h1>Requests</h1>
    <${FilterForm} query=${query} />
    <p><button type="button" aria-pressed=${paused} onClick=${() => setPaused(!paused)}>${paused ? 'Resume' : 'Pause'}</button></p>
    <section><h2>Running (${count(running.data?.count ?? 0)})</h2>
      <${Problem} error=${running.error} />
      <${Table} label="Running requests" columns=${runningColumns} rows=${running.data?.requests ?? []} name=${(one) => one.id} empty="No request runs." /></section>
    <section><h2>Finished</h2>
      <${Problem} error=${list.error} />
      ${list.data && html`<${RequestTable} rows=${list.data.requests} empty="No request matches." />
        <p class="soft">${count(list.data.kept)} requests are kept.</p>
        ${list.data.next_before && html`<a class="button" href=${`#/requests?${next}`}>Older</a>`}`}</section>`;
}

/** The steps and attempts as bars over the time of the request. */
function Waterfall({ story }) {
  const bars = [...story.steps.map((one) => ({ name: one.name, begin: one.begin_ms, end: one.end_ms, kind: 'step' })),
    ...story.tries.map((one, i) => ({ name: `attempt ${i + 1}: ${one.provider}`, begin: one.begin_ms, end: one.end_ms, first: one.first_token_ms, kind: one.error ? 'bad' : 'good' }))];
  const whole = Math.max(story.total_ms, ...bars.map((one) => one.end), 0.001);
  const part = (value) => `${(100 * value) / whole}%`;
  return html`<ol class="bars" aria-label="Steps">${bars.map((one, i) => html`<li key=${i}><span>${one.name}</span>
    <span class="track" aria-hidden="true"><span class=${`bar ${one.kind}`} style=${{ left: part(one.begin), width: part(Math.max(one.end - one.begin, whole / 400)) }}></span>
      ${one.first != null && html`<span class="mark" style=${{ left: part(one.first) }}></span>`}</span>
    <span class="number">${duration(one.end - one.begin)}</span></li>`)}</ol>`;
}

const tryColumns = [
  { title: 'Route', cell: (one) => `${one.provider}/${one.model}` },
  { title: 'Why', cell: (one) => one.why.replaceAll('_', ' ') },
  { title: 'Outcome', cell: (one) => (one.cancelled ? html`<${Badge} kind="warn">cancelled<//>` : one.error ? html`<${Badge} kind="bad">${one.error.replaceAll('_', ' ')}<//>` : html`<${Badge} kind="good">ok<//>`) },
  { title: 'Status', number: true, cell: (one) => one.status || '–' },
  { title: 'First token', number: true, cell: (one) => duration(one.first_token_ms) },
  { title: 'Duration', number: true, cell: (one) => duration(one.end_ms - one.begin_ms) },
  { title: 'Endpoint', cell: (one) => one.endpoint || '–' },
  { title: 'Id of the upstream', cell: (one) => one.upstream_id || '–' },
];

/** A word of a shell, whatever it contains: clients choose methods and paths. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The request as a command for another try; the body is not known. */
const asCurl = (story) => `curl -i -X ${quoted(story.method)} "$GATEHOUSE_URL"${quoted(story.path)} -H "authorization: Bearer $GATEHOUSE_KEY" -H "content-type: application/json" --data @body.json`;

export function OneRequest({ resource, id }) {
  const [found, setFound] = useState(false);
  // A request that still runs is not in the list yet.
  const [begin] = useState(Date.now());
  const { data: story, error } = usePoll(`/${resource}/requests/${encodeURIComponent(id)}`, found || Date.now() - begin > 600_000 ? 0 : 2000);
  useEffect(() => setFound(Boolean(story)), [story]);
  if (!story) return html`<h1>Request</h1><p><code>${id}</code></p>${error && html`<${Problem} error=${error} />`}<p><a href="#/requests">All requests</a></p>`;
  const sent = Object.entries(story.parameters).map(([name, value]) => `${name} = ${value}`).join(', ');
  return html`<h1>Request of ${time(story.start_ms)}</h1>
    <p><${Badge} kind=${outcomeKind(story.outcome)}>${story.outcome}<//> <code>${story.id}</code> <${Copy} text=${story.id}>Copy the id<//> <${Copy} text=${asCurl(story)}>Copy as curl<//></p>
    <section class="advice"><h2>What happened</h2><p>${story.happened}</p>${story.action && html`<p><strong>What to do:</strong> <${Prose} text=${story.action} /></p>`}
      <p><a href=${`#/log?text=${encodeURIComponent(story.id)}`}>Lines of the log</a></p></section>
    <section><h2>Times</h2><${Waterfall} story=${story} /></section>
    <section><h2>Attempts</h2><${Table} label="Attempts" columns=${tryColumns} rows=${story.tries} empty="No upstream was asked." /></section>
    <section><h2>Facts</h2><${Facts} items=${[
      ['Started', html`<${When} ms=${story.start_ms} />`], ['Duration', duration(story.total_ms)], ['First token', duration(story.first_token_ms)],
      ['Gateway overhead', duration(story.overhead_ms)], ['Client', story.client], ['Request ID of the client', story.client_id], ['Groups', story.groups.join(', ')],
      ['Address', story.peer], ['User agent', story.user_agent], ['Request', `${story.method} ${story.path}`], ['Operation', story.operation],
      ['Model', story.model], ['Route', route(story)], ['Status', story.status || 'none'], ['Error', story.error?.replaceAll('_', ' ')],
      ['Streams', story.stream ? 'yes' : 'no'], ['Hook that answered', story.hook], ['Parameters', sent],
      ['Tokens', story.usage && `${count(story.usage.prompt)} in, ${count(story.usage.completion)} out${story.usage.cached ? `, ${count(story.usage.cached)} cached` : ''}`],
      ['Cost', story.cost && `${money(story.cost.amount, story.cost.currency)}${story.cost.estimated ? ' (estimated)' : ''}`],
      ['Bytes', `${count(story.bytes_in)} in, ${count(story.bytes_out)} out`], ['Trace', html`<code>${story.trace}</code>`]]} /></section>`;
}
