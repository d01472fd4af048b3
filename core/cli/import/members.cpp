// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/members.hpp"

namespace gatehouse::core {

namespace {

const OrderedJson nothing, no_members = OrderedJson::object(), no_items = OrderedJson::array();

/// Whether the member says something: null, false, and a list or an object without members do not.
bool says_something(const OrderedJson& value) {
    return !value.is_null() && value != false && !(value.is_structured() && value.empty());
}

}  // namespace

Members::~Members() {
    if (!object_.is_object()) return;
    for (const auto& [name, value] : object_.items())
        if (!taken_.contains(name) && says_something(value)) leave_out(name);
}

void Members::ignore_rest() {
    for (const auto& [name, value] : object_in(object_).items()) taken_.insert(name);
}

const OrderedJson& Members::take(std::string_view name) {
    taken_.emplace(name);
    if (!object_.is_object()) return nothing;
    const auto found = object_.find(name);
    return found == object_.end() ? nothing : *found;
}

std::string Members::take_text(std::string_view name) { return text_of(take(name)); }

const OrderedJson& object_in(const OrderedJson& value) { return value.is_object() ? value : no_members; }

const OrderedJson& list_in(const OrderedJson& value) { return value.is_array() ? value : no_items; }

std::string text_of(const OrderedJson& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_primitive() && !value.is_null() ? value.dump() : std::string();
}

}  // namespace gatehouse::core
