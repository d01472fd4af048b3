// SPDX-License-Identifier: Apache-2.0
// The endpoints of one instance, in the order of the configuration.  Requests use
// the first endpoint that works.  A failed endpoint is tried last for a while, so
// that not every request runs into the same failure.
#pragma once

#include "plugins/provider/oci/region/endpoint.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace gatehouse::oci {

/// Created at start.  Any thread may call mark_failed() and is_failed().
class Endpoints {
public:
    using Time = std::chrono::system_clock::time_point;

    /// REQUIRES: `all` is not empty.
    explicit Endpoints(std::vector<Endpoint> all);

    std::size_t size() const { return all_.size(); }
    const Endpoint& operator[](std::size_t index) const { return all_[index]; }

    /// Other endpoints are tried first until `until`.
    void mark_failed(std::size_t index, Time until);
    bool is_failed(std::size_t index, Time now) const;

private:
    std::vector<Endpoint> all_;
    std::unique_ptr<std::atomic<Time::rep>[]> failed_until_;
};

/// `first_only`: the first endpoint of the configuration, for objects that exist in one region.
enum class EndpointChoice { all, first_only };

/// The order in which one exchange tries the endpoints: first the working ones in
/// the order of the configuration, then the failed ones, each once.  One thread at
/// a time.
class EndpointWalk {
public:
    EndpointWalk(Endpoints& all, Endpoints::Time now, EndpointChoice choice = EndpointChoice::all);

    const Endpoint& here() const { return all_[order_[at_]]; }

    /// Marks the current endpoint as failed until `until` and moves to the next
    /// one.  Returns false if it was the last one.
    bool advance(Endpoints::Time until);

private:
    Endpoints& all_;
    std::vector<std::size_t> order_;
    std::size_t at_ = 0;
};

}  // namespace gatehouse::oci
