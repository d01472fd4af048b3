// SPDX-License-Identifier: Apache-2.0
// A route of the configuration: "provider/model", whose model may have a star.  table.cpp chooses the
// entry whose name matches, and these functions replace the star.
// Plain values: any thread.
#pragma once

#include <gatehouse/mapper.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::table {

/// A route whose model may hold the place of what a star matched.
struct Template {
    std::string provider = {}, before = {}, after = {};
    bool has_star = false;

    Route fill(std::string_view star) const;
};
using Templates = std::vector<Template>;

std::vector<Route> fill_all(const Templates& templates, std::string_view star);

/// Splits "provider/model" at the first slash.  `star_allowed` tells whether a star on the left
/// gives one on the right a meaning.  Throws a KeyError at `path`.
Template parse_route(const std::string& text, bool star_allowed, const std::string& path);

}  // namespace gatehouse::table
