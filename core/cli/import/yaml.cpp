// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/yaml.hpp"

#include "core/util/ascii.hpp"

#include "core/cli/output.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

namespace gatehouse::core {

namespace {

constexpr int largest_number_of_values = 100'000, deepest = 100;
constexpr std::size_t most_bytes = 64 << 20;  // all texts, counted for each alias again
constexpr std::size_t most_members = 5'000;   // an object is searched member by member

template <typename Number>
std::optional<Number> number(const std::string& text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Whether `text` is the word in one of YAML's three spellings: on, On, ON.
bool is_word(std::string text, std::string_view word) {
    if (text.size() != word.size() || text.empty()) return false;
    if (std::ranges::all_of(text, is_upper)) return lower_case(text) == word;
    text[0] = to_lower(text[0]);
    return text == word;
}

/// The digits of 80_000, without the underscores that YAML 1.1 allows.
std::string plain_digits(std::string text) {
    const bool digits = text.find_first_not_of("0123456789_.-") == std::string::npos;
    if (digits && !text.starts_with('_')) std::erase(text, '_');
    return text;
}

OrderedJson scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;  // it has quotes
    const auto is = [&](std::string_view word) { return is_word(text, word); };
    if (text.empty() || text == "~" || is("null")) return nullptr;
    if (is("true") || is("yes") || is("on")) return true;
    if (is("false") || is("no") || is("off")) return false;
    const std::string digits = plain_digits(text);
    if (const auto whole = number<std::int64_t>(digits)) return *whole;
    const bool begins_a_number = text.find_first_of("0123456789") < 3;  // not inf, nan or a word
    if (const auto real = number<double>(digits); real && begins_a_number) return *real;
    return text;
}

/// The members of `from` that `to` has not.  Explicit members win over those of a merge key, and the first of
/// several merged objects wins.
void add_missing(OrderedJson& to, const OrderedJson& from) {
    if (!from.is_object()) return;
    for (const auto& [name, value] : from.items())
        if (!to.contains(name)) to[name] = value;
}

/// Copies nodes.  Aliases are the same node in several places, and are copied each time.
class Copier {
public:
    OrderedJson copy(const YAML::Node& node, int depth) {
        if (node.IsScalar()) bytes_ += node.Scalar().size();
        if (++values_ > largest_number_of_values || bytes_ > most_bytes || depth > deepest)
            throw YAML::Exception(node.Mark(), "the file has too many values, or too many levels");
        if (node.IsScalar()) return scalar(node);
        if (node.IsSequence()) {
            OrderedJson list = OrderedJson::array();
            for (const YAML::Node& item : node) list.push_back(copy(item, depth + 1));
            return list;
        }
        if (!node.IsMap()) return nullptr;
        OrderedJson object = OrderedJson::object(), inherited = OrderedJson::object();
        for (const auto& member : node) {
            if (!member.first.IsScalar()) throw YAML::Exception(member.first.Mark(), "a key must be a text");
            if (member.first.Scalar() == "<<")
                add_missing(inherited, merged(member.second, depth));
            else
                object[member.first.Scalar()] = copy(member.second, depth + 1);
        }
        add_missing(object, inherited);
        if (object.size() > most_members)
            throw YAML::Exception(node.Mark(), "an object has too many members");
        return object;
    }

private:
    /// The members of a merge key, `<<: *defaults`, or of a list of such.
    OrderedJson merged(const YAML::Node& node, int depth) {
        const OrderedJson value = copy(node, depth + 1);
        if (value.is_object()) return value;
        OrderedJson all = OrderedJson::object();
        for (const OrderedJson& one : value) add_missing(all, one);
        return all;
    }

    int values_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace

Result<OrderedJson> parse_yaml(const std::string& text) {
    try {
        return Copier().copy(YAML::Load(text), 0);
    } catch (const YAML::Exception& failure) {
        return refused("line " + std::to_string(failure.mark.line + 1) + ": " + failure.msg);
    }
}

}  // namespace gatehouse::core
