// SPDX-License-Identifier: Apache-2.0
// The inventory of a provider's upstream for an operator: its models, dedicated endpoints, routing profiles
// and API keys.  A provider offers an inventory as the operation of its name in the protocol "operator"
// (sdk/PROVIDER.md); the core knows no provider's rows.  Functions without state.  [main thread]
#pragma once

#include "core/app/ask_provider.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

inline constexpr std::array<std::string_view, 4> inventory_names = {"models", "endpoints", "profiles",
                                                                    "keys"};

/// An entry of an inventory.
struct InventoryRow {
    std::string json;     // an object
    std::string id;       // its member `id`; empty: it has none
    std::string warning;  // its member `warning`, a sentence for an operator; empty: it has none
};

struct ProviderInventory {
    BackgroundRequest::Outcome outcome;   // is_unsupported(): the provider has no such inventory
    std::vector<InventoryRow> rows = {};  // at most 10,000
};

/// Asks `provider` for an inventory.  For "models", a provider without an inventory is asked for
/// its list of models.  As ask_provider().
ProviderInventory inventory_of(const WorkerServices& worker, const NamedProvider& provider,
                               std::string_view name, Log& log);

}  // namespace gatehouse::core
