// SPDX-License-Identifier: Apache-2.0
// A configuration as it may be shown: each value that may be a secret is masked.  Plain functions.
// [any thread]
#pragma once

#include "core/config/file.hpp"

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct MaskedKey {
    std::string name;   // "tokens[0].name"
    std::string value;  // as TOML, or masked
    bool masked = false;
    std::uint32_t line = 0;
};

struct MaskedTable {
    std::string title;  // "[provider.backup]"
    std::vector<MaskedKey> keys = {};
};

/// Stands for a value that is not shown.
inline constexpr std::string_view mask = "•••";

/// The tables of `file` in their order.  `keys_of` returns the declared keys of a table by its title; null if
/// they are not known, and the whole table is masked.  The function masks secrets, all values of
/// unknown keys, entries whose names sound secret, and user and query of a URL.  A reference such as env:NAME
/// is shown without its default.
std::vector<MaskedTable> masked(const ConfigFile& file,
                                const std::function<const std::vector<Key>*(const std::string&)>& keys_of);

/// `url` without its user and its query.  Other texts stay as they are.
std::string without_credentials(std::string_view url);

}  // namespace gatehouse::core
