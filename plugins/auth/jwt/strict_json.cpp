// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/jwt/strict_json.hpp"

#include <algorithm>

namespace gatehouse::jwt {

StrictJson::StrictJson(std::size_t max_bytes, std::size_t max_depth)
    : max_bytes_(max_bytes), max_depth_(max_depth) {}

std::optional<simdjson::dom::object> StrictJson::object(std::string_view text) {
    if (text.empty() || text.size() > max_bytes_) return std::nullopt;
    if (parser_.capacity() < text.size() || parser_.max_depth() != max_depth_)
        if (parser_.allocate(std::max<std::size_t>(text.size(), 1024), max_depth_)) return std::nullopt;
    simdjson::dom::element top;
    simdjson::dom::object object;
    if (parser_.parse(text.data(), text.size(), true).get(top)) return std::nullopt;
    if (top.get_object().get(object) || !has_names_once(top)) return std::nullopt;
    return object;
}

// The recursion is as deep as the parser allows.
bool StrictJson::has_names_once(simdjson::dom::element element) {
    simdjson::dom::array array;
    if (!element.get_array().get(array))
        return std::all_of(array.begin(), array.end(), [this](auto item) { return has_names_once(item); });
    simdjson::dom::object object;
    if (element.get_object().get(object)) return true;
    if (!has_own_names_once(object)) return false;
    for (const auto field : object)
        if (!has_names_once(field.value)) return false;
    return true;
}

// Sorts the names, because comparing each pair would take quadratic time.
bool StrictJson::has_own_names_once(const simdjson::dom::object& object) {
    names_.clear();
    for (const auto field : object) names_.push_back(field.key);
    std::sort(names_.begin(), names_.end());
    return std::adjacent_find(names_.begin(), names_.end()) == names_.end();
}

std::optional<std::string_view> string_in(const simdjson::dom::object& object, std::string_view name) {
    std::string_view text;
    if (object.at_key(name).get_string().get(text)) return std::nullopt;
    return text;
}

bool has(const simdjson::dom::object& object, std::string_view name) {
    return object.at_key(name).error() == simdjson::SUCCESS;
}

}  // namespace gatehouse::jwt
