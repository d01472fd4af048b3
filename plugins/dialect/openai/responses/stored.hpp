// SPDX-License-Identifier: Apache-2.0
// Responses that the store keeps.  A record has the items of one request and its response:
//
//     {"v":1,"chain":["resp_…"],"input":[…],"thoughts":[…],"response":{…}}
//
// `chain` has the ids of the responses before it, the oldest first.  A turn of a conversation
// therefore costs its own items.  `thoughts` has items of the output with their seals, if the
// client did not want to see them.  Ids of this gateway, and what was recalled.  One thread at a time.
#pragma once

#include "plugins/common/json/json.hpp"
#include "plugins/dialect/openai/responses/conversation.hpp"
#include "plugins/dialect/openai/responses/kept_json.hpp"

#include <gatehouse/dialect.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_dialect::responses {

/// RecordId::space of responses.
inline constexpr const char* response_space = "response";

/// Whether `id` may be the id of a response: letters, digits, "_" and "-", at most 64.
bool is_response_id(std::string_view id);
/// The same, and it begins as the id of a conversation.
bool is_conversation_id(std::string_view id);
/// The response or the conversation that an item with this id belongs to.  Empty if it is not an id of
/// this gateway.
std::string record_of_item(std::string_view item_id);

/// Where the record with this id is.
RecordId record_id(std::string_view id);

/// A record that was read.
class StoredResponse {
public:
    /// Returns nothing if the record is damaged or has another version.
    static std::optional<StoredResponse> read(const std::shared_ptr<std::string>& body);

    const std::vector<std::string>& chain() const { return chain_; }
    const json::Array& input() const { return input_; }
    const json::Array& output() const { return output_; }
    /// The response object as JSON.
    std::string_view response() const { return response_; }
    /// The conversation that the response belongs to; empty: none.
    const std::string& conversation() const { return conversation_; }
    /// The item with this id: a thought with its seal, an item of the output or of the input.
    std::optional<json::Value> find(std::string_view item_id) const;
    /// `item` of the output, with the seal if it is a thought.
    json::Value sealed(const json::Value& item) const;

private:
    explicit StoredResponse(json::Document document) : document_(std::move(document)) {}

    json::Document document_;
    std::vector<std::string> chain_;
    json::Array input_, output_, thoughts_;
    mutable std::optional<ItemIndex> index_;  // made when it is needed
    std::string_view response_;
    std::string conversation_;
};

/// The records that were recalled for one request.
class Recalled {
public:
    void add(std::string id, std::optional<Record> record);
    /// Whether the store was asked for `id`.
    bool knows(std::string_view id) const { return responses_.contains(id) || conversations_.contains(id); }
    /// Null: the client has no such record, or it is damaged.
    const StoredResponse* response(std::string_view id) const;
    const StoredConversation* conversation(std::string_view id) const;
    /// The item with this id, of the conversation `in` or of the record that its id names.
    std::optional<json::Value> item(std::string_view item_id, std::string_view in) const;

private:
    std::map<std::string, std::optional<StoredResponse>, std::less<>> responses_;
    std::map<std::string, std::optional<StoredConversation>, std::less<>> conversations_;
};

}  // namespace gatehouse::openai_dialect::responses
