// SPDX-License-Identifier: Apache-2.0
#include "core/observe/attribute_metrics.hpp"

#include "core/observe/attributes.hpp"
#include "core/observe/record.hpp"

#include <gatehouse/text.hpp>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_value_bytes = 100;

std::string class_of(int status) { return status ? std::to_string(status) + "xx" : "none"; }

}  // namespace

void AttributeMetrics::count(const MetricsOptions& options, const RequestRecord& record) {
    if (!record.who) return;
    for (const std::string& attribute : options.attributes) {
        std::string value = one_line(attribute_text(*record.who, attribute), max_value_bytes);
        if (value.empty()) continue;
        const std::lock_guard lock(mutex_);
        Numbers& numbers = numbers_of(attribute, value, options.attribute_values);
        count(attribute, numbers, value, record);
    }
}

/// Changes `value` to "other" if it is one value too many.
AttributeMetrics::Numbers& AttributeMetrics::numbers_of(const std::string& attribute, std::string& value,
                                                        std::int64_t max_values) {
    Values& values = attributes_[attribute];
    if (!values.contains(value) && static_cast<std::int64_t>(values.size()) >= max_values) value = "other";
    if (const auto found = values.find(value); found != values.end()) return found->second;
    const auto tokens = [&](const char* kind) {
        return &families_.attribute_tokens.Add({{"attribute", attribute}, {"value", value}, {"kind", kind}});
    };
    Numbers made{.by_class = {},
                 .prompt = tokens("prompt"),
                 .completion = tokens("completion"),
                 .cached = tokens("cached")};
    return values.emplace(value, std::move(made)).first->second;
}

void AttributeMetrics::count(const std::string& attribute, Numbers& numbers, const std::string& value,
                             const RequestRecord& record) {
    const int status = record.status >= 100 && record.status < 600 ? record.status / 100 : 0;
    Counter*& requests = numbers.by_class[status];
    if (!requests)
        requests = &families_.attribute_requests.Add(
            {{"attribute", attribute}, {"value", value}, {"status", class_of(status)}});
    requests->Increment();
    if (!record.usage) return;
    add_tokens(*numbers.prompt, record.usage->prompt);
    add_tokens(*numbers.completion, record.usage->completion);
    add_tokens(*numbers.cached, record.usage->cached.value_or(0));
}

}  // namespace gatehouse::core
