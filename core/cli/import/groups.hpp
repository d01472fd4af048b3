// SPDX-License-Identifier: Apache-2.0
// The names of models that clients use, each with its routes.  [main thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

struct Route {
    std::string to = {};                                    // instance/model
    std::optional<double> weight = {}, rpm = {}, tpm = {};  // shares of the requests in the other program
    int deployments = 1;
};

/// The deployments of one name, in the order of the file.
struct Group {
    std::string name = {};
    std::vector<Route> routes = {};
};

class Groups {
public:
    /// Adds a route to a name.  The shares of the same route add up.
    void add(const std::string& name, const Route& route);

    /// Replaces the routes of a name.
    void set(const std::string& name, std::vector<Route> routes);

    bool has(const std::string& name) const;

    /// The routes of the name, or of the longest name with a star that matches it; empty if no name does.
    std::vector<Route> serving(const std::string& name) const;

    const std::vector<Group>& all() const { return groups_; }

private:
    Group& group(const std::string& name);

    std::vector<Group> groups_;
};

/// The share of each route as a whole number of 0 to 1,000,000, as the mapper has it.  The first route
/// decides whether the shares are weights, requests a minute or tokens a minute; without any, all shares are
/// equal.
std::vector<std::int64_t> shares(const std::vector<Route>& routes);

}  // namespace gatehouse::core
