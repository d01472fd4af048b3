// SPDX-License-Identifier: Apache-2.0
#include "core/observe/usage_metrics.hpp"

#include <gatehouse/text.hpp>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_label_bytes = 100;
constexpr double nano_units = 1e9;  // Cost counts whole nano-units

std::string label(std::string_view text) {
    return text.empty() ? std::string("none") : one_line(text, max_label_bytes);
}

}  // namespace

void UsageMetrics::count(std::int64_t max_series, const RequestRecord& record) {
    if (max_series == 0) return;
    const std::lock_guard lock(mutex_);
    Numbers& numbers = numbers_of(max_series, record);
    const Ending outcome = ending_of(record);
    prometheus::Counter*& requests = numbers.by_outcome[static_cast<std::size_t>(outcome)];
    if (!requests) {
        prometheus::Labels labels = numbers.labels;
        labels["outcome"] = ending_name(outcome);
        requests = &families_.client_requests.Add(labels);
    }
    requests->Increment();
    if (record.first_token)
        numbers.first_token->Observe(
            std::chrono::duration<double>(*record.first_token - record.start).count());
    if (record.cost) add_cost(numbers, *record.cost);
    if (!record.usage) return;
    add_tokens(*numbers.prompt, record.usage->prompt);
    add_tokens(*numbers.completion, record.usage->completion);
    add_tokens(*numbers.cached, record.usage->cached.value_or(0));
}

// The currency is a word of the configuration, so that it adds few series.
void UsageMetrics::add_cost(Numbers& numbers, const Cost& cost) {
    if (cost.nano <= 0) return;
    if (!numbers.cost || numbers.currency != cost.currency) {
        prometheus::Labels labels = numbers.labels;
        labels["currency"] = label(cost.currency);
        numbers.cost = &families_.client_cost.Add(labels);
        numbers.currency = cost.currency;
    }
    numbers.cost->Increment(static_cast<double>(cost.nano) / nano_units);
}

UsageMetrics::Numbers& UsageMetrics::numbers_of(std::int64_t max_series, const RequestRecord& record) {
    // Without a route the model is any text of the client.
    const std::string_view model = record.provider.empty() ? std::string_view() : record.model;
    key_.assign(record.client).append(1, '\0').append(model).append(1, '\0');
    key_.append(record.provider).append(1, '\0').append(record.upstream_model);
    if (const auto found = all_.find(key_); found != all_.end()) return found->second;
    if (static_cast<std::int64_t>(all_.size()) >= max_series) {
        const auto other = all_.find(std::string_view());
        return other != all_.end() ? other->second
                                   : all_.emplace("", make("other", "other", "other")).first->second;
    }
    return all_.emplace(key_, make(label(record.client), label(model), label(record.route()))).first->second;
}

UsageMetrics::Numbers UsageMetrics::make(const std::string& client, const std::string& model,
                                         const std::string& route) {
    const prometheus::Labels labels = {{"client", client}, {"model", model}, {"route", route}};
    const auto tokens = [&](const char* kind) {
        prometheus::Labels one = labels;
        one["kind"] = kind;
        return &families_.client_tokens.Add(one);
    };
    return {.labels = labels,
            .prompt = tokens("prompt"),
            .completion = tokens("completion"),
            .cached = tokens("cached"),
            .first_token =
                &families_.model_first_tokens.Add({{"model", model}, {"route", route}}, first_token_seconds)};
}

}  // namespace gatehouse::core
