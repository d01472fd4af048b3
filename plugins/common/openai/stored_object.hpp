// SPDX-License-Identifier: Apache-2.0
// A request about an object that an upstream keeps, such as a file, in OpenAI's protocol.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/operation.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace gatehouse::openai_format {

/// Appends the client's query.  A URL that has a query of its own, such as Azure's api-version, keeps its
/// parameters: those of the client with the same name, or with an escaped one, are dropped.
inline void append_query(std::string& url, std::string_view query) {
    const std::size_t own = url.find('?');
    const std::string kept = own == std::string::npos ? "" : "&" + url.substr(own + 1);
    char separator = own == std::string::npos ? '?' : '&';
    while (!query.empty()) {
        const std::string_view parameter = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(parameter.size() + 1, query.size()));
        const std::string_view name = parameter.substr(0, parameter.find('='));
        const bool clashes = !kept.empty() && (name.find('%') != name.npos ||
                                               kept.find("&" + std::string(name) + "=") != kept.npos);
        if (parameter.empty() || clashes) continue;
        (url += separator) += parameter;
        separator = '&';
    }
}

/// Adds the query, the body and its headers.  REQUIRES: the URL ends with the object's path, or with a query
/// of the upstream's own.  [any thread]
inline void write_stored_object(const RawRequest& request, http::Request& http) {
    append_query(http.url, request.query);
    http.headers.add("accept", "*/*");
    if (!request.content_type.empty()) http.headers.add("content-type", request.content_type);
    // OpenAI requires it for vector stores.  Its own clients send it.
    if (request.operation == "vector_stores") http.headers.add("openai-beta", "assistants=v2");
    http.body = request.body;
}

}  // namespace gatehouse::openai_format
