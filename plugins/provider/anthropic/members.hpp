// SPDX-License-Identifier: Apache-2.0
// Writes the unknown members of a client's part, tool or call into its block.
// A class for one object, for one thread.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::anthropic {

/// Whether the client speaks Anthropic's protocol, so that all its members are sent.
bool is_native(const ChatRequest& request);

class Members {
public:
    using Names = std::initializer_list<std::string_view>;

    /// `all`: unknown members are written too, not only known ones.
    Members(JsonWriter& json, bool all) : json_(json), all_(all) {}

    /// The block has a member `name` already; it is not written again.
    Members& has(std::string_view name);
    /// Writes the members of `extra` that are `known`.  A member that has been written is skipped.
    Members& write(const JsonText& extra, Names known);
    /// Writes `cache_control` unless it has been written.  `value` is JSON or empty.
    void cache(std::string_view value);

private:
    bool is_written(std::string_view name) const;

    JsonWriter& json_;
    const bool all_;
    std::vector<std::string> written_ = {"type"};
};

}  // namespace gatehouse::anthropic
