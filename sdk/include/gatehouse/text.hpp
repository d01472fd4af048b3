// SPDX-License-Identifier: Apache-2.0
// Small text helpers.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/json_escape.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse {

/// `text` without the characters of `blanks` at both ends.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n") {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// ASCII letters in lower case, independent of any locale.
inline std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// The beginning of `text` in at most `most` bytes, which does not end within a UTF-8 character.
inline std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return text.substr(0, most);
}

namespace detail {

inline bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether a word looks like a key, a token or a part of one.
inline bool looks_secret(std::string_view word) {
    return (word.starts_with("sk-") && word.size() > 8) || (word.starts_with("ST$") && word.size() > 8) ||
           (word.starts_with("eyJ") && word.size() > 20) || word.size() > 200;
}

/// `end` is in lower case.
inline bool ends_ignoring_case(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && lower_case(text.substr(text.size() - end.size())) == end;
}

inline bool announces_secret(std::string_view text) {
    return ends_ignoring_case(text, "bearer ") || ends_ignoring_case(text, "signature=\"") ||
           ends_ignoring_case(text, "password=");
}

/// The length of the word at the start of `text`: letters, digits and signs of keys and tokens.
inline std::size_t word_length(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() &&
           (is_alphanumeric(text[end]) || std::string_view("_-.$+/*").find(text[end]) != text.npos))
        ++end;
    return end;
}

/// Appends the character at the start of `text`, and returns its length.
inline std::size_t append_shown(std::string& out, std::string_view text) {
    const std::size_t length = utf8_length(text);
    if (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f) {
        if (!out.ends_with(' ')) out += ' ';
    } else if (length == 0) {
        out += "\xEF\xBF\xBD";
    } else if (text[0] != ' ' || !out.ends_with(' ')) {
        out += text.substr(0, length);
    }
    return std::max<std::size_t>(length, 1);
}

}  // namespace detail

/// `text` of an upstream or a client for a message: on one line, in at most `most` bytes of
/// valid UTF-8, with [redacted] instead of words that look like credentials.
[[gnu::cold]] inline std::string one_line(std::string_view text, std::size_t most = 1000) {
    std::string out;
    for (text = trimmed(text); !text.empty() && out.size() < most;) {
        const std::string_view word = text.substr(0, detail::word_length(text));
        const bool secret = !word.empty() && (detail::announces_secret(out) || detail::looks_secret(word));
        out += secret ? std::string_view("[redacted]") : word;
        text.remove_prefix(word.empty() ? detail::append_shown(out, text) : word.size());
    }
    out.resize(beginning(out, most).size());
    return out;
}

/// `text` as TOML and JSON write a string, for messages and paths of keys.
inline std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out += '"';
}

}  // namespace gatehouse
