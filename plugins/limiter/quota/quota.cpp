// SPDX-License-Identifier: Apache-2.0
// A limiter of requests, tokens and money by client, group and model: its entry point.
// Read-only except for its context: any thread.
#include "plugins/limiter/quota/admission.hpp"

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
      prices(options.prices),
      rules(rules_of(options)),
      store(store_of(host)),
      meters(host),
      share(options.gateways),
      settlements(std::make_shared<Settlements>(host, store)),
      journal(journal_of(options, host)) {}

class Quota final : public Limiter {
public:
    Quota(Options options, Host& host) : context_(std::move(options), host) {
        // A store opens its file or its connection with the first call, and no request should wait for it.
        context_.store.get({{.space = "limits"}}, 0,
                           Completion<std::vector<std::optional<Record>>>([](const auto&) {}));
    }

    void admit(const LimitRequest& request, Completion<LimitDecision> done) override {
        Plan plan(request, charges_of(context_.rules, request, context_.now()), context_.prices,
                  context_.options);
        std::make_shared<Admission>(context_, std::move(plan), std::move(done))->start();
    }

    std::string doubt(const Route& route, std::optional<Price> price) const override {
        const bool counts =
            std::ranges::any_of(context_.rules, [](const Rule& rule) { return rule.unit == Unit::money; });
        if (!counts || price || context_.prices.find(route)) return {};
        return "the route \"" + route.provider + "/" + route.model +
               "\" has no price: requests that a budget counts " +
               (context_.options.unpriced == "refuse" ? "are refused" : "cost nothing there");
    }

private:
    Context context_;
};

}  // namespace gatehouse::quota

GATEHOUSE_PLUGIN(gatehouse::quota::Quota, gatehouse::quota::Options, gatehouse::quota::fields, "quota",
                 "1.0.0");
