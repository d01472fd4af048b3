// SPDX-License-Identifier: Apache-2.0
// The background listings of one configuration: one for each provider that asks for it.
//
// [main thread]; each Discovery lives on a worker's loop.
#pragma once

#include "core/context.hpp"
#include "core/workplaces.hpp"

#include <memory>
#include <vector>

namespace gatehouse::core {

class Discoveries {
public:
    /// Those of `context`, spread over the workers.  All of it must outlive them.
    /// REQUIRES: none run.
    void start(const Context& context, const Workplaces& places, Log& log);
    /// What has been listed so far goes on to another configuration.
    void hand_over(const Context& from, const Context& to) const;
    /// Ends them, each on its loop.
    void stop();
    /// The loops have ended: they go on this thread.
    void clear() { all_.clear(); }

private:
    std::vector<std::unique_ptr<Discovery>> all_;
};

}  // namespace gatehouse::core
