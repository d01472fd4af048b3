// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/console/series.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <cmath>

namespace gatehouse::console {

namespace {

constexpr double first_class_us = 16;

/// Numbers of an upstream may be invalid.
std::int64_t plausible(std::int64_t tokens) { return std::clamp<std::int64_t>(tokens, 0, 1'000'000'000); }

std::int64_t index_of(Series::Time time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()) / Series::step;
}

}  // namespace

void Durations::add(std::chrono::microseconds time) {
    const double steps =
        2 * std::log2(std::max(static_cast<double>(time.count()), first_class_us) / first_class_us);
    const auto place = std::min(static_cast<std::size_t>(std::ceil(steps)), classes - 1);
    ++counts_[place];
    ++count_;
}

void Durations::add(const Durations& other) {
    for (std::size_t i = 0; i < classes; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
}

std::optional<std::chrono::microseconds> Durations::quantile(double share) const {
    if (count_ == 0) return std::nullopt;
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t sum = 0;
    std::size_t place = 0;
    while (place + 1 < classes && (sum += counts_[place]) < std::max<std::uint64_t>(wanted, 1)) ++place;
    // The middle of the class.
    const double us = first_class_us * std::exp2((static_cast<double>(place) - 0.5) / 2);
    return std::chrono::microseconds(static_cast<std::int64_t>(us));
}

void Sums::add(const Story& story) {
    ++requests;
    if (story.outcome == "failed" || story.outcome == "cut") ++failed;
    if (story.outcome == "left") ++left;
    if (story.usage) {
        prompt_tokens += plausible(story.usage->prompt);
        completion_tokens += plausible(story.usage->completion);
    }
    if (story.cost) {
        cost_nano += std::clamp<std::int64_t>(story.cost->nano, 0, 1'000'000'000'000'000);
        currency = story.cost->currency.substr(0, 16);
    }
    // A request that was refused at once would hide the durations of the others.
    if (story.attempts.empty()) return;
    if (story.first_output) first_output.add(*story.first_output);
    total.add(story.total);
    overhead.add(std::max(story.total - story.waited, std::chrono::microseconds(0)));
}

void Sums::add(const Sums& other) {
    requests += other.requests;
    failed += other.failed;
    left += other.left;
    prompt_tokens += other.prompt_tokens;
    completion_tokens += other.completion_tokens;
    cost_nano += other.cost_nano;
    if (!other.currency.empty()) currency = other.currency;
    first_output.add(other.first_output);
    total.add(other.total);
    overhead.add(other.overhead);
}

void Series::add(const Story& story, Time end) {
    const std::int64_t index = index_of(end);
    // The clock was wrong for a moment.
    while (!steps_.empty() && steps_.back().index > index + static_cast<std::int64_t>(most))
        steps_.pop_back();
    auto at = steps_.end();
    while (at != steps_.begin() && std::prev(at)->index >= index) --at;
    if (at == steps_.end() || at->index != index) at = steps_.insert(at, Step{index});
    at->sums.add(story);
    const std::int64_t oldest = steps_.back().index - static_cast<std::int64_t>(most);
    while (steps_.front().index <= oldest) steps_.pop_front();
}

Sums Series::since(Time begin) const {
    Sums all;
    const std::int64_t first = index_of(begin);
    for (const Step& one : steps_)
        if (one.index >= first) all.add(one.sums);
    return all;
}

std::string Series::json(int minutes, Time now) const {
    const std::int64_t last = index_of(now);
    const std::int64_t count = std::clamp<std::int64_t>(minutes * 60 / step.count(), 1, most);
    std::vector<const Sums*> all(static_cast<std::size_t>(count), nullptr);
    for (const Step& one : steps_)
        if (one.index <= last && one.index > last - count)
            all[static_cast<std::size_t>(one.index - (last - count) - 1)] = &one.sums;
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("step_s", std::int64_t{step.count()});
    json.member("from_ms", (last - count + 1) * step.count() * 1000);
    auto numbers = [&](const char* name, auto number) {
        json.key(name).begin_array();
        for (const Sums* one : all) json.value(one ? number(*one) : decltype(number(*one))());
        json.end_array();
    };
    auto quantiles = [&](const char* name, Durations Sums::*member, double share) {
        json.key(name).begin_array();
        for (const Sums* one : all) {
            const auto time = one ? (one->*member).quantile(share) : std::nullopt;
            if (time)
                json.value(static_cast<double>(time->count()) / 1000);
            else
                json.null();
        }
        json.end_array();
    };
    numbers("requests", [](const Sums& one) { return one.requests; });
    numbers("failed", [](const Sums& one) { return one.failed; });
    numbers("completion_tokens", [](const Sums& one) { return one.completion_tokens; });
    quantiles("first_token_ms_p50", &Sums::first_output, 0.5);
    quantiles("first_token_ms_p95", &Sums::first_output, 0.95);
    quantiles("total_ms_p50", &Sums::total, 0.5);
    quantiles("total_ms_p95", &Sums::total, 0.95);
    json.end_object();
    return text;
}

}  // namespace gatehouse::console
