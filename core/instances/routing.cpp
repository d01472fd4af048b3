// SPDX-License-Identifier: Apache-2.0
#include "core/instances/routing.hpp"

#include "core/util/suggest.hpp"

#include <algorithm>
#include <compare>
#include <tuple>
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

using Segments = std::vector<std::string>;

Segments segments_of(std::string_view path) {
    Segments segments;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        if (end > at) segments.emplace_back(path.substr(at, end - at));
        at = end + 1;
    }
    for (std::string& segment : segments)
        for (char& c : segment)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return segments;
}

bool is_near(const std::string& segment, const std::string& name) {
    return segment == name || core::nearest(segment, {name}) == name;
}

struct Similarity {
    std::size_t common = 0, exact = 0;  // segments
    auto operator<=>(const Similarity&) const = default;
};

// Compares the segments at the end, with small mistakes.  A star stands for one segment.
Similarity common_end(const Segments& wrong, const Segments& right) {
    Similarity found;
    std::size_t named = 0;
    while (found.common < std::min(wrong.size(), right.size())) {
        const std::string& name = right[right.size() - 1 - found.common];
        const std::string& segment = wrong[wrong.size() - 1 - found.common];
        if (name != "*" && !is_near(segment, name)) break;
        named += name != "*";
        found.exact += segment == name;
        ++found.common;
    }
    return named > 0 ? found : Similarity();
}

// The segments at the beginning, if one path continues the other: /v1/chat, /v1/models/.
Similarity common_begin(const Segments& wrong, const Segments& right) {
    const std::size_t shorter = std::min(wrong.size(), right.size());
    const bool same =
        std::equal(wrong.begin(), wrong.begin() + static_cast<std::ptrdiff_t>(shorter), right.begin());
    return same && shorter > 1 ? Similarity{1, 0} : Similarity();
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

// The endpoint with most segments in common; of equals, one with this method and the shortest.
std::string Routing::similar(std::string_view method, std::string_view path) const {
    const Segments wrong = segments_of(path.substr(0, 200));
    const Dialect::Endpoint* best = nullptr;
    std::tuple<Similarity, bool, std::size_t> most;
    for (const NamedDialect& dialect : dialects_)
        for (const auto& endpoint : dialect.endpoints) {
            const Segments right = segments_of(endpoint.path);
            const Similarity similarity = std::max(common_end(wrong, right), common_begin(wrong, right));
            const std::tuple rank{similarity, endpoint.method == method,
                                  1000 - std::min<std::size_t>(right.size(), 999)};
            if (similarity.common == 0 || rank <= most) continue;
            most = rank;
            best = &endpoint;
        }
    return best ? best->method + " " + best->path : std::string();
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
