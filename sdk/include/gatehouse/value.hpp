// SPDX-License-Identifier: Apache-2.0
// A checked TOML value, without a TOML library.
//
// Plain values; a table keeps its entries in the order of the file.
#pragma once

#include "gatehouse/result.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse {

enum class ValueType {
    boolean,
    integer,
    number,  // an integer in the file is a number too
    string,
    string_list,
    table_list,       // tables with declared keys, in order
    table_map,        // tables with declared keys, by names that the user chooses
    string_list_map,  // strings or lists of strings, by names that the user chooses
    table,            // one table with declared keys
};

struct Entry;
struct Value;

struct Table {
    std::vector<Entry> entries;

    /// The value of `name`, or null.  Valid until the table changes.
    const Value* find(std::string_view name) const;
};

struct Value {
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, Table, std::vector<Table>>
        data;
};

struct Entry {
    std::string name;
    Value value;
};

inline const Value* Table::find(std::string_view name) const {
    for (const Entry& entry : entries)
        if (entry.name == name) return &entry.value;
    return nullptr;
}

/// `text` as a TOML basic string, quotes included.
inline std::string toml_quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        char escaped[8] = {c, '\0'};
        if (c == '"' || c == '\\')
            std::snprintf(escaped, sizeof escaped, "\\%c", c);
        else if (c == '\n')
            std::snprintf(escaped, sizeof escaped, "\\n");
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            std::snprintf(escaped, sizeof escaped, "\\u%04X", static_cast<unsigned>(c));
        out += escaped;
    }
    return out += '"';
}

/// A value as TOML.  A table has no short form and becomes an empty one.
// Not inlined, because g++ 12 would wrongly warn about alternatives that do not exist.
[[gnu::noinline]] inline std::string to_toml(const Value& value) {
    struct Writer {
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const {
            if (!std::isfinite(number)) return std::isnan(number) ? "nan" : number < 0 ? "-inf" : "inf";
            char text[32];
            const auto end = std::to_chars(text, text + sizeof text, number).ptr;
            std::string out(text, end);
            return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
        }
        std::string operator()(const std::string& text) const { return toml_quoted(text); }
        std::string operator()(const std::vector<std::string>& list) const {
            std::string out = "[";
            for (const std::string& item : list) out += (out.size() > 1 ? ", " : "") + toml_quoted(item);
            return out + "]";
        }
        std::string operator()(const Table&) const { return "{}"; }
        std::string operator()(const std::vector<Table>&) const { return "[]"; }
    };
    return std::visit(Writer{}, value.data);
}

}  // namespace gatehouse
