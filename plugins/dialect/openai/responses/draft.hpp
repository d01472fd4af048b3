// SPDX-License-Identifier: Apache-2.0
// A request of the Responses API that is being read, and its readers, one function per group
// of fields.  Each returns false if the Reader has an error.
#pragma once

#include "plugins/dialect/openai/reader.hpp"
#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/responses/facts.hpp"
#include "plugins/dialect/openai/responses/stored.hpp"
#include "plugins/dialect/openai/responses/turns.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_dialect::responses {

struct ResponseDraft {
    const Bounds& bounds;
    ChatRequest request = {};
    Turns turns = {};
    ToolTable tools = {};
    std::size_t parts = 0, items = 0;  // in the input; limited by Bounds
    std::size_t tool_count = 0;        // with those of namespaces and of items; limited by Bounds

    /// Members that the response repeats, as JSON.  Valid while the body is read.
    std::vector<std::pair<std::string_view, std::string_view>> seen = {};
    void note(std::string_view name, const json::Value& value);
    std::string_view noted(std::string_view name) const;  // empty: absent or null

    // Read when all members are known.  Valid while the body is read.
    std::optional<json::Value> input = {}, tool_list = {}, choice = {};

    const Recalled* recalled = nullptr;    // null: there is no store
    std::vector<std::string> wanted = {};  // ids of records that must be recalled first
    std::vector<std::string> chain = {};   // ids of the earlier responses, the oldest first
    std::vector<std::size_t> added = {};   // indexes of messages from the request's own items
    std::string new_tools = {};            // tools from these items: elements, as JSON

    JsonString instructions = {};
    bool logprobs = false, encrypted = false;  // `include`
    std::optional<bool> store = {};
    std::string previous_response_id = {}, conversation = {};
    Unknown text = {}, reasoning = {};  // unknown members of these objects
    std::string passed = {};  // members for an upstream of this API, as JSON, with a comma behind each
    std::vector<std::string> passed_items = {};  // types of items for an upstream of this API
    bool item_tools = false;                     // tools of an item are being read
    Echo echo = {};
};

/// An error for a field that this gateway does not have.
bool refuse_unsupported(Reader& reader, const Where& where, std::string_view complaint);

/// Keeps a member of an item or of a part for an upstream of this API, unless it is its type, or an
/// id or a state, which the gateway makes itself.  Returns true.
bool keep_unknown(Unknown& unknown, std::string_view key, const json::Value& value);

/// Passes an item to an upstream of this API.  Others do not get it.
void pass(ResponseDraft& draft, std::string_view type, const json::Value& item);

/// Puts a member in front of those of `extra`.
void add_member(JsonText& extra, std::string_view name, std::string_view value);

// settings.cpp
bool read_text(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft);
bool read_reasoning(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft);
bool read_include(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft);
bool read_stream_options(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft);

// previous.cpp
/// Reads the items of previous_response_id, or adds to draft.wanted.
bool read_previous(Reader& reader, ResponseDraft& draft);
/// Reads the items of `conversation`, or adds to draft.wanted.
bool read_conversation(Reader& reader, ResponseDraft& draft);
bool read_history(Reader& reader, const StoredConversation& stored, ResponseDraft& draft);
/// Adds the records to which item references belong to draft.wanted.
void want_references(ResponseDraft& draft);
/// An item that the store has kept.
bool read_reference(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft);

// content.cpp
/// A string or an array of parts.
bool read_content(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft,
                  std::vector<Part>& parts, bool& listed);

// items.cpp
/// The member `type`.  Without it, an item with a role is a message, and one with an id only
/// is a reference.
bool read_item_type(Reader& reader, json::Object& item, const Where& where, std::string& type);
/// `input`: a string or an array of items.
bool read_input(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft);
bool read_item(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft);

// call_items.cpp
/// A call of a tool or its result, `whole`.  Returns nothing if `type` is another one.
std::optional<bool> read_call_item(Reader& reader, json::Object& item, const json::Value& whole,
                                   const Where& where, std::string_view type, ResponseDraft& draft);

// tools.cpp
/// Tools that came as an item.  `keep`: the store keeps them by themselves.
bool read_item_tools(Reader& reader, json::Value& value, const Where& where, bool keep, ResponseDraft& draft);
bool read_tools(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft);
// tool_choice.cpp
/// Reads draft.choice.  REQUIRES: all tools were read.
bool read_tool_choice(Reader& reader, ResponseDraft& draft);

}  // namespace gatehouse::openai_dialect::responses
