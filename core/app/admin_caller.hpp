// SPDX-License-Identifier: Apache-2.0
// Identifies the caller of the admin API, and its rights.  Functions without state: any thread.
#pragma once

#include "core/config/admin_tokens.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

struct AdminCaller {
    const AdminToken* token = nullptr;  // null: the configuration has no tokens, and the caller is local

    std::string name() const { return token ? token->name : std::string(); }
    bool may(std::string_view right) const { return !token || token->has(right); }
};

/// With tokens: the bearer of one of them, else 401.  Without tokens: a program of this machine, but no
/// page of a foreign site in its browser, else 403 or 421.  `tokens` must outlive the caller.
Result<AdminCaller> admin_caller(const http::RequestHead& head, const AdminTokens& tokens);

}  // namespace gatehouse::core
