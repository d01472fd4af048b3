// SPDX-License-Identifier: Apache-2.0
// A model mapper: turns the model name a client wrote into places to send it.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/event.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// One place to send a request to.
struct Route {
    std::string provider;  // an instance name, "oci" in [provider.oci]
    std::string model;     // the provider's own name for it, not empty
};

/// What providers have said of their models, by instance name; ids are the
/// providers' own.  An instance that lists none, or not yet, is absent.
using Discovered = std::map<std::string, std::shared_ptr<const std::vector<ModelInfo>>, std::less<>>;

/// All members: [any thread, concurrently], and return at once.
class ModelMapper : public Plugin {
public:
    static constexpr const char* kind = "mapper/1";

    /// Places to try, best first, never none; not_found if the name means nothing here.
    virtual Result<std::vector<Route>> map(std::string_view model, const Identity& who) const = 0;

    /// The models a client may name, for GET /v1/models: those of the table, told
    /// more of by `discovered`, and those of `discovered` that a pattern lets through.
    virtual std::vector<ModelInfo> models(const Identity& who, const Discovered& discovered) const = 0;

    /// Every provider instance that a route can name, so that the core can
    /// refuse a configuration that routes to one that is not there.
    virtual std::vector<std::string> providers() const = 0;
};

}  // namespace gatehouse
