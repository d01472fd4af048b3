// SPDX-License-Identifier: Apache-2.0
// A user with an API key, which never changes.
#pragma once

#include "plugins/auth/oci_signer/settings.hpp"
#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

namespace gatehouse::oci {

/// Throws KeyError.  Logs a warning if a value is usable but unsafe.
std::unique_ptr<Source> make_user(const Settings& settings, Host& host);

}  // namespace gatehouse::oci
