// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/conversation.hpp"

#include "plugins/dialect/openai/reader.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_dialect::responses {

namespace {

void add(std::string& to, std::string_view elements) {
    if (elements.empty()) return;
    if (!to.empty()) to += ',';
    to += elements;
}

std::string elements_without(const json::Array& items, std::string_view id) {
    std::string left;
    json::for_each(items, [&](json::Value& item, std::size_t) {
        if (id_of(item) != id) add(left, json::raw(item));
        return true;
    });
    return left;
}

}  // namespace

std::string ConversationText::body() const {
    std::string out;
    out.reserve(items.size() + thoughts.size() + metadata.size() + 128);
    JsonWriter json(out);
    json.begin_object().member("v", 1).member("created_at", created).key("metadata").raw(metadata);
    json.member("full", full).key("thoughts").begin_array().raw(thoughts).end_array();
    json.key("items").begin_array().raw(items).end_array().end_object();
    return out;
}

void ConversationText::add_items(std::string_view elements) { add(items, elements); }
void ConversationText::add_thoughts(std::string_view elements) { add(thoughts, elements); }

std::optional<StoredConversation> StoredConversation::read(const std::shared_ptr<std::string>& body) {
    auto document = kept_document(body);
    const auto top = document ? document->object() : std::nullopt;
    if (!top) return std::nullopt;
    const auto version = member_of(*top, "v"), created = member_of(*top, "created_at");
    const auto metadata = member_of(*top, "metadata"), full = member_of(*top, "full");
    const auto items = array_of(*top, "items"), thoughts = array_of(*top, "thoughts");
    if (!version || json::integer(*version) != 1 || !created || !metadata || !full || !items || !thoughts)
        return std::nullopt;
    StoredConversation stored(*std::move(document));
    stored.created_ = json::integer(*created).value_or(0);
    stored.metadata_ = json::raw(*metadata);
    stored.full_ = json::boolean(*full).value_or(false);
    stored.items_ = *items;
    stored.thoughts_ = *thoughts;
    return stored;
}

std::optional<json::Value> StoredConversation::find(std::string_view item_id) const {
    if (!index_) {
        index_.emplace();
        for (const json::Array* list : {&thoughts_, &items_}) index_->add(*list);
    }
    return index_->find(item_id);
}

json::Value StoredConversation::sealed(const json::Value& item) const {
    const std::string id = id_of(item);
    return id.starts_with("rs_") ? find(id).value_or(item) : item;
}

ConversationText StoredConversation::text() const {
    return {.created = created_,
            .metadata = metadata_,
            .full = full_,
            .thoughts = std::string(elements_of(thoughts_)),
            .items = std::string(elements_of(items_))};
}

ConversationText StoredConversation::text_without(std::string_view item_id) const {
    return {.created = created_,
            .metadata = metadata_,
            .thoughts = elements_without(thoughts_, item_id),
            .items = elements_without(items_, item_id)};
}

std::string conversation_object(std::string_view id, std::int64_t created, std::string_view metadata) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("id", id).member("object", "conversation");
    json.member("created_at", created).key("metadata").raw(metadata).end_object();
    return out;
}

Error unknown_conversation(std::string_view id) {
    std::string quoted = quoted_for_client(id);
    if (quoted.size() >= 2) quoted.front() = quoted.back() = '\'';
    return {.kind = ErrorKind::not_found,
            .message = "conversation with id " + quoted + " not found",
            .detail = "the conversation is not known"};
}

std::function<Result<std::string>(const std::optional<Record>&)> turn_of(std::string id, std::string items,
                                                                         std::string thoughts,
                                                                         std::size_t max_bytes) {
    return with_conversation<std::string>(
        std::move(id),
        [items = std::move(items), thoughts = std::move(thoughts),
         max_bytes](const StoredConversation& stored) -> Result<std::string> {
            ConversationText text = stored.text();
            text.add_items(items);
            text.add_thoughts(thoughts);
            std::string body = text.body();
            if (body.size() <= max_bytes) return body;
            text = stored.text();
            text.full = true;
            return text.body();
        });
}

}  // namespace gatehouse::openai_dialect::responses
