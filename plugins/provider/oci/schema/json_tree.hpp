// SPDX-License-Identifier: Apache-2.0
// JSON tree for schemas.  Every value refers to its bytes, so that unchanged
// values are copied byte for byte: 1.0 stays 1.0.  A value; one thread at a time.
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

    // Defined after Member, which is incomplete here.
    Node();
    Node(Node&&) noexcept;
    ~Node();

    Kind kind = Kind::other;
    std::string_view raw = {};     // bytes in the text
    std::string text = {};         // decoded text of a string
    std::vector<Member> members;   // members of an object, in order
    std::vector<Node> items = {};  // elements of an array

    bool is_object() const { return kind == Kind::object; }
    bool is_array() const { return kind == Kind::array; }
    bool is_string() const { return kind == Kind::string; }
    /// Returns the member `key`, or the last of several.  Returns null if the
    /// object has no such member.
    const Node* find(std::string_view key) const;
};

struct Member {
    std::string key;
    Node value;
};

class JsonTree {
public:
    /// Returns no value if the text is not JSON, is nested too deeply, or has too
    /// many values.
    static std::optional<JsonTree> parse(std::string_view text);

    JsonTree(JsonTree&&) noexcept = default;

    const Node& root() const { return root_; }

private:
    JsonTree() = default;
    std::string text_;  // its bytes never move: it is longer than the string's internal buffer
    Node root_;
};

}  // namespace gatehouse::oci
