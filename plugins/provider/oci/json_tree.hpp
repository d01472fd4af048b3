// SPDX-License-Identifier: Apache-2.0
// JSON as a tree in which every value knows the bytes that it stands in, so
// that what need not be changed is copied to the letter: 1.0 stays 1.0.
// For schemas; a value of its own, one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct Member;

struct Node {
    enum class Kind : std::uint8_t { object, array, string, other };  // other: a number, true, false, null

    // Where Member is known.
    Node();
    Node(Node&&) noexcept;
    ~Node();

    Kind kind = Kind::other;
    std::string_view raw = {};     // as it stands in the text
    std::string text = {};         // of a string: what it means
    std::vector<Member> members;   // of an object, in order
    std::vector<Node> items = {};  // of an array

    bool is_object() const { return kind == Kind::object; }
    bool is_array() const { return kind == Kind::array; }
    bool is_string() const { return kind == Kind::string; }
    /// The member `key`, the last one if there are several; null: none.
    const Node* find(std::string_view key) const;
};

struct Member {
    std::string key;
    Node value;
};

class JsonTree {
public:
    /// Nothing: it is no JSON, is nested too deeply, or has too many values.
    static std::optional<JsonTree> parse(std::string_view text);

    JsonTree(JsonTree&&) noexcept = default;

    const Node& root() const { return root_; }

private:
    JsonTree() = default;
    std::string text_;  // never moved in memory: it is longer than what a string keeps inside
    Node root_;
};

}  // namespace gatehouse::oci
