// SPDX-License-Identifier: Apache-2.0
// Chooses the principal: the key `principal` decides, otherwise the rules of OCI's own
// tools.  [main thread]
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/options.hpp"
#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

#include <memory>

namespace gatehouse::oci {

/// Makes the source that `options` and the environment describe.  Does not use the network.
/// Throws KeyError.  Logs a warning if a value is usable but unsafe.
std::unique_ptr<Source> make_source(const SignerOptions& options, const Environment& environment, Host& host);

}  // namespace gatehouse::oci
