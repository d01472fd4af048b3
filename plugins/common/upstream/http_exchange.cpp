// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/http_exchange.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace gatehouse::upstream {

namespace {
constexpr std::size_t max_error_bytes = 64 * 1024;
}

http::Request HttpExchange::begin(std::string_view method, std::string url) {
    head_ = {.status = 0};
    error_body_.clear();
    document_.clear();
    http::Request request;
    request.method = method;
    request.url = std::move(url);
    return request;
}

http::Request HttpExchange::for_document(http::Request request, std::string body) {
    request.headers.add("accept", "application/json");
    if (!body.empty()) request.headers.add("content-type", "application/json");
    request.body = std::move(body);
    return request;
}

Result<void> HttpExchange::body(std::string_view bytes, EventSink& events) {
    if (bytes.empty()) return good() ? on_body(bytes, events) : Result<void>();
    if (good() && decoder_.passes(bytes)) return on_body(bytes, events);
    Result<void> state;
    auto take = [&](std::string_view plain) {
        if (good()) {
            state = on_body(plain, events);
            return bool(state);
        }
        error_body_ += plain.substr(0, max_error_bytes - std::min(max_error_bytes, error_body_.size()));
        return error_body_.size() < max_error_bytes;
    };
    const bool decoded = decoder_.decode(bytes, std::ref(take));
    // An error without a text is still an error with a status.
    return decoded || !good() ? state : undecodable();
}

Error HttpExchange::undecodable() const {
    return {ErrorKind::upstream, std::string(who_) +
                                     "'s response has a content-encoding that cannot be read (" +
                                     decoder_.coding() + "), although identity was requested"};
}

Result<void> HttpExchange::end(EventSink& events) {
    if (good()) return on_end(events);
    return on_failure();
}

Result<void> HttpExchange::on_body(std::string_view bytes, EventSink&) {
    if (document_.size() + bytes.size() > host_.limits().max_answer_bytes)
        return Error{ErrorKind::upstream,
                     std::string(who_) + "'s response is larger than max_response_bytes"};
    document_ += bytes;
    return {};
}

}  // namespace gatehouse::upstream
