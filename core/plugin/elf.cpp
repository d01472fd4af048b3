// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/elf.hpp"

#include "core/plugin/refused.hpp"

#include <elf.h>
#include <link.h>  // ElfW

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

namespace {

template <typename T>
bool read_at(std::ifstream& file, std::uint64_t offset, T* into, std::size_t count) {
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(reinterpret_cast<char*>(into), static_cast<std::streamsize>(count * sizeof(T)));
    return bool(file);
}

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Symbol = ElfW(Sym);

bool has_native_format(const Header& header) {
    return header.e_ident[EI_CLASS] == (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32) &&
           header.e_phentsize == sizeof(ElfW(Phdr));
}

// The sections of a file of this machine; none if their headers are missing or damaged.
class Sections {
public:
    explicit Sections(std::ifstream& file) : file_(file) {
        Header header{};
        if (!read_at(file_, 0, &header, 1) || !has_native_format(header) ||
            header.e_shentsize != sizeof(Section))
            return;
        std::vector<Section> all(header.e_shnum);
        if (header.e_shstrndx >= all.size() || !read_at(file_, header.e_shoff, all.data(), all.size()))
            return;
        names_ = all[header.e_shstrndx];
        all_ = std::move(all);
    }

    const Section* find(std::string_view name) {
        for (const Section& section : all_)
            if (has_text(names_, section.sh_name, name)) return &section;
        return nullptr;
    }
    /// Whether the string of `table` at `offset` is `text`.
    bool has_text(const Section& table, std::uint64_t offset, std::string_view text) {
        std::string found(text.size() + 1, '\0');
        file_.clear();
        return offset < table.sh_size &&
               read_at(file_, table.sh_offset + offset, found.data(), found.size()) &&
               found == std::string(text) + '\0';
    }
    /// The place in the file of what the linker loads at `address`.
    std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
        for (const Section& section : all_)
            if (section.sh_type == SHT_PROGBITS && address >= section.sh_addr &&
                address - section.sh_addr < section.sh_size)
                return section.sh_offset + (address - section.sh_addr);
        return {};
    }

private:
    std::ifstream& file_;
    Section names_{};
    std::vector<Section> all_;
};

bool is_valid(const Note& note) {
    const Note expected;
    return note.name_size == expected.name_size && note.description_size == expected.description_size &&
           note.type == expected.type && std::memcmp(note.owner, expected.owner, sizeof note.owner) == 0 &&
           note.toolchain[sizeof note.toolchain - 1] == 0 && note.kind[sizeof note.kind - 1] == 0;
}

}  // namespace

bool is_of_this_machine(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    Header header{};
    return read_at(file, 0, &header, 1) && has_native_format(header);
}

std::optional<Note> read_note(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    Sections sections(file);
    const Section* section = sections.find(Note::section);
    Note note;
    if (!section || section->sh_size < sizeof note) return {};
    file.clear();
    if (!read_at(file, section->sh_offset, &note, 1) || !is_valid(note)) return {};
    return note;
}

bool names_own_folder(const std::filesystem::path& path) {
    constexpr std::uint64_t max_size = 1 << 28;
    std::ifstream file(path, std::ios::binary);
    Sections sections(file);
    const Section* names = sections.find(".dynstr");
    if (!names || names->sh_size > max_size) return false;
    std::string text(names->sh_size, '\0');
    file.clear();
    if (!read_at(file, names->sh_offset, text.data(), text.size())) return false;
    return text.find("$ORIGIN") != text.npos || text.find("${ORIGIN}") != text.npos;
}

std::optional<PluginVersions> read_entry_point(const std::filesystem::path& path) {
    constexpr std::uint64_t max_symbols = 1'000'000;
    std::ifstream file(path, std::ios::binary);
    Sections sections(file);
    const Section *table = sections.find(".dynsym"), *names = sections.find(".dynstr");
    if (!table || !names || table->sh_size / sizeof(Symbol) > max_symbols) return {};
    std::vector<Symbol> symbols(table->sh_size / sizeof(Symbol));
    file.clear();
    if (!read_at(file, table->sh_offset, symbols.data(), symbols.size())) return {};
    for (const Symbol& symbol : symbols) {
        if (symbol.st_shndx == SHN_UNDEF || !sections.has_text(*names, symbol.st_name, "gatehouse_plugin"))
            continue;
        PluginVersions versions;
        const auto offset = sections.offset_of(symbol.st_value);
        file.clear();
        if (offset && read_at(file, *offset, &versions, 1)) return versions;
    }
    return {};
}

Result<void> check_elf(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return refused("cannot be read; may the gateway's user read it?");
    const auto size = static_cast<std::uint64_t>(file.tellg());
    if (size == 0) return refused("is empty");

    Header header{};
    if (!read_at(file, 0, &header, 1) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return refused("is not a shared library");
    if (!has_native_format(header)) return {};  // the dynamic linker refuses it in its own words

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
