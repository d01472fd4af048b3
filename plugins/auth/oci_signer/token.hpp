// SPDX-License-Identifier: Apache-2.0
// Security tokens of OCI.  They are JWTs; the signer reads only their claims, and OCI
// verifies them.  Pure functions.  [any thread]
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

inline constexpr std::size_t max_token_bytes = 16 * 1024;  // because it is sent in a header

/// The claims of a token.  Missing and malformed claims are left out.
struct Claims {
    std::optional<Time> expiry = {};  // exp
    std::string tenancy = {};         // res_tenant of a resource, else tenant
    std::string compartment = {};     // res_compartment
};

/// Returns empty claims if `token` is not a JWT.
Claims claims_of(std::string_view token);

/// Returns `text` without surrounding blanks and without a leading `ST$`.  The error has the
/// reason, without quoting the text, if the text cannot be the keyId of a signature.
Result<std::string> clean_token(std::string_view text);

/// Returns the member `token` of a JSON object.  The error says what is wrong with the response.
Result<std::string> token_in(std::string_view json);

/// Makes the credential of `token`, without ST$, and the session's key from `now` on.
Credential credential_of(const std::string& token, std::shared_ptr<const PrivateKey> key, Time now);

/// The error of a source that fails: a fixed message for the client, `detail` for the log.
Error no_token(ErrorKind kind, std::string detail);

}  // namespace gatehouse::oci
