// SPDX-License-Identifier: Apache-2.0
// Scripts that Redis runs as one step.  Numbers are compared as texts, because Lua knows only
// doubles.  A document is a hash with its version `v` and its body `b`.
#pragma once

namespace gatehouse::redis_store {

/// KEYS: documents.  ARGV: the most bytes of all bodies.  Version and body of each, or nil.
inline constexpr const char* get_script = R"lua(
local size = 0
for _, key in ipairs(KEYS) do size = size + redis.call('HSTRLEN', key, 'b') end
if size > tonumber(ARGV[1]) then return 'large' end
local found = {}
for i, key in ipairs(KEYS) do
  local record = redis.call('HMGET', key, 'v', 'b')
  found[2 * i - 1], found[2 * i] = record[1], record[2]
end
return found
)lua";

/// KEYS: document, last version.  ARGV: body, lifetime in ms, expected version or "".
/// The new version, or "0" if the document has another version than expected.
inline constexpr const char* put_script = R"lua(
local has = redis.call('HGET', KEYS[1], 'v') or '0'
if ARGV[3] ~= '' and ARGV[3] ~= has then return '0' end
local time = redis.call('TIME')
local version = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if version <= last then version = last + 1 end
local text = string.format('%.0f', version)
redis.call('SET', KEYS[2], text)
redis.call('HSET', KEYS[1], 'v', text, 'b', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return text
)lua";

/// KEYS: counters.  ARGV: amount, lifetime in ms, limit, drained amount, its time in ms, of each.  "1"
/// or "0" for added, then the values.  A counter that drains is a text, "VALUE MICROSECONDS".
inline constexpr const char* add_script = R"lua(
local function greater(a, b)
  local minus_a, minus_b = a:sub(1, 1) == '-', b:sub(1, 1) == '-'
  if minus_a ~= minus_b then return minus_b end
  if minus_a then a, b = b:sub(2), a:sub(2) end
  if #a ~= #b then return #a > #b end
  return a > b
end
local now
local function level(key, drain, time)
  if not now then
    local clock = redis.call('TIME')
    now = clock[1] * 1000000 + clock[2]
  end
  local value, changed = string.match(redis.call('GET', key) or '', '^(-?%d+) ?(%d*)$')
  value, changed = tonumber(value or '0'), tonumber(changed or '') or now
  if value <= 0 or now <= changed then return value end
  return math.max(0, value - math.floor((now - changed) * drain / (time * 1000)))
end
local function read(i)
  if ARGV[5 * i - 1] == '0' then return redis.call('GET', KEYS[i]) or '0' end
  return string.format('%.0f', level(KEYS[i], tonumber(ARGV[5 * i - 1]), tonumber(ARGV[5 * i])))
end
local before, result, added = {}, {'1'}, true
for i, key in ipairs(KEYS) do
  local amount, keep, limit = ARGV[5 * i - 4], ARGV[5 * i - 3], ARGV[5 * i - 2]
  before[i] = {redis.call('GET', key), redis.call('PTTL', key)}
  if amount ~= '0' and ARGV[5 * i - 1] ~= '0' then
    local sum = tonumber(read(i)) + tonumber(amount)
    if tonumber(amount) > 0 and sum > tonumber(limit) then added = false break end
    redis.call('SET', key, string.format('%.0f %.0f', math.max(0, sum), now), 'PX', keep)
  elseif amount ~= '0' then
    local changed = redis.pcall('INCRBY', key, amount)
    if type(changed) == 'table' then added = false break end
    if not before[i][1] then redis.call('PEXPIRE', key, keep) end
    if amount:sub(1, 1) ~= '-' and greater(redis.call('GET', key), limit) then added = false break end
  end
  result[i + 1] = read(i)
end
if added then return result end
for i = #before, 1, -1 do
  if before[i][1] then redis.call('SET', KEYS[i], before[i][1], 'PX', before[i][2])
  else redis.call('DEL', KEYS[i]) end
end
result = {'0'}
for i, key in ipairs(KEYS) do result[i + 1] = read(i) end
return result
)lua";

}  // namespace gatehouse::redis_store
