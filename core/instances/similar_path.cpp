// SPDX-License-Identifier: Apache-2.0
#include "core/instances/similar_path.hpp"

#include "core/util/ascii.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <compare>
#include <tuple>

namespace gatehouse::core {

namespace {

using Segments = std::vector<std::string>;

Segments segments_of(std::string_view path) {
    Segments segments;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        if (end > at) segments.push_back(lower_case(path.substr(at, end - at)));
        at = end + 1;
    }
    return segments;
}

bool is_near(const std::string& segment, const std::string& name) {
    return segment == name || nearest(segment, {name}) == name;
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

// Among equal endpoints it prefers those with this method, and then the shortest.
std::string similar_endpoint(const std::vector<NamedDialect>& dialects, std::string_view method,
                             std::string_view path) {
    const Segments wrong = segments_of(path.substr(0, 200));
    const Dialect::Endpoint* best = nullptr;
    std::tuple<Similarity, bool, std::size_t> most;
    for (const NamedDialect& dialect : dialects)
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

}  // namespace gatehouse::core
