// SPDX-License-Identifier: Apache-2.0
// Checks the values of a table; has all error texts about values.  See table_reader.hpp.
#include "core/config/table_reader.hpp"

#include "core/config/quoted_names.hpp"
#include "core/config/renamed_keys.hpp"
#include "core/config/secret_doubt.hpp"
#include "core/config/substitute.hpp"
#include "core/config/value_words.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::core {

namespace {

const Key* find(const std::vector<Key>& keys, std::string_view name) {
    const auto key = std::ranges::find(keys, name, &Key::name);
    return key == keys.end() ? nullptr : &*key;
}

std::string as_sentence_part(std::string doc) {
    while (doc.ends_with('.')) doc.pop_back();
    return doc;
}

std::string indexed(const std::string& name, std::size_t index) {
    return name + "[" + std::to_string(index) + "]";
}

Placed& add(Placed& placed, std::string name) {
    placed.inside.push_back({.name = std::move(name), .where = {}, .inside = {}});
    return placed.inside.back();
}

}  // namespace

Table TableReader::table(const toml::table& source, const Shape& shape, const std::string& title,
                         const std::string& prefix, Placed& placed) const {
    Table out;
    for (const auto& [name, node] : in_order(source)) {
        if (mistakes_.full()) return out;
        const Key* key = find(shape.keys, name->str());
        if (key) {
            auto read = value(*node, *key, prefix + key->name, add(placed, key->name));
            if (read)
                out.entries.push_back({key->name, *std::move(read)});
            else
                mistakes_.add(read.error());
        } else if (!shape.open && !find(shape.others, name->str())) {
            mistakes_.add(unknown(*name, shape, title));
        }
    }
    find_missing(source, shape, title);
    return out;
}

TableReader::Outcome TableReader::value(const toml::node& source, const Key& key, const std::string& name,
                                        Placed& placed) const {
    placed.where =
        place_of(source.source(), key.secret ? SourceLocation::Show::never : SourceLocation::Show::always);
    switch (key.type) {
        case ValueType::boolean:
            if (auto* flag = source.as_boolean()) return Value{flag->get()};
            return wrong_type(source, key, name, expected_type(key.type));
        case ValueType::integer: return integer(source, key, name);
        case ValueType::number: return number(source, key, name);
        case ValueType::string: {
            auto text = string(source, key, name);
            if (!text) return text.error();
            if (key.secret && !text->empty()) {
                if (!is_trial_key(*text)) placed.secret_in = origin(file_, source.as_string()->get());
                placed.doubt = doubt_about(*text);
            }
            return Value{*std::move(text)};
        }
        case ValueType::string_list: return string_list(source, key, name, placed);
        case ValueType::table_list: return table_list(source, key, name, placed);
        case ValueType::table_map: return table_map(source, key, name, placed);
        case ValueType::string_list_map: return string_list_map(source, key, name, placed);
        case ValueType::table: return one_table(source, key, name, placed);
    }
    return at(source, key, name + " has a type that this gateway does not know");
}

TableReader::Outcome TableReader::integer(const toml::node& source, const Key& key,
                                          const std::string& name) const {
    auto* integer = source.as_integer();
    if (!integer) return wrong_type(source, key, name, expected_type(key.type));
    const std::int64_t value = integer->get();
    if (value >= key.minimum && value <= key.maximum) return Value{value};
    const Key unlimited;
    const std::string low = std::to_string(key.minimum), high = std::to_string(key.maximum);
    const std::string range = key.maximum == unlimited.maximum   ? "at least " + low
                              : key.minimum == unlimited.minimum ? "at most " + high
                                                                 : "between " + low + " and " + high;
    return at(source, key, name + " must be " + range + (key.secret ? "" : ", not " + std::to_string(value)));
}

TableReader::Outcome TableReader::number(const toml::node& source, const Key& key,
                                         const std::string& name) const {
    if (auto* integer = source.as_integer()) return Value{static_cast<double>(integer->get())};
    auto* number = source.as_floating_point();
    if (!number) return wrong_type(source, key, name, expected_type(key.type));
    if (!std::isfinite(number->get())) return at(source, key, name + " must be a finite number");
    return Value{number->get()};
}

