// SPDX-License-Identifier: Apache-2.0
// Names of tools.  A provider knows functions with flat names.  A client of the Responses API
// has tools in namespaces, tools with free text and a search for tools.  The table has the
// names of both sides.  One thread at a time while it grows, then any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::openai_dialect::responses {

/// The name of the search for tools, as a function.
inline constexpr std::string_view search_name = "tool_search";

struct NamedTool {
    enum class Kind { function, custom, search };
    Kind kind = Kind::function;
    std::string name = {}, space = {};  // space: the namespace; empty: none
};

class ToolTable {
public:
    /// Adds a tool.  Returns its flat name, and false if the table has the tool already.
    std::pair<std::string, bool> add(NamedTool tool);

    /// The flat name of a tool, which need not be in the table.
    std::string flat(std::string_view space, std::string_view name) const;
    bool has(std::string_view space, std::string_view name) const;

    /// The tool with this flat name, or null.
    const NamedTool* find(std::string_view flat) const;

    bool empty() const { return tools_.empty(); }

private:
    using Place = std::pair<std::string, std::string>;

    std::map<std::string, NamedTool, std::less<>> tools_;  // by flat name
    std::map<Place, std::string> flat_;                    // by namespace and name
};

/// An id of at most 64 bytes.  The end of a longer one is replaced by its hash.
std::string short_id(std::string id);

}  // namespace gatehouse::openai_dialect::responses
