// SPDX-License-Identifier: Apache-2.0
// The grant of a request: what its counters have taken, and what they keep after its end.
#pragma once

#include "plugins/limiter/quota/top_up.hpp"

namespace gatehouse::quota {

/// The actual cost of an attempt, or of several.
struct Actual {
    bool asked = false;      // an upstream was asked
    bool estimated = false;  // a part of the numbers is an estimate
    std::int64_t prompt = 0, completion = 0;
    Nano cost = 0;

    void add(const Actual& other);
};

/// The actual cost of an attempt.  An attempt without usage costs its prompt and the output that arrived, if
/// the upstream has read the prompt, and nothing otherwise.  Tokens that the upstream has not shown, such as
/// hidden reasoning, are a part of the estimate.
Actual actual_of(const Plan& plan, const BilledAttempt& attempt, const Habits& habits, Unseen unseen = {});

class Taken final : public Grant {
public:
    /// `context` outlives this object.
    /// `local`: it was taken from the shares of this gateway.
    Taken(Context& context, Plan plan, bool local)
        : context_(context), plan_(std::move(plan)), local_(local), more_(TopUp::of(context_, plan_)) {}

    bool progress(std::int64_t output_tokens) override;
    void settle(const Bill& bill) override;
    std::optional<Cost> cost() const override { return cost_; }

private:
    void replace_reservations();

    Context& context_;
    Plan plan_;
    const bool local_;
    std::optional<Cost> cost_;           // after settle(); empty if no upstream was asked
    const std::shared_ptr<TopUp> more_;  // null: no budget cuts the stream
};

}  // namespace gatehouse::quota
