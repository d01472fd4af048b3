// SPDX-License-Identifier: Apache-2.0
// A library's description of itself: name, operations, and keys of its settings.  Plain values,
// created at start.
#pragma once

#include "plugins/common/c_door/described.hpp"

#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

struct Description : Described {
    std::string request_id_header = "x-request-id";
    bool chat = false, embed = false, rerank = false, models = false;
};

/// Throws Mistake.
Description read_description(std::string_view json);

}  // namespace gatehouse::c_bridge
