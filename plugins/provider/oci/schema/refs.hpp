// SPDX-License-Identifier: Apache-2.0
// Resolves the references of a schema: `$ref` by JSON pointer (RFC 6901, in a
// fragment: percent signs and ~0, ~1 too), `$anchor` and `$id`.  Valid as long as
// the tree.  One thread at a time.
#pragma once

#include "plugins/provider/oci/schema/json_tree.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::oci {

class SchemaRefs {
public:
    explicit SchemaRefs(const Node& root) : root_(root) {}

    /// Returns the target of `reference`, or null if the document does not have
    /// it.
    const Node* find(const std::string& reference);

private:
    const Node* resolve(std::string_view reference);
    const Node* follow(const Node& from, std::string_view pointer);
    const Node* child(const Node& node, const std::string& key);
    void index_names(const Node& node);

    const Node& root_;
    bool indexed_ = false;
    std::unordered_map<std::string, const Node*> names_;  // $id unchanged, $anchor after a #
    std::unordered_map<std::string, const Node*> found_;
    // Index of large objects, so that many references do not repeat a linear
    // search.
    std::unordered_map<const Node*, std::unordered_map<std::string_view, const Node*>> members_;
};

}  // namespace gatehouse::oci
