// SPDX-License-Identifier: Apache-2.0
// The tokens of [admin]: the callers of the admin API and their rights.
//
// Only digests are kept.  Made at start and at a reload; then read-only: [any thread].
#pragma once

#include "core/config/mistakes.hpp"

#include <gatehouse/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// An entry of `tokens`, as in the file.
struct AdminTokenOptions {
    std::string name, token;
    std::vector<std::string> may = {"read"};
};

struct AdminToken {
    std::string name;
    std::string digest;  // SHA-256 of the token, in hex
    std::vector<std::string> may;

    bool has(std::string_view right) const;
};

class AdminTokens {
public:
    AdminTokens() = default;
    /// Overwrites the secrets in `options`.  Adds a mistake, at its place in `table`, for each token
    /// that cannot be used; the result is then incomplete.
    static AdminTokens of(std::vector<AdminTokenOptions>& options, const Config& table, Mistakes& mistakes);

    bool empty() const { return all_.empty(); }
    /// Returns null if no token is `presented`.  The time does not depend on the tokens.
    const AdminToken* find(std::string_view presented) const;
    /// The same for the SHA-256 of a token, in hex.
    const AdminToken* of_digest(std::string_view digest) const;

private:
    std::vector<AdminToken> all_;
};

}  // namespace gatehouse::core
