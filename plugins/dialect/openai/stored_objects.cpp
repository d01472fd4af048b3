// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/stored_objects.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::openai_dialect {

namespace {

constexpr std::size_t max_path_bytes = 512, max_query_bytes = 2'000, max_type_bytes = 200;

bool is_letter_of_id(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/// Whether the path has only ids and words, so that it stays below the operation's path upstream.
bool is_path_of_object(std::string_view path) {
    if (path.size() > max_path_bytes) return false;
    while (!path.empty()) {
        if (path[0] != '/') return false;
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment.empty() || segment == "." || segment == ".." ||
            !std::ranges::all_of(segment, is_letter_of_id))
            return false;
        path.remove_prefix(segment.size());
    }
    return true;
}

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '#'; });
}

}  // namespace

Result<RawRequest> parse_stored_object(const http::RequestHead& head, std::string_view operation,
                                       std::string_view path, std::string body, const std::string& model) {
    if (!is_path_of_object(path)) return Error{ErrorKind::not_found, "no object can have this id"};
    if (head.query.size() > max_query_bytes || !is_visible(head.query))
        return Error{ErrorKind::bad_request, "the query must have at most 2000 visible ASCII characters"};
    const std::string_view type = head.headers.get("content-type");
    if (type.size() > max_type_bytes)
        return Error{ErrorKind::bad_request, "the content-type must have at most 200 characters"};
    if (type.empty() && !body.empty())
        return Error{ErrorKind::bad_request, "a request with a body needs a content-type"};
    return RawRequest{.operation = std::string(operation),
                      .model = model,
                      .content_type = std::string(type),
                      .body = std::move(body),
                      .stored = true,
                      .method = head.method,
                      .path = std::string(path),
                      .query = head.query};
}

}  // namespace gatehouse::openai_dialect
