// SPDX-License-Identifier: Apache-2.0
// A resource principal, version 2.2: the platform (Functions, Data Science,
// Container Instances) gives a token and its key by environment variables, as
// text or as files that it renews.
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// The error says which variable is missing or wrong.  Reads no file yet.
Result<std::unique_ptr<Source>> make_resource(const Environment& environment, Host& host);

}  // namespace gatehouse::oci
