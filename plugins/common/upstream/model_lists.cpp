// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/model_lists.hpp"

namespace gatehouse::upstream {

namespace {

std::optional<dom::array> list_in(dom::object from) {
    for (std::string_view key : {"data", "models", "items", "result", "results", "list", "model_list"})
        if (const auto list = array_member(from, key)) return list;
    return std::nullopt;
}

}  // namespace

std::optional<dom::array> models_in(dom::element document) {
    if (const auto list = array(document)) return list;
    const auto top = object(document);
    if (!top) return std::nullopt;
    if (const auto list = list_in(*top)) return list;
    for (std::string_view key : {"data", "result"})
        if (const auto inner = object_member(*top, key))
            if (const auto list = list_in(*inner)) return list;
    return std::nullopt;
}

std::string model_name_of(dom::element model) {
    if (const auto name = string(model)) return std::string(*name);
    const auto members = object(model);
    if (!members) return {};
    for (std::string_view key : {"id", "name", "model", "slug"})
        if (const auto name = string_member(*members, key); !name.empty()) return std::string(name);
    return {};
}

}  // namespace gatehouse::upstream
