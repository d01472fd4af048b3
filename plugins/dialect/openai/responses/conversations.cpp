// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/conversations.hpp"

#include "plugins/dialect/openai/content.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/conversation_items.hpp"
#include "plugins/dialect/openai/responses/item_page.hpp"
#include "plugins/dialect/openai/responses/kept_json.hpp"
#include "plugins/dialect/openai/responses/stored_answers.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_dialect::responses {

namespace {

Error unknown_item(std::string_view item) {
    return {.kind = ErrorKind::not_found,
            .message = "item " + quoted_for_client(item) + " is not known in this conversation"};
}

/// Calls then(stored) when the conversation is there.
template <typename Then>
Parsed recalled(const std::string& id, Then then) {
    Parsed parsed;
    parsed.recall = {{conversation_space, id}};
    parsed.resume =
        [go_on = with_conversation<Parsed>(id, std::move(then))](std::vector<std::optional<Record>> records) {
            return go_on(records.empty() ? std::nullopt : std::move(records.front()));
        };
    return parsed;
}

bool wants_seals(std::string_view query) { return query.find("reasoning.encrypted_content") != query.npos; }

/// The items that were added.
std::string list_of(const ConversationBody& body) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("object", "list").key("data").begin_array().raw(body.items).end_array();
    for (const auto& [name, id] :
         {std::pair{"first_id", &body.first_id}, std::pair{"last_id", &body.last_id}})
        id->empty() ? json.key(name).null() : json.member(name, *id);
    json.member("has_more", false).end_object();
    return out;
}

Error too_large(std::size_t max_bytes, const char* added) {
    return {.kind = ErrorKind::bad_request,
            .message = "the conversation would be larger than " + std::to_string(max_bytes) +
                       " bytes with these " + added,
            .param = added};
}

/// The record of a changed conversation.
Result<std::string> limited(const ConversationText& text, std::size_t max_bytes, const char* added) {
    std::string body = text.body();
    if (body.size() > max_bytes) return too_large(max_bytes, added);
    return body;
}

}  // namespace

ConversationsEndpoint::ConversationsEndpoint(const Options& options, const Bounds& bounds, Host& host)
    : keep_for_(std::chrono::seconds(options.keep_for_s)),
      max_kept_bytes_(static_cast<std::size_t>(options.max_kept_bytes)),
      bounds_(bounds),
      host_(host) {}

Result<Parsed> ConversationsEndpoint::parse(const http::RequestHead& head, std::string_view path,
                                            std::string body) const {
    const bool get = head.method == "GET" || head.method == "HEAD", post = head.method == "POST";
    if (post)
        if (auto ok = check_content(head.headers); !ok) return ok.error();
    if (path.empty()) return create(std::move(body));
    path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    const std::string id(path.substr(0, slash));
    if (!is_conversation_id(id) || !host_.store()) return unknown_conversation(id);
    if (slash == path.npos) {
        if (get)
            return recalled(id, [id](const StoredConversation& stored) -> Result<Parsed> {
                return reply_with(conversation_object(id, stored.created(), stored.metadata()));
            });
        return post ? update(id, std::move(body)) : erase(id);
    }
    constexpr std::string_view items = "items", item = "items/";
    const std::string_view rest = path.substr(slash + 1);
    if (rest == items && get) return list(id, head.query);
    if (rest == items && post) return add(id, std::move(body));
    if (rest.starts_with(item)) {
        const std::string name(rest.substr(item.size()));
        if (!is_response_id(name)) return unknown_item(name);
        if (get) return this->item(id, name, head.query);
        if (!post) return remove(id, name);
    }
    return Error{ErrorKind::not_found, "no endpoint at this path of a conversation"};
}

Result<Parsed> ConversationsEndpoint::create(std::string body) const {
    if (!host_.store())
        return Error{ErrorKind::unsupported, "conversations need a store, and this gateway has none"};
    const std::string id = secret_id("conv_");
    auto read = read_conversation_body(std::move(body), bounds_, id, nullptr);
    if (!read) return read.error();
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(host_.now().time_since_epoch()).count();
    ConversationText text{.created = now, .items = read->items};
    if (!read->metadata.empty()) text.metadata = read->metadata;
    auto record = limited(text, max_kept_bytes_, "items");
    if (!record) return record.error();
    Parsed parsed = reply_with(conversation_object(id, now, text.metadata));
    parsed.keep.push_back(
        {.id = {conversation_space, id}, .body = *std::move(record), .keep_for = keep_for_, .expected = 0});
    return parsed;
}