Result<std::string> TableReader::string(const toml::node& source, const Key& key,
                                        const std::string& name) const {
    auto* text = source.as_string();
    if (!text) return wrong_type(source, key, name, expected_type(ValueType::string));
    auto value = substitute(file_, text->get());
    if (!value) return at(source, key, name + ": " + value.error().message);
    if (value->find('\0') != std::string::npos)
        return at(source, key, name + " must not contain a NUL character");
    if (key.secret && value->empty())
        if (const auto path = referenced_file(file_, text->get()); !path.empty())
            return at(source, key, name + ": the file " + path.string() + " is empty");
    if (key.allowed.empty() || std::ranges::count(key.allowed, *value)) return value;

    std::string words;
    for (const std::string& word : key.allowed) add_to_list(words, toml_quoted(word));
    const bool one = key.allowed.size() == 1;
    std::string message = name + " must be " + (one ? "" : "one of ") + words;
    if (!key.secret) message += ", not " + toml_quoted(*value) + suggestion(*value, key.allowed);
    return at(source, key, message);
}

TableReader::Outcome TableReader::string_list(const toml::node& source, const Key& key,
                                              const std::string& name, Placed& placed) const {
    std::vector<std::string> list;
    auto take = [&](const toml::node& item, const std::string& item_name) {
        add(placed, indexed("", list.size())).where = place_of(item.source(), placed.where.show);
        auto text = string(item, key, item_name);
        if (!text) mistakes_.add(text.error());
        list.push_back(text ? *std::move(text) : std::string());
    };
    if (source.is_string()) {
        take(source, name);
    } else if (auto* array = source.as_array()) {
        for (const toml::node& item : *array)
            if (!mistakes_.full()) take(item, indexed(name, list.size()));
    } else {
        return wrong_type(source, key, name, expected_type(ValueType::string_list));
    }
    return Value{std::move(list)};
}

TableReader::Outcome TableReader::table_list(const toml::node& source, const Key& key,
                                             const std::string& name, Placed& placed) const {
    auto* array = source.as_array();
    if (!array) return wrong_type(source, key, name, expected_type(key.type));
    placed.where.show = SourceLocation::Show::masked;  // some of the keys inside may be secret
    std::vector<Table> list;
    for (const toml::node& item : *array) {
        const std::string item_name = indexed(name, list.size());
        Placed& place = add(placed, indexed("", list.size()));
        place.where = place_of(item.source());
        list.emplace_back();
        if (auto* inner = item.as_table())
            list.back() = table(*inner, {key.keys, {}}, item_name, item_name + ".", place);
        else
            mistakes_.add(wrong_type(item, key, item_name, "a table"));
    }
    return Value{std::move(list)};
}

TableReader::Outcome TableReader::one_table(const toml::node& source, const Key& key, const std::string& name,
                                            Placed& placed) const {
    auto* inner = source.as_table();
    if (!inner) return wrong_type(source, key, name, expected_type(key.type));
    placed.where.show = SourceLocation::Show::masked;
    return Value{table(*inner, {key.keys, {}}, name, name + ".", placed)};
}

TableReader::Outcome TableReader::table_map(const toml::node& source, const Key& key, const std::string& name,
                                            Placed& placed) const {
    if (source.is_string() && !key.allowed.empty()) {
        auto word = string(source, key, name);
        if (!word) return word.error();
        return Value{*std::move(word)};
    }
    auto* map = source.as_table();
    if (!map) return wrong_type(source, key, name, expected_type(key));
    placed.where.show = SourceLocation::Show::masked;
    Table out;
    for (const auto& [entry, node] : in_order(*map)) {
        const std::string entry_name = name + "." + as_key(entry->str());
        Placed& place = add(placed, std::string(entry->str()));
        place.where = place_of(node->source());
        auto* inner = node->as_table();
        const std::string dotted = inner ? dotted_name(*entry, *inner, key.keys) : std::string();
        if (!inner)
            mistakes_.add(wrong_type(*node, key, entry_name, "a table"));
        else if (!dotted.empty())
            mistakes_.add(at(*node, key, entry_name + " has no keys of its own" + needs_quotes(dotted)));
        else
            out.entries.push_back({std::string(entry->str()), Value{table(*inner, {key.keys, {}}, entry_name,
                                                                          entry_name + ".", place)}});
    }
    return Value{std::move(out)};
}

