// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/plausible.hpp"

#include "core/config/substitute.hpp"
#include "core/util/ascii.hpp"

#include <algorithm>
#include <map>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::size_t most_tries = 60;

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// "us-chicago-1" of "The region, such as us-chicago-1."
std::string example_in(std::string_view doc) {
    constexpr std::string_view before = "such as ";
    const std::size_t at = doc.find(before);
    if (at == doc.npos) return {};
    std::string_view rest = doc.substr(at + before.size());
    if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
    rest = rest.substr(0, rest.find_first_of(" ,;)"));
    while (rest.ends_with('.')) rest.remove_suffix(1);
    // An example of the environment or of a file cannot be had here.
    return is_reference(rest) ? std::string() : std::string(rest);
}

std::vector<std::string> strings_for(const Key& key) {
    if (!key.allowed.empty()) return key.allowed;
    // Long and odd enough to be found again wherever it leaks.
    if (key.secret) return {"gc7Kq-" + key.name + "-3f9a51c2e8d04b6f", "3f9a51c2e8d04b6f", "1"};
    std::vector<std::string> guesses;
    if (std::string example = example_in(key.doc); !example.empty() && !example.starts_with("env:"))
        guesses.push_back(std::move(example));
    const std::string& name = key.name;
    if (has(name, "url") || has(name, "endpoint")) guesses.emplace_back("http://127.0.0.1:9");
    if (has(name, "region")) guesses.emplace_back("us-chicago-1");
    if (has(name, "_id") || has(name, "ocid")) guesses.emplace_back("ocid1.check.oc1..aaaaaaaacheck");
    if (has(name, "host") || has(name, "address")) guesses.emplace_back("127.0.0.1");
    if (has(name, "prefix") || has(name, "path")) guesses.emplace_back("/check");
    for (const char* guess : {"check", "check/model", "http://127.0.0.1:9", "/check", "1", "/dev/null"})
        guesses.emplace_back(guess);
    return guesses;
}

/// The required and secret keys of a table inside a table, each with its nth guess or its first.
Table table_of(const std::vector<Key>& keys, std::size_t nth) {
    Table table;
    for (const Key& key : keys) {
        if (!key.required && !key.secret) continue;
        auto value = plausible(key, nth);
        if (!value) value = plausible(key, 0);
        if (value) table.entries.push_back({key.name, *std::move(value)});
    }
    return table;
}

bool is_word_of(std::string_view text, std::string_view name) {
    auto inside = [&](std::size_t at) {
        return at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '_');
    };
    for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1))
        if ((at == 0 || !inside(at - 1)) && !inside(at + name.size())) return true;
    return false;
}

/// The key that a refusal is about: "keys" of "keys[1].key", or, when it stands at the
/// table itself, the first one whose name is in the message and which has guesses left.
const Key* key_of(const std::vector<Key>& keys, const Refusal& refusal,
                  const std::map<std::string, std::size_t>& next) {
    const std::string_view path = refusal.path;
    const auto found = std::ranges::find(keys, path.substr(0, path.find_first_of(".[")), &Key::name);
    if (found != keys.end()) return &*found;
    for (const Key& key : keys) {
        const auto tried = next.find(key.name);
        const bool left = plausible(key, tried == next.end() ? 0 : tried->second).has_value();
        if (left && is_word_of(refusal.error.message, key.name)) return &key;
    }
    return nullptr;
}

void set(Table& table, const std::string& name, Value value) {
    for (Entry& entry : table.entries)
        if (entry.name == name) {
            entry.value = std::move(value);
            return;
        }
    table.entries.push_back({name, std::move(value)});
}

}  // namespace

std::optional<Value> plausible(const Key& key, std::size_t nth) {
    const std::vector<std::string> strings = strings_for(key);
    switch (key.type) {
        case ValueType::boolean: return nth < 2 ? std::optional(Value{nth == 1}) : std::nullopt;
        case ValueType::integer: {
            if (nth > 1) return std::nullopt;
            return Value{std::clamp<std::int64_t>(nth == 0 ? 1 : 1000, key.minimum, key.maximum)};
        }
        case ValueType::number: return nth < 2 ? std::optional(Value{nth == 0 ? 1.0 : 0.5}) : std::nullopt;
        case ValueType::string:
            return nth < strings.size() ? std::optional(Value{strings[nth]}) : std::nullopt;
        case ValueType::string_list:
            if (nth >= strings.size()) return std::nullopt;
            return Value{std::vector<std::string>{strings[nth]}};
        case ValueType::table_list:
            return nth < 6 ? std::optional(Value{std::vector<Table>{table_of(key.keys, nth)}}) : std::nullopt;
        case ValueType::table_map:
            if (nth >= 6) return std::nullopt;
            return Value{Table{{{"check", Value{table_of(key.keys, nth)}}}}};
        case ValueType::table: return nth < 6 ? std::optional(Value{table_of(key.keys, nth)}) : std::nullopt;
        case ValueType::string_list_map: {
            if (nth >= strings.size()) return std::nullopt;
            const std::vector<std::string> guesses = {"check/model", "check", "model"};
            return Value{Table{{{"check", Value{std::vector<std::string>{
                                              nth < guesses.size() ? guesses[nth] : strings[nth]}}}}}};
        }
    }
    return std::nullopt;
}

Result<Table> plausible_table(Check& check, Target& target) {
    Table table;
    std::map<std::string, std::size_t> next;  // the guess that comes next, by key
    for (const Key& key : target.keys())
        if (key.required)
            if (auto value = plausible(key, next[key.name]++)) set(table, key.name, *std::move(value));
    std::string last;
    for (std::size_t tries = 0; tries < most_tries; ++tries) {
        check.doing("a configuration is guessed");
        const auto refusal = target.refusal(check, table);
        if (!refusal) return table;
        last = refusal->error.message;
        const Key* key = key_of(target.keys(), *refusal, next);
        if (!key) break;
        auto value = plausible(*key, next[key->name]++);
        if (!value) break;
        set(table, key->name, *std::move(value));
    }
    return Error{ErrorKind::bad_config, last};
}

}  // namespace gatehouse::core::plugin_check
