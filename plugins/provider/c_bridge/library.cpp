// SPDX-License-Identifier: Apache-2.0
// Uses dlopen instead of Boost.DLL, because the symbol's size and the linker's own message are
// needed.
#include "plugins/provider/c_bridge/library.hpp"

#include "core/plugin/elf.hpp"
#include "plugins/provider/c_bridge/mistake.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>  // ElfW

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace gatehouse::c_bridge {

namespace {

constexpr const char* symbol = "gatehouse_c_provider";
// Size of the struct in version 1.  Later members may be missing.
constexpr std::size_t first_size = offsetof(gatehouse_c_door, amend) + sizeof(gatehouse_c_door::amend);
constexpr std::size_t head_size = offsetof(gatehouse_c_door, description);

void check_file(const std::filesystem::path& path) {
    std::error_code failure;
    const auto target = std::filesystem::status(path, failure);
    switch (target.type()) {
        case std::filesystem::file_type::not_found: throw Mistake("does not exist");
        case std::filesystem::file_type::directory: throw Mistake("is a directory, not a library");
        case std::filesystem::file_type::regular: break;
        case std::filesystem::file_type::none:
        case std::filesystem::file_type::symlink:
        case std::filesystem::file_type::block:
        case std::filesystem::file_type::character:
        case std::filesystem::file_type::fifo:
        case std::filesystem::file_type::socket:
        case std::filesystem::file_type::unknown:
            throw Mistake(failure ? "cannot be read: " + failure.message() : "is not a file");
    }
    if (auto ok = core::check_elf(path); !ok) throw Mistake(ok.error().message);
}

/// The object's size in the library's symbol table.  Returns nothing if it is not an object.
std::optional<std::size_t> size_of(const void* address) {
    Dl_info info{};
    void* entry = nullptr;
    if (!::dladdr1(address, &info, &entry, RTLD_DL_SYMENT) || !entry) return std::nullopt;
    const auto* found = static_cast<const ElfW(Sym)*>(entry);
    if (ELF64_ST_TYPE(found->st_info) != STT_OBJECT) return std::nullopt;
    return static_cast<std::size_t>(found->st_size);
}

Library open(const std::filesystem::path& path) {
    check_file(path);
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char* reason = ::dlerror();
        throw Mistake(std::string("cannot be loaded: ") + (reason ? reason : "the linker gives no reason"));
    }
    const void* address = ::dlsym(library, symbol);
    if (!address && ::dlsym(library, "gatehouse_plugin"))
        throw Mistake("is a plugin in C++: name it by use, with its folder in [plugins] path");
    if (!address)
        throw Mistake(std::string("has no symbol ") + symbol +
                      ", or hides it: see gatehouse/c.h, and link without the SDK's version script");
    const auto bytes = size_of(address);
    if (!bytes) throw Mistake(std::string("has no gatehouse_c_door: its ") + symbol + " is not an object");
    return enter(*static_cast<const gatehouse_c_door*>(address), *bytes);
}

}  // namespace

Library enter(const gatehouse_c_door& given, std::size_t bytes) {
    if (bytes < head_size || given.magic != GATEHOUSE_C_MAGIC)
        throw Mistake(std::string("has a ") + symbol + " with a bad magic: it is not a gatehouse_c_door");
    if (given.version != GATEHOUSE_C_VERSION)
        throw Mistake("was built for version " + std::to_string(given.version) +
                      " of the C interface, this gateway has " + std::to_string(GATEHOUSE_C_VERSION) +
                      "; rebuild it with the gatehouse/c.h of this gateway");
    if (given.size < first_size || given.size > bytes)
        throw Mistake("has a wrong size in its gatehouse_c_door: it must be sizeof(gatehouse_c_door)");
    Library out{};
    std::memcpy(&out.entry, &given, std::min<std::size_t>(given.size, sizeof out.entry));
    const gatehouse_c_door& entry = out.entry;
    const std::pair<const char*, bool> needed[] = {{"description", entry.description},
                                                   {"create", entry.create},
                                                   {"destroy", entry.destroy},
                                                   {"begin", entry.begin},
                                                   {"release", entry.release},
                                                   {"request", entry.request},
                                                   {"body", entry.body},
                                                   {"end", entry.end}};
    for (const auto& [name, there] : needed)
        if (!there) throw Mistake(std::string("has no ") + name + " in its gatehouse_c_door");
    try {
        out.description = read_description(entry.description);
    } catch (const Mistake& mistake) {
        throw Mistake(std::string("cannot be used: ") + mistake.what());
    }
    return out;
}

Library load(const std::string& path) {
    if (path.empty()) throw KeyError("library", "library must be the path of a library");
    const std::filesystem::path whole = std::filesystem::absolute(path);
    try {
        return open(whole);
    } catch (const Mistake& mistake) {
        throw KeyError("library", whole.string() + " " + mistake.what());
    }
}

}  // namespace gatehouse::c_bridge
