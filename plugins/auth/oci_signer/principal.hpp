// SPDX-License-Identifier: Apache-2.0
// Which principal signs: what the key `principal` says, else what OCI's own
// tools would take.  [main thread]
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/options.hpp"
#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

#include <memory>

namespace gatehouse::oci {

/// The source that `options` and the environment describe.  Asks nobody over the
/// network.  Throws KeyError; logs what is suspicious but works.
std::unique_ptr<Source> make_source(const SignerOptions& options, const Environment& environment, Host& host);

}  // namespace gatehouse::oci
