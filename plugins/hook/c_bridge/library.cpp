// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/c_bridge/library.hpp"

#include "plugins/common/c_door/door.hpp"
#include "plugins/common/c_door/mistake.hpp"

#include <cstddef>

namespace gatehouse::c_hook {

using namespace c_bridge;

namespace {

const Door door = {
    .symbol = "gatehouse_c_hook",
    .type = "gatehouse_c_hook_door",
    .header = "gatehouse/c_hook.h",
    .interface = "C interface for hooks",
    .magic = GATEHOUSE_C_HOOK_MAGIC,
    .version = GATEHOUSE_C_HOOK_VERSION,
    // The size in version 1.  Later members may be missing.
    .first_size = offsetof(gatehouse_c_hook_door, done) + sizeof(gatehouse_c_hook_door::done),
};

Described read_description(const char* json) {
    std::string text(json);
    const upstream::Tree tree = parse(text, "its description");
    Members members(tree.root(), "its description");
    Described out;
    read_described(members, out);
    members.finish();
    return out;
}

}  // namespace

Library enter(const gatehouse_c_hook_door& given, std::size_t bytes) {
    Library out{};
    copy_door(&out.entry, sizeof out.entry, &given, bytes, door);
    const gatehouse_c_hook_door& entry = out.entry;
    need(door, {{"description", entry.description},
                {"create", entry.create},
                {"destroy", entry.destroy},
                {"begin", entry.begin},
                {"release", entry.release}});
    if (!entry.text != !entry.flush)
        throw Mistake("has only one of text and flush in its gatehouse_c_hook_door: set both or neither");
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
        library = enter(*static_cast<const gatehouse_c_hook_door*>(opened.address), opened.bytes);
    });
    return library;
}

}  // namespace gatehouse::c_hook
