// SPDX-License-Identifier: Apache-2.0
// An object of JSON that a library wrote, read strictly: a wrong type, a missing or an
// unknown member is a Mistake that names it.  One thread; valid as long as its Tree.
#pragma once

#include "plugins/common/upstream/tree.hpp"
#include "plugins/provider/c_bridge/mistake.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::c_bridge {

/// What JSON text of a library is parsed into; one at a time on each thread.  Throws
/// Mistake, which calls the text `what`: "the description".
upstream::Tree parse(std::string& text, const std::string& what);

class Members {
public:
    /// `what` names the object in messages.  Throws Mistake if `value` is none.
    Members(upstream::dom::element value, std::string what);

    const std::string& what() const { return what_; }

    /// The member, or nothing if it is not there or null.  It is known from now on.
    std::optional<upstream::dom::element> find(std::string_view name);
    upstream::dom::element need(std::string_view name);

    std::string_view text(std::string_view name);
    std::string_view text_or(std::string_view name, std::string_view fallback);
    /// Between the bounds, both included.
    std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
    std::optional<std::int64_t> maybe_integer(std::string_view name, std::int64_t least = 0,
                                              std::int64_t most = std::numeric_limits<std::int64_t>::max());
    double number(std::string_view name);
    bool flag_or(std::string_view name, bool fallback);
    upstream::dom::array list(std::string_view name);

    /// No more members are known: another one is a Mistake.
    void finish() const;

    /// Throws a Mistake about the member `name`: "KEY of WHAT must be EXPECTED".
    [[noreturn]] void wrong(std::string_view name, std::string_view expected) const;

private:
    upstream::dom::object object_;
    std::string what_;
    std::vector<std::string_view> known_;
};

}  // namespace gatehouse::c_bridge
