// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/members.hpp"

#include <charconv>
#include <cmath>

namespace gatehouse::core {

namespace {

const OrderedJson nothing, no_members = OrderedJson::object(), no_items = OrderedJson::array();

}  // namespace

bool says_something(const OrderedJson& value) {
    return !value.is_null() && value != false && !(value.is_structured() && value.empty());
}

InputMembers::~InputMembers() {
    if (!object_.is_object()) return;
    for (const auto& [name, value] : object_.items())
        if (!taken_.contains(name) && says_something(value)) leave_out(name);
}

void InputMembers::ignore_rest() {
    for (const auto& [name, value] : object_in(object_).items()) taken_.insert(name);
}

const OrderedJson& InputMembers::take(std::string_view name) {
    taken_.emplace(name);
    if (!object_.is_object()) return nothing;
    const auto found = object_.find(name);
    return found == object_.end() ? nothing : *found;
}

/// `found` if it has the type of `otherwise`.
const OrderedJson& InputMembers::taken(std::string_view name, const OrderedJson& found,
                                       const OrderedJson& otherwise) {
    if (found.type() == otherwise.type()) return found;
    if (says_something(found)) leave_out(std::string(name));
    return otherwise;
}

std::string InputMembers::take_text(std::string_view name) {
    const OrderedJson& found = take(name);
    if (found.is_structured() && says_something(found)) leave_out(std::string(name));
    return text_of(found);
}

std::optional<double> InputMembers::take_number(std::string_view name) {
    const OrderedJson& found = take(name);
    const auto number = number_of(found);
    if (!number && says_something(found)) leave_out(std::string(name));
    return number;
}

const OrderedJson& InputMembers::take_object(std::string_view name) {
    return taken(name, take(name), no_members);
}

const OrderedJson& InputMembers::take_list(std::string_view name) {
    return taken(name, take(name), no_items);
}

std::optional<double> InputMembers::look_at_number(std::string_view name) const {
    const auto found = object_in(object_).find(name);
    return found == object_in(object_).end() ? std::nullopt : number_of(*found);
}

const OrderedJson& object_in(const OrderedJson& value) { return value.is_object() ? value : no_members; }

OrderedJson as_list(const OrderedJson& value) {
    return value.is_array() ? value : OrderedJson::array({value});
}

bool has_star(std::string_view name) { return name.find('*') != name.npos; }

std::optional<double> number_of(const OrderedJson& value) {
    if (value.is_number()) return value.get<double>();
    if (!value.is_string()) return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !(std::abs(number) < 1e300))
        return std::nullopt;
    return number;
}

std::string text_of(const OrderedJson& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_primitive() && !value.is_null() ? value.dump() : std::string();
}

}  // namespace gatehouse::core
