// SPDX-License-Identifier: Apache-2.0
// The data of the console, shared by the instances of one resource name: an instance that a reload makes
// continues with the requests of the old one.  [any thread]
#pragma once

#include "plugins/observer/console/options.hpp"
#include "plugins/observer/console/series.hpp"
#include "plugins/observer/console/views.hpp"

#include <gatehouse/admin.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::console {

class State {
public:
    using Time = std::chrono::system_clock::time_point;

    /// The state of the living instances with this resource name, or a new one.
    static std::shared_ptr<State> of(const Options& options, Time now);

    explicit State(Time now) : since_(now) {}
    void set_limits(const Options& options);
    void add(const std::vector<std::shared_ptr<const Story>>& stories);

    /// The response to a GET.
    Result<http::Response> get(const AdminRequest& request, Time now) const;

private:
    std::string summary(Time now) const;

    const Time since_;
    mutable std::mutex mutex_;  // guards the two below
    Ring ring_;
    Series series_;
};

}  // namespace gatehouse::console
