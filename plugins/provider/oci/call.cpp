// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/call.hpp"

#include "plugins/provider/oci/advice.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::oci {

namespace {

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
    : HttpExchange(service.host, "OCI"),
      service_(service),
      model_(std::move(model)),
      walk_(service.endpoints, service.host.now()) {}

http::Request Call::begin(std::string_view method, std::string_view operation) {
    return begin_at(method, endpoint().url(operation));
}

http::Request Call::begin_at(std::string_view method, std::string url) {
    amended_ = elsewhere_ = false;
    return HttpExchange::begin(method, std::move(url));
}

Error Call::on_failure() {
    const http::ResponseHead& head = answer_head();
    Failure failure = explain(head.status, head.headers, error_body(), asked(), service_.host.now());
    amended_ = failure.refused && do_without(*failure.refused);
    elsewhere_ = failure.no_capacity;
    return std::move(failure.error);
}

bool Call::amend(const Error& error) {
    if (std::exchange(amended_, false)) return true;
    if (!elsewhere_ && !another_endpoint_may_work(error, answer_head().status)) return false;
    const auto rest = std::max(rest_after_failure, std::chrono::seconds(error.retry_after_seconds));
    const std::string failed = endpoint().host;
    if (!walk_.go_on(service_.host.now() + rest)) return false;
    service_.host.log(Level::warning, "an endpoint failed; going on to the next one",
                      {{"failed", failed},
                       {"next", endpoint().host},
                       {"status", std::to_string(answer_head().status)},
                       {"reason", error.detail}});
    return true;
}

std::string Call::advice(const Error& error) {
    return advise(error, answer_head(), error_body(), asked(), service_.host.now());
}

}  // namespace gatehouse::oci
