// SPDX-License-Identifier: Apache-2.0
// A plugin declares its TOML keys once, as members of a struct.
//
//     struct Options { std::string region; std::int64_t retries = 2; };
//     const Fields<Options> fields = {
//         required("region", &Options::region, "OCI region, such as us-chicago-1."),
//         optional("retries", &Options::retries, "Attempts after the first."),
//     };
//
// The core checks the user's table against these keys before it creates the plugin.
// It reports a wrong key or type with file, line, column and the allowed keys.  The
// plugin receives complete Options or is not created.  The core has replaced
// `env:NAME`, `env:NAME:-default`, `file:PATH`, `credential:NAME` and a leading `~/` in every string.
#pragma once

#include "gatehouse/value.hpp"

#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace gatehouse {

/// One key, for checking, explaining and completing.
struct Key {
    std::string name;
    ValueType type = ValueType::string;
    bool required = false;
    bool secret = false;                    // never printed
    std::string doc = {};                   // one sentence
    std::string fallback = {};              // the default, as TOML
    std::vector<std::string> allowed = {};  // for a string: the allowed words; for a
                                            // table_map: words allowed instead of it
    std::int64_t minimum = std::numeric_limits<std::int64_t>::min();  // for an integer
    std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
    std::vector<Key> keys = {};  // keys of the tables, for table_list, table_map and table
};

/// The checked table of one plugin instance.
class Config {
public:
    /// "oci" in [provider.oci].
    virtual std::string_view instance() const = 0;
    virtual const Table& table() const = 0;
    /// A bad_config error that points at `path` in the user's file, such as "region" or
    /// "keys[1].key".  An empty path means the table itself.
    virtual Error error(std::string_view path, std::string message) const = 0;

protected:
    ~Config() = default;
};

/// A plugin's constructor throws it if a value of the right type cannot be used.  The
/// message appears at that key, with file, line and column.
struct KeyError : std::runtime_error {
    KeyError(std::string at, const std::string& message) : std::runtime_error(message), path(std::move(at)) {}
    std::string path;  // as in Config::error
};

/// A declared key and the member that it fills.
template <typename Options>
struct Field {
    Key key;
    std::function<void(Options&, const Value&)> assign;
};

template <typename Options>
using Fields = std::vector<Field<Options>>;

/// Options with the values of `table`, and defaults for all other keys.
template <typename Options>
Options read(const Fields<Options>& fields, const Table& table) {
    Options options{};
    for (const auto& field : fields)
        if (const Value* value = table.find(field.key.name)) field.assign(options, *value);
    return options;
}

template <typename Options>
std::vector<Key> keys_of(const Fields<Options>& fields) {
    std::vector<Key> keys;
    for (const auto& field : fields) keys.push_back(field.key);
    return keys;
}

