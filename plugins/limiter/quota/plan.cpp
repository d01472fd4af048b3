// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/plan.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/token_estimate.hpp>

#include <algorithm>

namespace gatehouse::quota {

namespace {

constexpr std::int64_t likely_least = 512;  // tokens of a response without a history
constexpr std::int64_t most_choices = 16'384;

/// The larger one, because an upstream may know only one of the two names.
std::optional<std::int64_t> output_limit_of(const Sampling& sampling) {
    const auto &older = sampling.max_tokens, &newer = sampling.max_completion_tokens;
    return older && newer ? std::max(older, newer) : sampling.output_limit();
}

/// The number of responses that the upstream generates.
std::int64_t choices_of(const ChatRequest& chat) {
    std::int64_t choices = std::clamp<std::int64_t>(chat.sampling.n.value_or(1), 1, most_choices);
    if (!chat.completion) return choices;
    choices = std::max(choices, std::min(chat.completion->best_of.value_or(1), most_choices));
    const JsonValue prompts = JsonValue::unchecked(chat.completion->prompts.text);
    const bool several = prompts[0].is(JsonType::string) || prompts[0].is(JsonType::array);
    const auto count = several ? static_cast<std::int64_t>(prompts.size()) : 1;
    return std::min(choices * count, most_choices);
}

std::int64_t prompt_of(const Operation& operation) {
    if (auto* chat = std::get_if<ChatRequest>(&operation)) {
        const std::size_t prompts = chat->completion ? chat->completion->prompts.text.size() : 0;
        return estimated_tokens(*chat) + estimated_tokens(prompts);
    }
    if (auto* embedding = std::get_if<EmbeddingRequest>(&operation);
        embedding && !embedding->tokens.empty()) {
        std::int64_t tokens = 0;
        for (const JsonText& list : embedding->tokens) tokens += 1 + std::ranges::count(list.text, ',');
        return tokens;
    }
    if (auto* raw = std::get_if<RawRequest>(&operation);
        raw && !raw->content_type.starts_with("application/json"))
        return 0;  // a sound or an image
    if (auto* rerank = std::get_if<RerankRequest>(&operation)) {
        const std::size_t texts = RouteQuery{.model = {}, .operation = operation}.text_bytes();
        return estimated_tokens(texts + rerank->query.size() * rerank->documents.size());
    }
    return estimated_tokens(RouteQuery{.model = {}, .operation = operation}.text_bytes());
}

}  // namespace

Estimate estimate_of(const LimitRequest& request, std::int64_t max_output, std::int64_t default_output) {
    Estimate estimate;
    estimate.prompt = prompt_of(request.operation);
    estimate.prompt_most = 2 * estimate.prompt;
    const auto* chat = std::get_if<ChatRequest>(&request.operation);
    if (!chat) return estimate;
    estimate.choices = choices_of(*chat);
    const std::int64_t known = max_output > 0 ? max_output : default_output;
    std::int64_t limit = std::max<std::int64_t>(output_limit_of(chat->sampling).value_or(known), 0);
    if (max_output > 0) limit = std::min(limit, max_output);
    limit = std::min(limit, std::int64_t{1} << 40);
    estimate.output_most = limit * estimate.choices;
    estimate.output = std::min(limit, std::max(likely_least, limit / 4)) * estimate.choices;
    return estimate;
}

Plan::Plan(const LimitRequest& request, std::vector<Charge> taken, const PriceTable& prices,
           const Options& options)
    : charges(std::move(taken)),
      id_(request.id),
      client_(request.who.id.empty() ? request.who.name : request.who.id),
      model_(request.model),
      routes_(request.routes) {
    const auto* chat = std::get_if<ChatRequest>(&request.operation);
    stream_ = chat && chat->stream;
    std::int64_t max_output = 0;
    for (const Route& route : routes_) {
        const RoutePrice* known = prices.find(route);
        if (known) {
            prices_.emplace_back(*known);
            max_output = std::max(max_output, known->max_output_tokens());
        } else if (auto price = request.healths.of(route.provider, route.model).price) {
            prices_.emplace_back(RoutePrice(*price));
        } else {
            prices_.emplace_back();
        }
    }
    estimate_ = estimate_of(request, max_output, options.default_output_tokens);
}

bool Plan::has_budget() const {
    return std::ranges::any_of(charges, [](const Charge& one) { return one.rule->unit == Unit::money; });
}

const Route* Plan::unpriced() const {
    if (!has_budget()) return nullptr;
    for (std::size_t i = 0; i < routes_.size(); ++i)
        if (!prices_[i]) return &routes_[i];
    return nullptr;
}

bool Plan::is_free() const { return highest_cost(1'000, 1'000) == 0; }

Nano Plan::highest_cost(std::int64_t prompt, std::int64_t output) const {
    Nano highest = 0;
    for (const auto& price : prices_)
        if (price) highest = std::max(highest, price->cost(prompt, output));
    return highest;
}

std::int64_t Plan::amount(const Charge& charge) const {
    const Rule& rule = *charge.rule;
    switch (rule.unit) {
        case Unit::requests: return micro;
        // A large limit of output must not make a request impossible.
        case Unit::tokens: {
            const std::int64_t most = rule.limit / micro;
            const std::int64_t likely =
                std::min(estimate_.prompt + estimate_.output, std::max(most, estimate_.prompt));
            return std::max<std::int64_t>(likely, 1) * micro;  // a store never refuses 0
        }
        case Unit::running: return 1;
        case Unit::money: break;
    }
    const bool likely = !rule.hard || rule.shadow || (rule.cuts && stream_);
    const Nano cost = likely ? highest_cost(estimate_.prompt, estimate_.output)
                             : highest_cost(estimate_.prompt_most, estimate_.output_most);
    // A store never refuses 0, but the actual cost of an unknown prompt may be more.
    return std::max<Nano>(cost, is_free() ? 0 : 1);
}

std::int64_t Plan::affordable_output(Nano money) const {
    std::int64_t least = std::int64_t{1} << 40;
    for (const auto& price : prices_)
        if (price) least = std::min(least, price->affordable_output(estimate_.prompt_most, money));
    return least / estimate_.choices;
}

void Plan::shorten(std::int64_t output) {
    shortened_ = output;
    estimate_.output_most = std::min(estimate_.output_most, output * estimate_.choices);
    estimate_.output = std::min(estimate_.output, estimate_.output_most);
}

Nano Plan::cost(const Route& route, const Usage& usage) const {
    for (std::size_t i = 0; i < routes_.size(); ++i)
        if (routes_[i].provider == route.provider && routes_[i].model == route.model)
            return prices_[i] ? prices_[i]->cost(usage) : 0;
    return 0;
}

}  // namespace gatehouse::quota
