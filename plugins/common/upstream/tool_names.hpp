// SPDX-License-Identifier: Apache-2.0
// Names of tools and ids of calls as an upstream takes them: what it would refuse
// gets a name that fits, and names find back.  The same request always gives the
// same names, and a longer conversation what the shorter one gave, so that a
// prompt cache holds.
#pragma once

#include <gatehouse/chat.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// What an upstream takes as a name: letters, digits and `signs`.
struct NameRule {
    std::string_view signs;
    bool digit_first = true;
    std::size_t longest = 256;
};

/// Constant once made: any thread.
class ToolNames {
public:
    ToolNames(const ChatRequest& request, const NameRule& rule);

    std::string_view to_upstream(std::string_view name) const;
    std::string_view to_client(std::string_view name) const;
    /// A name like `wanted` that no tool has.
    std::string free_name(std::string_view wanted) const;

private:
    NameRule rule_;
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::string, std::less<>> theirs_, ours_;  // only those that differ
};

/// The ids of one conversation, in its order.  One thread at a time.
class CallIds {
public:
    explicit CallIds(const NameRule& rule) : rule_(rule) {}

    /// The id of the next call: its own if that fits and no other call has it.
    std::string add(std::string_view id);

private:
    NameRule rule_;
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::size_t, std::less<>> repeated_;
};

}  // namespace gatehouse::upstream
