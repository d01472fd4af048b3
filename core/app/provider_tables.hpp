// SPDX-License-Identifier: Apache-2.0
// Tables that a provider can show to an operator: the models, dedicated endpoints, routing profiles and API
// keys of its upstream.  A provider offers a table as the operation of its name in the protocol "operator"
// (sdk/PROVIDER.md); the core knows no provider's tables.  Functions without state.  [main thread]
#pragma once

#include "core/app/ask_provider.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

inline constexpr std::array<std::string_view, 4> table_names = {"models", "endpoints", "profiles", "keys"};

/// A row of a table.
struct TableRow {
    std::string json;     // an object
    std::string id;       // its member `id`; empty: it has none
    std::string warning;  // its member `warning`, a sentence for an operator; empty: it has none
};

struct ProviderTable {
    BackgroundRequest::Outcome outcome;  // is_unsupported(): the provider has no such table
    std::vector<TableRow> rows = {};     // at most 10,000
};

/// Asks `provider` for a table.  A provider without a table of models is asked for its list of models.
/// As ask_provider().
ProviderTable table_of(const WorkerServices& worker, const NamedProvider& provider, std::string_view name,
                       Log& log);

}  // namespace gatehouse::core
