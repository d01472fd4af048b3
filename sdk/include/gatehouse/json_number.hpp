// SPDX-License-Identifier: Apache-2.0
// Numbers as JSON writes them (RFC 8259, 6).
// Functions without state.  [any thread]
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace gatehouse {

enum class NumberCheck {
    fine,
    malformed,
    long_integer,  // well-formed, but too large for 64 bits
    huge,          // well-formed, but too large for a double
};

namespace detail {

/// Removes the digits at the front.  Returns false if there is no digit.
inline bool take_digits(std::string_view& text) {
    const std::string_view before = text;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
    return text.size() < before.size();
}

template <typename Number>
std::errc read_number(std::string_view text, Number& number) {
    return std::from_chars(text.data(), text.data() + text.size(), number).ec;
}

/// Whether `text`, a number out of a double's range, is too large rather than too close to
/// zero.  The position of the first digit decides.
inline bool is_beyond(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
    const std::string_view digits = text.substr(0, mark);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const std::size_t first = digits.find_first_of("123456789");
    if (first == std::string_view::npos) return false;
    const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    if (mark == text.size()) return place > 0;
    std::string_view exponent = text.substr(mark + 1);
    const bool negative = exponent.starts_with('-');
    if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
    std::int64_t power = 0;
    if (read_number(exponent, power) != std::errc()) return !negative;  // longer than any text
    return (negative ? place - power : place + power) > 0;
}

}  // namespace detail

/// Returns nothing if the number is too large, and 0 if it is too small for a double.
/// REQUIRES: `text` is well-formed, as for integer_of().
inline std::optional<double> double_of(std::string_view text) {
    double found = 0;
    if (detail::read_number(text, found) == std::errc()) return found;
    if (detail::is_beyond(text)) return std::nullopt;
    return text.starts_with('-') ? -0.0 : 0.0;
}

/// The value of an integer, also written 1.0 or 1e3.  Returns nothing if it does not fit.
inline std::optional<std::int64_t> integer_of(std::string_view text) {
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, whole);
    if (read.ec == std::errc() && read.ptr == end) return whole;
    const auto found = double_of(text);
    if (!found || std::trunc(*found) != *found || std::abs(*found) > 9.0e15) return std::nullopt;
    return static_cast<std::int64_t>(*found);
}

inline NumberCheck check_number(std::string_view text) {
    constexpr std::size_t always_fit = 18;       // digits, in 64 bits
    constexpr std::size_t never_overflow = 300;  // digits without an exponent, in a double
    const std::string_view all = text;
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::string_view digits = text;
    if (text.starts_with('0'))
        text.remove_prefix(1);
    else if (!detail::take_digits(text))
        return NumberCheck::malformed;
    if (text.empty()) {
        if (digits.size() <= always_fit) return NumberCheck::fine;
        std::int64_t small = 0;
        std::uint64_t large = 0;
        const bool fits = digits.size() < all.size() ? detail::read_number(all, small) == std::errc()
                                                     : detail::read_number(all, large) == std::errc();
        return fits ? NumberCheck::fine : NumberCheck::long_integer;
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!detail::take_digits(text)) return NumberCheck::malformed;
    }
    const bool has_exponent = !text.empty();
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
        if (!detail::take_digits(text)) return NumberCheck::malformed;
    }
    if (!text.empty()) return NumberCheck::malformed;
    if (!has_exponent && all.size() < never_overflow) return NumberCheck::fine;
    return double_of(all) ? NumberCheck::fine : NumberCheck::huge;
}

}  // namespace gatehouse
