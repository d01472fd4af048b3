// SPDX-License-Identifier: Apache-2.0
// Reads untrusted JSON: bounded in depth, valid UTF-8, and without repeated names in an
// object, because two parsers could read different values of a repeated name.
// One thread at a time.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::jwt {

class StrictJson {
public:
    /// Longer and deeper texts are rejected.
    StrictJson(std::size_t max_bytes, std::size_t max_depth);

    /// Parses the object in `text`; returns nothing if it is not valid.  The result is valid
    /// until the next call.
    std::optional<simdjson::dom::object> object(std::string_view text);

private:
    bool has_names_once(simdjson::dom::element element);
    bool has_own_names_once(const simdjson::dom::object& object);

    const std::size_t max_bytes_, max_depth_;
    simdjson::dom::parser parser_;
    std::vector<std::string_view> names_;
};

/// Returns the string `name` of `object`, or nothing if it is missing or not a string.
std::optional<std::string_view> string_in(const simdjson::dom::object& object, std::string_view name);

/// Returns whether `object` has a member `name` of any type.
bool has(const simdjson::dom::object& object, std::string_view name);

}  // namespace gatehouse::jwt
