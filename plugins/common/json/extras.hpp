// SPDX-License-Identifier: Apache-2.0
// Members of a request that are unknown to the dialect, by name.  A provider forwards
// those that its upstream knows.  The class is for one thread; the function has no state.
#pragma once

#include <gatehouse/json_text.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::json {

class Extras {
public:
    struct Member {
        std::string name;
        std::string_view json;  // unchanged, valid as long as the Extras
        bool used = false;
    };

    explicit Extras(const JsonText& extra);
    Extras(const Extras&) = delete;
    Extras& operator=(const Extras&) = delete;

    /// Returns the value of `name` as JSON and marks it as used.  Empty if there is no such member.
    std::string_view take(std::string_view name);
    const std::vector<Member>& all() const { return members_; }

private:
    std::string text_;
    std::vector<Member> members_;
};

/// One member of `extra` as JSON.  Empty if the member is absent or null.
std::string member_of(const JsonText& extra, std::string_view name);

}  // namespace gatehouse::json
