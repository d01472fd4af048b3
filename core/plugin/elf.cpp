// SPDX-License-Identifier: Apache-2.0
// A look at an ELF file before the linker sees it; see elf.hpp.
#include "core/plugin/elf.hpp"

#include <elf.h>
#include <link.h>  // ElfW

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace gatehouse::core {

namespace {

Error refused(std::string why) { return {ErrorKind::bad_config, std::move(why)}; }

template <typename T>
bool read_at(std::ifstream& file, std::uint64_t offset, T* into, std::size_t count) {
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(reinterpret_cast<char*>(into), static_cast<std::streamsize>(count * sizeof(T)));
    return bool(file);
}

}  // namespace

Result<void> check_elf(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return refused("cannot be read; may the gateway's user read it?");
    const auto size = static_cast<std::uint64_t>(file.tellg());
    if (size == 0) return refused("is empty");

    ElfW(Ehdr) header{};
    if (!read_at(file, 0, &header, 1) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return refused("is no shared library");
    if (header.e_ident[EI_CLASS] != (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32) ||
        header.e_phentsize != sizeof(ElfW(Phdr)))
        return {};  // made for another machine: the linker says so

    const Error cut = refused("is cut short: it has only " + std::to_string(size) + " bytes; copy it again");
    std::vector<ElfW(Phdr)> segments(header.e_phnum);
    if (!read_at(file, header.e_phoff, segments.data(), segments.size())) return cut;
    for (const auto& segment : segments)
        if (segment.p_type == PT_LOAD &&
            (segment.p_filesz > size || segment.p_offset > size - segment.p_filesz))
            return cut;
    return {};
}

}  // namespace gatehouse::core
