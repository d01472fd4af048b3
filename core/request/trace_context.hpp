// SPDX-License-Identifier: Apache-2.0
// The header fields of W3C Trace Context (https://www.w3.org/TR/trace-context/), which pass from the client
// to the upstream unchanged.  Plain functions: [any thread].
#pragma once

#include "core/util/ascii.hpp"

#include <algorithm>
#include <string_view>

namespace gatehouse::core {

/// The length of a tracestate that every participant must be able to pass on.
constexpr std::size_t max_trace_state_bytes = 512;

/// Whether `text` is a valid traceparent: "VERSION-TRACE-PARENT-FLAGS" in lower-case hex
/// digits.
inline bool is_trace_parent(std::string_view text) {
    constexpr std::size_t size = 55;  // in version 00; later versions may be longer
    if (text.size() < size || text.starts_with("ff")) return false;
    if (text.size() > size && (text.starts_with("00") || text[size] != '-')) return false;
    const auto hex = [&](std::size_t from, std::size_t count) {
        return std::ranges::all_of(text.substr(from, count),
                                   [](char c) { return is_hex(c) && !is_upper(c); });
    };
    const auto zeros = [&](std::size_t from, std::size_t count) {
        return text.substr(from, count).find_first_not_of('0') == text.npos;
    };
    return text[2] == '-' && text[35] == '-' && text[52] == '-' && hex(0, 2) && hex(3, 32) && hex(36, 16) &&
           hex(53, 2) && !zeros(3, 32) && !zeros(36, 16);
}

}  // namespace gatehouse::core
