// SPDX-License-Identifier: Apache-2.0
// What all exchanges of one instance share, owned by the provider.
#pragma once

#include "plugins/provider/oci/endpoints.hpp"
#include "plugins/provider/oci/learned.hpp"
#include "plugins/provider/oci/listed.hpp"
#include "plugins/provider/oci/model.hpp"

#include <gatehouse/host.hpp>

#include <string>

namespace gatehouse::oci {

/// Made at start; what changes afterwards takes care of its threads.
struct Service {
    Endpoints endpoints;
    std::string compartment_id;
    Models models;
    Host& host;
    Learned learned;
    Listed listed;
};

}  // namespace gatehouse::oci
