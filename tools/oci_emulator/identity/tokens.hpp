// SPDX-License-Identifier: Apache-2.0
// Security tokens: JWTs with the signer's public key in the claim `jwk`, as OCI's
// tokens.  Members: [any thread].
#pragma once

#include "tools/oci_emulator/json.hpp"
#include "tools/oci_emulator/keys.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

class TokenOffice {
public:
    using Time = std::chrono::system_clock::time_point;

    struct Token {
        KeyPointer key;  // key in the claim jwk
        Json claims;
    };

    /// A token with `claims` and iat, exp, jti and jwk.
    std::string issue(Json claims, const KeyPointer& holder, std::chrono::seconds lifetime, Time now);

    /// Checks that this emulator issued the token, and that the token is not
    /// revoked or expired.  The Error's message names the failed check.
    Result<Token> check(std::string_view token, Time now);

    /// Revokes all tokens issued so far.
    void revoke_all() { first_good_ = next_.load(); }
    std::int64_t issued() const { return next_; }

private:
    const KeyPointer& key();

    std::once_flag made_;
    KeyPointer key_;  // created at the first use
    std::atomic<std::int64_t> next_ = 0, first_good_ = 0;
};

/// Returns the claim `jti` of a token, unverified.  It identifies the token and is
/// not secret.
std::string name_of_token(std::string_view token);

}  // namespace gatehouse::emulator
