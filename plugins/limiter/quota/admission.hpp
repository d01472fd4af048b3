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
        : context_(context), plan_(std::move(plan)), done_(std::move(done)) {}

    void start();

private:
    std::vector<Count> reservation() const;
    void reserve();
    void on_counts(const std::vector<Count>& asked, Result<Counts> counts);
    void admit(const Values& values, bool local = false);
    bool shorten(const Values& values);
    void refuse(LimitDecision decision);
    void on_timeout();
    void fail(const std::string& reason);
    Values values_of(const Counts& counts) const;

    Context& context_;
    Plan plan_;
    Completion<LimitDecision> done_;
    std::recursive_mutex mutex_;  // guards all members; a store may complete within its call
    bool over_ = false;           // set by the first end: the store's or the timer's
    int rounds_ = 0;
};

}  // namespace gatehouse::quota
