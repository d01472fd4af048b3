// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/base64.hpp"

#include <bit>
#include <cstdint>
#include <limits>

namespace gatehouse::openai_dialect {

void append_base64(std::string& out, const std::vector<float>& vector) {
    static_assert(sizeof(float) == 4 && std::numeric_limits<float>::is_iec559);
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t bytes = vector.size() * sizeof(float);
    // Byte by byte, so that the result is little-endian on every machine.
    auto byte = [&](std::size_t i) -> std::uint32_t {
        if (i >= bytes) return 0;
        return std::bit_cast<std::uint32_t>(vector[i / 4]) >> (i % 4 * 8) & 0xFF;
    };
    const std::size_t begin = out.size();
    out.resize(begin + base64_size(bytes));
    char* to = out.data() + begin;
    for (std::size_t i = 0; i < bytes; i += 3) {
        const std::uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        for (int shift = 18; shift >= 0; shift -= 6) *to++ = letters[group >> shift & 63];
    }
    for (std::size_t over = (3 - bytes % 3) % 3; over > 0; --over) *--to = '=';
}

}  // namespace gatehouse::openai_dialect
