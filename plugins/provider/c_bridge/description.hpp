// SPDX-License-Identifier: Apache-2.0
// A library's description of itself: name, operations, and keys of its settings.  Plain values,
// created at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::c_bridge {

/// A key of `settings`.  Its type is never a table.
struct Setting {
    Key key;
    std::optional<Value> fallback;
};

struct Description {
    std::string name, version;
    std::string request_id_header = "x-request-id";
    bool chat = false, embed = false, rerank = false, models = false;
    std::vector<Setting> settings;
};

/// Throws Mistake.
Description read_description(std::string_view json);

/// The type for messages, such as "an integer".
std::string_view expected(ValueType type);

}  // namespace gatehouse::c_bridge
