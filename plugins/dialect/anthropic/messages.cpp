// SPDX-License-Identifier: Apache-2.0
// `messages` and `system`.  The results of tools become messages of their own, before the
// rest of the user's message.
#include "plugins/dialect/anthropic/draft.hpp"

#include <algorithm>

namespace gatehouse::anthropic_dialect {

namespace {

// Claude Code writes this line into its system prompt, for the service and not for a model.  It
// changes with each conversation, so that no cache of prompts would find a prompt with it.
constexpr std::string_view billing_line = "x-anthropic-billing-header:";

bool read_role(Reader& reader, json::Value& value, const Where& where, Message& message, bool& given) {
    std::string word;
    if (!reader.read(value, where, word)) return false;
    given = !json::is_null(value);
    if (!given) return true;
    if (word == "user")
        message.role = Role::user;
    else if (word == "assistant")
        message.role = Role::assistant;
    else if (word == "system")
        message.role = Role::system;
    else
        return reader.wrong_word(where, {"user", "assistant", "system"}, word);
    return true;
}

/// One block of a message.  A result goes to `results`.
bool read_message_block(Reader& reader, json::Value& value, const Where& where, Draft& draft,
                        Message& message, std::vector<Message>& results) {
    json::Object block;
    std::string type;
    if (!count_part(reader, where, draft)) return false;
    if (!reader.open(value, where, "an object with a type", block)) return false;
    if (!reader.read_type(block, where, type)) return false;
    if (type == "tool_use" && message.role == Role::assistant)
        return read_tool_use(reader, block, where, message);
    if (type == "tool_result" && message.role == Role::user)
        return read_tool_result(reader, block, where, draft, results.emplace_back());
    return read_block(reader, block, type, where, message.parts.emplace_back());
}

bool read_blocks(Reader& reader, json::Value& value, const Where& where, Draft& draft, Message& message,
                 std::vector<Message>& results) {
    if (json::type_of(value) != json::Type::array) return read_content(reader, value, where, draft, message);
    json::Array blocks;
    if (!reader.open(value, where, "a string or an array of blocks", blocks)) return false;
    message.listed = true;
    message.parts.reserve(std::min(json::size(blocks), draft.bounds.parts));
    return json::for_each(blocks, [&](json::Value& item, std::size_t index) {
        return read_message_block(reader, item, Where(where, index), draft, message, results);
    });
}

bool read_message(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    json::Object object;
    if (!reader.open(value, where, "an object with role and content", object)) return false;
    Message message;
    std::vector<Message> results;
    Unknown unknown;
    bool has_role = false, has_content = false;
    // The role decides which blocks are allowed, and may follow the content.
    json::Value content;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "role") return read_role(reader, member, Where(where, "role"), message, has_role);
        if (key != "content") {
            unknown.add(key, json::raw(member));
            return true;
        }
        content = member;
        has_content = !json::is_null(member);
        return true;
    });
    message.extra = unknown.take();
    if (!read) return false;
    if (!has_role) return reader.missing(Where(where, "role"), "user, assistant or system");
    const Where at(where, "content");
    if (!has_content) return reader.missing(at, "a string or an array of blocks");
    if (!read_blocks(reader, content, at, draft, message, results)) return false;
    std::vector<Message>& messages = draft.request.messages;
    const bool only_results = !results.empty() && message.parts.empty();
    for (Message& result : results) messages.push_back(std::move(result));
    if (!only_results) messages.push_back(std::move(message));
    return true;
}

/// Whether the text of a block begins with that line.
bool is_billing(json::Object& block) {
    bool found = false;
    json::for_each(block, [&](std::string_view key, json::Value& member) {
        // The spelling is read, because decoding it costs more.
        if (key == "text") found = json::raw(member).substr(1).starts_with(billing_line);
        return true;
    });
    return found;
}

/// A block of `system`.
bool read_system_block(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    json::Object block;
    std::string type;
    if (!count_part(reader, where, draft)) return false;
    if (!reader.open(value, where, "an object with a type", block)) return false;
    if (!reader.read_type(block, where, type)) return false;
    if (type != "text") return reader.wrong_word(Where(where, "type"), {"text"}, type);
    Part& part = draft.system.emplace_back();
    if (!read_block(reader, block, type, where, part)) return false;
    if (is_billing(block)) part = OtherPart{"text", {std::string(json::raw(block))}};
    return true;
}

}  // namespace

bool count_part(Reader& reader, const Where& where, Draft& draft) {
    if (++draft.parts <= draft.bounds.parts) return true;
    return reader.refuse(where, "one of too many blocks: all messages together may have " +
                                    std::to_string(draft.bounds.parts));
}

bool read_messages(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.request.messages.clear();
    if (json::is_null(value)) return true;  // missing; reported later
    json::Array messages;
    if (!reader.open(value, where, "a non-empty array of messages", messages)) return false;
    // One more for the system's.
    draft.request.messages.reserve(std::min(json::size(messages), draft.bounds.messages) + 1);
    return json::for_each(messages, [&](json::Value& item, std::size_t index) {
        if (index >= draft.bounds.messages)
            return reader.refuse(where,
                                 "must have at most " + std::to_string(draft.bounds.messages) + " messages");
        return read_message(reader, item, Where(where, index), draft);
    });
}

bool read_system(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.system.clear();
    draft.system_listed = false;
    if (json::is_null(value)) return true;
    JsonString text;
    if (json::take_string(value, text)) {
        if (!text.empty()) draft.system.push_back(Text{std::move(text)});
        return true;
    }
    json::Array blocks;
    if (!reader.open(value, where, "a string or an array of text blocks", blocks)) return false;
    draft.system_listed = true;
    draft.system.reserve(std::min(json::size(blocks), draft.bounds.parts));
    return json::for_each(blocks, [&](json::Value& item, std::size_t index) {
        return read_system_block(reader, item, Where(where, index), draft);
    });
}

}  // namespace gatehouse::anthropic_dialect
