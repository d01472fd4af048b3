// SPDX-License-Identifier: Apache-2.0
// The syntax of an OCID.  Pure function: any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace gatehouse::oci {

/// Matches the pattern of OCI's own SDKs: at least five words separated by dots or colons.
/// Only the first and the last must not be empty.
inline bool is_ocid(std::string_view text) {
    auto is_word = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_';
    };
    auto is_separator = [](char c) { return c == '.' || c == ':'; };
    return !text.empty() && text.size() <= 255 &&
           std::all_of(text.begin(), text.end(), [&](char c) { return is_word(c) || is_separator(c); }) &&
           std::count_if(text.begin(), text.end(), is_separator) >= 4 && is_word(text.front()) &&
           is_word(text.back());
}

}  // namespace gatehouse::oci
