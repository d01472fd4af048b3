// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/library.hpp"

#include "core/plugin/elf.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/origins.hpp"
#include "core/plugin/refused.hpp"

#include <gatehouse/layout.hpp>

#include <dlfcn.h>
#include <boost/dll/shared_library.hpp>

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

// "provider" of "provider/1".
std::string_view without_revision(std::string_view kind) { return kind.substr(0, kind.find('/')); }

bool is_known(std::string_view kind) {
    const std::array<const char*, 7> known = {Authenticator::kind, Signer::kind,  Provider::kind,
                                              ModelMapper::kind,   Dialect::kind, Hook::kind,
                                              Store::kind};
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

Result<const Descriptor*> open(const std::filesystem::path& path, const PluginPins& pins) {
    if (auto ok = check_file(path); !ok) return ok.error();
    const std::optional<Note> note = read_note(path);
    if (note) {
        if (auto ok = check_note(*note); !ok) return ok.error();
        if (auto ok = pins.check(path, without_revision(note->kind)); !ok) return ok.error();
    } else if (is_of_this_machine(path)) {
        return refusal_without_note(path);
    }
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
    keep_forever(std::move(library));
    note_libraries();
    if (auto ok = check_descriptor(plugin, *note); !ok) return ok.error();
    return &plugin;
}

}  // namespace

Result<const Descriptor*> load(const std::filesystem::path& path, const PluginPins& pins) {
    try {
        auto plugin = open(std::filesystem::absolute(path), pins);
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
