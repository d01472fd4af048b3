// SPDX-License-Identifier: Apache-2.0
// An OTLP/HTTP collector that is strict about JSON: names, hex ids, integers as strings, times and parents.
// It can be slow, refuse, hang and die.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

import { decoded, metricsRequest, traceRequest } from './protobuf.mjs';

const allowed = {
  request: ['resourceSpans'], resourceSpans: ['resource', 'scopeSpans', 'schemaUrl'], resource: ['attributes', 'droppedAttributesCount'],
  scopeSpans: ['scope', 'spans', 'schemaUrl'], scope: ['name', 'version', 'attributes'],
  span: ['traceId', 'spanId', 'traceState', 'parentSpanId', 'flags', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano', 'attributes',
    'events', 'status'], status: ['code', 'message'], attribute: ['key', 'value'],
};
const values = {
  stringValue: (value) => typeof value === 'string', boolValue: (value) => typeof value === 'boolean',
  intValue: (value) => typeof value === 'string' && /^-?(0|[1-9]\d{0,18})$/.test(value), doubleValue: (value) => typeof value === 'number',
  arrayValue: (value) => Object.keys(value).join() === 'values' && value.values.every(isValue),
};
const isValue = (value) => Object.keys(value).length === 1 && Boolean(values[Object.keys(value)[0]]?.(Object.values(value)[0]));
const plain = (value) => {
  const [[kind, content]] = Object.entries(value);
  if (kind === 'arrayValue') return content.values.map(plain);
  return kind === 'intValue' ? Number(content) : content;
};

/** The spans of a request's body.  Throws at the first mistake. */
export function spansIn(text) {
  const known = (kind, object) => {
    const wrong = Object.keys(object).find((name) => !allowed[kind].includes(name));
    if (wrong) throw new Error(`unknown name ${wrong} in a ${kind}`);
    return object;
  };
  const attributes = (list) => {
    const names = new Set();
    for (const one of list) {
      known('attribute', one);
      if (typeof one.key !== 'string' || !one.key || names.has(one.key)) throw new Error(`wrong attribute ${JSON.stringify(one)}`);
      if (!isValue(one.value)) throw new Error(`wrong value ${JSON.stringify(one)}`);
      names.add(one.key);
    }
    return Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]));
  };
  const spans = [];
  for (const { resource, scopeSpans, ...more } of known('request', JSON.parse(text)).resourceSpans) {
    known('resourceSpans', { resource, scopeSpans, ...more });
    const common = attributes(known('resource', resource).attributes);
    if (!common['service.name']) throw new Error('no service.name');
    for (const scoped of scopeSpans) {
      known('scope', known('scopeSpans', scoped).scope);
      for (const span of scoped.spans) {
        known('span', span);
        if (!/^(?!0{32})[0-9a-f]{32}$/.test(span.traceId) || !/^(?!0{16})[0-9a-f]{16}$/.test(span.spanId)) throw new Error(`wrong ids ${JSON.stringify(span)}`);
        if (span.parentSpanId !== undefined && !/^(?!0{16})[0-9a-f]{16}$/.test(span.parentSpanId)) throw new Error(`wrong parent ${span.parentSpanId}`);
        if (!span.name || ![1, 2, 3].includes(span.kind)) throw new Error(`wrong name or kind ${JSON.stringify(span)}`);
        const [begin, end] = [span.startTimeUnixNano, span.endTimeUnixNano];
        if (!/^\d{19}$/.test(begin) || !/^\d{19}$/.test(end) || BigInt(end) < BigInt(begin)) throw new Error(`wrong times ${begin} ${end}`);
        if (Math.abs(Number(begin) / 1e6 - Date.now()) > 300_000) throw new Error(`not of today: ${begin}`);
        if (span.status && ![0, 1, 2].includes(known('status', span.status).code)) throw new Error(`wrong status ${JSON.stringify(span.status)}`);
        spans.push({ ...span, resource: common, attributes: attributes(span.attributes) });
      }
    }
  }
  return spans;
}

