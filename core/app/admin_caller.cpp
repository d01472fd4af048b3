// SPDX-License-Identifier: Apache-2.0
#include "core/app/admin_caller.hpp"

#include "core/util/ascii.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

/// Returns the token of `authorization: Bearer TOKEN`; empty without one such header.
std::string_view bearer(const http::Headers& headers) {
    constexpr std::string_view scheme = "bearer ";
    const auto is_credential = [](const auto& field) {
        return http::equal_ignoring_case(field.first, "authorization");
    };
    if (std::ranges::count_if(headers, is_credential) != 1) return {};
    std::string_view value = headers.get("authorization");
    if (lower_case(value.substr(0, scheme.size())) != scheme) return {};
    value.remove_prefix(scheme.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
}

bool is_loopback_peer(std::string_view peer) { return peer.starts_with("127.") || peer == "::1"; }

/// Whether a `Host` is an address, or localhost.  Another name may belong to a foreign site that has
/// pointed it to this machine (DNS rebinding).
bool names_address(std::string_view host) {
    if (host.starts_with('[')) return true;
    host = host.substr(0, host.rfind(':'));
    const bool digits = host.find_first_not_of("0123456789.") == host.npos;
    return (digits && !host.empty()) || lower_case(host) == "localhost";
}

/// Whether a browser sends the request for a page of another site.
bool is_from_page(const http::Headers& headers) {
    const std::string_view origin = headers.get("origin"), site = headers.get("sec-fetch-site");
    if (!origin.empty() && origin != "http://" + std::string(headers.get("host"))) return true;
    return !site.empty() && site != "same-origin" && site != "none";
}

}  // namespace

Result<AdminCaller> admin_caller(const http::RequestHead& head, const AdminTokens& tokens) {
    if (!tokens.empty()) {
        if (const AdminToken* token = tokens.find(bearer(head.headers))) return AdminCaller{token};
        return Error{ErrorKind::unauthenticated,
                     "a token of the admin API is needed: authorization: Bearer TOKEN"};
    }
    if (!is_loopback_peer(head.peer))
        return Error{ErrorKind::forbidden,
                     "without tokens the admin API serves only programs of its own machine: set tokens in "
                     "[admin]"};
    if (!names_address(head.headers.get("host")))
        return Error{.kind = ErrorKind::bad_request,
                     .message =
                         "without tokens the host must be an address or localhost: use 127.0.0.1, or "
                         "set tokens in [admin]",
                     .status = 421};
    if (is_from_page(head.headers))
        return Error{ErrorKind::forbidden, "without tokens a page of another site cannot use the admin API"};
    return AdminCaller{};
}

}  // namespace gatehouse::core
