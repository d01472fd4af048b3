// SPDX-License-Identifier: Apache-2.0
// Parses a piece of upstream JSON into simdjson's tree.  One pass checks it and makes it
// readable in any order, which suits the many small events of a stream.
//
// The tree is stored in a parser of the calling thread.  REQUIRES: at most one Tree per
// thread at a time.  Values are valid as long as their Tree.
#pragma once

#include <gatehouse/result.hpp>

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

namespace dom = simdjson::dom;

class Tree {
public:
    /// Capacity behind a text with which parse() does not move it.
    static constexpr std::size_t padding = simdjson::SIMDJSON_PADDING;

    /// Parses `text`, whose capacity is raised if needed.  Invalid UTF-8 and lone surrogates
    /// become U+FFFD in `text`.  Returns nothing if `text` is not JSON.
    static std::optional<Tree> parse(std::string& text);
    /// The same for an event of a stream.  Lone surrogates become marks of half_characters.hpp,
    /// because the other half may be in another event.
    static std::optional<Tree> parse_event(std::string& text);

    Tree(Tree&& other) noexcept
        : root_(other.root_), has_halves_(other.has_halves_), owner_(std::exchange(other.owner_, false)) {}
    Tree& operator=(Tree&&) = delete;
    ~Tree();

    dom::element root() const { return root_; }
    /// Whether the text has marks.
    bool has_halves() const { return has_halves_; }

private:
    explicit Tree(dom::element root, bool has_halves) : root_(root), has_halves_(has_halves) {}
    static std::optional<Tree> parse(std::string& text, bool marks);

    dom::element root_;
    bool has_halves_;
    bool owner_ = true;
};

/// The member's value as it is written in the text of the calling thread's Tree, or nothing.  The tree
/// itself has numbers in another form: 1.50 is 1.5.  Nothing after 100 calls for one Tree.  REQUIRES: that
/// text is unchanged.
std::optional<std::string_view> as_written(const dom::key_value_pair& member);

// The value, or nothing if it has another type.

inline std::optional<std::string_view> string(dom::element value) {
    std::string_view text;
    if (value.get_string().get(text)) return std::nullopt;
    return text;
}
inline std::optional<dom::object> object(dom::element value) {
    dom::object found;
    if (value.get_object().get(found)) return std::nullopt;
    return found;
}
inline std::optional<dom::array> array(dom::element value) {
    dom::array found;
    if (value.get_array().get(found)) return std::nullopt;
    return found;
}
inline std::optional<double> number(dom::element value) {
    double found = 0;
    if (value.get_double().get(found)) return std::nullopt;
    return found;
}
/// An integer, also written 1.0.  Returns nothing if it does not fit.
std::optional<std::int64_t> integer(dom::element value);

/// The member `key`, unless it is absent or null.
inline std::optional<dom::element> member(dom::object object, std::string_view key) {
    dom::element value;
    if (object.at_key(key).get(value) || value.is_null()) return std::nullopt;
    return value;
}
/// The member `key` if it is a string, else "".
inline std::string_view string_member(dom::object object, std::string_view key) {
    auto value = member(object, key);
    return value ? string(*value).value_or(std::string_view()) : std::string_view();
}
inline std::optional<dom::object> object_member(dom::object from, std::string_view key) {
    auto value = member(from, key);
    return value ? object(*value) : std::nullopt;
}
inline std::optional<dom::array> array_member(dom::object from, std::string_view key) {
    auto value = member(from, key);
    return value ? array(*value) : std::nullopt;
}
inline std::optional<std::int64_t> integer_member(dom::object object, std::string_view key) {
    auto value = member(object, key);
    return value ? integer(*value) : std::nullopt;
}

}  // namespace gatehouse::upstream
