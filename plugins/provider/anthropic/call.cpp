// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/call.hpp"

#include "plugins/provider/anthropic/advice.hpp"
#include "plugins/provider/anthropic/errors.hpp"

#include <algorithm>

namespace gatehouse::anthropic {

namespace {
constexpr std::size_t max_error_bytes = 64 * 1024;
}

http::Request Call::begin(std::string_view method, std::string_view path) {
    head_ = {.status = 0};
    error_body_.clear();
    http::Request request;
    request.method = method;
    request.url = service_.base.text + std::string(path);
    request.headers.add("anthropic-version", service_.version);
    if (!service_.beta.empty()) request.headers.add("anthropic-beta", service_.beta);
    return request;
}

Result<void> Call::body(std::string_view bytes, EventSink& events) {
    if (good()) return on_body(bytes, events);
    error_body_ += bytes.substr(0, max_error_bytes - std::min(max_error_bytes, error_body_.size()));
    return {};
}

Result<void> Call::end(EventSink& events) {
    if (good()) return on_end(events);
    on_refusal(head_.status, error_body_);
    return explain(head_.status, head_.headers, error_body_, model_, service_.host.now());
}

std::string Call::advice(const Error& error) {
    return advise(error, head_.status, error_body_, model_, service_.base.host);
}

}  // namespace gatehouse::anthropic
