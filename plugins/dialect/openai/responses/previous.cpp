// SPDX-License-Identifier: Apache-2.0
// `previous_response_id`, `conversation` and references to items: what the store has kept.
#include "plugins/dialect/openai/responses/draft.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

namespace {

/// Returns whether the store was asked for `id`.
bool want(ResponseDraft& draft, const std::string& id) {
    if (draft.recalled->knows(id)) return true;
    if (std::ranges::find(draft.wanted, id) == draft.wanted.end()) draft.wanted.push_back(id);
    return false;
}

bool unknown_previous(Reader& reader, std::string_view id) {
    return reader.fail({.kind = ErrorKind::bad_request,
                        .message = "previous response " + quoted_for_client(id) + " is not known",
                        .code = "previous_response_not_found",
                        .param = "previous_response_id"});
}

template <typename Stored>
bool read_items(Reader& reader, const json::Array& items, const Stored& stored, const Where& where,
                ResponseDraft& draft) {
    return json::for_each(items, [&](json::Value& item, std::size_t index) {
        if (++draft.items > draft.bounds.messages)
            return reader.refuse(where, "names a conversation of more than " +
                                            std::to_string(draft.bounds.messages) + " items");
        json::Value sealed = stored.sealed(item);
        return read_item(reader, sealed, Where(where, index), draft);
    });
}

}  // namespace

bool read_previous(Reader& reader, ResponseDraft& draft) {
    const std::string& previous = draft.previous_response_id;
    const Where where("previous_response_id");
    if (previous.empty()) return true;
    if (!draft.recalled)
        return refuse_unsupported(reader, where,
                                  "needs a store, and this gateway has none: send the items as input");
    if (!is_response_id(previous)) return unknown_previous(reader, previous);
    if (!want(draft, previous)) return true;
    const StoredResponse* last = draft.recalled->response(previous);
    if (!last) return unknown_previous(reader, previous);
    if (!last->conversation().empty())
        return reader.fail({.kind = ErrorKind::bad_request,
                            .message = "previous response " + quoted_for_client(previous) +
                                       " belongs to a conversation: send conversation instead",
                            .param = "previous_response_id"});
    draft.chain = last->chain();
    draft.chain.push_back(previous);
    for (const std::string& id : draft.chain)
        if (want(draft, id) && !draft.recalled->response(id)) return unknown_previous(reader, id);
    if (!draft.wanted.empty()) return true;
    for (const std::string& id : draft.chain) {
        const StoredResponse& stored = *draft.recalled->response(id);
        if (!read_items(reader, stored.input(), stored, where, draft) ||
            !read_items(reader, stored.output(), stored, where, draft))
            return false;
    }
    return true;
}

bool read_history(Reader& reader, const StoredConversation& stored, ResponseDraft& draft) {
    return read_items(reader, stored.items(), stored, Where("conversation"), draft);
}

bool read_conversation(Reader& reader, ResponseDraft& draft) {
    const std::string& id = draft.conversation;
    if (id.empty()) return true;
    if (!draft.recalled)
        return refuse_unsupported(reader, Where("conversation"),
                                  "needs a store, and this gateway has none: send the items as input");
    if (!is_conversation_id(id)) return reader.fail(unknown_conversation(id));
    if (!want(draft, id)) return true;
    const StoredConversation* stored = draft.recalled->conversation(id);
    if (!stored) return reader.fail(unknown_conversation(id));
    if (stored->full())
        return reader.fail({.kind = ErrorKind::bad_request,
                            .message =
                                "conversation has reached the size that this gateway keeps, and a turn "
                                "was not kept: delete items, or begin another conversation",
                            .param = "conversation"});
    return read_history(reader, *stored, draft);
}

void want_references(ResponseDraft& draft) {
    const auto items = draft.recalled ? json::array(*draft.input) : std::nullopt;
    if (!items) return;
    json::for_each(*items, [&](json::Value& value, std::size_t) {
        Reader ignored;
        auto item = json::object(value);
        std::string type, id;
        if (!item || !read_item_type(ignored, *item, Where("input"), type)) return true;
        if (type != "item_reference") return true;
        json::for_each(*item, [&](std::string_view key, json::Value& member) {
            return key != "id" || json::take_string(member, id);
        });
        const std::string owner = record_of_item(id);
        if (!owner.empty() && !draft.recalled->item(id, draft.conversation)) want(draft, owner);
        return true;
    });
}

// A thought is not needed.  Another item is.
bool read_reference(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    std::string id;
    const Where at(where, "id");
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        return key != "id" || reader.read(value, at, id);
    });
    if (!read) return false;
    if (id.empty()) return reader.missing(at, "the id of an item");
    if (auto kept = draft.recalled ? draft.recalled->item(id, draft.conversation) : std::nullopt)
        return read_item(reader, *kept, where, draft);
    if (id.starts_with("rs_")) return true;
    return reader.fail({.kind = ErrorKind::not_found,
                        .message = "item " + quoted_for_client(id) + " is not known: send the item itself",
                        .param = "input"});
}

}  // namespace gatehouse::openai_dialect::responses
