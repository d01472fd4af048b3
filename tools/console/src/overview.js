// SPDX-License-Identifier: Apache-2.0
// The first page: health at a glance, charts, and the last problems.
import { html } from 'htm/preact';
import { useMemo } from 'preact/hooks';

import { Chart } from './chart.js';
import { bytes, count, duration, money } from './format.js';
import { useClock, usePoll } from './hooks.js';
import { Badge, Facts, Problem, stateKind, When } from './parts.js';
import { RequestTable } from './requests.js';

// Alone, because the clock draws it again each second.
const Uptime = ({ since }) => html`<span>up for ${duration(useClock() - since)}</span>`;

function Providers({ providers }) {
  return html`<section><h2>Providers</h2><ul class="tiles">${providers.map((one) => {
    const open = one.routes.filter((route) => route.state !== 'failing').length;
    const out = one.endpoints.filter((endpoint) => endpoint.state !== 'failing').length;
    return html`<li key=${one.name}><a href="#/routes">${one.name}</a> <${Badge} kind=${stateKind(one.state)}>${one.state}<//>
      ${one.reason && html`<span class="soft">${one.reason.replaceAll('_', ' ')}</span>`}
      ${open > 0 && html`<${Badge} kind="bad">${open} breaker${open > 1 ? 's' : ''} open<//>`}
      ${out > 0 && html`<${Badge} kind="warn">${out} endpoint${out > 1 ? 's' : ''} out<//>`}</li>`;
  })}</ul></section>`;
}

function Charts({ series }) {
  const x = useMemo(() => series.requests.map((_, i) => series.from_ms / 1000 + i * series.step_s), [series]);
  return html`<section><h2>Last 15 minutes</h2><div class="charts">
    <${Chart} title="Time to the first token" unit="ms" x=${x} lines=${[
      { title: 'median', values: series.first_token_ms_p50, colour: '--line-1' }, { title: '95 %', values: series.first_token_ms_p95, colour: '--line-2' }]} />
    <${Chart} title="Duration of requests" unit="ms" x=${x} lines=${[
      { title: 'median', values: series.total_ms_p50, colour: '--line-1' }, { title: '95 %', values: series.total_ms_p95, colour: '--line-2' }]} />
    <${Chart} title="Requests" unit="in 10 s" x=${x} lines=${[
      { title: 'all', values: series.requests, colour: '--line-1' }, { title: 'failed', values: series.failed, colour: '--line-2' }]} />
  </div></section>`;
}

export function Overview({ resource }) {
  const status = usePoll('/gateway/status', 5000), running = usePoll('/gateway/running', 2000), routes = usePoll('/gateway/routes', 5000);
  const summary = usePoll(`/${resource}`, 2000), series = usePoll(`/${resource}/series?minutes=15`, 10_000);
  const at = status.data, recent = summary.data?.window;
  const spent = Number(recent?.cost) > 0 ? money(recent.cost, recent.currency) : null;
  return html`<h1>Overview</h1>
    <${Problem} error=${status.error ?? summary.error} />
    ${at && html`<p class="state">${at.ready && at.alive ? html`<${Badge} kind="good">Ready<//>` :
      html`<${Badge} kind="bad">${at.alive ? `Not ready: ${at.reason}` : 'All workers hang'}<//>`}
      <span>version ${at.version}</span><${Uptime} since=${at.started_ms} />
      <span>configuration of <${When} ms=${at.configured_ms} /></span></p>`}
    ${recent && html`<section><h2>Last 5 minutes</h2><${Facts} items=${[
      ['Running now', html`<a href="#/requests">${count(running.data?.count)}</a>`],
      ['Requests', `${count(recent.requests)} (${count(recent.requests / recent.seconds)} per second)`],
      ['Failed', html`<a href="#/requests?outcome=failed">${count(recent.failed)}</a>${recent.requests ? ` (${count((100 * recent.failed) / recent.requests)} %)` : ''}`],
      ['Clients that left', count(recent.left)],
      ['First token', `${duration(recent.first_token_ms.p50)}, 95 %: ${duration(recent.first_token_ms.p95)}`],
      ['Duration', `${duration(recent.total_ms.p50)}, 95 %: ${duration(recent.total_ms.p95)}`],
      ['Gateway overhead', `99 %: ${duration(recent.overhead_ms.p99)}`],
      ['Tokens', `${count(recent.prompt_tokens)} in, ${count(recent.completion_tokens)} out`],
      ['Cost', spent],
      ['Memory for clients', at && `${bytes(at.memory_bytes)} of ${bytes(at.memory_limit)}`]]} /></section>`}
    ${routes.data && html`<${Providers} providers=${routes.data.providers} />`}
    ${series.data && html`<${Charts} series=${series.data} />`}
    ${summary.data && html`<section><h2>Last problems</h2>
      <${RequestTable} rows=${summary.data.problems} empty="No request has failed since the gateway started." /></section>`}`;
}
