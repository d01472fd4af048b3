// SPDX-License-Identifier: Apache-2.0
// Identifies the caller of the admin API, and its rights.  Functions without state: any thread, except
// those with AdminSessions: [the admin thread].
#pragma once

#include "core/admin/sessions.hpp"
#include "core/config/settings.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Without a token and without a login the configuration has no tokens, and the caller is local.
struct AdminCaller {
    const AdminToken* token = nullptr;
    const std::vector<std::string>* login = nullptr;  // the rights of a login by a code
    bool by_session = false;                          // the console of a browser

    std::string name() const { return token ? token->name : login ? "console" : std::string(); }
    bool may(std::string_view right) const {
        if (token) return token->has(right);
        return !login || std::ranges::count(*login, right) > 0;
    }
};

/// The token of `authorization: Bearer TOKEN`; empty without one such header.
std::string_view bearer(const http::Headers& headers);

/// With tokens: the bearer of one of them, else 401.  Without tokens: a program of this machine, but no
/// page of a foreign site in its browser, else 403 or 421.  `tokens` must outlive the caller.
Result<AdminCaller> admin_caller(const http::RequestHead& head, const AdminTokens& tokens);

/// The same, or the bearer of a session, under an allowed host and for no page of a foreign site.
/// `settings` must outlive the caller.
Result<AdminCaller> admin_caller(const http::RequestHead& head, const Settings& settings,
                                 const AdminSessions& sessions);

}  // namespace gatehouse::core
