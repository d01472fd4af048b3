// SPDX-License-Identifier: Apache-2.0
// A resource principal, version 2.2: the platform (Functions, Data Science, Container
// Instances) provides a token and its key in environment variables, as text or as the paths
// of files that it renews.
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// The error names the missing or wrong variable.  Does not read any file yet.
Result<std::unique_ptr<Source>> make_resource(const Environment& environment, Host& host);

}  // namespace gatehouse::oci
