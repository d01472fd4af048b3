// SPDX-License-Identifier: Apache-2.0
// The signer's keys and their descriptions in `gatehouse explain`.
#include "plugins/auth/oci_signer/options.hpp"

namespace gatehouse::oci {

const Fields<SignerOptions>& signer_fields() {
    using O = SignerOptions;
    static const Fields<O> fields = {
        choice("principal", &O::principal,
               {"api_key", "session", "instance", "resource", "oke_workload", "auto"},
               "The kind of principal that signs; if omitted, OCI_CLI_AUTH or the profile decides."),
        optional("config_file", &O::config_file,
                 "The configuration file of OCI's tools; ~/.oci/config if omitted."),
        optional("profile", &O::profile, "The profile in config_file; DEFAULT if omitted."),
        optional("tenancy", &O::tenancy, "The tenancy's OCID, instead of the profile's."),
        optional("user", &O::user, "The user's OCID, instead of the profile's."),
        optional("fingerprint", &O::fingerprint,
                 "The fingerprint of the API key; computed from the key if no source has it."),
        optional("key_file", &O::key_file, "A file with the private key in PEM, instead of the profile's."),
        secret("key", &O::key, "The private key itself in PEM; its line breaks may be written \\n."),
        secret("pass_phrase", &O::pass_phrase, "The pass phrase of the private key, if it is encrypted."),
        optional("security_token_file", &O::security_token_file,
                 "A file with a session token, which then signs instead of the user's API key."),
        optional("region", &O::region,
                 "The region whose authentication service issues tokens, instead of the profile's or the "
                 "instance's."),
        optional("auth_endpoint", &O::auth_endpoint,
                 "http(s)://host[:port] of the authentication service, instead of the region's service."),
        optional("metadata_endpoint", &O::metadata_endpoint,
                 "Base URL of the instance metadata service, such as http://169.254.169.254/opc/v2."),
        optional("proxymux_endpoint", &O::proxymux_endpoint,
                 "http(s)://host[:port] of the service that issues tokens to OKE workloads, instead of the "
                 "cluster's service."),
        optional(
            "service_account_token_file", &O::service_account_token_file,
            "File with the token of the pod's Kubernetes service account, if it is not at the default path."),
        optional(
            "service_account_ca_file", &O::service_account_ca_file,
            "File with the CA certificates of the Kubernetes cluster, if it is not at the default path."),
        optional("refresh_session", &O::refresh_session,
                 "Whether a session token is refreshed before it expires and written back to its file."),
        ranged("token_wait_ms", &O::token_wait_ms, 0, 600'000,
               "Milliseconds that a request waits for the first token; beyond that it fails with 503."),
    };
    return fields;
}

}  // namespace gatehouse::oci
