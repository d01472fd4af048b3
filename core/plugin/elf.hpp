// SPDX-License-Identifier: Apache-2.0
// Reads an ELF file before the dynamic linker does, so that a library that does not fit runs
// nothing.  [any thread; may block]
#pragma once

#include <gatehouse/note.hpp>
#include <gatehouse/result.hpp>

#include <filesystem>
#include <optional>

namespace gatehouse::core {

/// An error if the file is not a shared library, or is shorter than its headers say: the
/// dynamic linker would end the process with SIGBUS.
Result<void> check_elf(const std::filesystem::path& path);

/// Whether the file is made for a machine of this kind.
bool is_of_this_machine(const std::filesystem::path& path);

/// The note of the plugin in this file.  Nothing if the file has no note, or is made for
/// another machine.  REQUIRES: check_elf() accepts the file.
std::optional<Note> read_note(const std::filesystem::path& path);

/// Whether the dynamic linker would look for other libraries in the folder of this file ($ORIGIN).
bool names_own_folder(const std::filesystem::path& path);

/// The first members of a Descriptor, which are plain data in the file.
struct PluginVersions {
    std::uint32_t magic = 0, abi = 0;
    std::uint64_t layout = 0;
};

/// The versions of the symbol gatehouse_plugin in this file, for a library without a note.
std::optional<PluginVersions> read_entry_point(const std::filesystem::path& path);

}  // namespace gatehouse::core
