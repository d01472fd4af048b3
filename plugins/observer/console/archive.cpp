// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/console/archive.hpp"

#include "plugins/observer/console/archive_digest.hpp"

#include <array>
#include <charconv>

// The assembler copies the file, which takes no time, unlike a list of numbers.
asm(".pushsection .rodata\n"
    ".globl gatehouse_console_archive_begin, gatehouse_console_archive_end\n"
    ".hidden gatehouse_console_archive_begin\n"
    ".hidden gatehouse_console_archive_end\n"
    "gatehouse_console_archive_begin:\n"
    ".incbin \"" CONSOLE_ARCHIVE
    "\"\n"
    "gatehouse_console_archive_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" [[gnu::visibility("hidden")]] const char gatehouse_console_archive_begin[];
extern "C" [[gnu::visibility("hidden")]] const char gatehouse_console_archive_end[];

namespace gatehouse::console {

namespace {

std::string_view cut(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

}  // namespace

std::string_view archive() {
    return {gatehouse_console_archive_begin,
            static_cast<std::size_t>(gatehouse_console_archive_end - gatehouse_console_archive_begin)};
}

std::vector<Page> pages_of(std::string_view archive) {
    std::vector<Page> pages;
    std::vector<std::size_t> lengths;
    for (std::string_view line = cut(archive, '\n'); !line.empty(); line = cut(archive, '\n')) {
        std::array<std::string_view, 5> parts;
        for (std::string_view& part : parts) part = cut(line, '\t');
        std::size_t length = 0;
        const std::string_view digits = parts[4];
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return {};
        pages.push_back({.name = std::string(parts[0]),
                         .type = std::string(parts[1]),
                         .gzip = {},
                         .tag = std::string(parts[3]),
                         .immutable = parts[2] == "immutable"});
        lengths.push_back(length);
    }
    for (std::size_t i = 0; i < pages.size(); ++i) {
        if (lengths[i] > archive.size()) return {};
        pages[i].gzip = archive.substr(0, lengths[i]);
        archive.remove_prefix(lengths[i]);
    }
    return pages;
}

}  // namespace gatehouse::console
