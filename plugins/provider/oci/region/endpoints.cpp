// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/region/endpoints.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace gatehouse::oci {

Endpoints::Endpoints(std::vector<Endpoint> all)
    : all_(std::move(all)), failed_until_(std::make_unique<std::atomic<Time::rep>[]>(all_.size())) {}

void Endpoints::mark_failed(std::size_t index, Time until) {
    failed_until_[index].store(until.time_since_epoch().count(), std::memory_order_relaxed);
}

bool Endpoints::is_failed(std::size_t index, Time now) const {
    return failed_until_[index].load(std::memory_order_relaxed) > now.time_since_epoch().count();
}

EndpointWalk::EndpointWalk(Endpoints& all, Endpoints::Time now, EndpointChoice choice)
    : all_(all), order_(choice == EndpointChoice::first_only ? 1 : all.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_partition(order_.begin(), order_.end(),
                          [&](std::size_t index) { return !all_.is_failed(index, now); });
}

bool EndpointWalk::advance(Endpoints::Time until) {
    // A failure of stored objects does not tell that the chats of the endpoint fail.
    if (order_.size() > 1) all_.mark_failed(order_[at_], until);
    if (at_ + 1 == order_.size()) return false;
    ++at_;
    return true;
}

}  // namespace gatehouse::oci
