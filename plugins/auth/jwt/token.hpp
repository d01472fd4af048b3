// SPDX-License-Identifier: Apache-2.0
// A token as it came (RFC 7515, 3.1): cut in three, its header read, nothing believed.
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
    std::string kid = {};  // empty: the header names no key
    std::string_view signed_text = {};
    std::string payload = {};    // decoded, not yet read
    std::string signature = {};  // decoded
};

/// The one answer to everybody whose token is not accepted.  `why` is for the log.
Error refused(std::string why);

/// Cuts `text`, which must outlive the Token.  Refused is what is no signed token, and
/// every header that asks for more than to check a signature over this very text: `crit`,
/// `b64`, `zip`, `enc`, a nested token.  Keys that it brings along (`jwk`, `jku`, `x5u`,
/// `x5c`) are not looked at.
Result<Token> cut(std::string_view text);

}  // namespace gatehouse::jwt
