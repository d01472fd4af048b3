// SPDX-License-Identifier: Apache-2.0
// The configuration key `prefix` of a dialect.  At start only.
#pragma once

#include <gatehouse/schema.hpp>

#include <string>

namespace gatehouse::client {

/// Throws KeyError unless `prefix` is empty, or a path such as "/v1".
inline void check_prefix(const std::string& prefix) {
    if (prefix.empty()) return;
    if (prefix.front() != '/' || prefix.back() == '/' || prefix.find_first_of("?#%* \t") != std::string::npos)
        throw KeyError("prefix", "must begin with a slash and not end with one, such as \"/v1\"");
}

}  // namespace gatehouse::client
