// SPDX-License-Identifier: Apache-2.0
// The services that a principal needs: the instance's metadata, the federation, the
// refresh of sessions, OKE's proxymux, and the files of a resource principal
// (plugins/provider/oci/PROTOCOL.md, sections 6.7 to 6.10).  Members: [any thread].
#pragma once

#include "tools/oci_emulator/answers.hpp"
#include "tools/oci_emulator/identity/certificates.hpp"
#include "tools/oci_emulator/identity/tokens.hpp"
#include "tools/oci_emulator/signature_check.hpp"

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace gatehouse::emulator {

struct IdentitySettings {
    std::string region = "us-chicago-1";
    std::string metadata_region = {};  // name in the metadata, a short code for instance; empty: the same
    std::string tenancy = "ocid1.tenancy.oc1..emulator";
    std::string compartment = "ocid1.compartment.oc1..emulator";
    std::chrono::seconds token_lifetime{1200};
    std::chrono::seconds session_lifetime{86'400};
    std::string service_account_token = {};         // empty: any token is accepted
    std::filesystem::path resource_principal = {};  // folder for rpst and private.pem; empty: not written
};

class Identity {
public:
    using Time = std::chrono::system_clock::time_point;

    explicit Identity(IdentitySettings settings);

    /// Returns the response to a request to one of the principals' paths, or
    /// nothing for other paths.
    std::optional<http::Response> answer(const http::RequestHead& head, const std::string& body,
                                         const SignatureRules& rules, Time now);

    /// Returns the response to a request below /_emulator/, or nothing.
    std::optional<http::Response> control(const http::RequestHead& head, const std::string& body, Time now);

    /// Returns the key that may sign with a token of this emulator.
    Result<KeyPointer> key_of_token(std::string_view token, Time now);

    std::int64_t issued() const { return tokens_.issued(); }

    /// Writes a new token, and a new key if requested, into the configured folder.
    Result<void> write_resource_principal(std::chrono::seconds lifetime, bool new_key, Time now);

private:
    http::Response metadata(const http::RequestHead& head);
    http::Response federate(const http::RequestHead& head, const std::string& body, SignatureRules rules,
                            Time now);
    http::Response refresh(const http::RequestHead& head, const std::string& body,
                           const SignatureRules& rules, Time now);
    http::Response pod_token(const http::RequestHead& head, const std::string& body, Time now);
    http::Response session_token(const std::string& body, Time now);
    http::Response change(const std::string& body);

    Credential leaf();
    void rotate();
    Json claims(const char* type) const;
    std::chrono::seconds lifetime() const { return std::chrono::seconds(token_lifetime_); }

    const IdentitySettings settings_;
    std::atomic<std::int64_t> token_lifetime_;
    TokenOffice tokens_;
    std::mutex mutex_;
    Credential leaf_;  // created at the first use
    KeyPointer resource_key_;
};

}  // namespace gatehouse::emulator
