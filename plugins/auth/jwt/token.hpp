// SPDX-License-Identifier: Apache-2.0
// A token as received (RFC 7515, 3.1): split in three parts, its header read, not verified.
// A function without state: any thread.
#pragma once

#include "plugins/auth/jwt/public_key.hpp"

#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::jwt {

inline constexpr std::size_t max_token_bytes = 16 * 1024;
inline constexpr std::size_t max_json_depth = 16;

struct Token {
    Algorithm algorithm = Algorithm::rs256;
    std::string kid = {};  // empty if the header does not name a key
    std::string_view signed_text = {};
    std::string payload = {};    // decoded, not yet read
    std::string signature = {};  // decoded
};

/// The same error for every rejected token.  `why` is for the log only.
Error refused(std::string why);

/// Splits `text`, which must outlive the Token.  Rejects an unsigned token, and a header
/// that requires more than a signature over this text: `crit`, `b64`, `zip`, `enc`, a nested
/// token.  Ignores keys inside the token (`jwk`, `jku`, `x5u`, `x5c`).
Result<Token> cut(std::string_view text);

}  // namespace gatehouse::jwt
