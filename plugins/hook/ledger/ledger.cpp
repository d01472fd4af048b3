// SPDX-License-Identifier: Apache-2.0
// A hook that writes the tokens and the cost of each request to a file, without any text of it.
// The instance is read only except for its journal and its sums: any thread.
#include "plugins/common/files/journal.hpp"
#include "plugins/hook/ledger/sums.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/name_pattern.hpp>
#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <cmath>

namespace gatehouse::ledger {

namespace {

struct Price {
    std::string route;
    double input = 0, output = 0;
    std::optional<double> cached = {}, cache_written = {};
};
struct Options {
    std::string file, currency = "USD", resource = {};
    std::vector<Price> prices = {};
};

const Fields<Options> fields = {
    required("file", &Options::file, "The file for the lines, such as /var/log/gatehouse/ledger.jsonl."),
    optional("currency", &Options::currency, "The currency of the prices."),
    optional(
        "resource", &Options::resource,
        "Name of a resource of the admin API with the sums by client and route, such as \"ledger\".  Empty: "
        "none."),
    tables(
        "prices", &Options::prices,
        Fields<Price>{
            required("route", &Price::route,
                     "The route, \"provider/model\"; a star at the end matches any text."),
            required("input", &Price::input, "Price of a million tokens of the prompt."),
            required("output", &Price::output, "Price of a million tokens of the completion."),
            optional("cached", &Price::cached,
                     "Price of a million tokens that the upstream reads from its cache; input if omitted."),
            optional("cache_written", &Price::cache_written,
                     "Price of a million tokens that the upstream writes to its cache; input if omitted."),
        },
        "Prices of routes; the first that matches applies."),
};

/// In 1e-9 of the currency.
std::int64_t cost_of(const Usage& usage, const Price& price) {
    const std::int64_t cached = usage.cached.value_or(0), written = usage.cache_written.value_or(0);
    const std::int64_t other = std::max<std::int64_t>(0, usage.prompt - cached - written);
    auto part = [](std::int64_t tokens, double rate) { return static_cast<double>(tokens) * rate * 1e3; };
    return std::llround(part(other, price.input) + part(cached, price.cached.value_or(price.input)) +
                        part(written, price.cache_written.value_or(price.input)) +
                        part(usage.completion, price.output));
}

}  // namespace

class Ledger final : public Hook {
public:
    Ledger(Options options, Host& host)
        : options_(std::move(options)),
          host_(host),
          journal_(std::make_shared<Journal>(options_.file, host)) {
        for (std::size_t i = 0; i < options_.prices.size(); ++i)
            check(options_.prices[i], "prices[" + std::to_string(i) + "]");
        if (auto ok = journal_->check(); !ok)
            throw KeyError("file", "cannot write to " + options_.file + ": " + ok.error().message);
        if (!options_.resource.empty()) sums_.emplace(options_.resource, options_.currency, host);
    }
    AdminResource* admin() override { return sums_ ? &*sums_ : nullptr; }
    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

    void enter(const RequestInfo& info, const RequestOutcome& outcome) {
        std::string line;
        JsonWriter json(line);
        const std::string route = std::string(outcome.provider).append("/").append(outcome.route);
        json.begin_object().member("time_ms", now()).member("request", info.id);
        const std::string& client = info.who.id.empty() ? info.who.name : info.who.id;
        json.member("client", client);
        json.member("model", outcome.model).member("status", outcome.status);
        if (outcome.attempts) json.member("route", route).member("attempts", outcome.attempts);
        const auto cost = outcome.usage ? cost_of(*outcome.usage, route) : std::nullopt;
        if (outcome.usage) add_usage(json, *outcome.usage, cost);
        json.member("ms", outcome.total.count() / 1'000).end_object();
        journal_->append(line + "\n", host_);
        if (sums_) sums_->add(client, outcome.attempts ? route : "", outcome.usage, cost);
    }

private:
    static void check(const Price& price, const std::string& path) {
        if (!is_name_pattern(price.route)) throw KeyError(path + ".route", std::string(name_pattern_rule));
        for (const auto& [key, value] : {std::pair{"input", price.input},
                                         {"output", price.output},
                                         {"cached", price.cached.value_or(0)},
                                         {"cache_written", price.cache_written.value_or(0)}})
            if (!(value >= 0)) throw KeyError(path + "." + key, "a price must not be negative");
    }

    std::int64_t now() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(host_.now().time_since_epoch()).count();
    }

    /// Nothing if the route has no price.
    std::optional<std::int64_t> cost_of(const Usage& usage, const std::string& route) const {
        const auto price = std::find_if(options_.prices.begin(), options_.prices.end(),
                                        [&](const Price& one) { return matches_pattern(one.route, route); });
        if (price == options_.prices.end()) return std::nullopt;
        return ledger::cost_of(usage, *price);
    }

    void add_usage(JsonWriter& json, const Usage& usage, std::optional<std::int64_t> cost) const {
        json.member("prompt_tokens", usage.prompt).member("completion_tokens", usage.completion);
        json.member("cached_tokens", usage.cached);
        if (cost)
            json.member("cost", in_nanos(*cost)).member("currency", options_.currency);
        else
            json.member("unpriced", true);
    }

    const Options options_;
    Host& host_;
    const std::shared_ptr<Journal> journal_;
    std::optional<Sums> sums_;  // none without `resource`
};

class State final : public HookState {
public:
    State(Ledger& ledger, const RequestInfo& info) : ledger_(ledger), info_(info) {}
    void done(const RequestOutcome& outcome) override { ledger_.enter(info_, outcome); }

private:
    Ledger& ledger_;
    const RequestInfo& info_;
};

std::unique_ptr<HookState> Ledger::begin(const RequestInfo& info) {
    return std::make_unique<State>(*this, info);
}

}  // namespace gatehouse::ledger

GATEHOUSE_PLUGIN(gatehouse::ledger::Ledger, gatehouse::ledger::Options, gatehouse::ledger::fields, "ledger",
                 "1.0.0");
