// SPDX-License-Identifier: Apache-2.0
// An RSA private key: parsed once from PEM, then shared read-only by all threads that
// sign.  It never prompts for a pass phrase on a terminal.
#pragma once

#include <gatehouse/result.hpp>

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;
struct evp_pkey_ctx_st;

namespace gatehouse::oci {

class PrivateKey {
public:
    /// Reads the first private key in `pem`: PKCS#1, PKCS#8, PBES2 or the older
    /// `Proc-Type` encryption.  Ignores text outside the PEM block.  Line breaks may be
    /// written `\n` in two characters or be missing.  An unneeded pass phrase is not an
    /// error.  `what` names the key in an error's message, such as "the private key
    /// /home/me/.oci/key.pem (key_file)".
    static Result<std::shared_ptr<const PrivateKey>> parse(std::string_view pem,
                                                           const std::string& pass_phrase,
                                                           const std::string& what);

    /// Makes a new RSA key of 2048 bits, for a session.  Takes about 100 ms: on a helper thread.
    static Result<std::shared_ptr<const PrivateKey>> generate();

    /// RSASSA-PKCS1-v1_5 with SHA-256, in base64.  [any thread, concurrently]
    Result<std::string> sign(std::string_view text) const;

    /// The key's fingerprint at OCI: MD5 of the public key in DER, as "73:61:…".  Empty if
    /// OpenSSL is configured without MD5.
    const std::string& fingerprint() const { return fingerprint_; }
    int bits() const;

    /// The public key: SubjectPublicKeyInfo in DER, in base64.
    std::string public_key() const;

private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
        void operator()(evp_pkey_ctx_st* context) const;
    };
    explicit PrivateKey(evp_pkey_st* key);

    std::unique_ptr<evp_pkey_st, Free> key_;
    // Prepared for signatures once; each signature uses a copy, which is cheap.
    std::unique_ptr<evp_pkey_ctx_st, Free> signing_;
    std::string fingerprint_;
};

/// Hex pairs with colons between them, in lower case: "73:61:…".
std::string hex_pairs(std::string_view bytes);

/// The SHA-256 of `bytes`, in base64.
std::string sha256_base64(std::string_view bytes);

}  // namespace gatehouse::oci
