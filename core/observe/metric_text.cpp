// SPDX-License-Identifier: Apache-2.0
#include "core/observe/metric_text.hpp"

#include "core/observe/open_metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

namespace {

/// The series of each family have a fixed order; the library keeps them in a hash table.
std::vector<prometheus::MetricFamily> sorted(const MetricFamilies& all) {
    auto labels = [](const prometheus::ClientMetric& metric) {
        std::vector<std::pair<std::string_view, std::string_view>> pairs;
        for (const auto& label : metric.label) pairs.emplace_back(label.name, label.value);
        return pairs;
    };
    auto families = all.registry.Collect();
    for (prometheus::MetricFamily& family : families)
        std::ranges::sort(family.metric, [&](const auto& a, const auto& b) { return labels(a) < labels(b); });
    return families;
}

}  // namespace

std::string plain_metrics(const MetricFamilies& families, const PluginMeters& plugins) {
    return prometheus::TextSerializer().Serialize(sorted(families)) + plugins.text();
}

std::string open_metrics(const MetricFamilies& families, const PluginMeters& plugins) {
    std::string out = open_metrics_text(sorted(families), families.exemplars);
    out += plugins.text(true);
    return out.append(open_metrics_end);
}

}  // namespace gatehouse::core
