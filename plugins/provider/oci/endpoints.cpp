// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/endpoints.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace gatehouse::oci {

Endpoints::Endpoints(std::vector<Endpoint> all)
    : all_(std::move(all)), rests_until_(std::make_unique<std::atomic<Time::rep>[]>(all_.size())) {}

void Endpoints::rest(std::size_t index, Time until) {
    rests_until_[index].store(until.time_since_epoch().count(), std::memory_order_relaxed);
}

bool Endpoints::is_resting(std::size_t index, Time now) const {
    return rests_until_[index].load(std::memory_order_relaxed) > now.time_since_epoch().count();
}

EndpointWalk::EndpointWalk(Endpoints& all, Endpoints::Time now) : all_(all), order_(all.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_partition(order_.begin(), order_.end(),
                          [&](std::size_t index) { return !all_.is_resting(index, now); });
}

bool EndpointWalk::go_on(Endpoints::Time until) {
    if (all_.size() > 1) all_.rest(order_[at_], until);
    if (at_ + 1 == order_.size()) return false;
    ++at_;
    return true;
}

}  // namespace gatehouse::oci
