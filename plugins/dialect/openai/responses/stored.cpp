// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/stored.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::size_t longest_id = 64;

bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::vector<std::string> strings_of(const json::Array& array) {
    std::vector<std::string> list;
    json::for_each(array, [&](json::Value& value, std::size_t) {
        return json::take_string(value, list.emplace_back());
    });
    return list;
}

}  // namespace

bool is_response_id(std::string_view id) {
    return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, is_id_character);
}

bool is_conversation_id(std::string_view id) { return id.starts_with("conv_") && is_response_id(id); }

RecordId record_id(std::string_view id) {
    return {is_conversation_id(id) ? conversation_space : response_space, std::string(id)};
}

std::string record_of_item(std::string_view item_id) {
    const std::size_t first = item_id.find('_'), last = item_id.rfind('_');
    if (first == item_id.npos || last <= first + 1 || !is_response_id(item_id)) return {};
    const bool of_conversation = item_id.substr(last + 1).starts_with('c');
    return (of_conversation ? "conv_" : "resp_") + std::string(item_id.substr(first + 1, last - first - 1));
}

std::optional<StoredResponse> StoredResponse::read(const std::shared_ptr<std::string>& body) {
    auto document = kept_document(body);
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
    if (const auto conversation = member_of(*object, "conversation"))
        stored.conversation_ = id_of(*conversation);
    return stored;
}

std::optional<json::Value> StoredResponse::find(std::string_view item_id) const {
    if (!index_) {
        index_.emplace();
        for (const json::Array* list : {&thoughts_, &output_, &input_}) index_->add(*list);
    }
    return index_->find(item_id);
}

json::Value StoredResponse::sealed(const json::Value& item) const {
    const std::string id = id_of(item);
    return id.starts_with("rs_") ? find(id).value_or(item) : item;
}

void Recalled::add(std::string id, std::optional<Record> record) {
    const auto body = record ? std::make_shared<std::string>(std::move(record->body)) : nullptr;
    if (is_conversation_id(id))
        conversations_.try_emplace(std::move(id), body ? StoredConversation::read(body) : std::nullopt);
    else
        responses_.try_emplace(std::move(id), body ? StoredResponse::read(body) : std::nullopt);
}

const StoredResponse* Recalled::response(std::string_view id) const {
    const auto found = responses_.find(id);
    return found == responses_.end() || !found->second ? nullptr : &*found->second;
}

const StoredConversation* Recalled::conversation(std::string_view id) const {
    const auto found = conversations_.find(id);
    return found == conversations_.end() || !found->second ? nullptr : &*found->second;
}

std::optional<json::Value> Recalled::item(std::string_view item_id, std::string_view in) const {
    const std::string owner = record_of_item(item_id);
    for (const std::string_view id : {in, std::string_view(owner)})
        if (const StoredConversation* stored = conversation(id))
            if (auto found = stored->find(item_id)) return found;
    const StoredResponse* stored = response(owner);
    return stored ? stored->find(item_id) : std::nullopt;
}

}  // namespace gatehouse::openai_dialect::responses
