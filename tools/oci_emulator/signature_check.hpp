// SPDX-License-Identifier: Apache-2.0
// Verifies the signature of a request as the service does: draft-cavage-http-
// signatures-08 with RSA-SHA256.  The emulator's own code, not the gateway's
// signer turned round.  Pure functions: [any thread].
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

/// Reads the value of an Authorization field, whatever the order of its parameters.
/// The Error's message says what is wrong with it.
Result<Authorization> read_authorization(std::string_view value);

/// What must have been signed: one line per name, LF between, none at the end.
/// An Error names a header that the list names and the request has not.
Result<std::string> signing_string(const std::vector<std::string>& names, const http::RequestHead& head);

struct SignatureRules {
    enum class Mode {
        strict,          // everything
        signature_only,  // the date may be any
        off,             // nothing
    };
    Mode mode = Mode::strict;
    std::chrono::seconds clock_skew{300};
    /// Of the federation: the host need not be signed, and either date may be.
    bool lenient_names = false;
};

/// The key that must have signed, by its keyId.  The Error's message says why there is none.
using FindKey = std::function<Result<KeyPointer>(const std::string& key_id)>;

/// Whether the request was signed by a known key.  The Error's message names the
/// check that failed; the service itself would not say it.
Result<void> check_signature(const http::RequestHead& head, std::string_view body, const FindKey& find,
                             const SignatureRules& rules, std::chrono::system_clock::time_point now);
Result<void> check_signature(const http::RequestHead& head, std::string_view body, const KeyStore& keys,
                             const SignatureRules& rules, std::chrono::system_clock::time_point now);

}  // namespace gatehouse::emulator
