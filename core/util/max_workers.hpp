// SPDX-License-Identifier: Apache-2.0
// The limit of [server] workers, for the configuration and for the server.
#pragma once

namespace gatehouse::core {

inline constexpr int max_workers = 128;

}  // namespace gatehouse::core