Keep ConversationsEndpoint::changed(
    const std::string& id, std::function<Result<std::string>(const StoredConversation&)> edit) const {
    return {.id = {conversation_space, id},
            .keep_for = keep_for_,
            .change = with_conversation<std::string>(id, std::move(edit))};
}

Result<Parsed> ConversationsEndpoint::update(const std::string& id, std::string body) const {
    const auto read = read_conversation_body(std::move(body), bounds_, id, nullptr);
    if (!read) return read.error();
    if (read->has_items || read->metadata.empty())
        return Error{.kind = ErrorKind::bad_request,
                     .message = read->has_items ? "items cannot be changed here: add them at /items"
                                                : "metadata is required: an object of strings",
                     .param = read->has_items ? "items" : "metadata"};
    Keep change =
        changed(id, [metadata = read->metadata, most = max_kept_bytes_](const StoredConversation& stored) {
            ConversationText text = stored.text();
            text.metadata = metadata;
            return limited(text, most, "metadata");
        });
    return recalled(id, [id, metadata = read->metadata, change](const StoredConversation& stored) {
        Parsed parsed = reply_with(conversation_object(id, stored.created(), metadata));
        parsed.keep.push_back(change);
        return Result<Parsed>(std::move(parsed));
    });
}

Result<Parsed> ConversationsEndpoint::erase(const std::string& id) const {
    return recalled(id, [id](const StoredConversation&) {
        std::string body;
        JsonWriter json(body);
        json.begin_object().member("id", id).member("object", "conversation.deleted");
        json.member("deleted", true).end_object();
        Parsed parsed = reply_with(std::move(body));
        parsed.forget = {{conversation_space, id}};
        return Result<Parsed>(std::move(parsed));
    });
}

Result<Parsed> ConversationsEndpoint::list(const std::string& id, std::string_view query) const {
    const auto page = page_of(query);
    if (!page) return page.error();
    const bool seals = wants_seals(query);
    return recalled(id, [page = *page, seals](const StoredConversation& stored) -> Result<Parsed> {
        auto list = item_list(stored.items(), page,
                              [&](const json::Value& item) { return seals ? stored.sealed(item) : item; });
        if (!list) return list.error();
        return reply_with(*std::move(list));
    });
}

Result<Parsed> ConversationsEndpoint::add(const std::string& id, std::string body) const {
    return recalled(
        id, [this, id, body = std::move(body)](const StoredConversation& stored) -> Result<Parsed> {
            const auto read = read_conversation_body(body, bounds_, id, &stored);
            if (!read) return read.error();
            if (!read->has_items)
                return Error{.kind = ErrorKind::bad_request,
                             .message = "items is required: an array of items",
                             .code = "missing_required_parameter",
                             .param = "items"};
            Parsed parsed = reply_with(list_of(*read));
            const auto add = [items = read->items, most = max_kept_bytes_](const StoredConversation& before) {
                ConversationText text = before.text();
                text.add_items(items);
                return limited(text, most, "items");
            };
            parsed.keep.push_back(changed(id, add));
            return parsed;
        });
}

Result<Parsed> ConversationsEndpoint::item(const std::string& id, const std::string& item,
                                           std::string_view query) const {
    return recalled(id,
                    [item, seals = wants_seals(query)](const StoredConversation& stored) -> Result<Parsed> {
                        const auto found = seals ? stored.find(item) : item_with_id(stored.items(), item);
                        if (!found) return unknown_item(item);
                        return reply_with(std::string(json::raw(*found)));
                    });
}

Result<Parsed> ConversationsEndpoint::remove(const std::string& id, const std::string& item) const {
    Keep change = changed(id, [item](const StoredConversation& stored) {
        return Result<std::string>(stored.text_without(item).body());
    });
    return recalled(id, [id, item, change](const StoredConversation& stored) -> Result<Parsed> {
        if (!item_with_id(stored.items(), item)) return unknown_item(item);
        Parsed parsed = reply_with(conversation_object(id, stored.created(), stored.metadata()));
        parsed.keep.push_back(change);
        return parsed;
    });
}

}  // namespace gatehouse::openai_dialect::responses
