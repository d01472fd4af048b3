// SPDX-License-Identifier: Apache-2.0
// The keywords of a schema together with those of the schemas it refers to.  Holds
// views and pointers into the tree, for one rewriting.  One thread at a time.
#pragma once

#include "plugins/provider/oci/schema/json_schema.hpp"
#include "plugins/provider/oci/schema/refs.hpp"

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// A reference that is being expanded, linked to the enclosing one.  The chain
/// distinguishes recursion from a schema that is referenced twice.
struct Frame {
    const Node* target;
    const Frame* outer;
};

/// The keywords of a schema, including those of referenced schemas.
struct Keywords {
    struct Entry {
        std::string_view key;
        const Node* value;
        const Frame* frame;  // reference that contains the keyword
    };
    std::vector<Entry> entries = {};
    std::vector<Keywords> all_of = {};          // further schemas that must also hold
    std::vector<std::string_view> values = {};  // enum values, collected from a union
    std::string_view values_type = {};
    std::vector<std::string_view> types = {};  // types collected from a union, as JSON
    bool no_null = false;                      // null was removed from a union

    const Entry* find(std::string_view key) const {
        for (const Entry& entry : entries)
            if (entry.key == key) return &entry;
        return nullptr;
    }
};

class KeywordCollector {
public:
    /// `out` is the output so far, whose size is limited.
    KeywordCollector(const Node& root, const SchemaRules& rules, SchemaBudget& budget, const std::string& out)
        : root_(root), refs_(root), rules_(rules), budget_(budget), out_(out) {}

    /// Returns false on failure; failure() has the reason.
    bool collect(const Node& node, const Frame* frame, std::size_t depth, Keywords& into);

    /// Whether the limits allow one more value, `depth` deep, in `frame`.
    bool spend(const Frame* frame, std::size_t depth);
    bool is_null_schema(const Node& node, int steps = 0);

    const std::string& failure() const { return failure_; }
    /// Whether the collected keywords differ from the input.
    bool changed() const { return changed_; }

    static constexpr std::size_t max_keywords = 200;  // limit for one schema; the search is linear

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

/// Returns JSON schema's name of the type of `value`.
std::string_view type_of(const Node& value);

}  // namespace gatehouse::oci
