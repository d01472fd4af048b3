// SPDX-License-Identifier: Apache-2.0
// The data of an image keep the spelling of the client's JSON.
#include "plugins/provider/anthropic/parts.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/common/json/extras.hpp"
#include "plugins/provider/anthropic/members.hpp"
#include "plugins/provider/anthropic/text.hpp"

#include <gatehouse/url.hpp>

#include <algorithm>
#include <array>

namespace gatehouse::anthropic {

namespace {

constexpr std::string_view pdf = "application/pdf";

bool is_text(std::string_view type) {
    return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
           type == "application/yaml" || type == "application/x-yaml";
}

void base64_source(JsonWriter& json, std::string_view type, const JsonString& data) {
    json.key("source").begin_object().member("type", "base64").member("media_type", type);
    json.member("data", data).end_object();
}
void url_source(JsonWriter& json, std::string_view url) {
    json.key("source").begin_object().member("type", "url").member("url", url).end_object();
}

void text_source(JsonWriter& json, std::string_view text) {
    json.key("source").begin_object().member("type", "text").member("media_type", "text/plain");
    json.member("data", text).end_object();
}

/// Ends a block of `kind` with the unknown members of its part.
template <typename PartKind>
void close(JsonWriter& json, std::string_view kind, const PartKind& part, const BlockStyle& style) {
    Members members(json, style.native);
    members.has("source");
    for (const JsonText* extra : {&part.extra, &part.inner_extra})
        if (kind == "document")
            members.write(*extra, {"cache_control", "title", "context", "citations"});
        else
            members.write(*extra, {"cache_control"});
    members.cache(style.cache_control);
    json.end_object();
}

Result<void> write_image(JsonWriter& json, const Image& image, const std::string& where,
                         const BlockStyle& style, const std::function<void()>& begin) {
    const auto data = read_data_url(image.url);
    if (!data && !is_http_url(image.url))
        return no_place("Anthropic accepts images as data: URLs in base64, or as http(s) URLs",
                        where + ".image_url.url");
    begin();
    const std::string_view kind = data && data->media_type == pdf ? "document" : "image";
    json.begin_object().member("type", kind);
    data ? base64_source(json, data->media_type, data->data) : url_source(json, image.url);
    close(json, kind, image, style);
    return {};
}

/// Whether the part has Anthropic's own `title`.
bool is_titled(const File& file) { return !json::member_of(file.extra, "title").empty(); }

Result<void> write_file(JsonWriter& json, const File& file, const std::string& where, const BlockStyle& style,
                        const std::function<void()>& begin) {
    std::string_view kind = "document";
    auto data = read_data_url(file.data);
    // Some clients send only the base64.  This is the beginning of a PDF.
    if (!data && file.data.str().starts_with("JVBERi")) data = DataUrl{std::string(pdf), file.data};
    const bool is_image = data && data->media_type.starts_with("image/");
    const auto text =
        data && is_text(data->media_type) ? from_base64(data->data) : std::optional<std::string>();
    const bool known =
        file.data.empty() || is_http_url(file.data) || is_image || text || (data && data->media_type == pdf);
    if (!known)
        return no_place("Anthropic accepts files as data: URLs in base64 with a PDF, a text or an image",
                        where + ".file.file_data");
    begin();
    if (is_image) kind = "image";
    json.begin_object().member("type", kind);
    if (!is_image && !file.filename.empty() && !is_titled(file)) json.member("title", file.filename);
    if (file.data.empty())
        json.key("source").begin_object().member("type", "file").member("file_id", file.id).end_object();
    else if (is_http_url(file.data))
        url_source(json, file.data);
    else if (text)
        text_source(json, *text);
    else
        base64_source(json, data->media_type, data->data);
    close(json, kind, file, style);
    return {};
}

void write_thought(JsonWriter& json, const Thought& thought, const BlockStyle& style) {
    json.begin_object();
    if (thought.signature.empty())
        json.member("type", "redacted_thinking").member("data", thought.encrypted);
    else
        json.member("type", "thinking")
            .member("thinking", thought.text)
            .member("signature", thought.signature);
    Members members(json, style.native);
    members.has("thinking").has("signature").has("data").write(thought.extra, {});
    json.end_object();
}

/// Anthropic's own blocks, sent by clients that know the upstream.
bool is_known(std::string_view type) {
    constexpr std::array<std::string_view, 6> known = {
        "image", "document", "search_result", "container_upload", "thinking", "redacted_thinking"};
    return std::find(known.begin(), known.end(), type) != known.end();
}

}  // namespace

Error no_place(std::string message, std::string param) {
    return {.kind = ErrorKind::unsupported, .message = std::move(message), .param = std::move(param)};
}

bool says_something(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v") != text.npos; }

std::optional<std::string_view> text_in(const Part& part) {
    if (auto* text = std::get_if<Text>(&part)) return text->text;
    if (auto* refusal = std::get_if<Refusal>(&part)) return refusal->text;
    return std::nullopt;
}

bool is_returnable(const Thought& thought) {
    return (thought.origin.empty() || thought.origin == "anthropic") &&
           !(thought.signature.empty() && thought.encrypted.empty());
}

void write_text_block(JsonWriter& json, std::string_view text) {
    json.begin_object().member("type", "text").member("text", text).end_object();
}

void write_text_part(JsonWriter& json, const Part& part, std::string_view text, const BlockStyle& style) {
    json.begin_object().member("type", "text").member("text", text);
    Members members(json, style.native);
    members.has("text");
    if (auto* said = std::get_if<Text>(&part)) members.write(said->extra, {"cache_control", "citations"});
    if (auto* refusal = std::get_if<Refusal>(&part)) members.write(refusal->extra, {"cache_control"});
    members.cache(style.cache_control);
    json.end_object();
}

Result<void> write_block(JsonWriter& json, const Part& part, const std::string& where,
                         const BlockStyle& style, const std::function<void()>& begin) {
    if (auto* image = std::get_if<Image>(&part)) return write_image(json, *image, where, style, begin);
    if (auto* file = std::get_if<File>(&part)) return write_file(json, *file, where, style, begin);
    if (std::get_if<Audio>(&part))
        return no_place("Anthropic's models do not accept audio: omit input_audio", where);
    if (auto* thought = std::get_if<Thought>(&part)) {
        if (!is_returnable(*thought)) return {};
        begin();
        write_thought(json, *thought, style);
        return {};
    }
    if (auto* other = std::get_if<OtherPart>(&part))
        if (style.native || is_known(other->type)) {
            begin();
            json.raw(other->json.text);
            return {};
        }
    return no_place("Anthropic's API does not have this content part: it accepts text, image_url and file",
                    where);
}

}  // namespace gatehouse::anthropic