/** The histograms of a request's body: the sums of their counts by name.  Throws at the first mistake. */
export function metricsIn(text) {
  const counts = {};
  for (const { scopeMetrics } of JSON.parse(text).resourceMetrics)
    for (const { name, histogram } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      if (histogram.aggregationTemporality !== 2) throw new Error(`${name} is not cumulative`);
      for (const { attributes, startTimeUnixNano, timeUnixNano, count, sum, bucketCounts, explicitBounds, ...more } of histogram.dataPoints) {
        if (Object.keys(more).length || !attributes.every(({ value }) => isValue(value))) throw new Error(`wrong point of ${name}`);
        if (!/^\d{19}$/.test(startTimeUnixNano) || BigInt(timeUnixNano) < BigInt(startTimeUnixNano)) throw new Error(`wrong times of ${name}`);
        if (bucketCounts.length !== explicitBounds.length + 1 || typeof sum !== 'number') throw new Error(`wrong buckets of ${name}`);
        if (bucketCounts.reduce((all, one) => all + Number(one), 0) !== Number(count)) throw new Error(`the buckets of ${name} do not add up`);
        counts[name] = (counts[name] ?? 0) + Number(count);
      }
    }
  return counts;
}

export class Collector {
  spans = [];
  faults = [];
  requests = [];
  metrics = [];
  /** ok, slow, hang, die, big, partial, or a status. */
  mode = 'ok';

  static async start(port = 0) {
    const one = new Collector();
    await one.listen(port);
    return one;
  }
  async listen(port) {
    this.server = createServer((request, response) => this.#receive(request, response));
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
  }
  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The content as text; protobuf becomes the JSON of OTLP. */
  #json(request, content, binary) {
    try {
      return binary ? JSON.stringify(decoded(content, request.url === '/v1/traces' ? traceRequest : metricsRequest)) : content.toString();
    } catch (error) {
      this.faults.push(`protobuf: ${error.message}`);
      return '{}';
    }
  }

  async #receive(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { 'content-encoding': coding } = request.headers, bytes = Buffer.concat(parts);
    if (![undefined, 'gzip'].includes(coding)) this.faults.push(`content-encoding ${coding}`);
    const content = coding ? gunzipSync(bytes) : bytes, binary = request.headers['content-type'] === 'application/x-protobuf';
    const text = this.#json(request, content, binary);
    this.requests.push({ headers: request.headers, text, mode: this.mode });
    if (this.mode === 'hang') return;
    if (this.mode === 'die') return request.socket.destroy();
    if (this.mode === 'slow') await new Promise((resolve) => setTimeout(resolve, 700));
    if (typeof this.mode === 'number') return response.writeHead(this.mode, this.mode === 429 ? { 'retry-after': '1' } : {}).end('{}');
    try {
      if (!binary && request.headers['content-type'] !== 'application/json') throw new Error(request.headers['content-type']);
      if (`${request.method} ${request.url}` === 'POST /v1/traces') this.spans.push(...spansIn(text));
      else if (`${request.method} ${request.url}` === 'POST /v1/metrics') this.metrics.push(metricsIn(text));
      else throw new Error(`${request.method} ${request.url}`);
    } catch (error) {
      this.faults.push(`${error.message}`);
      return response.writeHead(400).end();
    }
    if (binary) {
      const partial = [0x0a, 0x06, 0x08, 0x01, 0x12, 0x02, 0x6e, 0x6f];  // partial_success: 1 rejected span, "no"
      return response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(Buffer.from(this.mode === 'partial' ? partial : []));
    }
    const answer = this.mode === 'partial' ? '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}}' : this.mode === 'big' ? `"${'x'.repeat(1 << 20)}"` : '{}';
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  }

  /** The spans of requests, by their id in `x-request-id`. */
  servers() {
    return new Map(this.spans.filter(({ kind }) => kind === 2).map((span) => [span.attributes['gatehouse.request_id'], span]));
  }
  children(span) {
    return this.spans.filter((one) => one.traceId === span.traceId && one.parentSpanId === span.spanId);
  }
}
