// SPDX-License-Identifier: Apache-2.0
// The possible content of a configuration for `explain` and `schema`: the plugins that were found, and the
// description of each key.
// [main thread]
#pragma once

#include "core/plugin/finder.hpp"

#include <gatehouse/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Describes the purpose of an instance of `kind` in one sentence.
std::string_view doc_of_kind(std::string_view kind);

/// The names of the plugins of `kind` that `use = "…"` can select, each once, in the order
/// in which they are found.
std::vector<std::string> plugin_names(const std::vector<ListedPlugin>& all, std::string_view kind);

/// The facts that a key's doc omits: the allowed words or range, and secrecy.
std::string remarks(const Key& key);

bool has_minimum(const Key& key);
bool has_maximum(const Key& key);

/// Breaks `text` into lines of at most `width` characters, each after `indent`.  White space
/// in `text` does not add lines.
std::string wrapped(std::string_view text, const std::string& indent, std::size_t width = 100);

}  // namespace gatehouse::core
