// SPDX-License-Identifier: Apache-2.0
// Small text helpers of this plugin.  Functions without state: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::oci {

/// ASCII letters in lower case, independent of any locale.
inline std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// `text` as TOML and JSON write a string, for messages and paths of keys.
inline std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out += '"';
}

}  // namespace gatehouse::oci
