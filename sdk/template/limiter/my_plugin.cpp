// SPDX-License-Identifier: Apache-2.0
// A limiter of requests in a minute.  Change it into your own.
//
// `gatehouse plugin-check` asks it for all kinds of requests, also from many threads at once.
#include <gatehouse/sdk.hpp>

#include <algorithm>

using namespace gatehouse;

namespace {

// The keys of [limiter.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml limiter my_plugin` prints them.
struct Options {
    std::int64_t requests_per_minute = 60;
};

const Fields<Options> fields = {
    ranged("requests_per_minute", &Options::requests_per_minute, 1, 1'000'000,
           "Requests of a client in a minute."),
};

constexpr std::chrono::milliseconds minute{60'000};
constexpr std::int64_t micro = 1'000'000;  // a counter that drains counts in small units

// A request costs the same whatever its end.
struct Settled final : Grant {
    void settle(const Bill&) override {}
};

// Many threads may call its members at once.
class Rate final : public Limiter {
public:
    Rate(const Options& options, Host& host) : most_(options.requests_per_minute), store_(host.store()) {
        if (!store_) throw KeyError("store", "the limiter needs a store: name a [store.NAME] of this file");
    }

    void admit(const LimitRequest& request, Completion<LimitDecision> done) override {
        // A Completion cannot be copied, and a std::function must be.
        auto shared = std::make_shared<Completion<LimitDecision>>(std::move(done));
        store_->add({{.key = {.owner = owner_of(request.authenticator, request.who), .space = "my_plugin"},
                      .amount = micro,
                      .keep_for = 2 * minute,
                      .limit = most_ * micro,
                      .drain = {.amount = most_ * micro, .time = minute}}},
                    Completion<Counts>([shared, most = most_](Result<Counts> counts) {
                        if (!counts) return (*shared)(counts.error());
                        (*shared)(decision(*counts, most));
                    }));
    }

private:
    static LimitDecision decision(const Counts& counts, std::int64_t most) {
        const std::int64_t used = counts.values.at(0), rest = most * micro - used;
        LimitDecision decision;
        decision.standing.requests = {.limit = most,
                                      .remaining = std::max<std::int64_t>(rest, 0) / micro,
                                      .reset = minute * used / (most * micro)};
        if (counts.added) {
            decision.grant = std::make_unique<Settled>();
            return decision;
        }
        const auto wait = minute * std::max<std::int64_t>(micro - rest, 0) / (most * micro);
        decision.standing.retry_after = wait + std::chrono::milliseconds(1);
        decision.refusal = {.kind = ErrorKind::rate_limited,
                            .message = "more than " + std::to_string(most) + " requests in a minute",
                            .retry_after_seconds = static_cast<int>(wait.count() / 1'000 + 1)};
        return decision;
    }

    const std::int64_t most_;
    Store* const store_;
};

}  // namespace

GATEHOUSE_PLUGIN(Rate, Options, fields, "my_plugin", "0.1.0");
