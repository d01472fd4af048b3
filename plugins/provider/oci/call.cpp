// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/call.hpp"

#include "plugins/provider/oci/advice.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::oci {

namespace {

constexpr std::size_t max_error_bytes = 64 * 1024;

// How long an endpoint that has failed is tried last, if it does not say itself.
constexpr std::chrono::seconds rest_after_failure{10};

/// Of a transfer that broke, or an answer that says as much.
bool another_endpoint_may_work(const Error& error, int status) {
    switch (error.kind) {
        case ErrorKind::unavailable:
        case ErrorKind::timeout: return true;
        case ErrorKind::rate_limited: return error.code != "insufficient_quota";
        case ErrorKind::upstream: return status == 0 || status >= 500;
        default: return false;
    }
}

}  // namespace

Call::Call(Service& service, Model model)
    : service_(service), model_(std::move(model)), walk_(service.endpoints, service.host.now()) {}

http::Request Call::begin(std::string_view method, std::string_view operation) {
    return begin_at(method, endpoint().url(operation));
}

http::Request Call::begin_at(std::string_view method, std::string url) {
    head_ = {.status = 0};
    error_body_.clear();
    amended_ = elsewhere_ = false;
    http::Request request;
    request.method = method;
    request.url = std::move(url);
    return request;
}

void Call::head(const http::ResponseHead& head) { head_ = head; }

Result<void> Call::body(std::string_view bytes, EventSink& events) {
    if (good()) return on_body(bytes, events);
    error_body_ += bytes.substr(0, max_error_bytes - std::min(max_error_bytes, error_body_.size()));
    return {};
}

Result<void> Call::end(EventSink& events) {
    if (good()) return on_end(events);
    Failure failure = explain(head_.status, head_.headers, error_body_, asked(), service_.host.now());
    amended_ = failure.refused && do_without(*failure.refused);
    elsewhere_ = failure.no_capacity;
    return std::move(failure.error);
}

bool Call::amend(const Error& error) {
    if (std::exchange(amended_, false)) return true;
    if (!elsewhere_ && !another_endpoint_may_work(error, head_.status)) return false;
    const auto rest = std::max(rest_after_failure, std::chrono::seconds(error.retry_after_seconds));
    const std::string failed = endpoint().host;
    if (!walk_.go_on(service_.host.now() + rest)) return false;
    service_.host.log(Level::warning, "an endpoint failed; going on to the next one",
                      {{"failed", failed},
                       {"next", endpoint().host},
                       {"status", std::to_string(head_.status)},
                       {"reason", error.message}});
    return true;
}

std::string Call::advice(const Error& error) {
    return advise(error, head_, error_body_, asked(), service_.host.now());
}

}  // namespace gatehouse::oci
