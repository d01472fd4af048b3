// SPDX-License-Identifier: Apache-2.0
// What schemas became, kept: an agent sends the same tools with every request.
// What comes of a schema depends on its text and the rules alone, so it does not
// matter who sent it; one cache per thread, so that nobody waits for another.
#pragma once

#include "plugins/provider/oci/json_schema.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::oci {

class SchemaCache {
public:
    static SchemaCache& of_this_thread();

    /// What acceptable_schema() says, but for the error's `param`.  The view is valid
    /// until this cache is asked again, and at most as long as `schema`.
    Result<std::string_view> acceptable(std::string_view schema, const SchemaRules& rules,
                                        SchemaBudget& budget);

    std::size_t bytes() const { return bytes_; }
    std::size_t entries() const { return entries_.size(); }

    // What it holds at most.  A larger schema than a quarter of that is never kept.
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
        std::string written;  // empty: the schema as it is
        SchemaRules rules;
        SchemaBudget cost;  // what was taken from the budget
        std::size_t bytes() const { return schema.size() + written.size() + sizeof(Entry) + 64; }
    };

    void keep(Entry entry);
    void drop_oldest();

    std::list<Entry> entries_;  // the one used last comes first
    std::unordered_map<Key, std::list<Entry>::iterator, Hash> index_;
    std::size_t bytes_ = 0;
    std::string last_;  // what is too large to be kept
};

}  // namespace gatehouse::oci
