// SPDX-License-Identifier: Apache-2.0
#include "core/observe/exemplars.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::core {

namespace {

void append_label(std::string& key, std::string_view name, std::string_view value) {
    key.append(1, '\0').append(name).append(1, '\0').append(value);
}

}  // namespace

void Exemplars::note(double value, const TraceId& trace) {
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
    const std::lock_guard lock(mutex_);
    buckets_[bucket] = {trace, value, now};
}

std::optional<Exemplar> Exemplars::of(std::size_t bucket) const {
    const std::lock_guard lock(mutex_);
    return bucket < buckets_.size() ? buckets_[bucket] : std::nullopt;
}

Exemplars& ExemplarIndex::add(const std::string& family, const prometheus::Labels& labels,
                              const prometheus::Histogram::BucketBoundaries& bounds) {
    std::string key = family;
    for (const auto& [name, value] : labels) append_label(key, name, value);
    const std::lock_guard lock(mutex_);
    auto& found = all_[key];
    if (!found) found = std::make_unique<Exemplars>(bounds);
    return *found;
}

const Exemplars* ExemplarIndex::find(const std::string& family,
                                     const std::vector<prometheus::ClientMetric::Label>& labels) const {
    std::string key = family;
    for (const auto& label : labels) append_label(key, label.name, label.value);
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(key);
    return found == all_.end() ? nullptr : found->second.get();
}

}  // namespace gatehouse::core
