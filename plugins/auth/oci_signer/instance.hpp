// SPDX-License-Identifier: Apache-2.0
// An instance principal: a compute instance shows the certificate that its
// metadata service gives it, and gets a token for a key that it has just made.
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include "plugins/provider/oci/region/region_metadata.hpp"

#include <gatehouse/host.hpp>

namespace gatehouse::oci {

struct InstanceSettings {
    std::string metadata_endpoint = {};  // empty: the usual ones
    std::string auth_endpoint = {};      // empty: that of the region
    std::string region = {};             // empty: as the metadata service says
    RegionEnvironment regions = {};
};

std::unique_ptr<Source> make_instance(InstanceSettings settings, Host& host);

}  // namespace gatehouse::oci
