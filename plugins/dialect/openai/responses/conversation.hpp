// SPDX-License-Identifier: Apache-2.0
// A conversation that the store keeps: a named list of items that grows with each turn.
//
//     {"v":1,"created_at":1,"metadata":{…},"full":false,"thoughts":[…],"items":[…]}
//
// `thoughts` has items with their seals, as in the record of a response.  A conversation is `full` if a
// turn did not fit.  Functions without state; one thread at a time for each object.
#pragma once

#include "plugins/common/json/json.hpp"
#include "plugins/dialect/openai/responses/kept_json.hpp"

#include <gatehouse/dialect.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

/// RecordId::space of conversations.
inline constexpr const char* conversation_space = "conversation";

/// The members of a record as JSON.  `thoughts` and `items` are elements without brackets.
struct ConversationText {
    std::int64_t created = 0;  // Unix seconds
    std::string_view metadata = "{}";
    bool full = false;
    std::string thoughts = {}, items = {};

    std::string body() const;
    void add_items(std::string_view elements);
    void add_thoughts(std::string_view elements);
};

/// A record that was read.
class StoredConversation {
public:
    /// Returns nothing if the record is damaged or has another version.
    static std::optional<StoredConversation> read(const std::shared_ptr<std::string>& body);

    std::int64_t created() const { return created_; }
    std::string_view metadata() const { return metadata_; }
    const json::Array& items() const { return items_; }
    bool full() const { return full_; }
    /// The item with this id, with its seal if it is a thought.
    std::optional<json::Value> find(std::string_view item_id) const;
    json::Value sealed(const json::Value& item) const;
    /// `metadata` is valid as long as this object.
    ConversationText text() const;
    /// The same without an item, and not full.
    ConversationText text_without(std::string_view item_id) const;

private:
    explicit StoredConversation(json::Document document) : document_(std::move(document)) {}

    json::Document document_;
    std::int64_t created_ = 0;
    std::string_view metadata_;
    bool full_ = false;
    json::Array items_, thoughts_;
    mutable std::optional<ItemIndex> index_;  // made when it is needed
};

/// The object that a client gets.
std::string conversation_object(std::string_view id, std::int64_t created, std::string_view metadata);

/// A 404 with OpenAI's words.  The log does not get the id.
Error unknown_conversation(std::string_view id);

/// A function of a record.  It returns then(const StoredConversation&), or the 404 if there is no such
/// conversation.  With a new text of the record as T it is a Keep::change.
template <typename T, typename Then>
auto with_conversation(std::string id, Then then) {
    return [id = std::move(id), then = std::move(then)](std::optional<Record> record) -> Result<T> {
        const auto stored =
            record ? StoredConversation::read(std::make_shared<std::string>(std::move(record->body)))
                   : std::nullopt;
        if (!stored) return unknown_conversation(id);
        return then(*stored);
    };
}

/// Keep::change that adds a turn.  A turn that would exceed `max_bytes` makes the conversation full
/// instead.
std::function<Result<std::string>(const std::optional<Record>&)> turn_of(std::string id, std::string items,
                                                                         std::string thoughts,
                                                                         std::size_t max_bytes);

}  // namespace gatehouse::openai_dialect::responses
