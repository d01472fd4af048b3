// SPDX-License-Identifier: Apache-2.0
// The keywords of a schema together with those of the schemas it refers to.
// Views and pointers into the tree; of one rewriting, one thread at a time.
#pragma once

#include "plugins/provider/oci/json_schema.hpp"
#include "plugins/provider/oci/schema_refs.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// A reference that is being read, linked to the one it was met in: so a schema
/// that refers to itself is told from one that is referred to twice.
struct Frame {
    const Node* target;
    const Frame* outer;
};

/// The keywords of a schema, those it refers to among them.
struct Keywords {
    struct Entry {
        std::string_view key;
        const Node* value;
        const Frame* frame;  // that it was met in
    };
    std::vector<Entry> entries = {};
    std::vector<Keywords> all_of = {};          // further ones, which must all hold too
    std::vector<std::string_view> values = {};  // of an enum, put together from a union
    std::string_view values_type = {};
    std::vector<std::string_view> types = {};  // put together from a union, as JSON
    bool no_null = false;                      // a union with null was cut down to what is not null

    const Entry* find(std::string_view key) const {
        for (const Entry& entry : entries)
            if (entry.key == key) return &entry;
        return nullptr;
    }
};

class KeywordCollector {
public:
    /// `out` is what has been written so far: its size is limited.
    KeywordCollector(const Node& root, const SchemaRules& rules, SchemaBudget& budget, const std::string& out)
        : root_(root), refs_(root), rules_(rules), budget_(budget), out_(out) {}

    /// False: failure() says why.
    bool collect(const Node& node, const Frame* frame, std::size_t depth, Keywords& into);

    /// Whether there may be one more value, `depth` deep, in `frame`.
    bool spend(const Frame* frame, std::size_t depth);
    bool is_null_schema(const Node& node, int steps = 0);

    const std::string& failure() const { return failure_; }
    /// Whether what was collected differs from what was read.
    bool changed() const { return changed_; }

    static constexpr std::size_t max_keywords = 200;  // of one schema; they are searched one by one

private:
    bool fail(std::string message);
    bool collect_all(const Node& list, const Frame* frame, std::size_t depth, Keywords& into);
    bool collect_reference(const std::string& reference, const Frame* frame, std::size_t depth,
                           Keywords& into);
    bool collect_union(std::string_view key, const Node& list, const Frame* frame, std::size_t depth,
                       Keywords& into);
    bool collect_values(const std::vector<const Node*>& members, Keywords& into);
    bool collect_types(const std::vector<const Node*>& members, const Frame* frame, Keywords& into);
    const Node* plain_target(const Node& node, const Frame*& frame);
    bool merge(const Node& node, const Frame* frame, std::size_t depth, Keywords& into);

    const Node& root_;
    SchemaRefs refs_;
    const SchemaRules& rules_;
    SchemaBudget& budget_;
    const std::string& out_;
    std::deque<Frame> frames_;
    std::string failure_;
    bool changed_ = false;
};

/// The name that JSON schemas have for the type of `value`.
std::string_view type_of(const Node& value);

}  // namespace gatehouse::oci
