// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/stored_answers.hpp"

#include "plugins/dialect/openai/content.hpp"
#include "plugins/dialect/openai/reader.hpp"
#include "plugins/dialect/openai/responses/item_page.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_dialect::responses {

namespace {

Result<Parsed> read(const std::string&, const StoredResponse& stored) {
    return reply_with(std::string(stored.response()));
}

Result<Parsed> erase(const std::string& id, const StoredResponse&) {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("id", id)
        .member("object", "response")
        .member("deleted", true)
        .end_object();
    Parsed parsed = reply_with(std::move(body));
    parsed.forget = {{response_space, id}};
    return parsed;
}

Result<Parsed> cancel(const std::string& id, const StoredResponse&) {
    return Error{ErrorKind::bad_request, "response " + quoted_for_client(id) +
                                             " does not run in the background: it cannot be cancelled"};
}

Result<Parsed> list_items(const ItemPage& page, const StoredResponse& stored) {
    auto list = item_list(stored.input(), page);
    if (!list) return list.error();
    return reply_with(*std::move(list));
}

}  // namespace

Parsed reply_with(std::string body) {
    http::Response response;
    response.head.headers.add("content-type", "application/json");
    response.body = std::move(body);
    Parsed parsed;
    parsed.reply = std::move(response);
    return parsed;
}

Result<StoredReply> reply_for(const http::RequestHead& head, std::string_view id, std::string_view verb) {
    const bool get = head.method == "GET" || head.method == "HEAD";
    if (verb.empty() && get) {
        const auto stream = query_value(head.query, "stream");
        if (stream && *stream == "true")
            return Error{.kind = ErrorKind::unsupported,
                         .message = "stream is not available for a stored response",
                         .param = "stream"};
        return StoredReply(read);
    }
    if (verb.empty() && head.method == "DELETE") return StoredReply(erase);
    if (verb == "cancel" && head.method == "POST") return StoredReply(cancel);
    if (verb == "input_items" && get) {
        const auto page = page_of(head.query);
        if (!page) return page.error();
        return StoredReply([page = *page](const std::string&, const StoredResponse& stored) {
            return list_items(page, stored);
        });
    }
    return Error{ErrorKind::not_found, "no endpoint at this path of response " + quoted_for_client(id)};
}

}  // namespace gatehouse::openai_dialect::responses
