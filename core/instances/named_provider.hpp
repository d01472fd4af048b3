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

/// The headers of W3C Trace Context that an upstream gets: the key `trace_context`.
enum class TracePropagation { full, parent, none };

/// A provider instance and the signer that its table names.
struct NamedProvider {
    std::string name;
    Provider* provider = nullptr;
    Signer* signer = nullptr;  // null: requests are not signed
    std::string signer_name = {};
    RoutePolicies policies = RoutePolicies();
    std::shared_ptr<ProviderHealth> health = std::make_shared<ProviderHealth>();
    LocalProvider* local = nullptr;  // the same plugin if it computes in this process
    std::string plugin = {};         // its plugin's name
    TracePropagation trace = TracePropagation::full;
};

}  // namespace gatehouse::core
