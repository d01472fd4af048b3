// SPDX-License-Identifier: Apache-2.0
// TOML; see patches.hpp.  The result is parsed and compared with the file before it is used, so that a rare
// way of writing TOML leads to an error and not to a broken file.
#include "core/cli/patches.hpp"
#include "core/util/suggest.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <vector>

namespace gatehouse::core {

namespace {

using Lines = std::vector<std::string>;

/// The places of the file: `scalars` at its top, and a table for each object with scalars.
struct Wanted {
    std::string path;  // as in a header; empty for the top
    std::vector<std::string> keys;
    Members scalars = Members::object();
};

void collect(const Members& members, const Wanted& at, std::vector<Wanted>& all) {
    Wanted own = at;
    for (const auto& [name, value] : members.items())
        if (!value.is_object()) own.scalars[name] = value;
    if (!own.scalars.empty()) all.push_back(own);
    for (const auto& [name, value] : members.items()) {
        if (!value.is_object()) continue;
        Wanted inner = at;
        inner.path += (inner.path.empty() ? "" : ".") + as_key(name);
        inner.keys.push_back(name);
        collect(value, inner, all);
    }
}

const toml::node* find(const toml::table& file, const std::vector<std::string>& keys) {
    const toml::node* node = &file;
    for (const std::string& key : keys) {
        const toml::table* table = node->as_table();
        node = table ? table->get(key) : nullptr;
        if (!node) return nullptr;
    }
    return node;
}

Result<toml::table> parsed(const std::string& text) {
    try {
        return toml::parse(text);
    } catch (const toml::parse_error&) {
        return Error{ErrorKind::bad_config, "it is not valid TOML"};
    }
}

Members as_members(const toml::table& table) {
    std::ostringstream out;
    out << toml::json_formatter{table};
    return Members::parse(out.str(), nullptr, false);
}

bool same(const Members& left, const Members& right) {
    return nlohmann::json::parse(left.dump()) == nlohmann::json::parse(right.dump());
}

/// The lines of a value, or of a table with its header.
void drop(const toml::node& node, const Lines& lines, std::set<std::size_t>& dropped) {
    std::size_t line = node.source().begin.line, end = node.source().end.line;
    if (const toml::table* table = node.as_table(); table && !table->is_inline()) {
        end = line;
        while (end < lines.size() && !lines[end].starts_with('[')) ++end;
    }
    for (; line <= end; ++line) dropped.insert(line);
}

std::string scalar_lines(const Members& scalars) {
    std::string out;
    // JSON's strings, numbers, truth values and lists of them are TOML too.
    for (const auto& [name, value] : scalars.items()) out += as_key(name) + " = " + value.dump() + "\n";
    return out;
}

}  // namespace

Result<std::string> patched_toml(const std::string& before, const Members& members) {
    auto file = parsed(before);
    if (!file) return file.error();
    Lines lines;
    std::istringstream in(before);
    for (std::string line; std::getline(in, line);) lines.push_back(line);

    std::vector<Wanted> wanted;
    collect(members, {}, wanted);
    std::set<std::size_t> dropped;  // numbers of lines, from 1
    std::string top, tables;
    for (Wanted& one : wanted) {
        if (one.path.empty()) {
            for (const auto& [name, value] : one.scalars.items())
                if (const toml::node* node = file->get(name)) drop(*node, lines, dropped);
            top = scalar_lines(one.scalars);
            continue;
        }
        if (const toml::node* node = find(*file, one.keys)) {
            drop(*node, lines, dropped);
            if (const toml::table* table = node->as_table()) {
                Members merged = as_members(*table);
                merge(merged, one.scalars);
                one.scalars = merged;
            }
        }
        tables += "\n[" + one.path + "]\n" + scalar_lines(one.scalars);
    }
    std::string after = top;
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (!dropped.contains(i + 1)) after += lines[i] + '\n';
    after += tables;

    Members expected = as_members(*file);
    merge(expected, members);
    auto result = parsed(after);
    if (!result || !same(as_members(*result), expected))
        return Error{ErrorKind::bad_config, "its tables are written in a way that cannot be changed safely"};
    return after;
}

}  // namespace gatehouse::core
