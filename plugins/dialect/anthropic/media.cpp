// SPDX-License-Identifier: Apache-2.0
// `image` and `document`.  Base64 becomes a data: URL.  A source of another type is kept as
// it is, for an upstream of the same protocol.
#include <gatehouse/base64.hpp>
#include "plugins/dialect/anthropic/draft.hpp"

namespace gatehouse::anthropic_dialect {

namespace {

/// The object `source` of a block.
struct Source {
    std::string type = {}, media_type = {};
    JsonString data = {};
    std::string url = {}, file_id = {};
    JsonText extra = {};
};

bool read_source(Reader& reader, json::Value& value, const Where& where, Source& source) {
    json::Object object;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, source.type)) return false;
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (key == "media_type") return reader.read(member, Where(where, "media_type"), source.media_type);
        if (key == "data") return reader.read(member, Where(where, "data"), source.data);
        if (key == "url") return reader.read(member, Where(where, "url"), source.url);
        if (key == "file_id") return reader.read(member, Where(where, "file_id"), source.file_id);
        unknown.add(key, json::raw(member));
        return true;
    });
    source.extra = unknown.take();
    return read;
}

/// The source of `block`.  Its other members go to `extra`.
bool read_source_of(Reader& reader, json::Object& block, const Where& where, Source& source,
                    JsonText& extra) {
    bool given = false;
    Unknown unknown;
    const bool read = json::for_each(block, [&](std::string_view key, json::Value& member) {
        if (key == "source") {
            given = !json::is_null(member);
            source = {};
            return !given || read_source(reader, member, Where(where, "source"), source);
        }
        if (key != "type" && !json::is_null(member)) unknown.add(key, json::raw(member));
        return true;
    });
    extra = unknown.take();
    return read && (given || reader.missing(Where(where, "source"), "an object with a type"));
}

/// "data:image/png;base64,…"
std::string data_url(std::string_view media_type, std::string_view base64) {
    std::string url = "data:";
    url.reserve(url.size() + media_type.size() + base64.size() + 8);
    return url.append(media_type).append(";base64,").append(base64);
}

bool check_base64(Reader& reader, const Where& where, const Source& source) {
    const Where at(where, "source");
    if (source.media_type.empty()) return reader.missing(Where(at, "media_type"), "such as image/png");
    return !source.data.empty() || reader.missing(Where(at, "data"), "the content in base64");
}

}  // namespace

bool read_image(Reader& reader, json::Object& block, const Where& where, Part& out) {
    Image image;
    Source source;
    if (!read_source_of(reader, block, where, source, image.extra)) return false;
    if (source.type == "base64") {
        if (!check_base64(reader, where, source)) return false;
        image.url = data_url(source.media_type, source.data);
    } else if (source.type == "url") {
        image.url = source.url;
    }
    if (image.url.empty())
        out = OtherPart{"image", {std::string(json::raw(block))}};
    else
        out = std::move(image);
    return true;
}

bool read_document(Reader& reader, json::Object& block, const Where& where, Part& out) {
    File file;
    Source source;
    if (!read_source_of(reader, block, where, source, file.extra)) return false;
    if (source.type == "base64") {
        if (!check_base64(reader, where, source)) return false;
        file.data = data_url(source.media_type, source.data);
    } else if (source.type == "text") {
        file.data = data_url("text/plain", to_base64(source.data));
    } else if (source.type == "url") {
        file.data = source.url;
    } else if (source.type == "file") {
        file.id = source.file_id;
    }
    if (file.data.empty() && file.id.empty())
        out = OtherPart{"document", {std::string(json::raw(block))}};
    else
        out = std::move(file);
    return true;
}

}  // namespace gatehouse::anthropic_dialect
