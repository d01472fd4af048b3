// SPDX-License-Identifier: Apache-2.0
#include "core/observe/failure_cause.hpp"

#include <gatehouse/error_text.hpp>

#include <optional>

namespace gatehouse::core {

namespace {

/// Whether the failure is neither the client's nor a defect of a plugin.
bool is_upstreams(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::upstream:
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
        case ErrorKind::rate_limited: return true;
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

std::optional<FailureCause> cause_of(TransferFault fault) {
    switch (fault) {
        case TransferFault::refused: return FailureCause::not_sent;
        case TransferFault::no_address: return FailureCause::dns;
        case TransferFault::no_connection: return FailureCause::connect;
        case TransferFault::proxy: return FailureCause::proxy;
        case TransferFault::tls: return FailureCause::tls;
        case TransferFault::closed_before:
        case TransferFault::closed_within: return FailureCause::connection_lost;
        case TransferFault::invalid: return FailureCause::bad_response;
        case TransferFault::slow: return FailureCause::timeout;
        case TransferFault::other: return FailureCause::connection_lost;
        case TransferFault::none: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

const char* cause_name(FailureCause cause) {
    switch (cause) {
        case FailureCause::none: return "";
        case FailureCause::not_sent: return "not_sent";
        case FailureCause::credentials: return "credentials";
        case FailureCause::proxy: return "proxy";
        case FailureCause::dns: return "dns";
        case FailureCause::connect: return "connect";
        case FailureCause::tls: return "tls";
        case FailureCause::connection_lost: return "connection_lost";
        case FailureCause::timeout: return "timeout";
        case FailureCause::rate_limited: return "rate_limited";
        case FailureCause::insufficient_quota: return "insufficient_quota";
        case FailureCause::unavailable: return "unavailable";
        case FailureCause::server_error: return "server_error";
        case FailureCause::bad_response: return "bad_response";
    }
    return "";
}

FailureCause cause_of(const Error& error, int status, TransferFault fault, bool unsigned_request) {
    if (!is_upstreams(error.kind)) return FailureCause::none;
    if (unsigned_request) return FailureCause::not_sent;
    if (const auto cause = cause_of(fault)) return *cause;
    if (status == 407) return FailureCause::proxy;
    if (refuses_credentials(status)) return FailureCause::credentials;
    if (error.kind == ErrorKind::timeout) return FailureCause::timeout;
    if (error.kind == ErrorKind::rate_limited)
        return error.code == "insufficient_quota" ? FailureCause::insufficient_quota
                                                  : FailureCause::rate_limited;
    if (error.kind == ErrorKind::unavailable) return FailureCause::unavailable;
    return status >= 500 ? FailureCause::server_error : FailureCause::bad_response;
}

}  // namespace gatehouse::core
