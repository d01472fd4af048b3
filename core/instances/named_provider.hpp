// SPDX-License-Identifier: Apache-2.0
// A provider instance of the configuration, with its signer, its policies and its health.
// Owned by PluginInstances.
#pragma once

#include "core/instances/route_policy.hpp"
#include "core/retry/health.hpp"

#include <gatehouse/sdk.hpp>

#include <memory>
#include <string>

namespace gatehouse::core {

/// A provider instance and the signer that its table names.
struct NamedProvider {
    std::string name;
    Provider* provider = nullptr;
    Signer* signer = nullptr;  // null: requests are not signed
    std::string signer_name = {};
    RoutePolicies policies = RoutePolicies();
    std::shared_ptr<ProviderHealth> health = std::make_shared<ProviderHealth>();
    LocalProvider* local = nullptr;  // the same plugin if it computes in this process
};

}  // namespace gatehouse::core
