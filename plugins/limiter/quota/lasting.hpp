// SPDX-License-Identifier: Apache-2.0
// The state of a limiter that outlives a reload: running requests, costs that wait for the store, habits of
// routes, and names with counters.  The instances before and after a reload share it; the last one destroys
// it.  [any thread]
#pragma once

#include "plugins/limiter/quota/active_rules.hpp"
#include "plugins/limiter/quota/habits.hpp"
#include "plugins/limiter/quota/model_names.hpp"
#include "plugins/limiter/quota/running.hpp"
#include "plugins/limiter/quota/settlements.hpp"
#include "plugins/limiter/quota/standings.hpp"
#include "plugins/limiter/quota/warnings.hpp"

#include <memory>

namespace gatehouse::quota {

struct Lasting {
    /// The state of the instance that has declared this meter.  An instance after a reload gets the same
    /// meter, see Host::gauge().
    static std::shared_ptr<Lasting> of(const Gauge& meter);

    ActiveRules rules;
    Running running;
    Habits habits;
    ModelNames names;
    Warnings warnings;
    Standings standings;
    Backlog backlog;
};

}  // namespace gatehouse::quota
