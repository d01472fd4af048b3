// SPDX-License-Identifier: Apache-2.0
// The content of a ConfigFile: the text and toml++'s tree of it.  Only the sources
// of core/config include this, and with it toml++.
#pragma once

#include "core/config/file.hpp"

#include <toml++/toml.h>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::core {

struct Document {
    std::filesystem::path path;
    std::string text;
    toml::table root;
};

inline SourceLocation place_of(const toml::source_region& region,
                               SourceLocation::Show show = SourceLocation::Show::masked) {
    return {region.begin.line, region.begin.column, region.end.line, region.end.column, show};
}

/// The entries of a table in the order of the file; toml++ keeps them by name.
std::vector<std::pair<const toml::key*, const toml::node*>> in_order(const toml::table& table);

/// Describes `node` for messages: "a string", "a list", ….
const char* description(const toml::node& node);

}  // namespace gatehouse::core
