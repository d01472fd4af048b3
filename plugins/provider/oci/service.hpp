// SPDX-License-Identifier: Apache-2.0
// State that all exchanges of one instance share, owned by the provider.
#pragma once

#include "plugins/provider/oci/models/listed.hpp"
#include "plugins/provider/oci/models/model.hpp"
#include "plugins/provider/oci/models/quirks.hpp"
#include "plugins/provider/oci/region/endpoints.hpp"

#include <gatehouse/host.hpp>

#include <string>

namespace gatehouse::oci {

/// Created at start.  The members that change afterwards are thread-safe.
struct Service {
    Endpoints endpoints;
    std::string compartment_id;
    Models models;
    Host& host;
    LearnedQuirks learned;
    Listed listed;
};

}  // namespace gatehouse::oci
