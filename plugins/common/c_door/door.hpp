// SPDX-License-Identifier: Apache-2.0
// Loads a library with a C interface and checks its entry point, for every kind.  Libraries,
// like plugins, are never unloaded.  [main thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

namespace gatehouse::c_bridge {

/// The entry point of a kind.  Its struct begins with magic, version and size.
struct Door {
    const char* symbol;     // "gatehouse_c_provider"
    const char* type;       // "gatehouse_c_door"
    const char* header;     // "gatehouse/c.h"
    const char* interface;  // "C interface", in messages
    std::uint32_t magic, version;
    std::size_t first_size;  // the size of the struct in the first header of this version
};

/// The symbol of a loaded library.  Valid until the process ends.
struct Opened {
    const void* address;
    std::size_t bytes;  // in the library's symbol table
};

/// Calls `use` with the symbol.  A relative path is resolved in the working directory.  Throws KeyError at
/// `library`, also for a Mistake of `use`, whose text follows the library's name.
void open_door(const std::string& path, const Door& door, const std::function<void(const Opened&)>& use);

/// Checks the head of the struct and copies it to `to`, which has `room` bytes.  Members that
/// the library does not have become null.  Throws Mistake, whose text follows the library's name.
void copy_door(void* to, std::size_t room, const void* given, std::size_t bytes, const Door& door);

/// Throws Mistake at the first null member.
void need(const Door& door, std::initializer_list<std::pair<const char*, bool>> members);

}  // namespace gatehouse::c_bridge
