// SPDX-License-Identifier: Apache-2.0
// Content blocks: texts and thoughts.  Other kinds are kept as they are, for an upstream of
// the same protocol.
#include "plugins/dialect/anthropic/draft.hpp"

namespace gatehouse::anthropic_dialect {

namespace {

bool read_text(Reader& reader, json::Object& block, const Where& where, Text& text) {
    bool given = false;
    Unknown unknown;
    const bool read = json::for_each(block, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (key == "text") {
            given = !json::is_null(member);
            return reader.read(member, Where(where, "text"), text.text);
        }
        if (!json::is_null(member)) unknown.add(key, json::raw(member));
        return true;
    });
    text.extra = unknown.take();
    return read && (given || reader.missing(Where(where, "text"), "a string"));
}

bool read_thinking_block(Reader& reader, json::Object& block, const Where& where, Thought& thought) {
    Unknown unknown;
    const bool read = json::for_each(block, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (key == "thinking") return reader.read(member, Where(where, "thinking"), thought.text);
        if (key == "signature") return reader.read(member, Where(where, "signature"), thought.signature);
        unknown.add(key, json::raw(member));
        return true;
    });
    thought.extra = unknown.take();
    // A block without a signature is a thought of another vendor, which this dialect has shown.
    if (!thought.signature.empty()) thought.origin = "anthropic";
    return read;
}

bool read_redacted(Reader& reader, json::Object& block, const Where& where, Thought& thought) {
    Unknown unknown;
    const bool read = json::for_each(block, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (key == "data") return reader.read(member, Where(where, "data"), thought.encrypted);
        unknown.add(key, json::raw(member));
        return true;
    });
    thought.extra = unknown.take();
    thought.origin = "anthropic";
    return read && (!thought.encrypted.empty() || reader.missing(Where(where, "data"), "a string"));
}

}  // namespace

bool read_block(Reader& reader, json::Object& block, const std::string& type, const Where& where, Part& out) {
    if (type == "text") return read_text(reader, block, where, out.emplace<Text>());
    if (type == "image") return read_image(reader, block, where, out);
    if (type == "document") return read_document(reader, block, where, out);
    if (type == "thinking") return read_thinking_block(reader, block, where, out.emplace<Thought>());
    if (type == "redacted_thinking") return read_redacted(reader, block, where, out.emplace<Thought>());
    if (type.empty()) return reader.refuse(Where(where, "type"), "must not be empty");
    if (type == "tool_use")
        return reader.refuse(where, "a tool_use block is for messages of role assistant only");
    if (type == "tool_result")
        return reader.refuse(where, "a tool_result block is for messages of role user only");
    out = OtherPart{type, {std::string(json::raw(block))}};
    return true;
}

bool read_content(Reader& reader, json::Value& value, const Where& where, Draft& draft, Message& message) {
    message.parts.clear();
    message.listed = false;
    if (json::is_null(value)) return true;
    JsonString text;
    if (json::take_string(value, text)) {
        message.parts.push_back(Text{std::move(text)});
        return true;
    }
    json::Array blocks;
    if (!reader.open(value, where, "a string or an array of blocks", blocks)) return false;
    message.listed = true;
    return json::for_each(blocks, [&](json::Value& item, std::size_t index) {
        const Where at(where, index);
        json::Object block;
        std::string type;
        return count_part(reader, at, draft) && reader.open(item, at, "an object with a type", block) &&
               reader.read_type(block, at, type) &&
               read_block(reader, block, type, at, message.parts.emplace_back());
    });
}

}  // namespace gatehouse::anthropic_dialect
