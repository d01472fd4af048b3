// SPDX-License-Identifier: Apache-2.0
// `content` of a message: texts, images, audio, files and unknown parts.  Data is copied once
// and not decoded.
#include "plugins/dialect/openai/fields.hpp"

#include <gatehouse/http.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::openai_dialect {

namespace {

bool has_scheme(std::string_view url, std::string_view scheme) {
    return url.size() > scheme.size() && http::equal_ignoring_case(url.substr(0, scheme.size()), scheme);
}

bool check_image(Reader& reader, const Where& url_at, const Image& image) {
    if (image.url.empty()) return reader.missing(url_at, "an http:, https: or data: URL");
    if (!is_image_url(image.url)) return reader.refuse(url_at, "must be an http:, https: or data: URL");
    return true;
}

// Calls each(key, value) for the members of the part's object, which has the part's name,
// such as `input_audio`.  each() returns nothing for a member that it does not know.
template <typename Kind, typename Each>
bool for_payload(Reader& reader, json::Object& part, const Where& where, std::string_view name, Kind& out,
                 Each&& each) {
    bool given = false;
    Unknown beside, inside;
    const Where at(where, name);
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key != name) {
            if (key != "type") beside.add(key, json::raw(value));
            return true;
        }
        if (json::is_null(value)) return true;
        given = true;
        inside = {};
        json::Object payload;
        return reader.open(value, at, "an object", payload) &&
               json::for_each(payload, [&](std::string_view member, json::Value& item) {
                   const std::optional<bool> known = each(member, item);
                   if (!known) inside.add(member, json::raw(item));
                   return known.value_or(true);
               });
    });
    out.extra = beside.take();
    out.inner_extra = inside.take();
    return read && (given || reader.missing(at, "an object"));
}

bool read_text(Reader& reader, json::Object& part, const Where& where, Text& text) {
    bool given = false;
    Unknown unknown;
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key == "text") {
            given = !json::is_null(value);
            return reader.read(value, Where(where, "text"), text.text);
        }
        if (key != "type") unknown.add(key, json::raw(value));
        return true;
    });
    text.extra = unknown.take();
    return read && (given || reader.missing(Where(where, "text"), "a string"));
}

// The object {url, detail}.  A string is read as the URL.
bool read_image(Reader& reader, json::Object& part, const Where& where, Image& image) {
    const Where at(where, "image_url");
    const Where url_at(at, "url");
    bool given = false, lone = false;
    Unknown beside, inside;
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key != "image_url") {
            if (key != "type") beside.add(key, json::raw(value));
            return true;
        }
        if (json::is_null(value)) return true;
        given = true;
        image = {};
        inside = {};
        lone = json::take_string(value, image.url);
        if (lone) return true;
        json::Object object;
        return reader.open(value, at, "an object with a url, or a string", object) &&
               json::for_each(object, [&](std::string_view name, json::Value& member) {
                   if (name == "url") return reader.read(member, url_at, image.url);
                   if (name == "detail") return reader.read(member, Where(at, "detail"), image.detail);
                   inside.add(name, json::raw(member));
                   return true;
               });
    });
    image.extra = beside.take();
    image.inner_extra = inside.take();
    if (!read) return false;
    if (!given) return reader.missing(at, "an object with a url");
    return check_image(reader, lone ? at : url_at, image);
}

bool read_audio(Reader& reader, json::Object& part, const Where& where, Audio& audio) {
    const Where at(where, "input_audio");
    const bool read = for_payload(reader, part, where, "input_audio", audio,
                                  [&](std::string_view key, json::Value& value) -> std::optional<bool> {
                                      if (key == "data")
                                          return reader.read(value, Where(at, "data"), audio.data);
                                      if (key == "format")
                                          return reader.read(value, Where(at, "format"), audio.format);
                                      return std::nullopt;
                                  });
    if (!read) return false;
    if (audio.data.empty()) return reader.missing(Where(at, "data"), "the sound in base64");
    if (audio.format.empty()) return reader.missing(Where(at, "format"), "such as wav or mp3");
    return is_audio_format(audio.format) ||
           reader.refuse(Where(at, "format"), "must be a word such as wav or mp3");
}

bool read_file(Reader& reader, json::Object& part, const Where& where, File& file) {
    const Where at(where, "file");
    const bool read = for_payload(reader, part, where, "file", file,
                                  [&](std::string_view key, json::Value& value) -> std::optional<bool> {
                                      if (key == "file_data")
                                          return reader.read(value, Where(at, "file_data"), file.data);
                                      if (key == "filename")
                                          return reader.read(value, Where(at, "filename"), file.filename);
                                      if (key == "file_id")
                                          return reader.read(value, Where(at, "file_id"), file.id);
                                      return std::nullopt;
                                  });
    if (!read) return false;
    return !file.data.empty() || !file.id.empty() ||
           reader.missing(Where(at, "file_data"), "a data: URL, or else file_id");
}

bool read_refusal(Reader& reader, json::Object& part, const Where& where, Refusal& refusal) {
    bool given = false;
    Unknown unknown;
    const bool read = json::for_each(part, [&](std::string_view key, json::Value& value) {
        if (key != "refusal") {
            if (key != "type") unknown.add(key, json::raw(value));
            return true;
        }
        given = !json::is_null(value);
        return reader.read(value, Where(where, "refusal"), refusal.text);
    });
    refusal.extra = unknown.take();
    return read && (given || reader.missing(Where(where, "refusal"), "a string"));
}

bool read_part(Reader& reader, json::Value& value, const Where& where, Part& out) {
    json::Object part;
    std::string type;
    if (!reader.open(value, where, "an object with a type", part)) return false;
    if (!reader.read_type(part, where, type)) return false;
    if (type == "text") return read_text(reader, part, where, out.emplace<Text>());
    if (type == "image_url") return read_image(reader, part, where, out.emplace<Image>());
    if (type == "input_audio") return read_audio(reader, part, where, out.emplace<Audio>());
    if (type == "file") return read_file(reader, part, where, out.emplace<File>());
    if (type == "refusal") return read_refusal(reader, part, where, out.emplace<Refusal>());
    if (type.empty()) return reader.refuse(Where(where, "type"), "must not be empty");
    out = OtherPart{std::move(type), {std::string(json::raw(part))}};
    return true;
}

}  // namespace

bool is_image_url(std::string_view url) {
    return has_scheme(url, "http://") || has_scheme(url, "https://") || has_scheme(url, "data:");
}

bool is_audio_format(std::string_view word) {
    return !word.empty() && word.size() <= 32 && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_';
    });
}

bool read_content(Reader& reader, json::Value& value, const Where& where, Draft& draft, Message& message) {
    std::vector<Part>& out = message.parts;
    out.clear();
    message.listed = false;
    if (json::is_null(value)) return true;
    if (json::type_of(value) == json::Type::string)
        return json::take_string(value, std::get<Text>(out.emplace_back(Text{})).text);
    json::Array parts;
    if (!reader.open(value, where, "a string or an array of parts", parts)) return false;
    message.listed = true;
    return json::for_each(parts, [&](json::Value& item, std::size_t index) {
        if (++draft.parts > draft.bounds.parts)
            return reader.refuse(where, "is one of too many: all messages together may have " +
                                            std::to_string(draft.bounds.parts) +
                                            " content parts and tool calls");
        return read_part(reader, item, Where(where, index), out.emplace_back());
    });
}

}  // namespace gatehouse::openai_dialect
