// SPDX-License-Identifier: Apache-2.0
// State that all exchanges of an instance share.  `learned` locks, all other members are
// constant: any thread.
#pragma once

#include <gatehouse/base_url.hpp>
#include "plugins/provider/anthropic/model.hpp"

#include <gatehouse/host.hpp>

#include <string>
#include <string_view>

namespace gatehouse::anthropic {

struct Service {
    const BaseUrl base;
    const std::string version;  // header anthropic-version
    const std::string beta;     // header anthropic-beta; empty if not sent
    const Models models;
    Host& host;
    LearnedQuirks learned = {};

    /// The model with the features that it has not refused.
    Model model(std::string_view name) const {
        Model found = models.find(name);
        found.capabilities = learned.about(found.id, found.capabilities);
        return found;
    }
};

}  // namespace gatehouse::anthropic
