// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/call.hpp"

#include <algorithm>

namespace gatehouse::openai_upstream {

namespace {
constexpr std::size_t max_error_bytes = 64 * 1024;
}

http::Request Call::begin(std::string_view method, std::string_view path) {
    head_ = {.status = 0};
    error_body_.clear();
    http::Request request;
    request.method = method;
    request.url = service_.url(path, model_);
    request.headers = service_.headers;
    return request;
}

Result<void> Call::body(std::string_view bytes, EventSink& events) {
    if (good()) return on_body(bytes, events);
    error_body_ += bytes.substr(0, max_error_bytes - std::min(max_error_bytes, error_body_.size()));
    return {};
}

Result<void> Call::end(EventSink& events) {
    if (good()) return on_end(events);
    Error error = explain(head_.status, head_.headers, error_body_, model_, service_);
    on_refusal(error);
    return error;
}

Result<void> DocumentCall::on_body(std::string_view bytes, EventSink&) {
    if (document_.size() + bytes.size() > service_.host.limits().max_answer_bytes)
        return Error{ErrorKind::upstream, "the upstream's answer is larger than max_answer_bytes"};
    document_ += bytes;
    return {};
}

http::Request DocumentCall::begin_document(std::string_view method, std::string_view path, std::string body) {
    document_.clear();
    http::Request request = begin(method, path);
    request.headers.add("accept", "application/json");
    if (!body.empty()) request.headers.add("content-type", "application/json");
    request.body = std::move(body);
    return request;
}

}  // namespace gatehouse::openai_upstream
