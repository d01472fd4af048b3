// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/json/huge_numbers.hpp"

namespace gatehouse::json {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_number_byte(char c) {
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// Takes at least one digit from the front.
bool take_digits(std::string_view& text) {
    const std::string_view before = text;
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    return text.size() < before.size();
}

/// By the grammar of RFC 8259, 6.
bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.starts_with('0'))
        text.remove_prefix(1);
    else if (!take_digits(text))
        return false;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!take_digits(text)) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
        if (!take_digits(text)) return false;
    }
    return text.empty();
}

}  // namespace

std::string without_huge_numbers(std::string_view text) {
    constexpr std::size_t few = 4;  // not even 9e99 is among them
    std::string out(text);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            for (++at; at < text.size() && text[at] != '"'; ++at)
                if (text[at] == '\\') ++at;
            ++at;
        } else if (is_digit(text[at]) || text[at] == '-') {
            std::size_t end = at;
            while (end < text.size() && is_number_byte(text[end])) ++end;
            const std::string_view number = text.substr(at, end - at);
            if (!is_number(number)) return {};
            // Blanks behind it are no part of a value.
            if (number.size() > few)
                out.replace(at, number.size(), "0" + std::string(number.size() - 1, ' '));
            at = end;
        } else {
            ++at;
        }
    }
    return out;
}

}  // namespace gatehouse::json
