// SPDX-License-Identifier: Apache-2.0
// The bounds of a store that keeps its documents itself, and their configuration keys.
#pragma once

#include <gatehouse/schema.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace gatehouse::stores {

struct Bounds {
    std::size_t bytes, bytes_per_owner, records, record_bytes, counters;
    std::chrono::milliseconds age;
};

/// Base of a plugin's options.
struct BoundOptions {
    std::int64_t max_bytes = 268'435'456;
    std::int64_t max_bytes_per_owner = 67'108'864;
    std::int64_t max_records = 100'000;
    std::int64_t max_record_bytes = 16'777'216;
    std::int64_t max_counters = 100'000;
    std::int64_t max_age_s = 2'592'000;
};

/// REQUIRES: `Options` is derived from BoundOptions.
template <typename Options>
Fields<Options> bound_fields() {
    constexpr std::int64_t most = 1'000'000'000'000;
    using Member = std::int64_t Options::*;
    return {
        ranged(
            "max_bytes", Member(&Options::max_bytes), 1'024, most,
            "Maximum bytes of all documents with their keys; beyond it, the oldest documents of clients are removed."),
        ranged("max_bytes_per_owner", Member(&Options::max_bytes_per_owner), 1'024, most,
               "Maximum bytes of the documents of one client; beyond it, its oldest documents are removed."),
        ranged("max_records", Member(&Options::max_records), 1, most,
               "Maximum number of documents; beyond it, the oldest documents of clients are removed."),
        ranged("max_record_bytes", Member(&Options::max_record_bytes), 1'024, most,
               "Maximum bytes of one document with its key; a larger one is refused."),
        ranged("max_counters", Member(&Options::max_counters), 1, most,
               "Maximum number of counters; beyond it, new counters are refused until others expire."),
        ranged("max_age_s", Member(&Options::max_age_s), 1, 315'360'000,
               "Maximum lifetime of a document in seconds; a longer one is shortened."),
    };
}

/// Throws a KeyError if the newest document could be beyond a bound.
inline Bounds bounds_of(const BoundOptions& options) {
    if (options.max_record_bytes > options.max_bytes_per_owner)
        throw KeyError("max_record_bytes", "must not be larger than max_bytes_per_owner (" +
                                               std::to_string(options.max_bytes_per_owner) + ")");
    if (options.max_bytes_per_owner > options.max_bytes)
        throw KeyError("max_bytes_per_owner",
                       "must not be larger than max_bytes (" + std::to_string(options.max_bytes) + ")");
    auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    return {size(options.max_bytes),    size(options.max_bytes_per_owner),
            size(options.max_records),  size(options.max_record_bytes),
            size(options.max_counters), std::chrono::seconds(options.max_age_s)};
}

}  // namespace gatehouse::stores
