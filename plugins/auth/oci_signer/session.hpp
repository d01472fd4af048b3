// SPDX-License-Identifier: Apache-2.0
// A session made by a browser login: a token and its key in files.  Reads the files again
// when the command line renews them, and refreshes the token before it expires.
#pragma once

#include "plugins/auth/oci_signer/settings.hpp"
#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

namespace gatehouse::oci {

/// `auth_endpoint`: the service that refreshes the token; if it is empty, the token is not
/// refreshed.  REQUIRES: `settings` have a security_token_file.  Throws KeyError.
std::unique_ptr<Source> make_session(const Settings& settings, std::string auth_endpoint, Host& host);

}  // namespace gatehouse::oci
