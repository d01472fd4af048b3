// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/schema/json_tree.hpp"

#include "plugins/common/json/json.hpp"

namespace gatehouse::oci {

namespace {

constexpr std::size_t max_bytes = 4 * 1024 * 1024;
constexpr std::size_t max_values = 100'000;

/// Returns false if there are too many values.
bool build(const json::Value& value, Node& node, std::size_t& left) {
    if (left-- == 0) return false;
    node.raw = json::raw(value);
    if (auto object = json::object(value)) {
        node.kind = Node::Kind::object;
        return json::for_each(*object, [&](std::string_view key, json::Value& member) {
            return build(member, node.members.emplace_back(Member{std::string(key), {}}).value, left);
        });
    }
    if (auto array = json::array(value)) {
        node.kind = Node::Kind::array;
        return json::for_each(*array, [&](json::Value& item, std::size_t) {
            return build(item, node.items.emplace_back(), left);
        });
    }
    if (json::take_string(value, node.text)) node.kind = Node::Kind::string;
    return true;
}

}  // namespace

Node::Node() = default;
Node::Node(Node&&) noexcept = default;
Node::~Node() = default;

const Node* Node::find(std::string_view key) const {
    for (auto member = members.rbegin(); member != members.rend(); ++member)
        if (member->key == key) return &member->value;
    return nullptr;
}

std::optional<JsonTree> JsonTree::parse(std::string_view text) {
    if (text.size() > max_bytes) return std::nullopt;
    JsonTree tree;
    tree.text_ = text;
    const auto document = json::Document::parse(tree.text_);
    if (!document || !document->object()) return std::nullopt;
    std::size_t left = max_values;
    if (!build(document->top(), tree.root_, left)) return std::nullopt;
    tree.root_.raw = tree.text_;
    return tree;
}

}  // namespace gatehouse::oci
