// SPDX-License-Identifier: Apache-2.0
// The only way to call a plugin: an exception becomes an Error that names the
// instance in its detail, so that one bad plugin cannot end the process.  The thread notes
// the call meanwhile; see call_note.hpp.
//
// The return value of the call is wrapped in a Result.  A null unique_ptr is an error
// too, since the caller could not use it.  [any thread]
#pragma once

#include "core/plugin/call_note.hpp"

#include <gatehouse/result.hpp>

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gatehouse::core {

namespace detail {
template <typename T>
struct Guarded {
    using type = Result<T>;
};
template <typename T>
struct Guarded<Result<T>> {
    using type = Result<T>;
};

template <typename T>
inline constexpr bool is_owner = false;
template <typename T, typename Deleter>
inline constexpr bool is_owner<std::unique_ptr<T, Deleter>> = true;
template <typename T>
inline constexpr bool is_owner<Result<T>> = is_owner<T>;

inline Error broken(std::string_view instance, std::string_view how) {
    count_plugin_failure(instance);
    // A plugin's text may be of any length; the log needs no more than this.
    return {ErrorKind::internal, "internal error",
            std::string(instance).append(": ").append(how.substr(0, 2048))};
}
}  // namespace detail

/// Returns the result of `call()`, or an internal error.  `call` must return a value, a
/// Result or nothing.
///
///     auto ok = guard({provider.name, "Exchange::end", request_id}, [&] { return exchange->end(sink); });
template <typename Call>
auto guard(const PluginCall& plugin, Call&& call) ->
    typename detail::Guarded<std::invoke_result_t<Call>>::type {
    using Returned = std::invoke_result_t<Call>;
    static_assert(!std::is_reference_v<Returned>, "a reference into a plugin cannot be guarded");
    const CallNote note(plugin);
    try {
        if constexpr (std::is_void_v<Returned>) {
            std::forward<Call>(call)();
            return {};
        } else if constexpr (detail::is_owner<Returned>) {
            typename detail::Guarded<Returned>::type owner = std::forward<Call>(call)();
            if (owner && !*owner)
                return detail::broken(plugin.instance, "returned nothing where an object was due");
            return owner;
        } else {
            return std::forward<Call>(call)();
        }
    } catch (const std::exception& thrown) {
        const char* what = thrown.what();
        return detail::broken(plugin.instance, what ? what : "threw an exception without a text");
    } catch (...) {
        return detail::broken(plugin.instance, "threw an object that is not a std::exception");
    }
}

}  // namespace gatehouse::core
