// SPDX-License-Identifier: Apache-2.0
// The door of a plugin: one exported descriptor, checked before anything else.
//
// Every library exports one C symbol, `gatehouse_plugin`, a Descriptor.  Its
// first fields are plain C data, so the core can refuse a foreign or stale
// library with a clear message before any C++ object crosses.
//
// Versioning.  `abi` counts every change to a header in this folder; the core
// loads only its own number: see VERSIONING.md.
//
// Unloading.  Never while the process lives.  A reload makes new instances and
// lets the old ones go with their last request; a new binary needs a restart.
#pragma once

#include "gatehouse/host.hpp"
#include "gatehouse/result.hpp"
#include "gatehouse/schema.hpp"

#include <cstdint>
#include <exception>
#include <memory>

namespace gatehouse {

inline constexpr std::uint32_t abi = 2;
inline constexpr std::uint32_t magic = 0x31505747;  // "GWP1" in memory

/// The build choices that must agree: the same for g++ 12 and clang 14 with
/// libstdc++, not with libc++.
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

/// Base of every instance, so that it is deleted by the library that made it.
class Plugin {
public:
    Plugin() = default;
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;
    virtual ~Plugin() = default;
};

/// What a library exports.  `keys` and `create` are only touched once
/// everything before them agrees.  [main thread, at start or reload]
struct Descriptor {
    std::uint32_t magic;  // is this one of ours?
    std::uint32_t abi;
    std::uint64_t layout;  // of all boundary types, see layout.hpp
    const char* toolchain;
    const char* kind;     // "provider/1"
    const char* name;     // as in `use = "hello"`: letters, digits, "_" and "-"; the library is hello.so
    const char* version;  // the plugin's own, such as "1.0.0"
    /// The same each time.
    std::vector<Key> (*keys)();
    /// An instance, never null, or why there can be none.
    Result<std::unique_ptr<Plugin>> (*create)(const Config&, Host&);
};

namespace detail {
template <typename Instance, typename Options, const Fields<Options>& fields>
struct Factory {
    static std::vector<Key> keys() { return keys_of(fields); }

    // Reading the options and constructing may throw; an exception ends here.
    static Result<std::unique_ptr<Plugin>> create(const Config& config, Host& host) {
        try {
            return std::unique_ptr<Plugin>(std::make_unique<Instance>(read(fields, config.table()), host));
        } catch (const KeyError& failure) {
            return config.error(failure.path, failure.what());
        } catch (const std::exception& failure) {
            return config.error("", failure.what());
        } catch (...) {
            return config.error("", "the plugin threw something that is no std::exception");
        }
    }
};
}  // namespace detail

}  // namespace gatehouse

/// Exports `Instance`, constructed as Instance(Options, Host&), whose keys are
/// `fields`, a `const Fields<Options>` at namespace scope.  Use once, at global scope.
#define GATEHOUSE_PLUGIN(Instance, Options, fields, name, version)                          \
    extern "C" [[gnu::visibility("default")]] const gatehouse::Descriptor gatehouse_plugin; \
    extern "C" const gatehouse::Descriptor gatehouse_plugin = {                             \
        gatehouse::magic,                                                                   \
        gatehouse::abi,                                                                     \
        gatehouse::layout,                                                                  \
        gatehouse::toolchain,                                                               \
        Instance::kind,                                                                     \
        name,                                                                               \
        version,                                                                            \
        &gatehouse::detail::Factory<Instance, Options, fields>::keys,                       \
        &gatehouse::detail::Factory<Instance, Options, fields>::create}
