// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/oci_exchange.hpp"

#include "plugins/provider/oci/advice.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::oci {

namespace {

// Time for which a failed endpoint is tried last, if it sends no retry-after.
constexpr std::chrono::seconds failure_memory{10};

/// Whether the transfer broke, or the response reports a failure of the endpoint.
bool another_endpoint_may_work(const Error& error, int status) {
    switch (error.kind) {
        case ErrorKind::unavailable:
        case ErrorKind::timeout: return true;
        case ErrorKind::rate_limited: return error.code != "insufficient_quota";
        case ErrorKind::upstream: return status == 0 || status >= 500;
        case ErrorKind::bad_config:
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::not_found:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported:
        case ErrorKind::internal: return false;
    }
    return false;
}

}  // namespace

OciExchange::OciExchange(Service& service, Model model, EndpointChoice choice)
    : HttpExchange(service.host, "OCI"),
      service_(service),
      model_(std::move(model)),
      walk_(service.endpoints, service.host.now(), choice),
      of_stored_object_(choice == EndpointChoice::first_only) {}

http::Request OciExchange::begin(std::string_view method, std::string_view operation) {
    return begin_at(method, endpoint().url(operation));
}

http::Request OciExchange::begin_at(std::string_view method, std::string url) {
    amended_ = elsewhere_ = false;
    return HttpExchange::begin(method, std::move(url));
}

Error OciExchange::on_failure() {
    const http::ResponseHead& head = answer_head();
    Failure failure = explain(head.status, head.headers, error_body(), asked(), service_.host.now());
    amended_ = failure.refused && do_without(*failure.refused);
    elsewhere_ = failure.no_capacity;
    return std::move(failure.error);
}

bool OciExchange::amend(const Error& error) {
    if (std::exchange(amended_, false)) return true;
    if (!elsewhere_ && !another_endpoint_may_work(error, answer_head().status)) return false;
    const auto wait = std::max(failure_memory, std::chrono::seconds(error.retry_after_seconds));
    const std::string failed = endpoint().host;
    if (!walk_.advance(service_.host.now() + wait)) return false;
    service_.host.log(Level::warning, "endpoint failed, trying the next",
                      {{"failed", failed},
                       {"next", endpoint().host},
                       {"status", std::to_string(answer_head().status)},
                       {"upstream_id", std::string(answer_head().headers.get(request_id_header()))},
                       {"reason", error.detail}});
    return true;
}

std::string OciExchange::advice(const Error&) {
    return advise(answer_head(), error_body(), asked(), service_.host.now());
}

}  // namespace gatehouse::oci
