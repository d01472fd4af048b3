// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/plan.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::quota {

Plan::Plan(const LimitRequest& request, std::shared_ptr<const TrafficClass> traffic, const Options& options,
           Seconds now)
    : charges(traffic->counted.all), id_(request.id), traffic_(std::move(traffic)) {
    for (Charge& charge : charges)
        if (charge.rule->windows)
            charge.keep_for = std::chrono::seconds(charge.name->window.end - now) + std::chrono::hours(48);
    const auto* chat = std::get_if<ChatRequest>(&request.operation);
    stream_ = chat && chat->stream;
    const auto* raw = std::get_if<RawRequest>(&request.operation);
    uses_tokens_ = !raw || !raw->stored;
    Longest longest;
    bool prompts_known = true;
    for (std::size_t i = 0; i < routes().size(); ++i) {
        if (const RoutePrice* known = traffic_->prices[i]) {
            longest.output = std::max(longest.output, known->max_output_tokens());
            longest.prompt = std::max(longest.prompt, known->max_prompt_tokens());
            prompts_known = prompts_known && known->max_prompt_tokens() > 0;
            continue;
        }
        prompts_known = false;
        const auto price = request.healths.of(routes()[i].provider, routes()[i].model).price;
        if (!price) continue;
        told_.resize(routes().size());
        told_[i].emplace(*price);
    }
    if (!prompts_known) longest.prompt = 0;
    estimate_ = estimate_of(request.operation, longest, options);
}

const Route* Plan::unpriced() const {
    if (!uses_tokens_) return nullptr;
    for (std::size_t i = 0; i < routes().size(); ++i) {
        if (price_at(i)) continue;
        const auto counts = [&](const Charge& one) {
            return one.rule->unit == Unit::money && one.counts(routes()[i]);
        };
        if (std::ranges::any_of(charges, counts)) return &routes()[i];
    }
    return nullptr;
}

const RoutePrice* Plan::price(const Route& route) const {
    for (std::size_t i = 0; i < routes().size(); ++i)
        if (routes()[i].provider == route.provider && routes()[i].model == route.model) return price_at(i);
    return nullptr;
}

template <typename Cost>
Nano Plan::highest(const Charge* charge, Cost&& cost) const {
    Nano highest = 0;
    for (std::size_t i = 0; i < routes().size(); ++i)
        if (const RoutePrice* price = price_at(i); price && (!charge || charge->counts(routes()[i])))
            highest = std::max(highest, cost(*price));
    return highest;
}

bool Plan::is_free(const Charge& charge) const {
    return highest(&charge, [&](const RoutePrice& price) {
               return price.highest_cost(1'000, 1'000, estimate_.parts, estimate_.images);
           }) == 0;
}

Nano Plan::highest_cost(std::int64_t prompt, std::int64_t output) const {
    return highest(nullptr, [&](const RoutePrice& price) {
        return price.highest_cost(prompt, output, estimate_.parts, estimate_.images);
    });
}

std::int64_t Plan::amount(const Charge& charge) const {
    const Rule& rule = *charge.rule;
    if (!uses_tokens_ && (rule.unit == Unit::tokens || rule.unit == Unit::money)) return 0;
    switch (rule.unit) {
        case Unit::requests: return micro;
        // A large limit of output must not make a request impossible.
        case Unit::tokens: {
            const std::int64_t most = rule.limit / micro;
            const std::int64_t likely = std::min(estimate_.prompt + estimate_.output,
                                                 std::max(most, estimate_.prompt - estimate_.assumed));
            return std::max<std::int64_t>(likely, 1) * micro;  // a store never refuses 0
        }
        case Unit::running: return 1;
        case Unit::money: break;
    }
    const bool likely = !rule.hard || rule.shadow, cut = rule.cuts && stream_;
    const Nano cost = highest(&charge, [&](const RoutePrice& price) {
        if (likely)
            return price.cost({.prompt = estimate_.prompt, .completion = estimate_.output}, estimate_.images);
        if (cut)
            return price.highest_cost(estimate_.prompt, estimate_.output, estimate_.parts, estimate_.images);
        return price.highest_cost(estimate_.prompt_most, estimate_.output_most, estimate_.parts,
                                  estimate_.images);
    });
    // A store never refuses 0, but the actual cost of an unknown prompt may be more.
    return cost > 0 || is_free(charge) ? cost : 1;
}

std::int64_t Plan::affordable_output(const Charge& charge, Nano money) const {
    std::int64_t least = std::int64_t{1} << 40;
    for (std::size_t i = 0; i < routes().size(); ++i)
        if (const RoutePrice* price = price_at(i); price && charge.counts(routes()[i]))
            least = std::min(least, price->affordable_output(estimate_.prompt_most, money, estimate_.parts));
    return least / estimate_.choices;
}

void Plan::shorten(std::int64_t output) {
    shortened_ = output;
    estimate_.output_most = std::min(estimate_.output_most, output * estimate_.choices);
    estimate_.output = std::min(estimate_.output, estimate_.output_most);
}

}  // namespace gatehouse::quota
