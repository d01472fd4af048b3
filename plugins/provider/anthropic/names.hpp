// SPDX-License-Identifier: Apache-2.0
// Names of tools and ids of calls as the API takes them: letters, digits, _ and
// - only.  Others get one that fits, and names find back.  The same request
// always gives the same, and a longer conversation what the shorter one gave, so
// that the prompt cache holds.
#pragma once

#include <gatehouse/chat.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// Constant once made: any thread.
class ToolNames {
public:
    explicit ToolNames(const ChatRequest& request);

    std::string_view to_upstream(std::string_view name) const;
    std::string_view to_client(std::string_view name) const;
    /// A name like `wanted` that no tool has.
    std::string free_name(std::string_view wanted) const;

private:
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::string, std::less<>> theirs_, ours_;  // only those that differ
};

/// The ids of one conversation, in its order.  One thread at a time.
class CallIds {
public:
    /// The id of the next call: its own if that fits and no other call has it.
    std::string add(std::string_view id);

private:
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::size_t, std::less<>> repeated_;
};

}  // namespace gatehouse::anthropic
