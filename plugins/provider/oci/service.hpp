// SPDX-License-Identifier: Apache-2.0
// What all exchanges of one instance share, owned by the provider.
#pragma once

#include "plugins/provider/oci/endpoint.hpp"
#include "plugins/provider/oci/learned.hpp"
#include "plugins/provider/oci/model.hpp"

#include <gatehouse/host.hpp>

#include <string>

namespace gatehouse::oci {

/// Made at start; only `learned` changes, which takes care of its threads.
struct Service {
    Endpoint endpoint;
    std::string compartment_id;
    std::string chat_url;
    Models models;
    Host& host;
    Learned learned;
};

}  // namespace gatehouse::oci
