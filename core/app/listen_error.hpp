// SPDX-License-Identifier: Apache-2.0
// The message about an address on which the gateway cannot listen.  [main thread]
#pragma once

#include "core/config/file.hpp"

#include <string>
#include <string_view>

namespace gatehouse::core {

/// `why`, at the key `listen` of `table`, "server" or "admin", with the process that has the port if
/// one is found.
Error listen_error(const ConfigFile& file, std::string_view table, const std::string& listen,
                   const Error& why);

}  // namespace gatehouse::core
