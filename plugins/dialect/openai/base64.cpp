// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/base64.hpp"

#include <bit>
#include <cstdint>
#include <limits>

namespace gatehouse::openai_dialect {

namespace {

std::string little_endian(const std::vector<float>& vector) {
    std::string bytes;
    bytes.reserve(vector.size() * sizeof(float));
    for (const float number : vector)
        for (int shift = 0; shift < 32; shift += 8)
            bytes += static_cast<char>(std::bit_cast<std::uint32_t>(number) >> shift & 0xFF);
    return bytes;
}

}  // namespace

void append_base64(std::string& out, const std::vector<float>& vector) {
    static_assert(sizeof(float) == 4 && std::numeric_limits<float>::is_iec559);
    if (std::endian::native == std::endian::little)
        gatehouse::append_base64(
            out, {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)});
    else
        gatehouse::append_base64(out, little_endian(vector));
}

}  // namespace gatehouse::openai_dialect
