// SPDX-License-Identifier: Apache-2.0
// A model mapper turns a client's model name into routes.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/event.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// A destination of a request.
struct Route {
    std::string provider;  // an instance name, "oci" in [provider.oci]
    std::string model;     // the provider's own name for it, not empty
};

/// The models that providers have listed, by instance name.  Ids are the providers' own.
/// An instance is absent if it lists no models or has not listed them yet.
using Discovered = std::map<std::string, std::shared_ptr<const std::vector<ModelInfo>>, std::less<>>;

/// All members: [any thread, concurrently].  None may block.
class ModelMapper : public Plugin {
public:
    static constexpr const char* kind = "mapper/1";

    /// At least one route, the best first.  not_found if the name is unknown.
    virtual Result<std::vector<Route>> map(std::string_view model, const Identity& who) const = 0;

    /// The models that a client may use, for GET /v1/models: those of the table, with the
    /// facts that `discovered` adds, and those of `discovered` that match a pattern.
    virtual std::vector<ModelInfo> models(const Identity& who, const Discovered& discovered) const = 0;

    /// Every provider instance that a route can name.  The core refuses a configuration
    /// without one of them.
    virtual std::vector<std::string> providers() const = 0;
};

}  // namespace gatehouse
