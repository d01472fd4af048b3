// SPDX-License-Identifier: Apache-2.0
// Security tokens: JWTs that carry the public key of who may sign with them,
// in the claim `jwk`, as OCI's do.  Members: [any thread].
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
        KeyPointer key;  // of the claim jwk
        Json claims;
    };

    /// A token with `claims` and iat, exp, jti and jwk.
    std::string issue(Json claims, const KeyPointer& holder, std::chrono::seconds lifetime, Time now);

    /// A token that was issued here, is not revoked and has not expired.  The
    /// Error's message says which of these it fails.
    Result<Token> check(std::string_view token, Time now);

    /// No token issued so far is good any more.
    void revoke_all() { first_good_ = next_.load(); }
    std::int64_t issued() const { return next_; }

private:
    const KeyPointer& key();

    std::once_flag made_;
    KeyPointer key_;  // made when first needed
    std::atomic<std::int64_t> next_ = 0, first_good_ = 0;
};

/// The claim `jti` of a token, unverified: a name for it that is no secret.
std::string name_of_token(std::string_view token);

}  // namespace gatehouse::emulator
