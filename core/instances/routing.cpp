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

}  // namespace

std::string with_single_slashes(std::string_view path) {
    std::string out;
    for (const char c : path)
        if (c != '/' || !out.ends_with('/')) out += c;
    return out;
}

Routing::Routing(std::vector<NamedDialect> dialects) : dialects_(std::move(dialects)) {}

Routing::Match Routing::find(std::string_view method, std::string_view path) const {
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    Match match;
    for (const NamedDialect& dialect : dialects_)
        for (const auto& endpoint : dialect.endpoints) {
            if (!matches(endpoint.path, path)) continue;
            if (endpoint.method == wanted) return {&dialect, {}};
            add_to_list(match.allow, endpoint.method);
            if (endpoint.method == "GET") add_to_list(match.allow, "HEAD");
        }
    return match;
}

std::string Routing::similar(std::string_view method, std::string_view path) const {
    return similar_endpoint(dialects_, method, path);
}

const NamedDialect& Routing::nearest(std::string_view path) const {
    const NamedDialect* best = &dialects_.front();
    std::size_t most = 0;
    for (const NamedDialect& dialect : dialects_)
        for (const auto& endpoint : dialect.endpoints)
            if (const std::size_t common = common_segments(endpoint.path, path); common > most) {
                most = common;
                best = &dialect;
            }
    return *best;
}

}  // namespace gatehouse::core
