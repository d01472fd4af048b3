// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) and HMAC (RFC 2104), without a library: for signers and authenticators.
// Some 200 MB/s, which is enough for the body of a request.  Hash more with Host::run.
// [one thread at a time]
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse {

/// Hashes a text that comes in pieces.
class Sha256 {
public:
    static constexpr std::size_t digest_size = 32, block_size = 64;

    Sha256& update(std::string_view bytes) {
        total_ += bytes.size();
        while (!bytes.empty()) {
            const std::size_t taken = std::min(block_size - held_, bytes.size());
            std::copy_n(bytes.data(), taken, block_.data() + held_);
            bytes.remove_prefix(taken);
            held_ += taken;
            if (held_ == block_size) take_block();
        }
        return *this;
    }

    /// The 32 bytes of the digest.  Call it once, at the end.
    std::string digest() {
        const std::uint64_t bits = total_ * 8;
        update(std::string_view("\x80", 1));
        while (held_ != block_size - 8) update(std::string_view("\0", 1));
        char length[8];
        for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(bits >> (56 - 8 * i) & 0xFF);
        update({length, 8});
        std::string out;
        for (const std::uint32_t word : state_)
            for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift & 0xFF);
        return out;
    }

private:
    using Words = std::array<std::uint32_t, 64>;

    static constexpr Words constants = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

    Words schedule() const {
        Words words{};
        for (std::size_t i = 0; i < block_size; ++i)
            words[i / 4] = words[i / 4] << 8 | static_cast<unsigned char>(block_[i]);
        for (std::size_t i = 16; i < 64; ++i) {
            const std::uint32_t a = words[i - 15], b = words[i - 2];
            words[i] = words[i - 16] + words[i - 7] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) +
                       (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
        }
        return words;
    }

    void take_block() {
        const Words words = schedule();
        auto [a, b, c, d, e, f, g, h] = state_;
        for (std::size_t i = 0; i < 64; ++i) {
            const std::uint32_t one = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                      ((e & f) ^ (~e & g)) + constants[i] + words[i];
            const std::uint32_t two =
                (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
        }
        const std::uint32_t change[] = {a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < 8; ++i) state_[i] += change[i];
        held_ = 0;
    }

    std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<char, block_size> block_ = {};
    std::size_t held_ = 0;
    std::uint64_t total_ = 0;
};

/// The 32 bytes of the digest of `text`.
inline std::string sha256(std::string_view text) { return Sha256().update(text).digest(); }

/// The 32 bytes of the HMAC of `text`.
inline std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::string inner = key.size() > Sha256::block_size ? sha256(key) : std::string(key);
    inner.resize(Sha256::block_size);
    std::string outer = inner;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    return Sha256().update(outer).update(Sha256().update(inner).update(text).digest()).digest();
}

/// Each byte as two digits in lower case.
inline std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.append({digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

/// Whether two secrets are equal.  The time depends on their lengths only.
inline bool equal_in_constant_time(std::string_view a, std::string_view b) {
    unsigned difference = a.size() != b.size();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

}  // namespace gatehouse
