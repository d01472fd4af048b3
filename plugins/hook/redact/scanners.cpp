// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/scanners.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::redact {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

constexpr std::size_t fewest_digits = 13, most_digits = 19;

// Models often write non-breaking blanks and dashes.
constexpr std::string_view separators[] = {
    " ",
    "-",
    "\xC2\xA0",
    "\xE2\x80\x89",
    "\xE2\x80\xAF",
    "\xE2\x80\x90",
    "\xE2\x80\x91",
    "\xE2\x80\x92",
    "\xE2\x80\x93",
    "\xE2\x80\x94",
    "\xE2\x88\x92",
};

/// Returns the length of the separator at `at`, or 0.
std::size_t separator(std::string_view text, std::size_t at) {
    for (const std::string_view one : separators)
        if (text.substr(at).starts_with(one)) return one.size();
    return 0;
}

/// The digits from `begin` on, at most as many as in a card number.
struct Row {
    std::array<char, most_digits> digits;
    std::array<std::size_t, most_digits> ends;  // the position after each digit
    std::size_t count = 0;
    bool open = false;  // the next bytes may belong to it
};

Row row_at(std::string_view text, std::size_t begin) {
    Row row;
    for (std::size_t at = begin; row.count < most_digits;) {
        row.digits[row.count] = text[at];
        row.ends[row.count++] = ++at;
        if (at == text.size()) {
            row.open = true;
            break;
        }
        if (is_digit(text[at])) continue;
        at += separator(text, at);
        if (at == text.size()) row.open = row.count < most_digits;
        if (at == text.size() || !is_digit(text[at])) break;
    }
    return row;
}

bool check_digit_is_right(const Row& row, std::size_t count) {
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        int digit = row.digits[count - 1 - i] - '0';
        if (i % 2 && (digit *= 2) > 9) digit -= 9;
        sum += digit;
    }
    return sum % 10 == 0;
}

bool begins_row(std::string_view text, std::size_t at) {
    return is_digit(text[at]) && text[at] != '0' && (at == 0 || !is_digit(text[at - 1]));
}

constexpr std::size_t secret_length = 40;

bool in_secret(char c) { return is_digit(c) || is_small(c) || is_capital(c) || c == '/' || c == '+'; }

bool is_mixed(std::string_view word) {
    bool digit = false, small = false, capital = false;
    for (const char c : word) digit |= is_digit(c), small |= is_small(c), capital |= is_capital(c);
    return digit && small && capital;
}

}  // namespace

std::optional<Range> CardNumber::find(std::string_view text, std::size_t from) const {
    for (std::size_t at = from; at < text.size(); ++at) {
        if (!begins_row(text, at)) continue;
        const Row row = row_at(text, at);
        for (std::size_t count = row.count; count >= fewest_digits; --count) {
            const std::size_t end = row.ends[count - 1];
            const bool cut = end < text.size() && is_digit(text[end]);
            if (!cut && check_digit_is_right(row, count)) return Range{at, end};
        }
    }
    return std::nullopt;
}

std::size_t CardNumber::hold(std::string_view text, std::size_t from) const {
    // Goes back to the beginning of the digits at the end of the text, within the longest number.
    constexpr std::size_t longest = most_digits * 4;
    std::size_t at = text.size();
    while (at > from && text.size() - at < longest) {
        const auto c = static_cast<unsigned char>(text[at - 1]);
        if (!is_digit(text[at - 1]) && c != ' ' && c != '-' && c < 0x80) break;
        --at;
    }
    for (; at < text.size(); ++at)
        if (begins_row(text, at) && row_at(text, at).open) return at;
    return std::max(from, text.size());
}

// Another number may begin at the next group of digits.
std::size_t CardNumber::after(std::string_view, Range match) const { return match.begin + 1; }

std::optional<Range> AwsSecret::find(std::string_view text, std::size_t from) const {
    for (std::size_t at = from; at < text.size();) {
        const std::size_t begin = at;
        while (at < text.size() && in_secret(text[at])) ++at;
        const bool inside = begin > 0 && in_secret(text[begin - 1]);
        if (at - begin == secret_length && !inside && is_mixed(text.substr(begin, secret_length)))
            return Range{begin, at};
        if (at < text.size()) ++at;
    }
    return std::nullopt;
}

std::size_t AwsSecret::hold(std::string_view text, std::size_t from) const {
    std::size_t at = text.size();
    while (at > 0 && text.size() - at <= secret_length && in_secret(text[at - 1])) --at;
    const bool too_long = text.size() - at > secret_length;
    return too_long || at < from ? std::max(from, text.size()) : at;
}

std::size_t AwsSecret::after(std::string_view, Range match) const { return match.end; }

}  // namespace gatehouse::redact
