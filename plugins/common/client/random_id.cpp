// SPDX-License-Identifier: Apache-2.0
// Each thread has a generator.
#include "plugins/common/client/random_id.hpp"

#include <array>
#include <cstdint>
#include <random>

namespace gatehouse::client {

namespace {

/// `numbers` makes 64 random bits.
template <typename Numbers>
std::string id_from(std::string_view prefix, Numbers&& numbers) {
    constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::array<char, 29> text;
    std::uint64_t bits = 0;  // for eight letters, because 62^8 is small against 2^64
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 8 == 0) bits = numbers();
        text[i] = letters[bits % letters.size()];
        bits /= letters.size();
    }
    std::string id;
    id.reserve(prefix.size() + text.size());
    id.append(prefix).append(text.data(), text.size());
    return id;
}

}  // namespace

std::string random_id(std::string_view prefix) {
    thread_local std::mt19937_64 generator = [] {
        std::random_device device;
        std::array<std::uint32_t, 8> words{};
        for (auto& word : words) word = device();
        std::seed_seq seed(words.begin(), words.end());
        return std::mt19937_64(seed);
    }();
    return id_from(prefix, generator);
}

std::string secret_id(std::string_view prefix) {
    thread_local std::random_device device;
    return id_from(prefix, [] { return std::uint64_t{device()} << 32 | device(); });
}

}  // namespace gatehouse::client
