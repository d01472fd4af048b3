// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/c_door/members.hpp"

#include "plugins/common/upstream/text.hpp"

#include <algorithm>

namespace gatehouse::c_bridge {

using namespace upstream;

namespace {

std::string in_short(std::string_view text) { return in_quotes(text.substr(0, 100)); }

dom::object object_of(dom::element value, const std::string& what) {
    if (const auto found = upstream::object(value)) return *found;
    throw Mistake(what + " is not a JSON object");
}

}  // namespace

Tree parse(std::string& text, const std::string& what) {
    auto tree = Tree::parse(text);
    // The text may be part of an answer, so it is not logged.
    if (!tree) throw Mistake(what + ", of " + std::to_string(text.size()) + " bytes, is not valid JSON");
    return *std::move(tree);
}

Members::Members(dom::element value, std::string what)
    : object_(object_of(value, what)), what_(std::move(what)) {}

void Members::wrong(std::string_view name, std::string_view expected) const {
    throw Mistake(in_short(name) + " of " + what_ + " must be " + std::string(expected));
}

std::optional<dom::element> Members::find(std::string_view name) {
    known_.push_back(name);
    return member(object_, name);
}

dom::element Members::need(std::string_view name) {
    if (const auto found = find(name)) return *found;
    throw Mistake(what_ + " lacks " + in_short(name));
}

std::string_view Members::text(std::string_view name) {
    if (const auto found = string(need(name))) return *found;
    wrong(name, "a string");
}

std::string_view Members::text_or(std::string_view name, std::string_view fallback) {
    const auto found = find(name);
    if (!found) return fallback;
    if (const auto value = string(*found)) return *value;
    wrong(name, "a string");
}

std::optional<std::int64_t> Members::maybe_integer(std::string_view name, std::int64_t least,
                                                   std::int64_t most) {
    const auto found = find(name);
    if (!found) return std::nullopt;
    const auto value = upstream::integer(*found);
    if (value && *value >= least && *value <= most) return value;
    wrong(name, most == std::numeric_limits<std::int64_t>::max()
                    ? "an integer of at least " + std::to_string(least)
                    : "an integer between " + std::to_string(least) + " and " + std::to_string(most));
}

std::int64_t Members::integer(std::string_view name, std::int64_t least, std::int64_t most) {
    if (const auto value = maybe_integer(name, least, most)) return *value;
    throw Mistake(what_ + " lacks " + in_short(name));
}

double Members::number(std::string_view name) {
    if (const auto value = upstream::number(need(name))) return *value;
    wrong(name, "a number");
}

bool Members::flag_or(std::string_view name, bool fallback) {
    const auto found = find(name);
    if (!found) return fallback;
    bool value = false;
    if (found->get_bool().get(value)) wrong(name, "true or false");
    return value;
}

dom::array Members::list(std::string_view name) {
    if (const auto found = array(need(name))) return *found;
    wrong(name, "a list");
}

void Members::finish() const {
    for (const dom::key_value_pair member : object_)
        if (std::find(known_.begin(), known_.end(), member.key) == known_.end())
            throw Mistake(what_ + " has a member " + in_short(member.key) +
                          " that this gateway does not know");
}

}  // namespace gatehouse::c_bridge
