// SPDX-License-Identifier: Apache-2.0
// Cache of rewritten schemas, because an agent sends the same tools with every
// request.  The result depends only on the schema's text and the rules, so that
// clients can share it.  Each thread has its own cache, so that threads do not
// wait for each other.
#pragma once

#include "plugins/provider/oci/schema/json_schema.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::oci {

class SchemaCache {
public:
    static SchemaCache& of_this_thread();

    /// Returns the result of acceptable_schema(), without the error's `param`.
    /// The view is valid until the next call, and at most as long as `schema`.
    Result<std::string_view> acceptable(std::string_view schema, const SchemaRules& rules,
                                        SchemaBudget& budget);

    std::size_t bytes() const { return bytes_; }
    std::size_t entries() const { return entries_.size(); }

    // Limits of the cache.  A schema larger than a quarter of max_bytes is not
    // cached.
    static constexpr std::size_t max_bytes = 512 * 1024;
    static constexpr std::size_t max_entries = 512;

private:
    struct Key {
        std::string_view schema;
        SchemaRules rules;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return std::hash<std::string_view>()(key.schema) + key.rules.arguments * 2u +
                   key.rules.exclusive_bounds;
        }
    };
    struct Entry {
        std::string schema;
        std::string written;  // empty: the schema is unchanged
        SchemaRules rules;
        SchemaBudget cost;  // amount taken from the budget
        std::size_t bytes() const { return schema.size() + written.size() + sizeof(Entry) + 64; }
    };

    void keep(Entry entry);
    void drop_oldest();

    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<Key, std::list<Entry>::iterator, Hash> index_;
    std::size_t bytes_ = 0;
    std::string last_;  // the last result that was too large for the cache
};

}  // namespace gatehouse::oci
