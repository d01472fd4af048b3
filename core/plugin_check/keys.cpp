// SPDX-License-Identifier: Apache-2.0
// Checks the entry point and the keys, which users see before the plugin runs.
#include "core/config/checked_config.hpp"
#include "core/plugin_check/suites.hpp"
#include "core/util/ascii.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::string_view schema = "schema.hpp, Key";

bool sounds_secret(std::string_view name) {
    const std::string_view word = name.substr(name.rfind('_') == name.npos ? 0 : name.rfind('_') + 1);
    const std::array<std::string_view, 8> words = {"key",        "token",  "password",   "secret",
                                                   "passphrase", "apikey", "credential", "phrase"};
    return std::ranges::find(words, word) != words.end();
}

bool is_snake_case(std::string_view name) {
    return !name.empty() &&
           std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

/// Whether the default of such a key is a value, not a table.
bool has_plain_default(ValueType type) {
    switch (type) {
        case ValueType::boolean:
        case ValueType::integer:
        case ValueType::number:
        case ValueType::string:
        case ValueType::string_list: return true;
        case ValueType::table_list:
        case ValueType::table_map:
        case ValueType::string_list_map:
        case ValueType::table: return false;
    }
    return false;
}

void check_default(Check& check, const Key& key, const std::string& name) {
    if (key.fallback.empty() || !has_plain_default(key.type)) return;
    const Key alone{.name = "value",
                    .type = key.type,
                    .required = false,
                    .secret = key.secret,
                    .doc = key.doc,
                    .fallback = {},
                    .allowed = key.allowed,
                    .minimum = key.minimum,
                    .maximum = key.maximum,
                    .keys = {}};
    auto file = ConfigFile::parse("[defaults]\nvalue = " + key.fallback + "\n", "default");
    auto good = file ? core::check(*file, "defaults", {alone}) : Result<CheckedConfig>(file.error());
    if (good) return;
    std::string why = good.error().message.substr(0, good.error().message.find('\n'));
    check.error("key-default", "the default of a key is a value that the key forbids",
                std::string(schema) + "::fallback", name + " = " + key.fallback + ": " + why);
}

void check_keys(Check& check, const std::vector<Key>& keys, const std::string& prefix,
                const std::vector<Key>& reserved) {
    std::set<std::string> seen;
    for (const Key& key : keys) {
        const std::string name = prefix + key.name;
        check.context("the key " + name);
        if (key.name.empty()) check.error("key-name", "a key has no name", schema);
        if (!seen.insert(key.name).second) check.error("key-twice", "a key is declared twice", schema, name);
        if (std::ranges::find(reserved, key.name, &Key::name) != reserved.end())
            check.error("key-reserved", "a key has a name that belongs to the core", schema, name);
        if (!is_snake_case(key.name))
            check.note("key-style", "the name of a key is not in snake_case", schema, name);
        if (key.doc.empty())
            check.warning("key-doc", "a key has no doc: `gatehouse explain` shows it to users",
                          "schema.hpp, Key::doc", name);
        else if (!key.doc.ends_with('.'))
            check.warning("key-doc", "the doc of a key is not a sentence: it has no full stop",
                          "schema.hpp, Key::doc", name + ": " + key.doc);
        if (key.minimum > key.maximum)
            check.error("key-range", "a key's range is empty", "schema.hpp, ranged", name);
        if (std::set<std::string>(key.allowed.begin(), key.allowed.end()).size() != key.allowed.size())
            check.warning("key-words", "a word is allowed twice", "schema.hpp, choice", name);
        const bool text = key.type == ValueType::string || key.type == ValueType::string_list;
        if (text && !key.secret && key.allowed.empty() && sounds_secret(key.name))
            check.warning(
                "key-secret",
                "a key has the name of a secret but is not declared with secret(), so it is printed",
                "schema.hpp, secret", name);
        check_default(check, key, name);
        check_keys(check, key.keys, name + ".", {});
    }
}

}  // namespace

void check_entry_point(Check& check, Target& target) {
    const Descriptor& descriptor = target.descriptor();
    check.context("the entry point");
    const std::string name = descriptor.name, version = descriptor.version;
    const std::string file = target.given().library.stem().string();
    if (!is_plain_name(name))
        check.error("name",
                    "the plugin's name cannot be written after use =: letters, digits, \"_\" and \"-\"",
                    "plugin.hpp, Descriptor::name", name);
    else if (name != file)
        check.warning(
            "file-name",
            "the library's file name differs from the plugin's name, so use = \"NAME\" does not find it",
            "plugin.hpp, Descriptor::name", "it is " + file + ".so; rename it to " + name + ".so");
    if (version.empty() || !is_digit(version.front()))
        check.warning("version", "the plugin's version is not of the form 1.0.0",
                      "plugin.hpp, Descriptor::version", version);
    check_keys(check, target.keys(), "", core_keys(target.kind()));
    check.context("keys()");
    std::vector<Key> again;
    if (check.calls("plugin.hpp, Descriptor::keys", [&] { again = descriptor.keys(); }) &&
        again.size() != target.keys().size())
        check.error("keys-change", "keys() returns different results", "plugin.hpp, Descriptor::keys");
}

}  // namespace gatehouse::core::plugin_check
