// SPDX-License-Identifier: Apache-2.0
// The content of /ready: whether requests should come to this gateway, and the state of each provider and
// store. Plain functions.  [any thread]
#pragma once

#include "core/instances/config_snapshot.hpp"
#include "core/retry/usability.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

struct Readiness {
    std::string_view unready;  // a literal: the reason why no request should come; empty: ready
    std::string detail = {};   // an instance and its reason
    std::vector<std::pair<std::string, Usability::State>> providers = {};
    struct Store {
        std::string name;
        std::string_view state;   // a literal: "usable", "not usable" or "unknown"
        std::string reason = {};  // why it is not usable
    };
    std::vector<Store> stores = {};
};

/// `snapshot` is null before the start and after the end.
Readiness readiness(bool accepts, bool draining, const ConfigSnapshot* snapshot);

/// For the [admin] listener; that of clients names no provider and no store.
std::string to_json(const Readiness& readiness);

}  // namespace gatehouse::core