TableReader::Outcome TableReader::string_list_map(const toml::node& source, const Key& key,
                                                  const std::string& name, Placed& placed) const {
    auto* map = source.as_table();
    if (!map) return wrong_type(source, key, name, expected_type(key.type));
    Table out;
    for (const auto& [entry, node] : in_order(*map)) {
        Placed& place = add(placed, std::string(entry->str()));
        place.where = place_of(node->source(), placed.where.show);
        const std::string entry_name = name + "." + as_key(entry->str());
        if (auto* parts = node->as_table(); parts && !parts->is_inline()) {
            mistakes_.add(at(*node, key,
                             entry_name + " must be " + expected_type(ValueType::string_list) + ", not " +
                                 description(*node) + needs_quotes(dotted_name(*entry, *parts, {}))));
            continue;
        }
        auto list = string_list(*node, key, entry_name, place);
        if (list)
            out.entries.push_back({std::string(entry->str()), *std::move(list)});
        else
            mistakes_.add(list.error());
    }
    return Value{std::move(out)};
}

void TableReader::find_missing(const toml::table& source, const Shape& shape,
                               const std::string& title) const {
    // An unknown key may be a misspelled required key, which is then not missing.
    std::vector<std::string> meant;
    for (const auto& [name, node] : in_order(source)) {
        if (find(shape.keys, name->str()) || find(shape.others, name->str())) continue;
        const std::string_view now = new_name_of(name->str());
        if (find(shape.keys, now)) meant.emplace_back(now);
        for (const Key& key : shape.keys) {
            if (!key.required || source.contains(key.name) || nearest(name->str(), {key.name}).empty())
                continue;
            meant.push_back(key.name);
            // If unknown keys are skipped, it has not been reported.
            if (shape.open)
                mistakes_.add(
                    file_.error(place_of(name->source()), "unknown key " + toml_quoted(name->str()) + " in " +
                                                              title + suggestion(name->str(), {key.name})));
        }
    }
    for (const Key& key : shape.keys)
        if (key.required && !source.contains(key.name) && !std::ranges::count(meant, key.name))
            mistakes_.add(file_.error(
                place_of(source.source()),
                title + " lacks the key " + toml_quoted(key.name) + ": " + as_sentence_part(key.doc)));
}

Error TableReader::unknown(const toml::key& name, const Shape& shape, const std::string& title) const {
    const std::string_view now = new_name_of(name.str());
    if (find(shape.keys, now) || find(shape.others, now))
        return file_.error(place_of(name.source()), "key " + toml_quoted(name.str()) + " in " + title +
                                                        " was renamed to " + toml_quoted(now));
    std::vector<std::string> allowed;
    for (const std::vector<Key>* keys : {&shape.others, &shape.keys})
        for (const Key& key : *keys) allowed.push_back(key.name);
    return file_.error(place_of(name.source()),
                       "unknown key " + toml_quoted(name.str()) + " in " + title +
                           suggestion(name.str(), allowed) + " (" +
                           (allowed.empty() ? "it has no keys" : "allowed: " + joined(allowed)) + ")");
}

Error TableReader::wrong_type(const toml::node& source, const Key& key, const std::string& name,
                              const std::string& expected) const {
    std::string message = name + " must be " + expected + ", not " + description(source);
    if (auto* text = source.as_string(); text && stands_without_quotes(key.type))
        message += is_reference(text->get()) ? "; env:, file: and credential: can stand for strings only"
                                             : "; write it without quotes";
    return at(source, key, message);
}

Error TableReader::at(const toml::node& source, const Key& key, const std::string& message) const {
    // If tables are expected, the secrets are in the tables.
    const bool plain = key.keys.empty() && !source.is_table() && !source.is_array();
    const auto show = key.secret ? SourceLocation::Show::never
                      : plain    ? SourceLocation::Show::always
                                 : SourceLocation::Show::masked;
    return file_.error(place_of(source.source(), show), message);
}

}  // namespace gatehouse::core
