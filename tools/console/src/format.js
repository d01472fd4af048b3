// SPDX-License-Identifier: Apache-2.0
// Numbers and times as text.

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

export const count = (value) => (value == null ? '–' : number.format(value));

/** A duration in milliseconds with its unit. */
export function duration(ms) {
  if (ms == null) return '–';
  if (ms < 1) return `${(ms * 1000).toFixed(0)} µs`;
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor(ms / 1000) % 60} s`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ${Math.floor(ms / 60_000) % 60} min`;
  return `${Math.floor(ms / 86_400_000)} d ${Math.floor(ms / 3_600_000) % 24} h`;
}

export function bytes(value) {
  if (value == null) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${number.format(value)} ${units[unit]}`;
}

/** The local time; the day too if it is not today. */
export function time(ms) {
  const date = new Date(ms);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
}
export const utc = (ms) => new Date(ms).toISOString();

/** An amount with its currency, without zeros at the end. */
export function money(amount, currency) {
  const text = String(amount).replace(/(\.\d\d\d*?)0+$/, '$1');
  return currency ? `${text} ${currency}` : text;
}

export const route = (one) => (one.upstream_model ? `${one.provider}/${one.upstream_model}` : one.provider || '–');

/** Tokens of the response in a second, from the first token on. */
export function rate(one) {
  const span = one.total_ms - (one.first_token_ms ?? 0);
  return one.usage?.completion > 1 && one.first_token_ms != null && span > 1 ? (one.usage.completion / span) * 1000 : null;
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
