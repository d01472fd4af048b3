// SPDX-License-Identifier: Apache-2.0
// Lets `gatehouse console` make a login code for the gateway that runs a configuration.  The process keeps
// the key of the codes in an anonymous file, which only its own user can read through /proc.  That user could
// read the memory of the process too.  Owned by main().  [main thread]
#pragma once

#include "core/app/anonymous_file.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace gatehouse::core {

struct ConsoleDoor {
    std::string secret;  // that of AdminSessions
    std::string listen;  // the address of the [admin] listener, with its port
    std::string page;    // the name of the resource with pages; empty: no plugin has one
};

class PublishedDoor {
public:
    void publish(const ConsoleDoor& door);

private:
    AnonymousFile file_{"gatehouse-console"};
};

/// Returns nullopt if the process has no admin listener, or this user may not read it.
std::optional<ConsoleDoor> console_door(pid_t process);

}  // namespace gatehouse::core
