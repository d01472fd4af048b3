// SPDX-License-Identifier: Apache-2.0
#include "core/app/console_door.hpp"

namespace gatehouse::core {

void PublishedDoor::publish(const ConsoleDoor& door) {
    if (door.listen.empty()) return file_.write({});
    file_.write(door.secret + '\0' + door.listen + '\0' + door.page + '\0');
}

std::optional<ConsoleDoor> console_door(pid_t process) {
    const std::string content = AnonymousFile::read(process, "gatehouse-console");
    if (content.empty()) return std::nullopt;
    std::string_view rest = content;
    ConsoleDoor door;
    door.secret = take_field(rest, '\0');
    door.listen = take_field(rest, '\0');
    door.page = take_field(rest, '\0');
    return door;
}

}  // namespace gatehouse::core
