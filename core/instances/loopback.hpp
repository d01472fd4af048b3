// SPDX-License-Identifier: Apache-2.0
// Whether only this machine can reach an address.  [any thread]
#pragma once

#include <string_view>

namespace gatehouse::core {

/// 127.0.0.0/8, ::1 and localhost, with a port.
inline bool is_loopback(std::string_view listen) {
    return listen.starts_with("127.") || listen.starts_with("[::1]:") || listen.starts_with("localhost:");
}

}  // namespace gatehouse::core
