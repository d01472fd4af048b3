// SPDX-License-Identifier: Apache-2.0
// JSON of strangers, read once and whole: bounded in depth, valid UTF-8, and no name
// twice in any object, since two readers of such a token could see two of them.
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
    /// Longer texts are not looked at, deeper ones refused.
    StrictJson(std::size_t max_bytes, std::size_t max_depth);

    /// The object that `text` is, or nothing.  Valid until the next call.
    std::optional<simdjson::dom::object> object(std::string_view text);

private:
    bool has_names_once(simdjson::dom::element element);
    bool has_own_names_once(const simdjson::dom::object& object);

    const std::size_t max_bytes_, max_depth_;
    simdjson::dom::parser parser_;
    std::vector<std::string_view> names_;
};

/// The string `name` of `object`; nothing if it is missing or not a string.
std::optional<std::string_view> string_in(const simdjson::dom::object& object, std::string_view name);

/// Whether `object` has a member `name`, whatever it is.
bool has(const simdjson::dom::object& object, std::string_view name);

}  // namespace gatehouse::jwt
