// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/lasting.hpp"

#include <map>

namespace gatehouse::quota {

std::shared_ptr<Lasting> Lasting::of(const Gauge& meter) {
    static std::mutex mutex;
    static auto* const all =
        new std::map<const Gauge*, std::weak_ptr<Lasting>>;  // plugins are never unloaded
    const std::lock_guard lock(mutex);
    std::weak_ptr<Lasting>& place = (*all)[&meter];
    auto lasting = place.lock();
    if (!lasting) place = lasting = std::make_shared<Lasting>();
    return lasting;
}

}  // namespace gatehouse::quota
