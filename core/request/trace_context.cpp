// SPDX-License-Identifier: Apache-2.0
#include "core/request/trace_context.hpp"

#include "core/util/ascii.hpp"
#include "core/util/random_bits.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace gatehouse::core {

namespace {

constexpr std::size_t version_00_bytes = 55;        // "VERSION-TRACE-PARENT-FLAGS"
constexpr std::size_t max_trace_state_bytes = 512;  // each participant must be able to pass on this many
constexpr std::size_t max_trace_state_members = 32;
constexpr unsigned sampled_flag = 1, random_flag = 2;

/// The number in lower-case hexadecimal digits only.
std::optional<std::uint64_t> lower_hex(std::string_view digits) {
    if (!std::ranges::all_of(digits, [](char c) { return is_hex(c) && !is_upper(c); })) return {};
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return value;
}

/// An invalid text gives an invalid trace.
Trace parsed(std::string_view text) {
    if (text.size() < version_00_bytes || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
    const auto version = lower_hex(text.substr(0, 2)), high = lower_hex(text.substr(3, 16)),
               low = lower_hex(text.substr(19, 16)), parent = lower_hex(text.substr(36, 16)),
               flags = lower_hex(text.substr(53, 2));
    if (!version || !high || !low || !parent || !flags || *version == 0xff || *parent == 0) return {};
    // A later version may be longer.
    if (text.size() > version_00_bytes && (*version == 0 || text[version_00_bytes] != '-')) return {};
    return {.id = {*high, *low},
            .parent = {*parent},
            .parent_sampled = (*flags & sampled_flag) != 0,
            .random = (*flags & random_flag) != 0};
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// "vendor" or "tenant@vendor".
bool is_key(std::string_view key) {
    const auto allowed = [](char c) {
        return (is_letter(c) && !is_upper(c)) || is_digit(c) || c == '_' || c == '-' || c == '*' ||
               c == '/' || c == '@';
    };
    return !key.empty() && key.size() <= 256 &&
           (is_digit(key[0]) || (is_letter(key[0]) && !is_upper(key[0]))) &&
           std::ranges::all_of(key, allowed) && std::ranges::count(key, '@') <= 1;
}

bool is_value(std::string_view value) {
    return !value.empty() && value.size() <= 256 &&
           std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

}  // namespace

bool is_trace_state(std::string_view text) {
    if (text.size() > max_trace_state_bytes) return false;
    std::size_t members = 0;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view member = trimmed(text.substr(0, comma));
        const std::size_t equals = member.find('=');
        // A list may have empty members.
        if (!member.empty() && (equals == member.npos || !is_key(member.substr(0, equals)) ||
                                !is_value(member.substr(equals + 1)) || ++members > max_trace_state_members))
            return false;
        if (comma == text.npos) return members > 0;
        text.remove_prefix(comma + 1);
    }
}

Trace trace_of(const http::Headers& headers) {
    Trace trace;
    std::string state;
    std::size_t parents = 0;
    for (const auto& [name, value] : headers) {
        if (http::equal_ignoring_case(name, "traceparent") && ++parents == 1) trace = parsed(trimmed(value));
        if (http::equal_ignoring_case(name, "tracestate") && state.size() <= max_trace_state_bytes)
            state.append(state.empty() ? "" : ",").append(value);
    }
    if (parents != 1 || !trace.id.valid()) return {};
    if (is_trace_state(state)) trace.state = std::move(state);
    return trace;
}

SpanId new_span_id() {
    SpanId id;
    while (!id.valid()) id.value = random_bits();
    return id;
}

Trace new_trace() {
    return {.id = {random_bits(), new_span_id().value}, .span = new_span_id(), .random = true};
}

std::string trace_parent(const Trace& trace, SpanId parent, bool sampled) {
    const unsigned flags = (sampled ? sampled_flag : 0) | (trace.random ? random_flag : 0);
    return "00-" + trace.id.hex() + "-" + parent.hex() + "-0" + static_cast<char>('0' + flags);
}

}  // namespace gatehouse::core
