// SPDX-License-Identifier: Apache-2.0
#include "core/config/quoted_names.hpp"

#include "core/util/ascii.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

// Characters of models' names that a bare key must not have.
constexpr std::string_view special = ":/*@+~^&%!?|\\";

/// Quotes count, because a name may be quoted in part: vendor."model-4.1".
bool is_of_key(char c) {
    return is_of_bare_key(c) || c == '.' || special.find(c) != special.npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view line_at(std::string_view text, std::size_t number) {
    for (; number > 1; --number) {
        const std::size_t end = text.find('\n');
        if (end == text.npos) return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

struct Run {
    std::string_view text, after;
    bool in_header = false;
};

/// The characters of a key around `column`, which counts from 1.
Run run_at(std::string_view line, std::size_t column) {
    std::size_t begin = std::min(column > 0 ? column - 1 : 0, line.size());
    if ((begin == line.size() || !is_of_key(line[begin])) && begin > 0) --begin;
    std::size_t end = begin;
    while (begin > 0 && is_of_key(line[begin - 1])) --begin;
    while (end < line.size() && is_of_key(line[end])) ++end;
    const std::string_view before = line.substr(0, begin);
    return {line.substr(begin, end - begin), line.substr(end),
            line.starts_with('[') && before.find_first_not_of("[ \t") == before.npos};
}

/// Whether a value follows.  An "=" that is the end of a secret in base64 does not count.
bool is_before_value(std::string_view after) {
    std::size_t at = after.find_first_not_of(" \t");
    if (at == after.npos || after[at] != '=') return false;
    at = after.find_first_not_of(" \t", at + 1);
    return at != after.npos && std::string_view("\"'[{").find(after[at]) != std::string_view::npos;
}

/// The name at the end of a header: what follows KIND.NAME.KEY.
std::string_view name_in_header(std::string_view header) {
    for (int dots = 0; dots < 3; ++dots) {
        const std::size_t dot = header.find('.');
        if (dot == header.npos) return {};
        header.remove_prefix(dot + 1);
    }
    return header;
}

bool has_special(std::string_view name) {
    return std::ranges::any_of(name, [](char c) { return !is_of_bare_key(c) && c != '.'; });
}

/// The dotted name that an earlier line begins with `name`, for the error at the later one.
std::string_view dotted_line(std::string_view text, std::string_view name) {
    const std::string start = std::string(name) + ".";
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view line = text.substr(at, text.find('\n', at) - at);
        const Run run = run_at(line, line.find_first_not_of(" \t") + 1);
        if (run.text.starts_with(start) && is_before_value(run.after)) return run.text;
        at += line.size() + 1;
    }
    return {};
}

bool has_any(const toml::table& table, const std::vector<Key>& keys) {
    return std::ranges::any_of(keys, [&](const Key& key) { return table.contains(key.name); });
}

}  // namespace

std::string needs_quotes(std::string_view name) {
    if (name.empty()) return {};
    const auto odd = std::ranges::find_if(name, [](char c) { return !is_of_bare_key(c) && c != '.'; });
    const bool ascii = odd == name.end() || static_cast<unsigned char>(*odd) < 0x80;
    const std::string what = odd == name.end() ? "\".\"" : ascii ? toml_quoted({&*odd, 1}) : "such a letter";
    return "; a name with " + what + " needs quotes: " + toml_quoted(name);
}

std::string dotted_name(const toml::key& name, const toml::table& table, const std::vector<Key>& keys) {
    std::string whole(name.str());
    const toml::table* inside = &table;
    for (bool first = true; inside; first = false) {
        if (inside->empty()) return first ? std::string() : whole;
        const auto [key, node] = in_order(*inside).front();
        const toml::table* next = node->as_table();
        if (next && next->is_inline() && !has_any(*next, keys)) next = nullptr;
        // Without declared keys each value ends a name; with them each known key does.
        if (!keys.empty() && (has_any(*inside, keys) || !next)) return first ? std::string() : whole;
        whole.append(".").append(key->str());
        inside = next;
    }
    return whole;
}

std::string hint_for_name(std::string_view text, const toml::source_position& at,
                          std::string_view description) {
    const std::size_t open = description.find("redefine existing table '");
    if (open != description.npos) {
        const std::string_view name = description.substr(description.find('\'', open) + 1);
        return needs_quotes(dotted_line(text, name.substr(0, name.find('\''))));
    }
    const Run run = run_at(line_at(text, at.line), at.column);
    if (run.in_header) {
        const std::string_view name = name_in_header(run.text);
        return has_special(name) && run.after.starts_with(']') ? needs_quotes(name) : std::string();
    }
    if (!is_before_value(run.after)) return {};
    if (has_special(run.text)) return needs_quotes(run.text);
    const bool dotted =
        description.find("redefine") != description.npos && run.text.find('.') != run.text.npos;
    return dotted ? needs_quotes(run.text) : std::string();
}

}  // namespace gatehouse::core
