// SPDX-License-Identifier: Apache-2.0
// One request that waits for the store: all its counters change in one step, or none.
// Owned by the completions of the store and by its timer.  [any thread]
#pragma once

#include "plugins/limiter/quota/context.hpp"
#include "plugins/limiter/quota/refusals.hpp"

#include <memory>
#include <mutex>

namespace gatehouse::quota {

class Admission : public std::enable_shared_from_this<Admission> {
public:
    Admission(Context& context, Plan plan, Completion<LimitDecision> done)
        : context_(context),
          settlements_(context.settlements),
          plan_(std::move(plan)),
          done_(std::move(done)) {}
    /// Gives back a reservation whose result did not arrive.
    ~Admission();
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;

    void start();

private:
    std::vector<Count> reservation();
    void reserve();
    void on_counts(Result<Counts> counts);
    void admit(const Values& values, bool local = false);
    bool shorten(const Values& values);
    void refuse(LimitDecision decision);
    void on_timeout();
    void fail(const std::string& reason);
    Values values_of(const Counts& counts) const;

    Context& context_;
    const std::shared_ptr<Settlements> settlements_;  // outlives the instance
    Plan plan_;
    Completion<LimitDecision> done_;
    std::recursive_mutex mutex_;  // guards all members; a store may complete within its call
    bool over_ = false;           // set by the first end: the store's or the timer's
    int rounds_ = 0;
    std::optional<Ticket> ticket_;  // the reservation's, until its result is known
    std::vector<Count> asked_;      // the reservation, without its ticket
};

}  // namespace gatehouse::quota
