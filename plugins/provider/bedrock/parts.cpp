// SPDX-License-Identifier: Apache-2.0
// The data of images and documents keep the spelling of the client's JSON.
#include "plugins/provider/bedrock/parts.hpp"

#include "plugins/provider/bedrock/thoughts.hpp"

#include <gatehouse/base64.hpp>
#include <gatehouse/json.hpp>
#include <gatehouse/url.hpp>

#include <algorithm>

namespace gatehouse::bedrock {

namespace {

struct Format {
    std::string_view media_type, word;
};

// ImageFormat and DocumentFormat of the API.
constexpr Format image_formats[] = {
    {"image/png", "png"}, {"image/jpeg", "jpeg"}, {"image/gif", "gif"}, {"image/webp", "webp"}};
constexpr Format document_formats[] = {
    {"application/pdf", "pdf"},
    {"text/csv", "csv"},
    {"application/msword", "doc"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.ms-excel", "xls"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    {"text/html", "html"},
    {"text/plain", "txt"},
    {"text/markdown", "md"},
};

template <std::size_t N>
std::string_view word_of_type(const Format (&formats)[N], std::string_view media_type) {
    for (const Format& format : formats)
        if (format.media_type == media_type) return format.word;
    return {};
}

/// The format of a document by its type, or else by the ending of its name.
std::string_view document_format(std::string_view media_type, std::string_view filename) {
    if (const auto word = word_of_type(document_formats, media_type); !word.empty()) return word;
    const std::string name = lower_case(filename);
    for (const Format& format : document_formats)
        if (name.ends_with("." + std::string(format.word))) return format.word;
    const bool is_text = media_type.starts_with("text/") || media_type == "application/json" ||
                         media_type == "application/xml" || media_type == "application/yaml" ||
                         media_type == "application/x-yaml";
    return is_text ? "txt" : "";
}

void write_bytes(JsonWriter& json, std::string_view kind, std::string_view format, std::string_view name,
                 const JsonString& data) {
    json.begin_object().key(kind).begin_object().member("format", format);
    if (!name.empty()) json.member("name", name);
    json.key("source").begin_object().member("bytes", data).end_object();
    json.end_object().end_object();
}

using Begin = std::function<void()>;

Result<bool> write_file_data(JsonWriter& json, const DataUrl& data, std::string_view filename,
                             const std::string& where, DocumentNames& names, const Begin& begin) {
    if (const auto format = word_of_type(image_formats, data.media_type); !format.empty()) {
        begin();
        write_bytes(json, "image", format, "", data.data);
        return false;
    }
    const std::string_view format = document_format(data.media_type, filename);
    if (format.empty())
        return no_place(
            "Bedrock accepts files with a PDF, Word, Excel, CSV, HTML, Markdown, a text or an image", where);
    begin();
    write_bytes(json, "document", format, names.add(filename), data.data);
    return true;
}

Result<bool> write_image(JsonWriter& json, const Image& image, const std::string& where, DocumentNames& names,
                         const Begin& begin) {
    const std::string place = where + ".image_url.url";
    const auto data = read_data_url(image.url);
    if (!data) return no_place("Bedrock accepts images as data: URLs in base64 only", place);
    if (data->media_type.starts_with("image/") && word_of_type(image_formats, data->media_type).empty())
        return no_place("Bedrock accepts images in the formats PNG, JPEG, GIF and WebP", place);
    return write_file_data(json, *data, "", place, names, begin);
}

Result<bool> write_file(JsonWriter& json, const File& file, const std::string& where, DocumentNames& names,
                        const Begin& begin) {
    const std::string place = where + ".file.file_data";
    auto data = read_data_url(file.data);
    // Some clients send only the base64.  This is the beginning of a PDF.
    if (!data && file.data.str().starts_with("JVBERi")) data = DataUrl{"application/pdf", file.data};
    if (!data) return no_place("Bedrock accepts files as data: URLs in base64 only", place);
    return write_file_data(json, *data, file.filename, place, names, begin);
}

Result<bool> write_audio(JsonWriter& json, const Audio& audio, const Begin& begin) {
    begin();
    write_bytes(json, "audio", audio.format.empty() ? "wav" : audio.format, "", audio.data);
    return false;
}

const JsonText& extra_of(const Part& part) {
    static const JsonText none;
    return std::visit(
        [](const auto& one) -> const JsonText& {
            if constexpr (requires { one.extra; })
                return one.extra;
            else
                return none;
        },
        part);
}

}  // namespace

std::string DocumentNames::add(std::string_view filename) {
    // Letters, digits, single blanks, hyphens, parentheses and brackets; at most 200 (DocumentBlock).
    constexpr std::size_t longest = 180;  // with room for a number
    std::string name;
    for (const char c : filename.substr(0, filename.rfind('.'))) {
        const bool fits =
            detail::is_alphanumeric(c) || c == '-' || c == '(' || c == ')' || c == '[' || c == ']';
        if (fits)
            name += c;
        else if (!name.empty() && name.back() != ' ')
            name += ' ';
    }
    name = trimmed(std::string_view(name).substr(0, longest));
    if (name.empty()) name = "document";
    const std::size_t number = ++taken_[lower_case(name)];
    if (number == 1) return name;
    // The number may be part of another name.
    return add(name + " " + std::to_string(number));
}

Error no_place(std::string message, std::string param) {
    return {.kind = ErrorKind::unsupported, .message = std::move(message), .param = std::move(param)};
}

bool is_system(Role role) { return role == Role::system || role == Role::developer; }

bool says_something(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v") != text.npos; }

void write_text(JsonWriter& json, std::string_view text) {
    json.begin_object().member("text", text).end_object();
}

void write_cache_point(JsonWriter& json, const JsonText& extra, const Model& model) {
    if (!model.capabilities.caching) return;
    const JsonValue control = JsonValue::unchecked(extra.text)["cache_control"];
    if (!control.is(JsonType::object)) return;
    json.begin_object().key("cachePoint").begin_object().member("type", "default");
    if (control["ttl"].str() == "1h") json.member("ttl", "1h");
    json.end_object().end_object();
}

void write_thought(JsonWriter& json, const Thought& thought) {
    json.begin_object().key("reasoningContent").begin_object();
    if (thought.signature.empty())
        json.member("redactedContent", thought.encrypted);
    else
        json.key("reasoningText")
            .begin_object()
            .member("text", thought.text)
            .member("signature", thought.signature)
            .end_object();
    json.end_object().end_object();
}

Result<bool> write_part(JsonWriter& json, const Part& part, const std::string& where, const Model& model,
                        DocumentNames& names, const std::function<void()>& begin) {
    bool any = false;
    const Begin open = [&] {
        any = true;
        begin();
    };
    Result<bool> written = false;
    if (auto* text = std::get_if<Text>(&part)) {
        if (!says_something(text->text.str())) return false;
        open();
        json.begin_object().member("text", text->text).end_object();
    } else if (auto* refusal = std::get_if<Refusal>(&part)) {
        if (!says_something(refusal->text)) return false;
        open();
        write_text(json, refusal->text);
    } else if (auto* thought = std::get_if<Thought>(&part)) {
        if (!is_returnable(*thought, model)) return false;
        open();
        write_thought(json, *thought);
    } else if (auto* image = std::get_if<Image>(&part)) {
        written = write_image(json, *image, where, names, open);
    } else if (auto* file = std::get_if<File>(&part)) {
        written = write_file(json, *file, where, names, open);
    } else if (auto* audio = std::get_if<Audio>(&part)) {
        written = write_audio(json, *audio, open);
    } else {
        return no_place("Bedrock does not have this content part: it accepts texts, images, files and audio",
                        where);
    }
    if (written && any) write_cache_point(json, extra_of(part), model);
    return written;
}

}  // namespace gatehouse::bedrock
