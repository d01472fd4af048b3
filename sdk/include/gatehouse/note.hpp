// SPDX-License-Identifier: Apache-2.0
// The ELF note of a plugin: plain data that the core reads from the file before it loads
// the library.  A library that does not fit is refused, and none of its code has run.
//
// The macro GATEHOUSE_PLUGIN writes the note.  It repeats the first members of the
// Descriptor.  The core refuses a library whose note and Descriptor differ.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse {

/// The section ".note.gatehouse", in the form of elf(5).  Only 32-bit words and characters,
/// so that the note has no padding.
struct Note {
    static constexpr const char* section = ".note.gatehouse";
    static constexpr std::uint32_t current_type = 1;

    std::uint32_t name_size = sizeof owner;
    std::uint32_t description_size = sizeof(Note) - offset;
    std::uint32_t type = current_type;
    char owner[12] = "Gatehouse";
    std::uint32_t magic = 0;
    std::uint32_t abi = 0;
    std::uint32_t layout_low = 0, layout_high = 0;  // the halves of `layout`
    char toolchain[32] = {};                        // ends in zeros, as the next one
    char kind[32] = {};                             // "provider/1"

    static constexpr std::uint32_t offset = 24;  // of the description: three words and `owner`

    constexpr std::uint64_t layout() const { return std::uint64_t(layout_high) << 32 | layout_low; }
};

/// The note of a library that was built against these headers.  A longer `toolchain` or
/// `kind` is cut.
constexpr Note note_of(std::uint32_t magic, std::uint32_t abi, std::uint64_t layout,
                       std::string_view toolchain, std::string_view kind) {
    Note note;
    note.magic = magic;
    note.abi = abi;
    note.layout_low = static_cast<std::uint32_t>(layout);
    note.layout_high = static_cast<std::uint32_t>(layout >> 32);
    for (std::size_t i = 0; i < toolchain.size() && i + 1 < sizeof note.toolchain; ++i)
        note.toolchain[i] = toolchain[i];
    for (std::size_t i = 0; i < kind.size() && i + 1 < sizeof note.kind; ++i) note.kind[i] = kind[i];
    return note;
}

}  // namespace gatehouse