namespace detail {
template <typename T>
struct Plain {
    using type = T;
    static constexpr bool is_optional = false;
};
template <typename T>
struct Plain<std::optional<T>> {
    using type = T;
    static constexpr bool is_optional = true;
};

template <typename T>
inline constexpr bool is_option =
    std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, double> ||
    std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<std::string>>;

template <typename T>
inline constexpr ValueType type_of = ValueType::string;
template <>
inline constexpr ValueType type_of<bool> = ValueType::boolean;
template <>
inline constexpr ValueType type_of<std::int64_t> = ValueType::integer;
template <>
inline constexpr ValueType type_of<double> = ValueType::number;
template <>
inline constexpr ValueType type_of<std::vector<std::string>> = ValueType::string_list;

/// The value as a T.  Throws if the type differs; the core has checked it before.
template <typename T>
const T& expect(const Value& value) {
    if (const T* found = std::get_if<T>(&value.data)) return *found;
    throw std::runtime_error("a value came with another type than its key declares");
}
/// An integer in the file is a number too.
inline double expect_number(const Value& value) {
    if (auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
    return expect<double>(value);
}

/// The default of a member as TOML.  Empty for an optional without a value.
template <typename T>
std::string default_text(const T& value) {
    if constexpr (Plain<T>::is_optional)
        return value ? to_toml(Value{*value}) : std::string();
    else
        return to_toml(Value{value});
}

template <typename Options, typename T>
Field<Options> checked_field(std::string name, T Options::*member, std::string doc, bool required,
                             bool secret) {
    using Type = typename Plain<T>::type;
    Key key{.name = std::move(name),
            .type = type_of<Type>,
            .required = required,
            .secret = secret,
            .doc = std::move(doc)};
    if (!required && !secret) key.fallback = default_text(Options{}.*member);
    return {std::move(key), [member](Options& options, const Value& value) {
                if constexpr (std::is_same_v<Type, double>)
                    options.*member = expect_number(value);
                else
                    options.*member = expect<Type>(value);
            }};
}

template <typename Options, typename T>
Field<Options> field(std::string name, T Options::*member, std::string doc, bool required, bool secret) {
    using Type = typename Plain<T>::type;
    static_assert(is_option<Type>,
                  "an option is a bool, std::int64_t (not int), double (not float), std::string or "
                  "std::vector<std::string>, or a std::optional of one of them");
    if constexpr (!is_option<Type>)
        return {};  // no more errors than this one
    else
        return checked_field<Options, T>(std::move(name), member, std::move(doc), required, secret);
}
}  // namespace detail

/// A key that must be there.  Members: bool, std::int64_t, double, std::string
/// or std::vector<std::string>.
template <typename Options, typename T>
Field<Options> required(std::string name, T Options::*member, std::string doc) {
    return detail::field(std::move(name), member, std::move(doc), true, false);
}

/// A key that may be left out: the member's initialiser is the default.
/// Members: as above, or a std::optional of one.
template <typename Options, typename T>
Field<Options> optional(std::string name, T Options::*member, std::string doc) {
    return detail::field(std::move(name), member, std::move(doc), false, false);
}

/// A string that no command, log or error prints.
/// Members: std::string if it is required, std::optional<std::string> if not.
template <typename Options, typename T>
Field<Options> secret(std::string name, T Options::*member, std::string doc) {
    return detail::field(std::move(name), member, std::move(doc), !detail::Plain<T>::is_optional, true);
}

/// An integer from `minimum` to `maximum`, both included.
template <typename Options, typename T>
Field<Options> ranged(std::string name, T Options::*member, std::int64_t minimum, std::int64_t maximum,
                      std::string doc) {
    auto field = detail::field(std::move(name), member, std::move(doc), false, false);
    field.key.minimum = minimum;
    field.key.maximum = maximum;
    return field;
}

/// A string that is one of `words`.
template <typename Options, typename T>
Field<Options> choice(std::string name, T Options::*member, std::vector<std::string> words, std::string doc) {
    auto field = detail::field(std::move(name), member, std::move(doc), false, false);
    field.key.allowed = std::move(words);
    return field;
}

/// A list of tables, each with its own keys: `keys = [{ name = "a", key = "b" }]`.
template <typename Options, typename Item>
Field<Options> tables(std::string name, std::vector<Item> Options::*member, Fields<Item> fields,
                      std::string doc) {
    Key key{.name = std::move(name),
            .type = ValueType::table_list,
            .doc = std::move(doc),
            .fallback = "[]",
            .keys = keys_of(fields)};
    return {std::move(key), [member, fields = std::move(fields)](Options& options, const Value& value) {
                for (const Table& item : detail::expect<std::vector<Table>>(value))
                    (options.*member).push_back(read(fields, item));
            }};
}

/// One table with its own keys: `when = { client = "ci" }`.  The member keeps its defaults if the
/// table is left out.
template <typename Options, typename Item>
Field<Options> one_table(std::string name, Item Options::*member, Fields<Item> fields, std::string doc) {
    Key key{.name = std::move(name),
            .type = ValueType::table,
            .doc = std::move(doc),
            .fallback = "{}",
            .keys = keys_of(fields)};
    return {std::move(key), [member, fields = std::move(fields)](Options& options, const Value& value) {
                options.*member = read(fields, detail::expect<Table>(value));
            }};
}

/// Tables by names that the user chooses: `[provider.oci.models."some.model"]`.
template <typename Options, typename Item>
Field<Options> table_map(std::string name, std::map<std::string, Item> Options::*member, Fields<Item> fields,
                         std::string doc) {
    Key key{.name = std::move(name),
            .type = ValueType::table_map,
            .doc = std::move(doc),
            .fallback = "{}",
            .keys = keys_of(fields)};
    return {std::move(key), [member, fields = std::move(fields)](Options& options, const Value& value) {
                for (const Entry& entry : detail::expect<Table>(value).entries)
                    (options.*member).emplace(entry.name, read(fields, detail::expect<Table>(entry.value)));
            }};
}

/// The same, or one of `words` instead of the tables: `models = "discover"`.
template <typename Options, typename Item, typename Word>
Field<Options> table_map(std::string name, std::map<std::string, Item> Options::*member, Fields<Item> fields,
                         Word Options::*word, std::vector<std::string> words, std::string doc) {
    auto field = table_map(std::move(name), member, std::move(fields), std::move(doc));
    field.key.allowed = std::move(words);
    field.assign = [word, assign = std::move(field.assign)](Options& options, const Value& value) {
        if (auto* text = std::get_if<std::string>(&value.data))
            options.*word = *text;
        else
            assign(options, value);
    };
    return field;
}

/// Lists of strings by names that the user chooses.  A single string is a list of one:
/// `"gpt-5" = "oci/openai.gpt-4.1"`, `"best" = ["oci/a", "backup/b"]`.
/// Lists: a std::map by name, or a std::vector of pairs in the order of the file.
template <typename Options, typename Lists>
Field<Options> string_lists(std::string name, Lists Options::*member, std::string doc) {
    Key key{
        .name = std::move(name), .type = ValueType::string_list_map, .doc = std::move(doc), .fallback = "{}"};
    return {std::move(key), [member](Options& options, const Value& value) {
                Lists& lists = options.*member;
                for (const Entry& entry : detail::expect<Table>(value).entries)
                    lists.insert(lists.end(),
                                 {entry.name, detail::expect<std::vector<std::string>>(entry.value)});
            }};
}

}  // namespace gatehouse
