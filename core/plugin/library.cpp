// SPDX-License-Identifier: Apache-2.0
// Loading and refusing of plugin libraries; see library.hpp.
#include "core/plugin/library.hpp"

#include "core/plugin/elf.hpp"
#include "core/plugin/guard.hpp"

#include <gatehouse/layout.hpp>

#include <dlfcn.h>
#include <boost/dll/shared_library.hpp>

#include <array>
#include <system_error>

namespace gatehouse::core {

namespace {

constexpr const char* door = "gatehouse_plugin";
constexpr const char* rebuild = "; rebuild it against the SDK of this gateway";

// Never destroyed, so that nothing is closed at exit either.
void keep_forever(boost::dll::shared_library library) {
    static auto* const kept = new std::vector<boost::dll::shared_library>;
    kept->push_back(std::move(library));
}

Error refused(std::string why) { return {ErrorKind::bad_config, std::move(why)}; }

bool is_known(std::string_view kind) {
    const std::array<const char*, 6> known = {Authenticator::kind, Signer::kind,  Provider::kind,
                                              ModelMapper::kind,   Dialect::kind, Hook::kind};
    for (const char* one : known)
        if (kind == one) return true;
    return false;
}

// In this order: what comes later may only be read if what comes before agrees.
Result<void> check_door(const Descriptor& plugin) {
    if (plugin.magic != magic)
        return refused("is no Gatehouse plugin: its gatehouse_plugin begins otherwise");
    if (plugin.abi != abi)
        return refused("was built for plugin ABI " + std::to_string(plugin.abi) + ", this gateway has " +
                       std::to_string(abi) + rebuild);
    if (plugin.layout != layout)
        return refused("was built against other headers of plugin ABI " + std::to_string(abi) + rebuild);
    if (!plugin.toolchain || !plugin.kind || !plugin.name || !plugin.version || !plugin.keys ||
        !plugin.create)
        return refused("has an incomplete gatehouse_plugin; let the macro GATEHOUSE_PLUGIN make it");
    if (std::string_view(plugin.toolchain) != toolchain)
        return refused("was built with " + std::string(plugin.toolchain) + ", this gateway with " +
                       toolchain + "; rebuild it with the same standard library");
    if (!is_known(plugin.kind))
        return refused("is of the kind " + std::string(plugin.kind) + ", which this gateway does not know" +
                       rebuild);
    return {};
}

// What the system would say about these is misleading, or nothing at all.
Result<void> check_file(const std::filesystem::path& path) {
    std::error_code failure;
    const auto link = std::filesystem::symlink_status(path, failure);
    const auto target = std::filesystem::status(path, failure);
    if (link.type() == std::filesystem::file_type::symlink &&
        target.type() == std::filesystem::file_type::not_found)
        return refused("is a symbolic link to " + std::filesystem::read_symlink(path, failure).string() +
                       ", which is not there");
    if (target.type() == std::filesystem::file_type::not_found) return refused("is not there");
    if (target.type() == std::filesystem::file_type::directory)
        return refused("is a directory, not a library");
    if (failure) return refused("cannot be read: " + failure.message());
    if (target.type() != std::filesystem::file_type::regular) return refused("is not a file");
    return check_elf(path);
}

Result<const Descriptor*> open(const std::filesystem::path& path) {
    if (auto ok = check_file(path); !ok) return ok.error();
    std::error_code failure;
    boost::dll::shared_library library(
        path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local, failure);
    if (failure) {
        // Boost keeps an errno that says nothing; the linker's own text is still there.
        const char* reason = ::dlerror();
        return refused("cannot be loaded: " + (reason ? std::string(reason) : failure.message()));
    }
    if (!library.has(door))
        return refused(
            "is no Gatehouse plugin: it has no symbol gatehouse_plugin; a plugin's source ends in "
            "GATEHOUSE_PLUGIN(...)");
    const auto& plugin = library.get<const Descriptor>(door);
    // Its code has run already, so even a refused library stays.
    keep_forever(std::move(library));
    if (auto ok = check_door(plugin); !ok) return ok.error();
    return &plugin;
}

}  // namespace

Result<const Descriptor*> load(const std::filesystem::path& path) {
    try {
        auto plugin = open(std::filesystem::absolute(path));
        if (!plugin) return refused(path.string() + " " + plugin.error().message);
        return plugin;
    } catch (const std::exception& thrown) {  // Boost.DLL, or a constructor in the library
        return refused(path.string() + " cannot be loaded: " + thrown.what());
    } catch (...) {
        return refused(path.string() + " cannot be loaded: it threw something while loading");
    }
}

std::string_view kind_of(const Descriptor& plugin) {
    const std::string_view kind = plugin.kind;
    return kind.substr(0, kind.find('/'));
}

Result<std::vector<Key>> declared_keys(const Descriptor& plugin) {
    auto keys = guard(plugin.name, [&] { return plugin.keys(); });
    if (!keys) return refused("the plugin cannot say which keys it has: " + keys.error().detail);
    return keys;
}

}  // namespace gatehouse::core
