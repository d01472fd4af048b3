// SPDX-License-Identifier: Apache-2.0
// Names of members that are null in the chunks of a response.  Some upstreams repeat them in
// every chunk.  One thread at a time.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

class NullNames {
public:
    /// Whether the member `name` is null for the first time, or for the first time after a value.
    bool take(std::string_view name) {
        if (names_.size() >= most || name.size() > longest || names_.contains(name)) return false;
        names_.emplace(name);
        return true;
    }
    /// The member `name` has a value.
    void forget(std::string_view name) {
        if (const auto found = names_.find(name); found != names_.end()) names_.erase(found);
    }

private:
    static constexpr std::size_t most = 64, longest = 256;
    std::set<std::string, std::less<>> names_;
};

}  // namespace gatehouse::upstream
