// SPDX-License-Identifier: Apache-2.0
// Verifies the signature of a request as the service does: draft-cavage-http-
// signatures-08 with RSA-SHA256.  The code is independent of the gateway's signer.
// Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/keys.hpp"

#include <gatehouse/http.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emulator {

/// The parameters of `Authorization: Signature ...`.
struct Authorization {
    std::string version, key_id, algorithm, signature;
    std::vector<std::string> headers;  // lower case, in the order that was signed
};

/// Reads the value of an Authorization header, with parameters in any order.  The
/// Error's message explains an invalid value.
Result<Authorization> read_authorization(std::string_view value);

/// Returns the signed text: one line per name, separated by LF, without a final
/// LF.  An Error names a listed header that the request does not have.
Result<std::string> signing_string(const std::vector<std::string>& names, const http::RequestHead& head);

struct SignatureRules {
    enum class Mode {
        strict,          // check everything
        signature_only,  // accept any date
        off,             // check nothing
    };
    Mode mode = Mode::strict;
    std::chrono::seconds clock_skew{300};
    /// For the federation: the signature may omit the host and may use either
    /// date.
    bool lenient_names = false;
};

/// Returns the key of a keyId.  The Error's message explains why the key is not
/// known.
using FindKey = std::function<Result<KeyPointer>(const std::string& key_id)>;

/// Checks that a known key signed the request.  The Error's message names the
/// failed check, which the real service does not report.
Result<void> check_signature(const http::RequestHead& head, std::string_view body, const FindKey& find,
                             const SignatureRules& rules, std::chrono::system_clock::time_point now);
Result<void> check_signature(const http::RequestHead& head, std::string_view body, const KeyStore& keys,
                             const SignatureRules& rules, std::chrono::system_clock::time_point now);

}  // namespace gatehouse::emulator
