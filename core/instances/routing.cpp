// SPDX-License-Identifier: Apache-2.0
#include "core/instances/routing.hpp"

#include "core/instances/similar_path.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

bool matches(std::string_view pattern, std::string_view path) {
    if (!pattern.ends_with("/*")) return pattern == path;
    pattern.remove_suffix(1);
    return path.size() > pattern.size() && path.starts_with(pattern);
}

// The number of leading segments that two paths share.
std::size_t common_segments(std::string_view a, std::string_view b) {
    const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto common = a.substr(0, static_cast<std::size_t>(in_a - a.begin()));
    auto segments = static_cast<std::size_t>(std::count(common.begin(), common.end(), '/'));
    const bool complete = (in_a == a.end() || *in_a == '/') && (in_b == b.end() || *in_b == '/');
    return complete ? segments : segments - (segments > 0);
}

/// Whether the endpoint serves requests with these headers.
bool fits(const Dialect::Endpoint& endpoint, const http::Headers& headers) {
    return endpoint.header.empty() || headers.has(endpoint.header);
}

}  // namespace

std::string with_single_slashes(std::string_view path) {
    std::string out;
    for (const char c : path)
        if (c != '/' || !out.ends_with('/')) out += c;
    return out;
}

Routing::Routing(std::vector<NamedDialect> dialects) : dialects_(std::move(dialects)) {}

Routing::Match Routing::find(std::string_view method, std::string_view path,
                             const http::Headers& headers) const {
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    Match match;
    auto allow = [&](std::string_view other) {
        if (match.allow.find(other) == match.allow.npos) add_to_list(match.allow, other);
    };
    for (const NamedDialect& dialect : dialects_)
        for (const auto& endpoint : dialect.endpoints) {
            if (!matches(endpoint.path, path) || !fits(endpoint, headers)) continue;
            if (endpoint.method == wanted) {
                if (!endpoint.header.empty()) return {&dialect, {}, endpoint.path};
                if (!match.dialect) match = {&dialect, std::move(match.allow), endpoint.path};
                continue;
            }
            allow(endpoint.method);
            if (endpoint.method == "GET") allow("HEAD");
        }
    if (match.dialect) match.allow.clear();
    return match;
}

std::string Routing::similar(std::string_view method, std::string_view path) const {
    return similar_endpoint(dialects_, method, path);
}

const NamedDialect& Routing::nearest(std::string_view path, const http::Headers& headers) const {
    const NamedDialect* best = &dialects_.front();
    std::size_t most = 0;
    bool by_header = false;
    for (const NamedDialect& dialect : dialects_)
        for (const auto& endpoint : dialect.endpoints) {
            if (!fits(endpoint, headers)) continue;
            const std::size_t common = common_segments(endpoint.path, path);
            const bool has_header = !endpoint.header.empty();
            if (common < most || (common == most && (by_header || !has_header))) continue;
            most = common;
            by_header = has_header;
            best = &dialect;
        }
    return *best;
}

}  // namespace gatehouse::core
