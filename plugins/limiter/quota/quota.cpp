// SPDX-License-Identifier: Apache-2.0
// A limiter of requests, tokens and money by client, group and model: its entry point.
// Read-only except for its context: any thread.
#include "plugins/limiter/quota/admission.hpp"
#include "plugins/limiter/quota/limit_admin.hpp"

#include <utility>

namespace gatehouse::quota {

namespace {

Store& store_of(Host& host) {
    if (Store* store = host.store()) return *store;
    throw KeyError("store", "the limits need a store: name a [store.NAME] of this file");
}

std::shared_ptr<Journal> journal_of(const Options& options, Host& host) {
    if (options.ledger_file.empty()) return nullptr;
    auto journal = std::make_shared<Journal>(options.ledger_file, host);
    if (auto ok = journal->check(); !ok)
        throw KeyError("ledger_file", "cannot write to " + options.ledger_file + ": " + ok.error().message);
    return journal;
}

}  // namespace

Context::Context(Options given, Host& its_host)
    : options(std::move(given)),
      host(its_host),
      prices(options, host),
      rules(options),
      classes(rules, prices),
      store(store_of(host)),
      meters(host),
      lasting(Lasting::of(meters.pending)),
      share(options.gateways),
      uses_share(options.on_store_failure == "local"),
      journal(journal_of(options, host)),
      // The backlog is a part of `lasting`.
      settlements(Settlements::start(host, store, meters.pending, {lasting, &lasting->backlog},
                                     rules.has_budgets())) {
    lasting->rules.enter(rules);
}

Context::~Context() {
    lasting->rules.leave(rules);
    settlements->end();
}

class Quota final : public Limiter {
public:
    Quota(Options options, Host& host) : context_(std::move(options), host) {}

    void admit(const LimitRequest& request, Completion<LimitDecision> done) override {
        const Seconds now = context_.now();
        Plan plan(request, context_.classes.find(request, now, &context_.lasting->names), context_.options,
                  now);
        std::make_shared<Admission>(context_, std::move(plan), std::move(done))->start();
    }

    std::string doubt(const Route& route, std::optional<Price> price) const override {
        const std::string price_doubt = doubt_about_price(route, price);
        const std::string restarted = restarted_budgets();
        if (restarted.empty() || price_doubt.empty()) return restarted + price_doubt;
        return restarted + "; " + price_doubt;
    }

    AdminResource* admin() override { return context_.options.resource.empty() ? nullptr : &admin_; }

private:
    std::string doubt_about_price(const Route& route, const std::optional<Price>& price) const {
        if (!context_.rules.has_budgets() || price || context_.prices.find(route)) return {};
        return "the route \"" + route.provider + "/" + route.model +
               "\" has no price: requests that a budget counts " +
               (context_.options.unpriced == "refuse" ? "are refused" : "cost nothing there");
    }

    /// The first call names the budgets that a reload sets to zero.
    std::string restarted_budgets() const {
        if (std::exchange(has_named_budgets_, true)) return {};
        const auto rules = context_.lasting->rules.restarted(context_.rules, context_.now());
        std::string names;
        for (std::size_t i = 0; i < rules.size() && i < most_named; ++i)
            names += (i ? ", \"" : "\"") + rules[i]->scope.text + "\" per " + rules[i]->per;
        if (rules.size() > most_named) names += " and " + std::to_string(rules.size() - most_named) + " more";
        return names.empty()
                   ? names
                   : "budgets begin at zero, because their `for`, `per`, `models` or `routes` or the "
                     "`time_zone` changed: " +
                         names;
    }

    static constexpr std::size_t most_named = 5;
    Context context_;
    LimitAdmin admin_{context_};
    mutable bool has_named_budgets_ = false;  // only the main thread uses it
};

}  // namespace gatehouse::quota

GATEHOUSE_PLUGIN(gatehouse::quota::Quota, gatehouse::quota::Options, gatehouse::quota::fields, "quota",
                 "1.0.0");
