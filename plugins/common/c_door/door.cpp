// SPDX-License-Identifier: Apache-2.0
// Uses dlopen instead of Boost.DLL, because the symbol's size and the linker's own message are
// needed.
#include "plugins/common/c_door/door.hpp"

#include "core/plugin/elf.hpp"
#include "plugins/common/c_door/mistake.hpp"

#include <gatehouse/schema.hpp>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>  // ElfW

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace gatehouse::c_bridge {

namespace {

/// The first members of the struct of every kind.
struct Head {
    std::uint32_t magic, version;
    std::uint64_t size;
};

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

Opened open(const std::filesystem::path& path, const Door& door) {
    check_file(path);
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char* reason = ::dlerror();
        throw Mistake(std::string("cannot be loaded: ") + (reason ? reason : "the linker gives no reason"));
    }
    const void* address = ::dlsym(library, door.symbol);
    if (!address && ::dlsym(library, "gatehouse_plugin"))
        throw Mistake("is a plugin in C++: name it by use, with its folder in [plugins] path");
    if (!address)
        throw Mistake(std::string("has no symbol ") + door.symbol + ", or hides it: see " + door.header +
                      ", and link without the SDK's version script");
    const auto bytes = size_of(address);
    if (!bytes)
        throw Mistake(std::string("has no ") + door.type + ": its " + door.symbol + " is not an object");
    return {address, *bytes};
}

}  // namespace

void copy_door(void* to, std::size_t room, const void* given, std::size_t bytes, const Door& door) {
    Head head{};
    if (bytes >= sizeof head) std::memcpy(&head, given, sizeof head);
    if (bytes < sizeof head || head.magic != door.magic)
        throw Mistake(std::string("has a ") + door.symbol + " with a bad magic: it is not a " + door.type);
    if (head.version != door.version)
        throw Mistake("was built for version " + std::to_string(head.version) + " of the " + door.interface +
                      ", this gateway has " + std::to_string(door.version) + "; rebuild it with the " +
                      door.header + " of this gateway");
    if (head.size < door.first_size || head.size > bytes)
        throw Mistake(std::string("has a wrong size in its ") + door.type + ": it must be sizeof(" +
                      door.type + ")");
    std::memset(to, 0, room);
    std::memcpy(to, given, std::min<std::size_t>(head.size, room));
}

void need(const Door& door, std::initializer_list<std::pair<const char*, bool>> members) {
    for (const auto& [name, there] : members)
        if (!there) throw Mistake(std::string("has no ") + name + " in its " + door.type);
}

void open_door(const std::string& path, const Door& door, const std::function<void(const Opened&)>& use) {
    if (path.empty()) throw KeyError("library", "library must be the path of a library");
    const std::filesystem::path whole = std::filesystem::absolute(path);
    try {
        use(open(whole, door));
    } catch (const Mistake& mistake) {
        throw KeyError("library", whole.string() + " " + mistake.what());
    }
}

}  // namespace gatehouse::c_bridge
