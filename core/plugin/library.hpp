// SPDX-License-Identifier: Apache-2.0
// Loads a plugin library.  The library's ELF note is checked before the library is loaded, so
// that a library that does not fit runs nothing; then its descriptor, before any C++ object
// crosses.
//
// Libraries are never unloaded: plugins hand out pointers into themselves
// (vtables, type information, thread-local destructors), so that it cannot be
// proved when that would be safe.  [main thread, at start or reload]
#pragma once

#include "core/plugin/pins.hpp"

#include <gatehouse/plugin.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// How a library is loaded.
enum class Loading {
    file,  // for tools that end soon, and for debuggers that need the file
    copy,  // from a private copy; another version of the file is loaded in addition
};

/// The descriptor of the library at `path`, valid for the life of the process.  The error says
/// why the library is refused, and what to do about it.
Result<const Descriptor*> load(const std::filesystem::path& path, const PluginPins& pins = {},
                               Loading how = Loading::file);

/// The SHA-256 of a library that was loaded as a copy; empty for others.
std::string digest_of(const Descriptor& plugin);
/// The version of the library at `path` that was loaded before this one; null if this one is the first.
const Descriptor* replaced_by(const Descriptor& plugin);

/// "provider" of "provider/1".
std::string_view kind_of(const Descriptor& plugin);

/// The keys that the plugin declares.
Result<std::vector<Key>> declared_keys(const Descriptor& plugin);

}  // namespace gatehouse::core
