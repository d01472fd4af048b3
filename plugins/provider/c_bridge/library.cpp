// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/library.hpp"

#include "plugins/common/c_door/door.hpp"
#include "plugins/common/c_door/mistake.hpp"

#include <cstddef>

namespace gatehouse::c_bridge {

namespace {

const Door door = {
    .symbol = "gatehouse_c_provider",
    .type = "gatehouse_c_door",
    .header = "gatehouse/c.h",
    .interface = "C interface",
    .magic = GATEHOUSE_C_MAGIC,
    .version = GATEHOUSE_C_VERSION,
    // The size in version 1.  Later members may be missing.
    .first_size = offsetof(gatehouse_c_door, amend) + sizeof(gatehouse_c_door::amend),
};

}  // namespace

Library enter(const gatehouse_c_door& given, std::size_t bytes) {
    Library out{};
    copy_door(&out.entry, sizeof out.entry, &given, bytes, door);
    const gatehouse_c_door& entry = out.entry;
    need(door, {{"description", entry.description},
                {"create", entry.create},
                {"destroy", entry.destroy},
                {"begin", entry.begin},
                {"release", entry.release},
                {"request", entry.request},
                {"body", entry.body},
                {"end", entry.end}});
    try {
        out.description = read_description(entry.description);
    } catch (const Mistake& mistake) {
        throw Mistake(std::string("cannot be used: ") + mistake.what());
    }
    return out;
}

Library load(const std::string& path) {
    Library library{};
    open_door(path, door, [&](const Opened& opened) {
        library = enter(*static_cast<const gatehouse_c_door*>(opened.address), opened.bytes);
    });
    return library;
}

}  // namespace gatehouse::c_bridge
