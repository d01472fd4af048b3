// SPDX-License-Identifier: Apache-2.0
// `input`: messages, thoughts and other items.  Ids and states of items are not read, because
// a chat has no place for them.
#include "plugins/dialect/openai/responses/compact.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"
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

bool read_message(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    MessageRead read;
    if (!read_members(reader, item, where, draft, read)) return false;
    if (read.role == "assistant") {
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
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "summary") return read_texts(reader, value, Where(where, "summary"), draft, summary);
        if (key == "content") return read_texts(reader, value, Where(where, "content"), draft, content);
        return key != "encrypted_content" || reader.read(value, Where(where, "encrypted_content"), sealed);
    });
    if (!read) return false;
    Thought thought = unseal(sealed).value_or(Thought{});
    if (thought.text.empty()) thought.text = content.empty() ? std::move(summary) : std::move(content);
    const bool says = !thought.text.empty() || !thought.signature.empty() || !thought.encrypted.empty();
    if (says) draft.turns.add_part(std::move(thought));
    return true;
}

/// The summary of a conversation, which compact has made.
bool read_compaction(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    std::string sealed;
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        return key != "encrypted_content" || reader.read(value, Where(where, "encrypted_content"), sealed);
    });
    if (!read) return false;
    if (auto message = summary_message(sealed))
        draft.turns.add(*std::move(message));
    else
        drop(draft, "compaction");
    return true;
}

bool read_additional_tools(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    return json::for_each(item, [&](std::string_view key, json::Value& value) {
        return key != "tools" || read_item_tools(reader, value, Where(where, "tools"), draft);
    });
}

/// Items of tools that OpenAI itself runs, settings, and tools without a schema.
bool is_dropped(std::string_view type) {
    constexpr std::array<std::string_view, 20> types = {"apply_patch_call",        "apply_patch_call_output",
                                                        "code_interpreter_call",   "compaction_trigger",
                                                        "computer_call",           "computer_call_output",
                                                        "configuration_update",    "file_search_call",
                                                        "image_generation_call",   "local_shell_call",
                                                        "local_shell_call_output", "mcp_approval_request",
                                                        "mcp_approval_response",   "mcp_call",
                                                        "mcp_list_tools",          "program",
                                                        "program_output",          "shell_call",
                                                        "shell_call_output",       "web_search_call"};
    return std::ranges::find(types, type) != types.end();
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
    if (type == "compaction") return read_compaction(reader, item, where, draft);
    if (type == "additional_tools") return read_additional_tools(reader, item, where, draft);
    if (const auto call = read_call_item(reader, item, where, type, draft)) return *call;
    if (!is_dropped(type))
        return reader.refuse(Where(where, "type"),
                             "is not a known type of item; got " + quoted_for_client(type));
    drop(draft, type);
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
