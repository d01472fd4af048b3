// SPDX-License-Identifier: Apache-2.0
// A conversation in the words of an upstream with a protocol of its own.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/chat.hpp"
#include "gatehouse/event.hpp"
#include "gatehouse/json.hpp"
#include "gatehouse/json_writer.hpp"
#include "gatehouse/result.hpp"
#include "gatehouse/url.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// The name of the tool whose call has this id, for upstreams that join a result to its call by
/// name.  Empty if there is no such call.  Valid as long as `chat`.
inline std::string_view called_name(const ChatRequest& chat, std::string_view id) {
    for (auto message = chat.messages.rbegin(); message != chat.messages.rend(); ++message)
        for (const ToolCall& call : message->tool_calls)
            if (call.id == id) return call.name;
    return {};
}

/// The arguments of a call as a JSON object, for upstreams that take no text: unchanged, or {} if
/// they are blank, or {"arguments": "…"} around another text.
inline std::string arguments_object(const ToolCall& call) {
    const std::string& said = call.arguments.str();
    if (call.arguments.blank()) return "{}";
    if (!call.custom)
        if (const auto object = read_json(said); object && object->is(JsonType::object)) return said;
    std::string out;
    JsonWriter(out).begin_object().member("arguments", call.arguments).end_object();
    return out;
}

/// The error for a field of the client that the upstream does not have.
[[gnu::cold]] inline Error unsupported_field(const std::string& param, const std::string& why) {
    return {.kind = ErrorKind::unsupported, .message = param + ": " + why, .param = param};
}

/// The images of a message, for upstreams that take texts and images in base64 only.  An error for
/// an image that is a link, and for parts of other kinds.  text_of() has the texts.
inline Result<std::vector<DataUrl>> images_of(const Message& message) {
    std::vector<DataUrl> images;
    for (const Part& part : message.parts) {
        if (const auto* image = std::get_if<Image>(&part)) {
            auto url = read_data_url(image->url);
            if (!url) return unsupported_field("messages", "an image must be a data: URL in base64");
            images.push_back(*std::move(url));
        }
        if (std::holds_alternative<Audio>(part) || std::holds_alternative<File>(part) ||
            std::holds_alternative<OtherPart>(part))
            return unsupported_field("messages", "the provider of this model takes texts and images only");
    }
    return images;
}

/// Writes functions as OpenAI and many others do, as an array.  Other tools are left out.
inline void write_functions(JsonWriter& json, const std::vector<Tool>& tools) {
    json.begin_array();
    for (const Tool& tool : tools) {
        if (tool.type != "function") continue;
        json.begin_object().member("type", "function").key("function").begin_object();
        json.member("name", tool.name).member("description", tool.description);
        const std::string_view schema = tool.parameters.text;
        json.key("parameters").raw(schema.empty() ? "{}" : schema);
        json.end_object().end_object();
    }
    json.end_array();
}

/// Emits the tokens of a response, unless neither number is known.
inline void emit_usage(EventSink& events, std::optional<std::int64_t> prompt,
                       std::optional<std::int64_t> completion = {}) {
    if (!prompt && !completion) return;
    const std::int64_t read = prompt.value_or(0), written = completion.value_or(0);
    events.emit(Usage{.prompt = read, .completion = written, .total = read + written});
}

/// The text of `content`: a string, or an array of strings and of objects with a `text`.
inline std::string text_of(JsonValue content) {
    std::string all = content.str();
    for (const JsonValue part : content.items()) all += part.str() + part["text"].str();
    return all;
}

/// The members of `from` whose names are not `known`, as one object.  Empty if there is no such member.
inline JsonText members_except(JsonValue from, std::initializer_list<std::string_view> known) {
    JsonText out;
    JsonWriter json(out.text);
    json.begin_object();
    for (const auto& [key, value] : from.members())
        if (std::find(known.begin(), known.end(), key) == known.end()) json.key(key).raw(value.raw());
    json.end_object();
    return out.text == "{}" ? JsonText() : out;
}

/// Writes the members of an object, such as the `extra` of a tool call, into the open object.
inline void write_members(JsonWriter& json, const JsonText& object) {
    for (const auto& [key, value] : JsonValue::unchecked(object.text).members())
        json.key(key).raw(value.raw());
}

}  // namespace gatehouse
