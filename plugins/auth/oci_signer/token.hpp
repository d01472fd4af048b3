// SPDX-License-Identifier: Apache-2.0
// Security tokens of OCI: JWTs, of which only the claims are read.  Nobody here
// verifies them: OCI does.  Pure functions.  [any thread]
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

inline constexpr std::size_t max_token_bytes = 16 * 1024;  // it travels in a header

/// What a token says of itself; what is missing or odd is left out.
struct Claims {
    std::optional<Time> expiry = {};  // exp
    std::string tenancy = {};         // res_tenant of a resource, else tenant
    std::string compartment = {};     // res_compartment
};

/// Empty claims if `token` is no JWT.
Claims claims_of(std::string_view token);

/// `text` without blanks around and without a leading `ST$`, if it can stand in the
/// keyId of a signature; the error says what else it is, without quoting it.
Result<std::string> clean_token(std::string_view text);

/// The member `token` of a JSON object.  The error says what is wrong with the answer.
Result<std::string> token_in(std::string_view json);

/// What `token`, without ST$, and the session's key sign with from `now` on.
Credential credential_of(const std::string& token, std::shared_ptr<const PrivateKey> key, Time now);

/// For sources that fail: what a client may know, and what the operator must.
Error no_token(ErrorKind kind, std::string detail);

/// The bytes of base64 or base64url, with or without padding; stops at what is neither.
std::string decode_base64(std::string_view text);

}  // namespace gatehouse::oci
