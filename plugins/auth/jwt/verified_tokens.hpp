// SPDX-License-Identifier: Apache-2.0
// Tokens whose signature has been checked under the keys in force, by their digest:
// a client shows the same one for an hour, and a signature costs 15 to 90 us where
// a digest costs one.  Bounded.  [any thread]
#pragma once

#include "plugins/auth/jwt/claims.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace gatehouse::jwt {

class VerifiedTokens {
public:
    using Time = std::chrono::system_clock::time_point;
    using Digest = std::array<unsigned char, 32>;

    explicit VerifiedTokens(std::size_t most) : half_(most / 2) {}

    static Digest digest_of(std::string_view token);

    /// Who showed this token before, if the key set of this number checked it and it has
    /// not expired.
    std::optional<Identity> find(const Digest& token, std::uint64_t key_set, Time now);

    /// Tokens that earlier key sets verified are forgotten.
    void add(const Digest& token, Bearer bearer, std::uint64_t key_set);

private:
    struct Hash {
        std::size_t operator()(const Digest& digest) const {
            std::size_t hash = 0;
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };
    using Map = std::unordered_map<Digest, Bearer, Hash>;

    // When the young are many the old go: what is in use has moved over before.
    const std::size_t half_;
    std::mutex mutex_;
    std::uint64_t key_set_ = 0;
    Map young_, old_;
};

}  // namespace gatehouse::jwt
