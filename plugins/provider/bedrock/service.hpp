// SPDX-License-Identifier: Apache-2.0
// State that all exchanges of an instance share.  `learned` locks, all other members are
// constant: any thread.
#pragma once

#include "plugins/provider/bedrock/model.hpp"
#include "plugins/provider/bedrock/request.hpp"

#include <gatehouse/host.hpp>

#include <string_view>

namespace gatehouse::bedrock {

struct Service {
    const Hosts hosts;
    const Guardrail guardrail;
    const Models models;
    Host& host;
    LearnedQuirks learned = {};

    /// The model without the features that it has refused.
    Model model(std::string_view name) const {
        Model found = models.find(name);
        found.capabilities = learned.about(found.id, found.capabilities);
        return found;
    }
};

}  // namespace gatehouse::bedrock
