// SPDX-License-Identifier: Apache-2.0
// An instance principal: a compute instance sends the certificate of its metadata service
// and receives a token for a new key.
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include "plugins/provider/oci/region/region_metadata.hpp"

#include <gatehouse/host.hpp>

namespace gatehouse::oci {

struct InstanceSettings {
    std::string metadata_endpoint = {};  // empty: the default addresses
    std::string auth_endpoint = {};      // empty: the region's endpoint
    std::string region = {};             // empty: the metadata service's value
    RegionEnvironment regions = {};
};

std::unique_ptr<Source> make_instance(InstanceSettings settings, Host& host);

}  // namespace gatehouse::oci
