// SPDX-License-Identifier: Apache-2.0
// A session made by a browser login: a token and the key that it was made for, in
// files.  Followed when the command line renews them, and refreshed by ourselves
// before they expire.
#pragma once

#include "plugins/auth/oci_signer/settings.hpp"
#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

namespace gatehouse::oci {

/// `auth_endpoint`: where to refresh; empty: never.  REQUIRES: `settings` have a
/// security_token_file.  Throws KeyError.
std::unique_ptr<Source> make_session(const Settings& settings, std::string auth_endpoint, Host& host);

}  // namespace gatehouse::oci
