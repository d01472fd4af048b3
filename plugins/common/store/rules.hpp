// SPDX-License-Identifier: Apache-2.0
// Rules of store.hpp that every store follows.  [any thread]
#pragma once

#include <gatehouse/store.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace gatehouse::stores {

using Time = std::chrono::system_clock::time_point;

inline std::size_t bytes_of(const StoreKey& key) {
    return key.owner.size() + key.space.size() + key.id.size();
}

struct KeyHash {
    std::size_t operator()(const StoreKey& key) const {
        const std::hash<std::string> hash;
        return (hash(key.owner) * 31 + hash(key.space)) * 31 + hash(key.id);
    }
};

inline Result<void> check(const StoreKey& key, std::chrono::milliseconds keep_for) {
    if (bytes_of(key) > longest_store_key)
        return Error{ErrorKind::bad_request,
                     "the key of the record is longer than " + std::to_string(longest_store_key) + " bytes"};
    if (keep_for.count() <= 0)
        return Error{ErrorKind::bad_request, "the record would expire at once: keep_for is " +
                                                 std::to_string(keep_for.count()) + " ms"};
    return {};
}

inline Result<void> check(const Drain& drain) {
    if (drain.amount < 0 || (drain.amount > 0 && drain.time.count() <= 0))
        return Error{ErrorKind::bad_request, "the counter cannot drain " + std::to_string(drain.amount) +
                                                 " in " + std::to_string(drain.time.count()) + " ms"};
    return {};
}

/// When a record expires that is written now; never later than after `longest`.
inline Time expiry(Time now, std::chrono::milliseconds keep_for,
                   std::chrono::milliseconds longest = std::chrono::hours(24 * 3660)) {
    return now + std::min(keep_for, longest);
}

/// A version that no earlier process has given.
inline std::uint64_t first_version(Time now) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count());
}

inline std::int64_t ms_of(Time time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

inline Error conflict() { return {ErrorKind::conflict, "the record has another version"}; }

inline Error larger_than(const char* limit) {
    return {ErrorKind::too_large, std::string("the record is larger than ") + limit};
}

/// Records of the gateway itself, such as the keys of clients.  The stores memory and sqlite never drop
/// them.
inline bool belongs_to_gateway(const StoreKey& key) { return key.owner.empty(); }

/// No document can be dropped for a new one.
inline Error full() {
    return {.kind = ErrorKind::unavailable,
            .message = "the store is full",
            .detail = "the records of the gateway leave no room: raise max_bytes or max_records",
            .retry_after_seconds = 1};
}

inline Error answer_too_large() {
    return {ErrorKind::too_large, "the records are larger than the reader accepts"};
}

}  // namespace gatehouse::stores
