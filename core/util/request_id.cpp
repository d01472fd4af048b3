// SPDX-License-Identifier: Apache-2.0
#include "core/util/request_id.hpp"

#include "core/util/random_bits.hpp"

namespace gatehouse::core {

std::string new_request_id() {
    constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    std::string id = "req_";
    for (int word = 0; word < 3; ++word) {
        std::uint64_t bits = random_bits();
        for (int i = 0; i < 8; ++i, bits >>= 6) id += letters[bits & 63];
    }
    return id;
}

std::string printable(std::string_view text) {
    std::string out;
    for (char c : text.substr(0, 100))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\'' ? '?' : c;
    return out;
}

}  // namespace gatehouse::core
