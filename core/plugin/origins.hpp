// SPDX-License-Identifier: Apache-2.0
// The libraries of plugin instances and of addresses, for reports about a plugin.
//
// The tables only grow by replacement, so that a signal handler can read them.  Their texts live as long as
// the process.  Reading: [any thread, signal handlers].  Changes: [main thread].
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// Notes that an instance of this name uses the plugin library at `path`.
void note_instance(std::string_view instance, std::string_view path);

/// The path of the library of an instance; empty if it is unknown.  The latest one if a reload has changed
/// it.
std::string_view library_of(std::string_view instance);

/// Notes the address ranges of all loaded libraries.  Call it after a library has been loaded.
void note_libraries();

struct Place {
    std::string_view library = {};  // empty: no known library
    std::uintptr_t offset = 0;      // from the library's first address
};
Place place_of(const void* address);

}  // namespace gatehouse::core
