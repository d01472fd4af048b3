// SPDX-License-Identifier: Apache-2.0
// Content type, charset, content coding and percent escapes, by RFC 9110 and RFC 3986.
#include "plugins/common/client/content.hpp"

#include "plugins/common/client/reader.hpp"
#include "plugins/common/text/text.hpp"

#include <gatehouse/url.hpp>

#include <optional>
#include <utility>

namespace gatehouse::client {

namespace {

std::string_view trimmed(std::string_view text) { return common::trimmed(text, " \t"); }

bool is_json(std::string_view type) {
    const std::size_t slash = type.find('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view subtype = type.substr(slash + 1);
    return http::equal_ignoring_case(subtype, "json") ||
           (subtype.size() > 5 && http::equal_ignoring_case(subtype.substr(subtype.size() - 5), "+json"));
}

// Only the charset parameter changes how the body is read.
bool is_utf8(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::size_t end = parameters.find(';');
        const std::string_view parameter = trimmed(parameters.substr(0, end));
        parameters = end == std::string_view::npos ? std::string_view() : parameters.substr(end + 1);
        const std::size_t equals = parameter.find('=');
        if (equals == std::string_view::npos ||
            !http::equal_ignoring_case(trimmed(parameter.substr(0, equals)), "charset"))
            continue;
        std::string_view value = trimmed(parameter.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        if (!http::equal_ignoring_case(value, "utf-8") && !http::equal_ignoring_case(value, "utf8") &&
            !http::equal_ignoring_case(value, "us-ascii"))
            return false;
    }
    return true;
}

Error unsupported_media(std::string message) {
    return {.kind = ErrorKind::bad_request,
            .message = std::move(message),
            .code = "unsupported_media_type",
            .status = 415};
}

}  // namespace

Result<void> check_content(const http::Headers& headers) {
    for (const auto& [name, value] : headers) {
        if (http::equal_ignoring_case(name, "content-type")) {
            const std::string_view all = value;
            const std::size_t end = all.find(';');
            const std::string_view type = trimmed(all.substr(0, end));
            if (type.empty()) continue;
            if (!is_json(type))
                return unsupported_media("the content type must be application/json; got " +
                                         quoted_for_client(type));
            if (end != std::string_view::npos && !is_utf8(all.substr(end + 1)))
                return unsupported_media("the body must be JSON in UTF-8; got " + quoted_for_client(all));
        } else if (http::equal_ignoring_case(name, "content-encoding")) {
            const std::string_view coding = trimmed(value);
            if (!coding.empty() && !http::equal_ignoring_case(coding, "identity"))
                return unsupported_media("the body must not be compressed; got content-encoding " +
                                         quoted_for_client(coding));
        }
    }
    return {};
}

namespace {

Result<std::string> or_error(std::optional<std::string> decoded) {
    if (decoded) return *std::move(decoded);
    return Error{ErrorKind::bad_request,
                 "the path has a percent sign that is not followed by two hexadecimal digits"};
}

}  // namespace

Result<std::string> percent_decoded(std::string_view text) {
    return or_error(gatehouse::percent_decoded(text));
}

Result<std::string> query_value(std::string_view query, std::string_view name) {
    return or_error(gatehouse::query_value(query, name));
}

}  // namespace gatehouse::client
