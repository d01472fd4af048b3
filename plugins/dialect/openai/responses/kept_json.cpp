// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/kept_json.hpp"

namespace gatehouse::openai_dialect::responses {

std::optional<json::Document> kept_document(const std::shared_ptr<std::string>& body) {
    constexpr std::size_t max_depth = 1000 + 16;  // the deepest request, and the record around it
    std::optional<Error> huge;
    auto document = json::Document::parse(body, max_depth, &huge);
    return document ? std::optional(*std::move(document)) : std::nullopt;
}

std::optional<json::Value> member_of(const json::Object& object, std::string_view name) {
    std::optional<json::Value> found;
    json::for_each(object, [&](std::string_view key, json::Value& value) {
        if (key == name) found = value;
        return true;
    });
    return found;
}

std::optional<json::Array> array_of(const json::Object& object, std::string_view name) {
    const auto value = member_of(object, name);
    return value ? json::array(*value) : std::nullopt;
}

std::string_view elements_of(const json::Array& array) {
    std::string_view text = json::raw(array);
    text.remove_prefix(1);
    text.remove_suffix(1);
    return text;
}

std::string id_of(const json::Value& item) {
    const auto object = json::object(item);
    const auto value = object ? member_of(*object, "id") : std::nullopt;
    std::string text;
    if (value) json::take_string(*value, text);
    return text;
}

std::optional<json::Value> item_with_id(const json::Array& items, std::string_view id) {
    std::optional<json::Value> found;
    json::for_each(items, [&](json::Value& item, std::size_t) {
        if (id_of(item) == id) found = item;
        return !found;
    });
    return found;
}

void ItemIndex::add(const json::Array& items) {
    json::for_each(items, [&](json::Value& item, std::size_t) {
        items_.try_emplace(id_of(item), item);
        return true;
    });
}

std::optional<json::Value> ItemIndex::find(std::string_view id) const {
    const auto found = items_.find(std::string(id));
    return found == items_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace gatehouse::openai_dialect::responses
