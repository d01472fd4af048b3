// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/library.hpp"

#include "core/plugin/elf.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/library_copy.hpp"
#include "core/plugin/origins.hpp"
#include "core/plugin/refused.hpp"

#include <gatehouse/layout.hpp>

#include <dlfcn.h>
#include <boost/dll/shared_library.hpp>

#include <algorithm>
#include <array>
#include <system_error>

namespace gatehouse::core {

namespace {

constexpr const char* entry_point = "gatehouse_plugin";
constexpr const char* no_entry_point =
    "is not a Gatehouse plugin: it has no symbol gatehouse_plugin; a plugin's source ends in "
    "GATEHOUSE_PLUGIN(...)";
constexpr const char* rebuild = "; rebuild it against the SDK of this gateway";

// Never destroyed, so that nothing is closed at exit either.
void keep_forever(boost::dll::shared_library library) {
    static auto* const kept = new std::vector<boost::dll::shared_library>;
    kept->push_back(std::move(library));
}

/// A library that was loaded as a copy.
struct Loaded {
    std::filesystem::path path;
    FileState state;  // when the file was last found to have this digest
    std::string digest;
    const Descriptor* descriptor;
};
std::vector<Loaded>& loaded() {
    static auto* const all = new std::vector<Loaded>;
    return *all;
}

const Loaded* find_loaded(const Descriptor& plugin) {
    const auto found = std::ranges::find(loaded(), &plugin, &Loaded::descriptor);
    return found == loaded().end() ? nullptr : &*found;
}

// "provider" of "provider/1".
std::string_view without_revision(std::string_view kind) { return kind.substr(0, kind.find('/')); }

bool is_known(std::string_view kind) {
    const std::array<const char*, 9> known = {Authenticator::kind, Signer::kind,   Provider::kind,
                                              ModelMapper::kind,   Dialect::kind,  Hook::kind,
                                              Limiter::kind,       Observer::kind, Store::kind};
    for (const char* one : known)
        if (kind == one) return true;
    return false;
}

// In this order: a later member is only valid if the earlier ones agree.
Result<void> check_versions(std::uint32_t plugin_magic, std::uint32_t plugin_abi,
                            std::uint64_t plugin_layout) {
    if (plugin_magic != magic)
        return refused("is not a Gatehouse plugin: bad magic in its ELF note, or in symbol gatehouse_plugin");
    if (plugin_abi != abi)
        return refused("was built for plugin ABI " + std::to_string(plugin_abi) + ", this gateway has " +
                       std::to_string(abi) + rebuild);
    if (plugin_layout != layout)
        return refused("was built against other headers of plugin ABI " + std::to_string(abi) + rebuild);
    return {};
}

Result<void> check_toolchain_and_kind(std::string_view plugin_toolchain, std::string_view kind) {
    if (plugin_toolchain != toolchain)
        return refused("was built with " + std::string(plugin_toolchain) + ", this gateway with " +
                       toolchain + "; rebuild it with the same standard library");
    if (!is_known(kind))
        return refused("is of the kind " + std::string(kind) + ", which this gateway does not know" +
                       rebuild);
    return {};
}

// Before the library is loaded: none of its code has run.
Result<void> check_note(const Note& note) {
    if (auto ok = check_versions(note.magic, note.abi, note.layout()); !ok) return ok;
    return check_toolchain_and_kind(note.toolchain, note.kind);
}

Result<void> check_descriptor(const Descriptor& plugin, const Note& note) {
    if (auto ok = check_versions(plugin.magic, plugin.abi, plugin.layout); !ok) return ok;
    if (!plugin.toolchain || !plugin.kind || !plugin.name || !plugin.version || !plugin.keys ||
        !plugin.create)
        return refused("has an incomplete gatehouse_plugin; let the macro GATEHOUSE_PLUGIN make it");
    if (std::string_view(plugin.kind) != note.kind)
        return refused("is of the kind " + std::string(plugin.kind) + ", but its ELF note says " + note.kind +
                       "; let the macro GATEHOUSE_PLUGIN make both");
    return check_toolchain_and_kind(plugin.toolchain, plugin.kind);
}

// The system's messages for these files mislead, or are empty.
Result<void> check_file(const std::filesystem::path& path) {
    std::error_code failure;
    const auto link = std::filesystem::symlink_status(path, failure);
    const auto target = std::filesystem::status(path, failure);
    if (link.type() == std::filesystem::file_type::symlink &&
        target.type() == std::filesystem::file_type::not_found)
        return refused("is a symbolic link to " + std::filesystem::read_symlink(path, failure).string() +
                       ", which does not exist");
    if (target.type() == std::filesystem::file_type::not_found) return refused("does not exist");
    if (target.type() == std::filesystem::file_type::directory)
        return refused("is a directory, not a library");
    if (failure) return refused("cannot be read: " + failure.message());
    if (target.type() != std::filesystem::file_type::regular) return refused("is not a file");
    return check_elf(path);
}

// A library of an older SDK has no note, but the same first words in its descriptor.
Error refusal_without_note(const std::filesystem::path& path) {
    const auto versions = read_entry_point(path);
    if (!versions) return refused(no_entry_point);
    if (auto ok = check_versions(versions->magic, versions->abi, versions->layout); !ok) return ok.error();
    return refused("has no section .note.gatehouse; let the macro GATEHOUSE_PLUGIN make it");
}

/// `path` names the bytes, and `library` is the name of the library.
Result<const Descriptor*> open(const std::filesystem::path& path, const std::string& library_name,
                               const PluginPins& pins, LibraryCopy* copy) {
    const std::optional<Note> note = read_note(path);
    if (note) {
        if (auto ok = check_note(*note); !ok) return ok.error();
        const std::string digest = pins.empty() ? "" : sha256_of_file(path);
        if (auto ok = pins.check(library_name, without_revision(note->kind), digest); !ok) return ok.error();
    } else if (is_of_this_machine(path)) {
        return refusal_without_note(path);
    }
    if (copy) copy->seal();
    std::error_code failure;
    boost::dll::shared_library library(
        path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local, failure);
    if (failure) {
        // Boost keeps an errno without a meaning; the linker's own text is still available.
        const char* reason = ::dlerror();
        return refused("cannot be loaded: " + (reason ? std::string(reason) : failure.message()));
    }
    if (!note || !library.has(entry_point)) return refused(no_entry_point);
    const auto& plugin = library.get<const Descriptor>(entry_point);
    // Its code has run already, so even a refused library stays.
    if (copy) copy->name_loaded(library.native());
    keep_forever(std::move(library));
    note_libraries();
    if (auto ok = check_descriptor(plugin, *note); !ok) return ok.error();
    return &plugin;
}

Result<const Descriptor*> open_file(const std::filesystem::path& path, const PluginPins& pins) {
    if (auto ok = check_file(path); !ok) return ok.error();
    return open(path, path.stem().string(), pins, nullptr);
}

/// The linker names the copy; the operator knows the file.
Error with_name(Error error, const std::string& copy, const std::string& file) {
    for (std::size_t at = error.message.find(copy); at != std::string::npos;
         at = error.message.find(copy, at + file.size()))
        error.message.replace(at, copy.size(), file);
    return error;
}

Result<const Descriptor*> pinned(const Loaded& library, const PluginPins& pins) {
    const std::string_view kind = without_revision(library.descriptor->kind);
    if (auto ok = pins.check(library.path.stem().string(), kind, library.digest); !ok) return ok.error();
    return library.descriptor;
}

Result<const Descriptor*> open_copy(const std::filesystem::path& path, const PluginPins& pins) {
    if (auto ok = check_file(path); !ok) return ok.error();
    const FileState state = state_of(path);
    auto known = std::ranges::find_if(loaded(), [&](const Loaded& one) {
        return one.path == path && one.state == state && state != FileState();
    });
    if (known != loaded().end()) return pinned(*known, pins);
    LibraryCopy copy(path);
    const std::string digest = copy.digest();
    known = std::ranges::find_if(loaded(),
                                 [&](const Loaded& one) { return one.path == path && one.digest == digest; });
    if (known != loaded().end()) {
        known->state = state;
        return pinned(*known, pins);
    }
    // The file may have changed since it was checked.
    if (auto ok = check_elf(copy.path()); !ok) return ok.error();
    auto plugin = open(copy.path(), path.stem().string(), pins, &copy);
    if (!plugin) return with_name(plugin.error(), copy.path().string(), path.string());
    loaded().push_back({path, state, digest, *plugin});
    return plugin;
}

}  // namespace

std::string digest_of(const Descriptor& plugin) {
    const Loaded* found = find_loaded(plugin);
    return found ? found->digest : std::string();
}

const Descriptor* replaced_by(const Descriptor& plugin) {
    const Loaded* found = find_loaded(plugin);
    if (!found) return nullptr;
    const Descriptor* before = nullptr;
    for (const Loaded& one : loaded()) {
        if (one.descriptor == &plugin) break;
        if (one.path == found->path) before = one.descriptor;
    }
    return before;
}

Result<const Descriptor*> load(const std::filesystem::path& path, const PluginPins& pins, Loading how) {
    try {
        const auto whole = std::filesystem::absolute(path);
        auto plugin = how == Loading::copy ? open_copy(whole, pins) : open_file(whole, pins);
        if (!plugin) return refused(path.string() + " " + plugin.error().message);
        return plugin;
    } catch (const std::exception& thrown) {  // Boost.DLL, or a constructor in the library
        return refused(path.string() + " cannot be loaded: " + thrown.what());
    } catch (...) {
        return refused(path.string() + " cannot be loaded: it threw something while loading");
    }
}

std::string_view kind_of(const Descriptor& plugin) { return without_revision(plugin.kind); }

Result<std::vector<Key>> declared_keys(const Descriptor& plugin) {
    auto keys = guard({plugin.name, "Descriptor::keys"}, [&] { return plugin.keys(); });
    if (!keys) return refused("the plugin cannot say which keys it has: " + keys.error().detail);
    return keys;
}

}  // namespace gatehouse::core
