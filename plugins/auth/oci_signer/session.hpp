// SPDX-License-Identifier: Apache-2.0
// A session token and the key that it was made for, both in files that the
// command line tool of OCI renews behind our back; read again when they change.
#pragma once

#include "plugins/auth/oci_signer/principal.hpp"

namespace gatehouse::oci {

/// REQUIRES: `settings` have a security_token_file.  Throws KeyError.
std::shared_ptr<Principal> make_session(const Settings& settings, KeySource source,
                                        std::shared_ptr<const PrivateKey> key, Host& host);

/// The claim `exp` of a JWT, Unix seconds; nothing if it is not a JWT that has one.
std::optional<std::int64_t> expiry_of(std::string_view token);

}  // namespace gatehouse::oci
