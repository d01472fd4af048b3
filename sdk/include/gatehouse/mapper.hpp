// SPDX-License-Identifier: Apache-2.0
// A model mapper turns a client's model name into routes.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/event.hpp"
#include "gatehouse/route_query.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// The models that providers have listed, by instance name.  Ids are the providers' own.
/// An instance is absent if it lists no models or has not listed them yet.
using Discovered = std::map<std::string, std::shared_ptr<const std::vector<ModelInfo>>, std::less<>>;

/// All members: [any thread, concurrently].  None may block.
class ModelMapper : public Plugin {
public:
    static constexpr const char* kind = "mapper/1";

    /// At least one route, the best first.  not_found if the name is unknown.  A route is
    /// skipped while its circuit breaker is open.  The next one is tried if a route fails with
    /// upstream, unavailable, timeout, rate_limited, not_found, unsupported or internal.
    /// Another kind goes to the client at once.  The operation of `query` belongs to this call
    /// alone, so its texts may be decoded.
    virtual Result<std::vector<Route>> map(const RouteQuery& query) const = 0;

    /// A request that map() has routed was answered by `route`, which was not the first of
    /// its routes.  For mappers that keep a conversation on one route.
    virtual void moved(const RouteQuery& query, const Route& route) const {
        (void)query;
        (void)route;
    }

    /// Whether map() reads the measurements of RouteHealth.  Without it the core does not
    /// measure.  Called once, at start.
    virtual bool measures() const { return false; }

    /// The models that clients may name, for GET /v1/models, with the facts that `discovered`
    /// adds.  The core removes those that Identity::models of `who` does not admit.
    virtual std::vector<ModelInfo> models(const Identity& who, const Discovered& discovered) const = 0;

    /// Every provider instance that a route can name.  The core refuses a configuration
    /// without one of them.
    virtual std::vector<std::string> providers() const = 0;
};

}  // namespace gatehouse
