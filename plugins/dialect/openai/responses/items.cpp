// SPDX-License-Identifier: Apache-2.0
// `input`: messages, thoughts and other items.  Ids and states of items are not read, because
// a chat has no place for them.  An item of a type that no chat has, such as the call of a tool that
// OpenAI itself runs, passes to an upstream of this API as it is.
#include "plugins/dialect/openai/responses/compact.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"
#include "plugins/dialect/openai/responses/request.hpp"
#include "plugins/dialect/openai/responses/seal.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::openai_dialect::responses {

namespace {

struct MessageRead {
    std::string role = {};
    bool listed = false;
    std::vector<Part> parts = {};
    Unknown unknown = {};
};

bool read_members(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft,
                  MessageRead& out) {
    return json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "role") return reader.read(value, Where(where, "role"), out.role);
        if (key != "content") return keep_unknown(out.unknown, key, value);
        return read_content(reader, value, Where(where, "content"), draft, out.parts, out.listed);
    });
}

/// An assistant's turn may have several messages.  The first part of a message has the members of the
/// message, such as `phase`, for an upstream of this API.
void keep_members(JsonText members, bool second, Part& part) {
    if (members.empty() && !second) return;
    const std::string value = members.empty() ? "{}" : std::move(members.text);
    if (auto* text = std::get_if<Text>(&part)) add_member(text->extra, "message", value);
    if (auto* refusal = std::get_if<Refusal>(&part)) add_member(refusal->extra, "message", value);
}

bool read_message(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    MessageRead read;
    if (!read_members(reader, item, where, draft, read)) return false;
    if (read.role == "assistant") {
        if (!read.parts.empty()) keep_members(read.unknown.take(), draft.turns.said(), read.parts.front());
        for (Part& part : read.parts) draft.turns.add_part(std::move(part));
        return true;
    }
    constexpr std::array<std::pair<std::string_view, Role>, 3> roles = {
        {{"user", Role::user}, {"system", Role::system}, {"developer", Role::developer}}};
    const auto role = std::ranges::find(roles, read.role, [](const auto& one) { return one.first; });
    if (read.role.empty())
        return reader.missing(Where(where, "role"), "user, assistant, system or developer");
    if (role == roles.end())
        return reader.wrong_word(Where(where, "role"), {"user", "assistant", "system", "developer"},
                                 read.role);
    if (read.parts.empty())
        return reader.missing(Where(where, "content"), "a string or a non-empty array of parts");
    draft.turns.add({.role = role->second,
                     .parts = std::move(read.parts),
                     .listed = read.listed,
                     .extra = read.unknown.take()});
    return true;
}

/// The texts of `summary` or `content`, which may be absent, null or empty.
bool read_texts(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft,
                std::string& text) {
    std::vector<Part> parts;
    bool listed = false;
    if (!read_content(reader, value, where, draft, parts, listed)) return false;
    for (const Part& part : parts)
        if (const auto* one = std::get_if<Text>(&part)) {
            if (!text.empty() && !one->text.empty()) text += "\n\n";
            text += one->text.str();
        }
    return true;
}

/// A thought of an earlier turn.  A seal that this gateway cannot open is dropped, never refused.
bool read_thought(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    std::string summary, content, sealed;
    Unknown unknown;
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "summary" && !json::is_null(value)) unknown.add(key, json::raw(value));
        if (key == "summary") return read_texts(reader, value, Where(where, "summary"), draft, summary);
        if (key == "content" && !json::is_null(value)) unknown.add(key, json::raw(value));
        if (key == "content") return read_texts(reader, value, Where(where, "content"), draft, content);
        if (key != "encrypted_content") return keep_unknown(unknown, key, value);
        return reader.read(value, Where(where, "encrypted_content"), sealed);
    });
    if (!read) return false;
    Thought thought = unseal(sealed).value_or(Thought{});
    if (thought.origin == protocol) thought.extra = unknown.take();
    if (thought.text.empty()) thought.text = content.empty() ? std::move(summary) : std::move(content);
    const bool says = !thought.text.empty() || !thought.signature.empty() || !thought.encrypted.empty();
    if (says) draft.turns.add_part(std::move(thought));
    return true;
}

/// The summary of a conversation, which compact has made.
bool read_compaction(Reader& reader, json::Object& item, const json::Value& value, const Where& where,
                     ResponseDraft& draft) {
    std::string sealed;
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& member) {
        return key != "encrypted_content" || reader.read(member, Where(where, "encrypted_content"), sealed);
    });
    if (!read) return false;
    if (auto message = summary_message(sealed))
        draft.turns.add(*std::move(message));
    else
        pass(draft, "compaction", value);
    return true;
}

bool read_additional_tools(Reader& reader, json::Object& item, const json::Value& value, const Where& where,
                           ResponseDraft& draft) {
    pass(draft, "additional_tools", value);
    return json::for_each(item, [&](std::string_view key, json::Value& member) {
        return key != "tools" || read_item_tools(reader, member, Where(where, "tools"), true, draft);
    });
}

bool has_member(const json::Object& item, std::string_view name) {
    return !json::for_each(item, [&](std::string_view key, json::Value&) { return key != name; });
}

}  // namespace

bool read_item_type(Reader& reader, json::Object& item, const Where& where, std::string& type) {
    bool given = false;
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key != "type" || json::is_null(value)) return true;
        given = true;
        return reader.read(value, Where(where, "type"), type);
    });
    if (!read) return false;
    if (given) return true;
    if (has_member(item, "role"))
        type = "message";
    else if (has_member(item, "id"))
        type = "item_reference";
    else
        return reader.missing(Where(where, "type"), "such as message or function_call");
    return true;
}

bool read_item(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    json::Object item;
    std::string type;
    if (!reader.open(value, where, "an object with a type", item)) return false;
    if (!read_item_type(reader, item, where, type)) return false;
    if (type == "message") return read_message(reader, item, where, draft);
    if (type == "reasoning") return read_thought(reader, item, where, draft);
    if (type == "item_reference") return read_reference(reader, item, where, draft);
    if (type == "compaction") return read_compaction(reader, item, value, where, draft);
    if (type == "additional_tools") return read_additional_tools(reader, item, value, where, draft);
    if (const auto call = read_call_item(reader, item, value, where, type, draft)) return *call;
    pass(draft, type, value);
    return true;
}

bool read_input(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    if (json::type_of(value) == json::Type::string) {
        Message message{.role = Role::user};
        json::take_string(value, std::get<Text>(message.parts.emplace_back(Text{})).text);
        draft.turns.add(std::move(message));
        return true;
    }
    json::Array items;
    if (!reader.open(value, where, "a string or an array of items", items)) return false;
    return json::for_each(items, [&](json::Value& item, std::size_t index) {
        if (++draft.items > draft.bounds.messages)
            return reader.refuse(where,
                                 "must have at most " + std::to_string(draft.bounds.messages) + " items");
        return read_item(reader, item, Where(where, index), draft);
    });
}

}  // namespace gatehouse::openai_dialect::responses
