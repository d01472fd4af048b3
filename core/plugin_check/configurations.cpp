// SPDX-License-Identifier: Apache-2.0
// Wrong configurations: a value that its key allows may still be a value that the plugin
// cannot use.  It then throws KeyError, or does well; anything else is a finding.
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::string_view config_rule = "schema.hpp, KeyError";

struct Wrong {
    std::string name;
    Value value;
};

std::vector<std::string> odd_strings() {
    return {"",
            " ",
            "\n",
            "\t\x01",
            "/",
            "//",
            "http://",
            "http://\r\nx",
            "%s%n",
            "*",
            "../x",
            "-1",
            "\u00e4\U0001F600",
            std::string(200'000, 'x'),
            "sha256:",
            "{}",
            "env"};
}

std::vector<Wrong> wrong_values(const Key& key) {
    std::vector<Wrong> all;
    auto add = [&](std::string name, Value value) { all.push_back({std::move(name), std::move(value)}); };
    const std::vector<std::string> strings = key.allowed.empty() ? odd_strings() : key.allowed;
    switch (key.type) {
        case ValueType::boolean:
            add("true", Value{true});
            add("false", Value{false});
            break;
        case ValueType::integer:
            for (std::int64_t number : {key.minimum, key.maximum, std::int64_t{0}, std::int64_t{-1}})
                if (number >= key.minimum && number <= key.maximum)
                    add(std::to_string(number), Value{number});
            break;
        case ValueType::number:
            for (double number : {0.0, -1.0, 1e308, -1e308, 1e-308})
                add(to_toml(Value{number}), Value{number});
            break;
        case ValueType::string:
            for (const std::string& text : strings) add(printable(toml_quoted(text), 30), Value{text});
            break;
        case ValueType::string_list:
            add("[]", Value{std::vector<std::string>{}});
            for (const std::string& text : strings)
                add("[" + printable(toml_quoted(text), 30) + "]", Value{std::vector{text, text}});
            break;
        case ValueType::table_list: add("[]", Value{std::vector<Table>{}}); break;
        case ValueType::table_map:
        case ValueType::table: add("{}", Value{Table{}}); break;
        case ValueType::string_list_map:
            add("{}", Value{Table{}});
            add("an empty list", Value{Table{{{"check", Value{std::vector<std::string>{}}}}}});
            for (const std::string& text : strings) {
                add(printable(toml_quoted(text), 30), Value{Table{{{"check", Value{std::vector{text}}}}}});
                add("the name " + printable(toml_quoted(text), 30),
                    Value{Table{{{text, Value{std::vector<std::string>{"check/model"}}}}}});
            }
            break;
    }
    return all;
}

Value& value_of(Table& table, const std::string& name) {
    for (Entry& entry : table.entries)
        if (entry.name == name) return entry.value;
    table.entries.push_back({name, {}});
    return table.entries.back().value;
}

void try_table(Check& check, Target& target, const Table& table) {
    const Table before = target.table();
    target.use(table);
    const auto refusal = target.refusal(check, table);
    if (refusal && !refusal->by_core) {
        const Error& error = refusal->error;
        const std::string said = error.message.substr(0, error.message.find('\n'));
        if (error.message.empty())
            check.error("config-silent", "a configuration is refused without a message", config_rule);
        if (target.confidential().leaks(error.message))
            check.error("config-secret", "the error for a configuration contains a secret", config_rule);
        if (said.find("threw something that is not a std::exception") != said.npos)
            check.error("config-exception", "the constructor throws an object that is not a std::exception",
                        config_rule);
        else if (refusal->path.empty() && looks_like_exception(said))
            check.error(
                "config-exception",
                "the constructor throws a library's exception, whose text does not tell a user what to do",
                config_rule, said);
    }
    target.use(before);
}

/// Each odd value for `key`, alone, in the table at `place` of the table in use.
void try_key(Check& check, Target& target, const Key& key, const std::string& name,
             const std::function<Table*(Table&)>& place) {
    for (Wrong& wrong : wrong_values(key)) {
        Table table = target.table();
        Table* inner = place(table);
        if (!inner) return;
        value_of(*inner, key.name) = std::move(wrong.value);
        check.doing(name + " = " + wrong.name);
        try_table(check, target, table);
    }
    for (const Key& below : key.keys) {
        try_key(check, target, below, name + "." + below.name, [&](Table& table) -> Table* {
            Table* at = place(table);
            if (!at || !at->find(key.name)) return nullptr;
            Value& value = value_of(*at, key.name);
            if (auto* list = std::get_if<std::vector<Table>>(&value.data))
                return list->empty() ? nullptr : &list->front();
            if (auto* map = std::get_if<Table>(&value.data); map && !map->entries.empty())
                return std::get_if<Table>(&map->entries.front().value.data);
            return nullptr;
        });
    }
}

}  // namespace

std::vector<Suite> configuration_suites(const std::vector<std::string>& keys) {
    std::vector<Suite> parts;
    for (const std::string& name : keys)
        parts.push_back({"wrong values of " + name, [name](Check& check, Target& target) {
                             check.context("configuration");
                             for (const Key& key : target.keys())
                                 if (key.name == name)
                                     try_key(check, target, key, name, [](Table& table) { return &table; });
                         }});
    parts.push_back({"instances come and go", [](Check& check, Target& target) {
                         for (int i = 0; i < 20; ++i) {
                             check.context("instance " + std::to_string(i + 1) + " comes and goes");
                             if (target.refusal(check, target.table()))
                                 return check.error(
                                     "config-again",
                                     "creating a second instance of the same configuration fails",
                                     "plugin.hpp, Unloading");
                         }
                     }});
    return parts;
}

}  // namespace gatehouse::core::plugin_check
