// SPDX-License-Identifier: Apache-2.0
// Finds addresses from their @, in both directions.
#include "plugins/hook/redact/scanners.hpp"

#include <algorithm>

namespace gatehouse::redact {

namespace {

constexpr std::size_t longest_name = 64;  // in characters

enum class Class { none, letter, digit, sign };

Class class_of(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Class::letter;
    if (c >= '0' && c <= '9') return Class::digit;
    return c == '.' || c == '-' || c == '_' || c == '%' || c == '+' ? Class::sign : Class::none;
}

// The letters are in U+00C0 to U+027F and U+0340 to U+053F.
bool begins_letter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0xC3 && byte <= 0xC9) || (byte >= 0xCD && byte <= 0xD4);
}
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Returns the length of the letter, digit or sign that ends at `end`, or 0.
std::size_t last_length(std::string_view text, std::size_t from, std::size_t end) {
    if (end == from) return 0;
    if (class_of(text[end - 1]) != Class::none) return 1;
    return end - from >= 2 && continues(text[end - 1]) && begins_letter(text[end - 2]) ? 2 : 0;
}

/// Returns the beginning of the name that ends at `end`.
std::size_t name_begin(std::string_view text, std::size_t from, std::size_t end) {
    for (std::size_t count = 0; count < longest_name; ++count) {
        const std::size_t length = last_length(text, from, end);
        if (length == 0) break;
        end -= length;
    }
    return end;
}

/// Returns the end of the host that begins at `begin`, or `begin` if there is no host.
std::size_t host_end(std::string_view text, std::size_t begin) {
    std::size_t end = begin;
    std::size_t part = begin;          // beginning of the current part
    bool first = true, named = false;  // the part is the first; it begins with a letter
    std::size_t letters = 0;
    for (std::size_t at = begin; at < text.size();) {
        const char c = text[at];
        if (c == '.') {
            if (at == part) break;
            part = ++at, first = false, letters = 0;
            continue;
        }
        const bool wide = begins_letter(c) && at + 1 < text.size() && continues(text[at + 1]);
        const Class kind = wide ? Class::letter : class_of(c);
        if (kind == Class::none || (kind == Class::sign && c != '-')) break;
        if (at == part) named = kind == Class::letter;
        at += wide ? 2 : 1;
        ++letters;
        if (!first && named && kind != Class::sign && letters > 1) end = at;
    }
    return end;
}

bool is_host_so_far(std::string_view text) {
    return !text.starts_with('.') && text.find("..") == std::string_view::npos &&
           text.find_first_of("_%+") == std::string_view::npos;
}

}  // namespace

std::optional<Range> EmailAddress::find(std::string_view text, std::size_t from) const {
    for (std::size_t at = from; (at = text.find('@', at)) != std::string_view::npos; ++at) {
        const std::size_t begin = name_begin(text, from, at);
        if (begin == at) continue;
        const std::size_t end = host_end(text, at + 1);
        if (end > at + 1) return Range{begin, end};
    }
    return std::nullopt;
}

std::size_t EmailAddress::hold(std::string_view text, std::size_t from) const {
    if (from >= text.size()) return std::max(from, text.size());
    // Goes back over a possible host to its @, then to the beginning of the name before it.
    std::size_t at = text.size();
    while (const std::size_t length = last_length(text, from, at)) at -= length;
    if (at > from && text[at - 1] == '@' && is_host_so_far(text.substr(at))) {
        const std::size_t begin = name_begin(text, from, at - 1);
        if (begin < at - 1) return begin;
    }
    return name_begin(text, from, text.size());
}

// The text after the @ may be the name of another address.
std::size_t EmailAddress::after(std::string_view text, Range match) const {
    return text.find('@', match.begin) + 1;
}

}  // namespace gatehouse::redact
