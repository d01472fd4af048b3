// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/stored.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::size_t longest_id = 64, max_depth = 1000;

bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
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

std::vector<std::string> strings_of(const json::Array& array) {
    std::vector<std::string> list;
    json::for_each(array, [&](json::Value& value, std::size_t) {
        return json::take_string(value, list.emplace_back());
    });
    return list;
}

std::string id_of(const json::Value& item) {
    const auto object = json::object(item);
    const auto value = object ? member_of(*object, "id") : std::nullopt;
    std::string text;
    if (value) json::take_string(*value, text);
    return text;
}

}  // namespace

bool is_response_id(std::string_view id) {
    return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, is_id_character);
}

std::string response_of_item(std::string_view item_id) {
    const std::size_t first = item_id.find('_'), last = item_id.rfind('_');
    if (first == item_id.npos || last <= first + 1 || !is_response_id(item_id)) return {};
    return "resp_" + std::string(item_id.substr(first + 1, last - first - 1));
}

std::optional<StoredResponse> StoredResponse::read(const std::shared_ptr<std::string>& body) {
    std::optional<Error> huge;  // numbers that a client has sent are kept as they are
    auto document = json::Document::parse(body, max_depth, &huge);
    const auto top = document ? document->object() : std::nullopt;
    if (!top) return std::nullopt;
    const auto version = member_of(*top, "v"), response = member_of(*top, "response");
    const auto chain = array_of(*top, "chain"), input = array_of(*top, "input");
    const auto thoughts = array_of(*top, "thoughts");
    const auto object = response ? json::object(*response) : std::nullopt;
    const auto output = object ? array_of(*object, "output") : std::nullopt;
    if (!version || json::integer(*version) != 1 || !chain || !input || !thoughts || !output)
        return std::nullopt;
    StoredResponse stored(*std::move(document));
    stored.chain_ = strings_of(*chain);
    stored.input_ = *input;
    stored.output_ = *output;
    stored.thoughts_ = *thoughts;
    stored.response_ = json::raw(*response);
    return stored;
}

std::optional<json::Value> StoredResponse::find(std::string_view item_id) const {
    std::optional<json::Value> found;
    for (const json::Array* list : {&thoughts_, &output_, &input_})
        json::for_each(*list, [&](json::Value& item, std::size_t) {
            if (!found && id_of(item) == item_id) found = item;
            return !found;
        });
    return found;
}

json::Value StoredResponse::sealed(const json::Value& item) const {
    const std::string id = id_of(item);
    return id.starts_with("rs_") ? find(id).value_or(item) : item;
}

void Recalled::add(std::string id, std::optional<Record> record) {
    records_.try_emplace(
        std::move(id),
        record ? StoredResponse::read(std::make_shared<std::string>(std::move(record->body))) : std::nullopt);
}

const StoredResponse* Recalled::find(std::string_view id) const {
    const auto found = records_.find(id);
    return found == records_.end() || !found->second ? nullptr : &*found->second;
}

}  // namespace gatehouse::openai_dialect::responses
