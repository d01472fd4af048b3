// SPDX-License-Identifier: Apache-2.0
// A chart over time, with the same numbers as a table.
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { count, time } from './format.js';
import { Table } from './parts.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** lines: {title, values, colour: '--line-1'}; x in seconds. */
export function Chart({ title, unit, x, lines }) {
  const box = useRef(null), chart = useRef(null);
  const data = [x, ...lines.map((one) => one.values)];
  useEffect(() => {
    const place = box.current;
    const axis = { stroke: colour('--soft'), grid: { stroke: colour('--edge'), width: 1 }, ticks: { stroke: colour('--edge') }, font: '12px system-ui' };
    const make = () => {
      chart.current?.destroy();
      chart.current = new uPlot({
        width: place.clientWidth, height: 180, legend: { show: false }, cursor: { drag: { x: false, y: false } },
        axes: [{ ...axis, values: (_, ticks) => ticks.map((one) => time(one * 1000)), space: 90 },
          { ...axis, size: 60, values: (_, ticks) => ticks.map(count) }],
        scales: { y: { range: (_, low, high) => [0, Math.max(high ?? 0, 1) * 1.05] } },
        series: [{}, ...lines.map((one) => ({ label: one.title, stroke: colour(one.colour), width: 2, spanGaps: false, points: { size: 5 } }))],
      }, data, place);
    };
    make();
    const observer = new ResizeObserver(() => place.clientWidth > 0 && chart.current?.setSize({ width: place.clientWidth, height: 180 }));
    observer.observe(place);
    const theme = matchMedia('(prefers-color-scheme: dark)');
    theme.addEventListener('change', make);
    return () => { observer.disconnect(); theme.removeEventListener('change', make); chart.current.destroy(); chart.current = null; };
  }, [lines.length]);
  useEffect(() => chart.current?.setData(data), data);
  const rows = x.map((at, i) => ({ at, values: lines.map((one) => one.values[i]) })).filter((row) => row.values.some((one) => one));
  return html`<figure class="chart">
    <figcaption>${title} <span class="soft">${unit}</span>
      ${lines.map((one, i) => html`<span class="key" key=${one.title}><span class=${`dash line-${i + 1}`} aria-hidden="true"></span>${one.title}</span>`)}
    </figcaption>
    <div ref=${box} aria-hidden="true"></div>
    <details><summary>As a table</summary><${Table} label=${title} rows=${rows.slice(-60).reverse()} name=${(row) => row.at}
      columns=${[{ title: 'Time', cell: (row) => time(row.at * 1000) },
        ...lines.map((one, i) => ({ title: one.title, number: true, cell: (row) => count(row.values[i]) }))]} /></details>
  </figure>`;
}
