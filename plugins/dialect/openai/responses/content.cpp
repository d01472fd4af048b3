// SPDX-License-Identifier: Apache-2.0
// `content` of a message and `output` of a call: texts, images, files, sounds and refusals.
#include "plugins/dialect/openai/fields.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"

namespace gatehouse::openai_dialect::responses {

namespace {

bool read_text_part(Reader& reader, json::Object& part, const Where& where, Part& out) {
    Text text;
    Unknown unknown;
    bool given = false;
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key != "text") return keep_unknown(unknown, key, value);
        given = !json::is_null(value);
        return reader.read(value, Where(where, "text"), text.text);
    });
    text.extra = unknown.take();
    out = std::move(text);
    return read && (given || reader.missing(Where(where, "text"), "a string"));
}

bool read_refusal_part(Reader& reader, json::Object& part, const Where& where, Part& out) {
    Refusal refusal;
    bool given = false;
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key != "refusal") return true;
        given = !json::is_null(value);
        return reader.read(value, Where(where, "refusal"), refusal.text);
    });
    out = std::move(refusal);
    return read && (given || reader.missing(Where(where, "refusal"), "a string"));
}

/// `image_url` is a string here, and an object in Chat Completions.
bool read_image_part(Reader& reader, json::Object& part, const Where& where, Part& out) {
    Image image;
    Unknown unknown;
    std::string file;
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key == "image_url") return reader.read(value, Where(where, "image_url"), image.url);
        if (key == "detail") return reader.read(value, Where(where, "detail"), image.detail);
        if (key == "file_id") return reader.read(value, Where(where, "file_id"), file);
        return keep_unknown(unknown, key, value);
    });
    if (!read) return false;
    if (image.url.empty() && !file.empty())
        return refuse_unsupported(reader, Where(where, "file_id"),
                                  "names an uploaded file, which the gateway does not keep: send image_url");
    if (image.url.empty()) return reader.missing(Where(where, "image_url"), "an http:, https: or data: URL");
    if (!is_image_url(image.url))
        return reader.refuse(Where(where, "image_url"), "must be an http:, https: or data: URL");
    if (image.detail == "original") image.detail = "high";  // Chat Completions has no such word
    image.extra = unknown.take();
    out = std::move(image);
    return true;
}

bool read_file_part(Reader& reader, json::Object& part, const Where& where, Part& out) {
    File file;
    Unknown unknown;
    JsonString url;
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key == "file_data") return reader.read(value, Where(where, "file_data"), file.data);
        if (key == "file_url") return reader.read(value, Where(where, "file_url"), url);
        if (key == "file_id") return reader.read(value, Where(where, "file_id"), file.id);
        if (key == "filename") return reader.read(value, Where(where, "filename"), file.filename);
        return keep_unknown(unknown, key, value);
    });
    if (!read) return false;
    if (file.data.empty()) file.data = std::move(url);
    if (file.data.empty() && file.id.empty())
        return reader.missing(Where(where, "file_data"), "a data: URL, or else file_url or file_id");
    file.extra = unknown.take();
    out = std::move(file);
    return true;
}

bool read_audio_part(Reader& reader, json::Object& part, const Where& where, Part& out) {
    Audio audio;
    const Where at(where, "input_audio");
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        json::Object inner;
        if (key != "input_audio" || json::is_null(value)) return true;
        return reader.open(value, at, "an object", inner) &&
               json::for_each(inner, [&](std::string_view name, json::Value& member) {
                   if (name == "data") return reader.read(member, Where(at, "data"), audio.data);
                   return name != "format" || reader.read(member, Where(at, "format"), audio.format);
               });
    });
    if (!read) return false;
    if (audio.data.empty()) return reader.missing(Where(at, "data"), "the sound in base64");
    if (!is_audio_format(audio.format))
        return reader.refuse(Where(at, "format"), "must be a word such as wav or mp3");
    out = std::move(audio);
    return true;
}

bool read_part(Reader& reader, json::Value& value, const Where& where, Part& out) {
    json::Object part;
    std::string type;
    if (!reader.open(value, where, "an object with a type", part)) return false;
    if (!reader.read_type(part, where, type)) return false;
    if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text" ||
        type == "reasoning_text")
        return read_text_part(reader, part, where, out);
    if (type == "input_image") return read_image_part(reader, part, where, out);
    if (type == "input_file") return read_file_part(reader, part, where, out);
    if (type == "input_audio") return read_audio_part(reader, part, where, out);
    if (type == "refusal") return read_refusal_part(reader, part, where, out);
    return reader.wrong_word(
        Where(where, "type"),
        {"input_text", "input_image", "input_file", "input_audio", "output_text", "refusal"}, type);
}

}  // namespace

bool read_content(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft,
                  std::vector<Part>& parts, bool& listed) {
    parts.clear();
    listed = false;
    if (json::is_null(value)) return true;
    if (json::type_of(value) == json::Type::string)
        return json::take_string(value, std::get<Text>(parts.emplace_back(Text{})).text);
    json::Array list;
    if (!reader.open(value, where, "a string or an array of parts", list)) return false;
    const bool read = json::for_each(list, [&](json::Value& item, std::size_t index) {
        if (++draft.parts > draft.bounds.parts)
            return reader.refuse(where, "is one of too many: all items together may have " +
                                            std::to_string(draft.bounds.parts) + " content parts");
        return read_part(reader, item, Where(where, index), parts.emplace_back());
    });
    listed = parts.size() > 1;
    return read;
}

}  // namespace gatehouse::openai_dialect::responses
