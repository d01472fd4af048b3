// SPDX-License-Identifier: Apache-2.0
// Messages about an address on which the gateway cannot listen.  [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/mistakes.hpp"

#include <string>
#include <string_view>

namespace gatehouse::core {

/// `why`, at the key `listen` of `table`, "server" or "admin", with the process that has the port if
/// one is found.
Error listen_error(const ConfigFile& file, std::string_view table, const std::string& listen,
                   const Error& why);

/// Adds a warning if another program has `listen`.  Does not warn of a gateway of this user.
void warn_of_taken_port(const ConfigFile& file, std::string_view table, const std::string& listen,
                        Mistakes& mistakes);

}  // namespace gatehouse::core
