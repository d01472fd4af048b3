// SPDX-License-Identifier: Apache-2.0
// The least recently used entries are evicted first.  Complete texts are compared,
// so that two schemas are never confused.
#include "plugins/provider/oci/schema/cache.hpp"

#include <utility>

namespace gatehouse::oci {

SchemaCache& SchemaCache::of_this_thread() {
    thread_local SchemaCache mine;
    return mine;
}

Result<std::string_view> SchemaCache::acceptable(std::string_view schema, const SchemaRules& rules,
                                                 SchemaBudget& budget) {
    const auto known = index_.find({schema, rules});
    if (known != index_.end()) {
        const Entry& entry = *known->second;
        // If the budget is too small, the schema is rewritten again.  The
        // rewriting returns the error.
        if (entry.cost.values <= budget.values && entry.cost.bytes <= budget.bytes) {
            budget.values -= entry.cost.values;
            budget.bytes -= entry.cost.bytes;
            entries_.splice(entries_.begin(), entries_, known->second);
            return entry.written.empty() ? schema : std::string_view(entry.written);
        }
    }
    const SchemaBudget before = budget;
    auto written = acceptable_schema(schema, rules, {}, budget);
    if (!written) return written.error();
    if (*written == schema) written->clear();
    if (known == index_.end() && schema.size() + written->size() <= max_bytes / 4) {
        keep({std::string(schema),
              *std::move(written),
              rules,
              {.values = before.values - budget.values, .bytes = before.bytes - budget.bytes}});
        const Entry& entry = entries_.front();
        return entry.written.empty() ? schema : std::string_view(entry.written);
    }
    last_ = *std::move(written);
    return last_.empty() ? schema : std::string_view(last_);
}

void SchemaCache::keep(Entry entry) {
    while (!entries_.empty() && (entries_.size() >= max_entries || bytes_ + entry.bytes() > max_bytes))
        drop_oldest();
    bytes_ += entry.bytes();
    entries_.push_front(std::move(entry));
    index_.emplace(Key{entries_.front().schema, entries_.front().rules}, entries_.begin());
}

void SchemaCache::drop_oldest() {
    const Entry& oldest = entries_.back();
    bytes_ -= oldest.bytes();
    index_.erase({oldest.schema, oldest.rules});
    entries_.pop_back();
}

}  // namespace gatehouse::oci
