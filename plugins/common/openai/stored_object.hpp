// SPDX-License-Identifier: Apache-2.0
// A request about an object that an upstream keeps, such as a file, in OpenAI's protocol.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/operation.hpp>

namespace gatehouse::openai_format {

/// Adds the query, the body and its headers.  REQUIRES: the URL ends with the object's path, or with a query
/// of the upstream's own.  [any thread]
inline void write_stored_object(const RawRequest& request, http::Request& http) {
    if (!request.query.empty())
        http.url.append(http.url.find('?') == std::string::npos ? "?" : "&").append(request.query);
    http.headers.add("accept", "*/*");
    if (!request.content_type.empty()) http.headers.add("content-type", request.content_type);
    // OpenAI requires it for vector stores.  Its own clients send it.
    if (request.operation == "vector_stores") http.headers.add("openai-beta", "assistants=v2");
    http.body = request.body;
}

}  // namespace gatehouse::openai_format
