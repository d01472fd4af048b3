// SPDX-License-Identifier: Apache-2.0
// The members of a request that the dialect did not know, by their names: an
// upstream's own among them go through.  A class for one thread, and a function
// without state.
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
        std::string_view json;  // as it came, valid as long as the Extras
        bool used = false;
    };

    explicit Extras(const JsonText& extra);
    Extras(const Extras&) = delete;
    Extras& operator=(const Extras&) = delete;

    /// The value of `name` as JSON, which counts as used from now on; empty: there is none.
    std::string_view take(std::string_view name);
    const std::vector<Member>& all() const { return members_; }

private:
    std::string text_;
    std::vector<Member> members_;
};

/// One member of `extra` as JSON; empty: it has none, or null.
std::string member_of(const JsonText& extra, std::string_view name);

}  // namespace gatehouse::json
