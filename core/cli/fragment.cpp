// SPDX-License-Identifier: Apache-2.0
// Declared keys as TOML; see fragment.hpp.
#include "core/cli/fragment.hpp"

#include "core/cli/tables.hpp"
#include "core/util/ascii.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

bool is_table(const Key& key) {
    switch (key.type) {
        case ValueType::table_list:
        case ValueType::table_map:
        case ValueType::string_list_map:
        case ValueType::table: return true;
        case ValueType::boolean:
        case ValueType::integer:
        case ValueType::number:
        case ValueType::string:
        case ValueType::string_list: return false;
    }
    return false;
}

bool is_one_line(std::string_view text) {
    return std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

/// "provider.my-backend.key" as the name of an environment variable: MY_BACKEND_KEY.
std::string variable(const std::string& table, const std::string& key) {
    const std::string path = table + "_" + key;
    const std::size_t dot = path.find('.');
    std::string name;
    for (const char c : path.substr(dot == std::string::npos ? 0 : dot + 1))
        name += is_letter(c) || is_digit(c) ? to_upper(c) : '_';
    return is_digit(name[0]) ? "_" + name : name;
}

class Fragment {
public:
    explicit Fragment(std::string& out) : out_(out) {}

    /// `off`: within a table that is commented out.  `name`: the table's path without the names that the
    /// user chooses, for the names of environment variables.
    void keys(const std::string& table, const std::string& name, const std::vector<Key>& all, bool off) {
        for (const Key& key : all) {
            if (is_table(key)) continue;
            comment(key);
            line(off || !key.required, as_key(key.name) + " = " + value(name, key));
        }
        // Lines below the header of an inner table belong to the inner table.
        for (const Key& key : all)
            if (is_table(key)) inside(table, name, key, off || !key.required);
    }

    void line(bool off, const std::string& text) { out_ += (off ? "#" : "") + text + "\n"; }

private:
    void inside(const std::string& table, const std::string& table_name, const Key& key, bool off) {
        const std::string path = table + "." + as_key(key.name);
        const std::string name = table_name + "." + as_key(key.name);
        out_ += '\n';
        comment(key);
        switch (key.type) {
            case ValueType::table_list: line(off, "[[" + path + "]]"); return keys(path, name, key.keys, off);
            case ValueType::table_map: {
                const std::string entry = path + "." + toml_quoted(placeholder);
                line(off, "[" + entry + "]");
                return keys(entry, name, key.keys, off);
            }
            case ValueType::string_list_map:
                line(off, "[" + path + "]");
                return line(off, toml_quoted(placeholder) + " = [" + toml_quoted(placeholder) + "]");
            case ValueType::table: line(off, "[" + path + "]"); return keys(path, name, key.keys, off);
            case ValueType::boolean:
            case ValueType::integer:
            case ValueType::number:
            case ValueType::string:
            case ValueType::string_list: return;  // not a table
        }
    }

    void comment(const Key& key) {
        out_ += wrapped(key.doc + " " + remarks(key) + (key.required ? " Required." : ""), "# ");
    }

    static std::string value(const std::string& table, const Key& key) {
        if (!key.required && !key.fallback.empty() && is_one_line(key.fallback)) return key.fallback;
        const std::string text = key.secret            ? toml_quoted("env:" + variable(table, key.name))
                                 : key.allowed.empty() ? toml_quoted(placeholder)
                                                       : toml_quoted(key.allowed.front());
        switch (key.type) {
            case ValueType::boolean: return "false";
            case ValueType::integer:
                // An empty range has no valid value.
                return std::to_string(std::max(key.minimum, std::min<std::int64_t>(0, key.maximum)));
            case ValueType::number: return "0.0";
            case ValueType::string_list: return "[" + text + "]";
            case ValueType::string:
            case ValueType::table_list:
            case ValueType::table_map:
            case ValueType::string_list_map:
            case ValueType::table: return text;
        }
        return text;
    }

    std::string& out_;
};

}  // namespace

std::string toml_fragment(const std::string& table, const std::string& use, const std::vector<Key>& keys) {
    std::string out;
    Fragment fragment(out);
    fragment.line(false, "[" + table + "]");
    if (!use.empty()) fragment.line(false, "use = " + toml_quoted(use));
    fragment.keys(table, table, keys, false);
    return out;
}

}  // namespace gatehouse::core
