// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/http_exchange.hpp"

#include <functional>
#include <utility>

namespace gatehouse::upstream {

http::Request HttpExchange::for_document(http::Request request, std::string body) {
    request.headers.add("accept", "application/json");
    if (!body.empty()) request.headers.add("content-type", "application/json");
    request.body = std::move(body);
    return request;
}

void HttpExchange::head(const http::ResponseHead& head) {
    const std::string_view coding = head.headers.get("content-encoding");
    decoder_ = coding.empty() ? ContentDecoder() : ContentDecoder(coding);
    if (coding.empty()) return UpstreamExchange::head(head);
    http::ResponseHead plain = head;
    plain.headers.remove("content-encoding");
    UpstreamExchange::head(plain);
}

Result<void> HttpExchange::body(std::string_view bytes, EventSink& events) {
    if (bytes.empty() || (succeeded() && decoder_.passes(bytes)))
        return UpstreamExchange::body(bytes, events);
    Result<void> state;
    auto take = [&](std::string_view plain) {
        state = UpstreamExchange::body(plain, events);
        return state && (succeeded() || error_body().size() < max_error_bytes);
    };
    const bool decoded = decoder_.decode(bytes, std::ref(take));
    // An error without a text is still an error with a status.
    return decoded || !succeeded() ? state : undecodable();
}

Error HttpExchange::undecodable() const {
    return {ErrorKind::upstream, who() + "'s response has a content-encoding that cannot be read (" +
                                     decoder_.coding() + "), although identity was requested"};
}

}  // namespace gatehouse::upstream
