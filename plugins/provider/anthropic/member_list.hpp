// SPDX-License-Identifier: Apache-2.0
// Unknown members of a response, collected from several of its objects.  One thread at a time.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/json_text.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::anthropic {

class MemberList {
public:
    /// Keeps the members of `from` whose names are not `known`.  The last value of a name counts.
    void keep(upstream::dom::object from, std::initializer_list<std::string_view> known);

    /// All members as one object.  Empty if the list is empty.
    JsonText text() const;

private:
    static constexpr std::size_t max_members = 64, max_bytes = 64 * 1024;

    std::vector<std::pair<std::string, std::string>> members_;  // name and JSON
};

}  // namespace gatehouse::anthropic
