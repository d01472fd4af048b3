// SPDX-License-Identifier: Apache-2.0
// The places where one instance finds the service: one, or several of which the
// first that works is taken.  One that has failed rests for a while, so that
// not every request finds out anew.
#pragma once

#include "plugins/provider/oci/endpoint.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace gatehouse::oci {

/// Made at start; rest() and is_resting() from any thread.
class Endpoints {
public:
    using Time = std::chrono::system_clock::time_point;

    /// REQUIRES: not empty.
    explicit Endpoints(std::vector<Endpoint> all);

    std::size_t size() const { return all_.size(); }
    const Endpoint& operator[](std::size_t index) const { return all_[index]; }

    /// From now on others are tried first, until `until`.
    void rest(std::size_t index, Time until);
    bool is_resting(std::size_t index, Time now) const;

private:
    std::vector<Endpoint> all_;
    std::unique_ptr<std::atomic<Time::rep>[]> rests_until_;
};

/// One exchange's way through the endpoints: those that work in the order of the
/// configuration, then the resting ones, each once.  One thread at a time.
class EndpointWalk {
public:
    EndpointWalk(Endpoints& all, Endpoints::Time now);

    const Endpoint& here() const { return all_[order_[at_]]; }

    /// The endpoint has failed: it rests until `until`.  False if it was the last one.
    bool go_on(Endpoints::Time until);

private:
    Endpoints& all_;
    std::vector<std::size_t> order_;
    std::size_t at_ = 0;
};

}  // namespace gatehouse::oci
