// SPDX-License-Identifier: Apache-2.0
// Translates names of tools and ids of calls that an upstream would refuse, in both
// directions.  The result is deterministic.  A longer conversation keeps the names of the
// shorter one, which keeps a prompt cache valid.
#pragma once

#include <gatehouse/chat.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// Names that an upstream accepts: letters, digits and `signs`.
struct NameRule {
    std::string_view signs;
    bool digit_first = true;
    std::size_t longest = 256;
};

/// Constant after construction: any thread.
class ToolNames {
public:
    ToolNames(const ChatRequest& request, const NameRule& rule);

    /// Whether a name of the request differs upstream.
    bool changes() const { return !theirs_.empty(); }
    std::string_view to_upstream(std::string_view name) const;
    std::string_view to_client(std::string_view name) const;
    /// A name like `wanted` that is not a tool's.  `request`: that of the constructor.
    std::string free_name(const ChatRequest& request, std::string_view wanted) const;

private:
    NameRule rule_;
    std::map<std::string, std::string, std::less<>> theirs_, ours_;  // only those that differ
};

/// Translates the ids of one conversation, in order.  One thread at a time.
class CallIds {
public:
    explicit CallIds(const NameRule& rule) : rule_(rule) {}

    /// Returns the id of the next call.  It is unchanged if it is valid and unique.
    std::string add(std::string_view id);

private:
    NameRule rule_;
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::size_t, std::less<>> repeated_;
};

}  // namespace gatehouse::upstream
