// SPDX-License-Identifier: Apache-2.0
// What a library says about itself: its name, what it can do, and the keys that its
// part of the configuration has.  Plain values, made at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::c_bridge {

/// A key of `settings`.  Its type is none of the tables.
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

/// "an integer", for messages.
std::string_view expected(ValueType type);

}  // namespace gatehouse::c_bridge
