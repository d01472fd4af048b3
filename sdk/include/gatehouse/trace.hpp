// SPDX-License-Identifier: Apache-2.0
// The place of a request in a distributed trace: W3C Trace Context, https://www.w3.org/TR/trace-context-2/.
// Plain values.  The spellings are compiled into the plugin.  [any thread]
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse {

namespace detail {
inline void append_hex(std::string& out, std::uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}
}  // namespace detail

/// The id of a trace.  All zeros: there is no trace.
struct TraceId {
    std::uint64_t high = 0, low = 0;

    bool valid() const { return high != 0 || low != 0; }
    /// 32 lower-case hexadecimal digits.
    std::string hex() const {
        std::string out;
        out.reserve(32);
        detail::append_hex(out, high);
        detail::append_hex(out, low);
        return out;
    }
    bool operator==(const TraceId&) const = default;
};

/// The id of a span.  0: there is no span.
struct SpanId {
    std::uint64_t value = 0;

    bool valid() const { return value != 0; }
    /// 16 lower-case hexadecimal digits.
    std::string hex() const {
        std::string out;
        detail::append_hex(out, value);
        return out;
    }
    bool operator==(const SpanId&) const = default;
};

/// The trace of a request.
struct Trace {
    TraceId id = {};
    SpanId span = {};             // the request's in this gateway
    SpanId parent = {};           // the client's; none: the trace begins here
    bool parent_sampled = false;  // the client's flag
    bool random = false;          // the id is random, as level 2 defines it
    std::string state = {};       // the client's `tracestate`, valid or empty
};

}  // namespace gatehouse
