// SPDX-License-Identifier: Apache-2.0
// Where the references of a schema lead: `$ref` by JSON pointer (RFC 6901, in a
// fragment: percent signs and ~0, ~1 too), `$anchor` and `$id`.
// Valid as long as the tree; one thread at a time.
#pragma once

#include "plugins/provider/oci/json_tree.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::oci {

class SchemaRefs {
public:
    explicit SchemaRefs(const Node& root) : root_(root) {}

    /// What `reference` names; null: nothing in this document.
    const Node* find(const std::string& reference);

private:
    const Node* resolve(std::string_view reference);
    const Node* follow(const Node& from, std::string_view pointer);
    const Node* child(const Node& node, const std::string& key);
    void index_names(const Node& node);

    const Node& root_;
    bool indexed_ = false;
    std::unordered_map<std::string, const Node*> names_;  // $id as it is, $anchor behind a #
    std::unordered_map<std::string, const Node*> found_;
    // Members of large objects, so that many references do not search them all over.
    std::unordered_map<const Node*, std::unordered_map<std::string_view, const Node*>> members_;
};

}  // namespace gatehouse::oci
