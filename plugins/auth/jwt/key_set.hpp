// SPDX-License-Identifier: Apache-2.0
// The keys of an issuer, read from a JSON Web Key Set (RFC 7517).
// Read-only once made: any thread, concurrently.
#pragma once

#include "plugins/auth/jwt/token.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::jwt {

inline constexpr std::size_t max_key_set_bytes = 1024 * 1024;

class KeySet {
public:
    enum class Verdict { good, bad, unknown_key };

    /// Reads the keys in `text` that can check signatures of a supported algorithm.  Skips
    /// shared secrets, keys for encryption and other curves.  The error's message is a phrase.
    static Result<KeySet> read(std::string_view text);

    std::size_t size() const { return keys_.size(); }

    /// Checks the signature of `token` with the key that its header names.  If the header
    /// does not name a key, tries at most the first eight keys that fit.
    Verdict verify(const Token& token) const;

private:
    struct Key {
        std::string kid;
        std::optional<Algorithm> algorithm;  // if set, the issuer allows no other algorithm
        PublicKey key;

        bool fits(Algorithm wanted) const { return (!algorithm || *algorithm == wanted) && key.fits(wanted); }
    };

    std::vector<Key> keys_;
};

}  // namespace gatehouse::jwt
