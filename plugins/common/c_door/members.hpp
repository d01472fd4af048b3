// SPDX-License-Identifier: Apache-2.0
// Strict reader of a library's JSON object.  A wrong type, a missing member and an unknown
// member throw a Mistake with the member's name.  One thread; valid as long as its Tree.
#pragma once

#include "plugins/common/c_door/mistake.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::c_bridge {

/// Parses a library's JSON text.  REQUIRES: at most one Tree per thread.  Throws Mistake, which
/// names the text by `what`, such as "the description".
upstream::Tree parse(std::string& text, const std::string& what);

class Members {
public:
    /// `what` names the object in messages.  Throws Mistake if `value` is not an object.
    Members(upstream::dom::element value, std::string what);

    const std::string& what() const { return what_; }

    /// Returns the member and marks it as known.  Returns nothing if it is absent or null.
    std::optional<upstream::dom::element> find(std::string_view name);
    upstream::dom::element need(std::string_view name);

    std::string_view text(std::string_view name);
    std::string_view text_or(std::string_view name, std::string_view fallback);
    /// An integer within the bounds, inclusive.
    std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
    std::optional<std::int64_t> maybe_integer(std::string_view name, std::int64_t least = 0,
                                              std::int64_t most = std::numeric_limits<std::int64_t>::max());
    double number(std::string_view name);
    bool flag_or(std::string_view name, bool fallback);
    upstream::dom::array list(std::string_view name);

    /// Throws Mistake if the object has an unknown member.
    void finish() const;

    /// Throws a Mistake about the member `name`: "KEY of WHAT must be EXPECTED".
    [[noreturn]] void wrong(std::string_view name, std::string_view expected) const;

private:
    upstream::dom::object object_;
    std::string what_;
    std::vector<std::string_view> known_;
};

}  // namespace gatehouse::c_bridge
