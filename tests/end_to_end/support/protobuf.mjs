// SPDX-License-Identifier: Apache-2.0
// Reads OTLP's protobuf (opentelemetry-proto v1.9) into the objects of its JSON.  Strict: an unknown field, a wrong wire type
// or a byte too much is an error.

const attribute = () => ({ 1: ['key', 'string'], 2: ['value', any] });
const any = () => ({ 1: ['stringValue', 'string'], 2: ['boolValue', 'bool'], 3: ['intValue', 'int64'], 4: ['doubleValue', 'double'], 5: ['arrayValue', array] });
const array = () => ({ 1: ['values', any, 'list'] });
const resource = () => ({ 1: ['attributes', attribute, 'list'] });
const scope = () => ({ 1: ['name', 'string'], 2: ['version', 'string'] });
const status = () => ({ 2: ['message', 'string'], 3: ['code', 'int'] });
const span = () => ({
  1: ['traceId', 'bytes'], 2: ['spanId', 'bytes'], 3: ['traceState', 'string'], 4: ['parentSpanId', 'bytes'], 5: ['name', 'string'], 6: ['kind', 'int'],
  7: ['startTimeUnixNano', 'fixed64'], 8: ['endTimeUnixNano', 'fixed64'], 9: ['attributes', attribute, 'list'], 15: ['status', status], 16: ['flags', 'fixed32'],
});
const point = () => ({
  2: ['startTimeUnixNano', 'fixed64'], 3: ['timeUnixNano', 'fixed64'], 4: ['count', 'fixed64'], 5: ['sum', 'double'],
  6: ['bucketCounts', 'fixed64', 'packed'], 7: ['explicitBounds', 'double', 'packed'], 9: ['attributes', attribute, 'list'],
});
const histogram = () => ({ 1: ['dataPoints', point, 'list'], 2: ['aggregationTemporality', 'int'] });
const metric = () => ({ 1: ['name', 'string'], 2: ['description', 'string'], 3: ['unit', 'string'], 9: ['histogram', histogram] });
const part = (inner, name) => () => ({ 1: ['scope', scope], 2: [name, inner, 'list'] });
const whole = (inner, name) => () => ({ 1: ['resource', resource], 2: [name, inner, 'list'] });
export const traceRequest = () => ({ 1: ['resourceSpans', whole(part(span, 'spans'), 'scopeSpans'), 'list'] });
export const metricsRequest = () => ({ 1: ['resourceMetrics', whole(part(metric, 'metrics'), 'scopeMetrics'), 'list'] });

const wireTypes = { bool: 0, int: 0, int64: 0, fixed64: 1, double: 1, string: 2, bytes: 2, fixed32: 5 };

/** The message in `bytes`, a Buffer. */
export function decoded(bytes, message) {
  const fields = message(), object = {};
  for (const [name, , form] of Object.values(fields)) if (form) object[name] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= bytes.length || shift > 63n) throw new Error('a varint does not end');
      value |= BigInt(bytes[at] & 0x7f) << shift;
      if (bytes[at++] < 0x80) return value;
    }
  };
  const take = (size) => {
    if (at + size > bytes.length) throw new Error('a field is longer than its message');
    return bytes.subarray(at, (at += size));
  };
  const scalar = {
    bool: () => varint() === 1n, int: () => Number(varint()), int64: () => String(BigInt.asIntN(64, varint())),
    fixed64: () => String(take(8).readBigUInt64LE()), double: () => take(8).readDoubleLE(), fixed32: () => take(4).readUInt32LE(),
    string: () => new TextDecoder('utf-8', { fatal: true }).decode(take(Number(varint()))), bytes: () => take(Number(varint())).toString('hex'),
  };
  while (at < bytes.length) {
    const tag = Number(varint()), [name, type, form] = fields[tag >> 3] ?? [];
    if (!name) throw new Error(`unknown field ${tag >> 3}`);
    const expected = form === 'packed' || typeof type === 'function' ? 2 : wireTypes[type];
    if ((tag & 7) !== expected) throw new Error(`wire type ${tag & 7} of ${name}`);
    if (form === 'packed') {
      const end = Number(varint()) + at;
      while (at < end) object[name].push(scalar[type]());
      if (at !== end) throw new Error(`length of ${name}`);
      continue;
    }
    const value = typeof type === 'function' ? decoded(take(Number(varint())), type) : scalar[type]();
    if (form) object[name].push(value);
    else if (name in object) throw new Error(`${name} twice`);
    else object[name] = value;
  }
  return object;
}
