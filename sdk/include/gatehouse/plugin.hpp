// SPDX-License-Identifier: Apache-2.0
// The entry point of a plugin: one exported descriptor, checked before anything else.
//
// Every library exports one C symbol, `gatehouse_plugin`, a Descriptor.  Its first
// fields are plain C data.  The core can therefore refuse a foreign or stale library
// with a clear message before any C++ object crosses.
//
// Versions.  `abi` counts every change to a header in this folder.  The core loads
// only its own number; see VERSIONING.md.
//
// Unloading.  A library is never unloaded.  A reload creates new instances, and the
// old ones are destroyed with their last request.  The gateway loads a library from a copy in
// memory.  If the file has changed, a reload loads it in addition.
#pragma once

#include "gatehouse/host.hpp"
#include "gatehouse/note.hpp"
#include "gatehouse/result.hpp"
#include "gatehouse/schema.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>

namespace gatehouse {

inline constexpr std::uint32_t abi = 3;
inline constexpr std::uint32_t magic = 0x31505747;  // "GWP1" in memory

/// The build choices that must agree.  g++ 12 and clang 14 have the same with libstdc++,
/// but not with libc++.
inline constexpr const char* toolchain =
#if defined(_LIBCPP_VERSION)
    "libc++"
#elif defined(_GLIBCXX_DEBUG)
    "libstdc++, debug mode"
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI == 0
    "libstdc++, old strings"
#else
    "libstdc++"
#endif
    ;

class AdminResource;

/// Base of every instance.  The library that created an instance deletes it.
class Plugin {
public:
    Plugin() = default;
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;
    virtual ~Plugin() = default;

    /// The resource of this instance in the admin API (admin.hpp); null: it offers none.  The same each
    /// time; lives as long as the instance.  [main thread, at start or reload]
    virtual AdminResource* admin() { return nullptr; }
};

/// The exported symbol of a library.  The core uses `keys` and `create` only if all
/// members before them agree.  [main thread, at start or reload]
struct Descriptor {
    std::uint32_t magic;  // marks a Gatehouse plugin
    std::uint32_t abi;
    std::uint64_t layout;  // hash of all boundary types, see layout.hpp
    const char* toolchain;
    const char* kind;     // "provider/1"
    const char* name;     // as in `use = "hello"`: letters, digits, "_" and "-"; the library is hello.so
    const char* version;  // the plugin's own, such as "1.0.0"
    /// Returns the same keys each time.
    std::vector<Key> (*keys)();
    /// An instance, never null, or an error that says why it cannot be created.
    Result<std::unique_ptr<Plugin>> (*create)(const Config&, Host&);
};

namespace detail {
constexpr bool is_plugin_name(std::string_view name) {
    for (char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (c < '0' || c > '9') && c != '_' && c != '-') return false;
    }
    return !name.empty() && name.size() <= 100;
}

template <typename Instance, typename Options, const Fields<Options>& fields>
struct Factory {
    static std::vector<Key> keys() { return keys_of(fields); }

    // Reading the options and constructing may throw.  Exceptions end here.
    static Result<std::unique_ptr<Plugin>> create(const Config& config, Host& host) {
        try {
            return std::unique_ptr<Plugin>(std::make_unique<Instance>(read(fields, config.table()), host));
        } catch (const KeyError& failure) {
            return config.error(failure.path, failure.what());
        } catch (const std::exception& failure) {
            return config.error("", failure.what());
        } catch (...) {
            return config.error("", "the plugin threw something that is not a std::exception");
        }
    }
};
}  // namespace detail

}  // namespace gatehouse

/// Exports the class `Instance`, which is constructed as Instance(Options, Host&).  Its
/// keys are `fields`, a `const Fields<Options>` at namespace scope.  Use once, at global scope.
#define GATEHOUSE_PLUGIN(Instance, Options, fields, name, version)                                    \
    static_assert(gatehouse::detail::is_plugin_name(name),                                            \
                  "the name of a plugin has only letters, digits, \"_\" and \"-\"");                  \
    static_assert(std::is_base_of_v<gatehouse::Plugin, Instance>,                                     \
                  "the class of a plugin derives from the interface of its kind, such as "            \
                  "gatehouse::Provider");                                                             \
    static_assert(                                                                                    \
        std::is_abstract_v<Instance> || std::is_constructible_v<Instance, Options, gatehouse::Host&>, \
        "the class of a plugin has a public constructor (Options, gatehouse::Host&)");                \
    [[gnu::section(".note.gatehouse"), gnu::used,                                                     \
      gnu::aligned(4)]] static constexpr gatehouse::Note gatehouse_note =                             \
        gatehouse::note_of(gatehouse::magic, gatehouse::abi, gatehouse::layout, gatehouse::toolchain, \
                           Instance::kind);                                                           \
    extern "C" [[gnu::visibility("default")]] const gatehouse::Descriptor gatehouse_plugin;           \
    extern "C" const gatehouse::Descriptor gatehouse_plugin = {                                       \
        gatehouse::magic,                                                                             \
        gatehouse::abi,                                                                               \
        gatehouse::layout,                                                                            \
        gatehouse::toolchain,                                                                         \
        Instance::kind,                                                                               \
        name,                                                                                         \
        version,                                                                                      \
        &gatehouse::detail::Factory<Instance, Options, fields>::keys,                                 \
        &gatehouse::detail::Factory<Instance, Options, fields>::create}
