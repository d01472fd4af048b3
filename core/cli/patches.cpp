// SPDX-License-Identifier: Apache-2.0
// JSON and YAML; see patches.hpp.
#include "core/cli/patches.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

namespace gatehouse::core {

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::size_t indent_of(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }

bool is_blank_line(const std::string& line) {
    const std::size_t at = line.find_first_not_of(" \t\r");
    return at == std::string::npos || line[at] == '#';
}

/// An entry of a list, whose members are JSON, which is YAML too.
Lines entry_lines(const Members& entry, std::size_t indent) {
    Lines lines;
    for (const auto& [name, value] : entry.items())
        lines.push_back(std::string(indent, ' ') + (lines.empty() ? "- " : "  ") + name + ": " +
                        value.dump());
    return lines;
}

/// The end of the entry whose first line is `at`.
std::size_t end_of_entry(const Lines& lines, std::size_t at) {
    std::size_t end = at + 1;
    for (std::size_t i = end;
         i < lines.size() && (is_blank_line(lines[i]) || indent_of(lines[i]) > indent_of(lines[at])); ++i)
        if (!is_blank_line(lines[i])) end = i + 1;
    return end;
}

std::string unquoted(std::string text) {
    if (const std::size_t comment = text.find(" #"); comment != std::string::npos) text.resize(comment);
    std::erase_if(text, [](char c) { return c == '"' || c == '\'' || c == ' ' || c == '\r'; });
    return text;
}

/// Whether a line of the entry gives it this name.
bool has_name(const Lines& lines, std::size_t at, const std::string& name) {
    for (std::size_t i = at, end = end_of_entry(lines, at); i < end; ++i) {
        std::string line = lines[i].substr(indent_of(lines[i]));
        if (i == at) line = line.substr(std::min(line.find_first_not_of(' ', 1), line.size()));
        if (line.starts_with("name:") && unquoted(line.substr(5)) == name) return true;
    }
    return false;
}

Result<void> patch_list(Lines& lines, const std::string& list, const Members& entries) {
    auto head =
        std::ranges::find_if(lines, [&](const std::string& line) { return line.starts_with(list + ":"); });
    if (head == lines.end()) {
        lines.push_back(list + ":");
        head = lines.end() - 1;
    }
    const std::string rest = unquoted(head->substr(list.size() + 1) + " ");
    if (rest == "[]") *head = list + ":";
    if (!rest.empty() && rest != "[]")
        return Error{ErrorKind::bad_config, "the list " + list + " is written in one line"};

    const auto first = static_cast<std::size_t>(head - lines.begin()) + 1;
    std::size_t next = first;
    while (next < lines.size() && is_blank_line(lines[next])) ++next;
    const bool has_entries =
        next < lines.size() && lines[next].substr(indent_of(lines[next])).starts_with("-");
    const std::size_t indent = has_entries ? indent_of(lines[next]) : 2;
    for (const Members& entry : entries) {
        const std::string name = entry.value("name", "");
        for (std::size_t at = next; has_entries && at < lines.size();) {
            if (is_blank_line(lines[at])) {
                ++at;
                continue;
            }
            if (indent_of(lines[at]) != indent || lines[at][indent] != '-') break;
            const std::size_t end = end_of_entry(lines, at);
            if (has_name(lines, at, name))
                lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at),
                            lines.begin() + static_cast<std::ptrdiff_t>(end));
            else
                at = end;
        }
        const Lines fresh = entry_lines(entry, indent);
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(first), fresh.begin(), fresh.end());
    }
    return {};
}

}  // namespace

void merge(Members& into, const Members& from) {
    if (!into.is_object() || !from.is_object()) {
        into = from;
        return;
    }
    for (const auto& [name, value] : from.items()) {
        if (into.contains(name))
            merge(into[name], value);
        else
            into[name] = value;
    }
}

Result<std::string> patched_json(const std::string& before, const Members& members) {
    const bool empty = before.find_first_not_of(" \t\r\n") == std::string::npos;
    Members file = empty ? Members::object() : Members::parse(before, nullptr, false, true);
    if (!file.is_object()) return Error{ErrorKind::bad_config, "it is not a JSON object"};
    merge(file, members);
    return file.dump(2, ' ', false, Members::error_handler_t::replace) + "\n";
}

Result<std::string> patched_yaml(const std::string& before, const Members& members) {
    Lines lines = lines_of(before);
    const bool empty = std::ranges::all_of(lines, is_blank_line);
    for (const auto& [name, value] : members.items()) {
        if (!value.is_array()) {
            if (empty) lines.push_back(name + ": " + value.dump());
            continue;
        }
        if (auto ok = patch_list(lines, name, value); !ok) return ok.error();
    }
    std::string out;
    for (const std::string& line : lines) out += line + '\n';
    return out;
}

}  // namespace gatehouse::core
