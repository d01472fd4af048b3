// SPDX-License-Identifier: Apache-2.0
// The keys of [signer.*] with `use = "oci_signer"`.  Plain values.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::oci {

/// All are optional.  An empty string has the same effect as a missing key.
struct SignerOptions {
    std::optional<std::string> principal = {};
    std::optional<std::string> config_file = {}, profile = {};
    std::optional<std::string> tenancy = {}, user = {}, fingerprint = {}, key_file = {}, key = {},
                               pass_phrase = {}, security_token_file = {};
    std::optional<std::string> region = {}, auth_endpoint = {}, metadata_endpoint = {},
                               proxymux_endpoint = {}, service_account_token_file = {},
                               service_account_ca_file = {};
    bool refresh_session = true;
    std::int64_t token_wait_ms = 20'000;
};

/// The description of the keys for the core.
const Fields<SignerOptions>& signer_fields();

}  // namespace gatehouse::oci
