// SPDX-License-Identifier: Apache-2.0
// Money for a stream that outgrows its estimate: more is reserved while it runs, until a budget refuses.
// Owned by a Taken and by the completions of the store.  [any thread]
#pragma once

#include "plugins/limiter/quota/context.hpp"

#include <memory>
#include <mutex>

namespace gatehouse::quota {

class TopUp : public std::enable_shared_from_this<TopUp> {
public:
    /// Null if no budget of the request cuts streams.
    static std::shared_ptr<TopUp> of(Context& context, const Plan& plan);
    /// `context` outlives the grant.  REQUIRES: a charge of `plan` is cut.
    TopUp(Context& context, const Plan& plan);
    /// Gives back a reservation whose result did not arrive.
    ~TopUp();
    TopUp(const TopUp&) = delete;
    TopUp& operator=(const TopUp&) = delete;

    /// Reserves more if `needed`, the cost with the next tokens, is more than what is reserved.  Returns
    /// false if no more can be reserved and what is reserved is used.
    bool reach(Nano needed, Nano step);
    /// The money that each of the charges has reserved in addition.  Later reservations are given back.
    Nano finish();

private:
    void ask(Nano step);
    void on_counts(Nano step, const Result<Counts>& counts);

    Context& context_;
    const std::shared_ptr<Settlements> settlements_;     // outlives the instance
    const std::shared_ptr<const TrafficClass> traffic_;  // has the names of the charges
    std::vector<Charge> charges_;                        // those that are cut
    Nano reserved_ = 0;                                  // the least of them
    std::mutex mutex_;                                   // guards the members below
    Nano added_ = 0;
    std::optional<Ticket> ticket_;  // the call's, until its result is known
    std::vector<Count> back_;       // the opposite of that call
    bool asking_ = false, spent_ = false, finished_ = false;
};

}  // namespace gatehouse::quota
