// SPDX-License-Identifier: Apache-2.0
// State that all exchanges of one instance share, owned by the provider.
#pragma once

#include "plugins/provider/oci/models/listed.hpp"
#include "plugins/provider/oci/models/model.hpp"
#include "plugins/provider/oci/models/quirks.hpp"
#include "plugins/provider/oci/region/endpoints.hpp"

#include <gatehouse/host.hpp>

#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Created at start.  The members that change afterwards are thread-safe.
struct Service {
    Endpoints endpoints;
    std::string compartment_id;
    bool residency_needs_discovery = false;  // the rules of residency refuse models until it has succeeded
    Models models;
    Host& host;
    LearnedQuirks learned;
    Listed listed;

    /// The model as the configuration, the table of families and the service describe it.
    Model find(std::string_view id) const {
        Model model = models.find(id);
        if (const auto entry = listed.find(id); entry && *entry && (*entry)->facts)
            learn(model, *(*entry)->facts);
        return model;
    }
};

}  // namespace gatehouse::oci
