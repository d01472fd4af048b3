// SPDX-License-Identifier: Apache-2.0
// Assembles a block of a kind that the SDK's events do not have, such as a call of a tool that
// the service itself runs, from its start and its deltas.  One thread at a time.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::anthropic {

class OtherContent {
public:
    /// Reads the block's start.  `room` is the number of bytes that may be kept; it is reduced.
    /// REQUIRES: `room` outlives it.
    OtherContent(upstream::dom::object block, std::size_t& room);

    /// Reads a delta.  A string is appended to the member of its name, and `partial_json` to the
    /// text of `input`.  Another value replaces the member.
    void add(upstream::dom::object delta);
    /// The complete block.  Nothing if it exceeded the limit, or has no type.
    std::optional<OtherBlock> block() const;

private:
    struct Member {
        std::string name, value;  // JSON, or the content of a string
        bool is_string = false;
    };

    void set(const upstream::dom::key_value_pair& from);
    bool take(std::size_t bytes);
    Member& member_at(std::string_view name);

    std::size_t* room_;
    bool fits_ = true;
    std::string type_, input_;
    std::vector<Member> members_;
};

}  // namespace gatehouse::anthropic
