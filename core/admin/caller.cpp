// SPDX-License-Identifier: Apache-2.0
#include "core/admin/caller.hpp"

#include "core/admin/page_check.hpp"
#include "core/util/ascii.hpp"

namespace gatehouse::core {

namespace {

bool is_loopback_peer(std::string_view peer) { return peer.starts_with("127.") || peer == "::1"; }

}  // namespace

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

Result<AdminCaller> admin_caller(const http::RequestHead& head, const AdminTokens& tokens) {
    if (!tokens.empty()) {
        if (const AdminToken* token = tokens.find(bearer(head.headers))) return AdminCaller{.token = token};
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
    if (is_from_page(head.headers, false))
        return Error{ErrorKind::forbidden, "without tokens a page of another site cannot use the admin API"};
    return AdminCaller{};
}

Result<AdminCaller> admin_caller(const http::RequestHead& head, const Settings& settings,
                                 const AdminSessions& sessions) {
    const AdminSession* session = sessions.find(bearer(head.headers), AdminSessions::Clock::now());
    if (!session) return admin_caller(head, settings.admin_tokens);
    if (auto ok = check_page(head.headers, settings.admin.hosts); !ok) return ok.error();
    AdminCaller caller{.by_session = true};
    // A reload may have removed the token, or the rights of codes.
    if (session->token_digest.empty())
        caller.login = &settings.admin.console;
    else
        caller.token = settings.admin_tokens.of_digest(session->token_digest);
    if (!caller.token && !caller.login)
        return Error{ErrorKind::unauthenticated, "the token of this login is not valid any more"};
    return caller;
}

}  // namespace gatehouse::core
