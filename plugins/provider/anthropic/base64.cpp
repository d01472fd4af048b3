// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/base64.hpp"

#include <cstdint>

namespace gatehouse::anthropic {

std::optional<std::string> base64_decoded(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    unsigned count = 0, padding = 0;  // characters in the current group of four
    for (const char c : text) {
        if (c == '\r' || c == '\n') continue;
        if (c == '=') {
            if (++padding > 2) return std::nullopt;
            continue;
        }
        const std::size_t value = alphabet.find(c);
        if (value == alphabet.npos || padding) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if (++count == 4) {
            out += {static_cast<char>(bits >> 16 & 0xff), static_cast<char>(bits >> 8 & 0xff),
                    static_cast<char>(bits & 0xff)};
            bits = count = 0;
        }
    }
    if (count == 1 || (padding && count + padding != 4)) return std::nullopt;
    if (count == 2) out += static_cast<char>(bits >> 4 & 0xff);
    if (count == 3) out += {static_cast<char>(bits >> 10 & 0xff), static_cast<char>(bits >> 2 & 0xff)};
    return out;
}

}  // namespace gatehouse::anthropic
