// SPDX-License-Identifier: Apache-2.0
// Shared code of all fuzz targets.  A target is one file with a LLVMFuzzerTestOneInput.  Its
// input is plain text, so that the fixtures of tests/data are its seeds.  Its promises hold for
// any bytes.  One thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::fuzz {

/// Ends the run, which keeps the input, if a promise does not hold.
inline void promise(bool holds, const char* what, std::string_view one = {}, std::string_view other = {}) {
    if (holds) return;
    std::fprintf(stderr, "\nBROKEN PROMISE: %s\n  %.*s\n  %.*s\n", what, static_cast<int>(one.size()),
                 one.data(), static_cast<int>(other.size()), other.data());
    std::abort();
}

/// Two texts that must be the same.
inline void same(std::string_view one, std::string_view other, const char* what) {
    promise(one == other, what, one, other);
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Numbers that depend on nothing but the input, so that a finding can be repeated.
inline std::minstd_rand numbers_of(std::string_view input) {
    std::uint32_t hash = 2166136261u;
    for (unsigned char c : input) hash = (hash ^ c) * 16777619u;
    return std::minstd_rand(hash);
}

/// `input` in pieces, small ones and large ones.
inline std::vector<std::string_view> pieces_of(std::string_view input) {
    std::minstd_rand random = numbers_of(input);
    std::vector<std::string_view> pieces;
    const std::size_t longest = random() % 3 == 0 ? 3 : 1 + random() % 64;
    while (!input.empty()) {
        pieces.push_back(input.substr(0, 1 + random() % longest));
        input.remove_prefix(pieces.back().size());
    }
    return pieces;
}

/// Pieces of one byte each.
inline std::vector<std::string_view> bytes_of(std::string_view input) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < input.size(); ++i) pieces.push_back(input.substr(i, 1));
    return pieces;
}

}  // namespace gatehouse::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
