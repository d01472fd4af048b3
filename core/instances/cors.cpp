// SPDX-License-Identifier: Apache-2.0
#include "core/instances/cors.hpp"

#include <algorithm>

namespace gatehouse::core {

bool Cors::knows(std::string_view origin) const {
    return !origin.empty() && std::any_of(origins_.begin(), origins_.end(), [&](const std::string& allowed) {
        return allowed == "*" || http::equal_ignoring_case(allowed, origin);
    });
}

std::optional<http::Response> Cors::preflight(const http::RequestHead& request) const {
    if (request.method != "OPTIONS" || !request.headers.has("access-control-request-method") ||
        !knows(request.headers.get("origin")))
        return std::nullopt;
    http::Response answer{.head = {.status = 204}};
    allow(request, answer.head.headers);
    answer.head.headers.set("access-control-allow-methods", "GET, HEAD, POST, OPTIONS");
    // `*` would not cover `authorization`, so the requested headers are listed.
    if (const auto wanted = request.headers.get("access-control-request-headers"); !wanted.empty())
        answer.head.headers.set("access-control-allow-headers", std::string(wanted));
    answer.head.headers.set("access-control-max-age", "86400");
    return answer;
}

void Cors::allow(const http::RequestHead& request, http::Headers& answer) const {
    if (origins_.empty()) return;
    answer.add("vary", "origin");
    const auto origin = request.headers.get("origin");
    if (!knows(origin)) return;
    answer.set("access-control-allow-origin", std::string(origin));
    answer.set("access-control-expose-headers",
               "x-request-id, x-upstream-request-id, x-gatehouse-route, retry-after, retry-after-ms, "
               "x-should-retry, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, "
               "x-ratelimit-reset-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, "
               "x-ratelimit-reset-tokens, x-gatehouse-budget-remaining");
}

}  // namespace gatehouse::core
