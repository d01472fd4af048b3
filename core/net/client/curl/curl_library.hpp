// SPDX-License-Identifier: Apache-2.0
// libcurl's functions, loaded on first use: the native client serves nearly
// every request, and Debian's libcurl brings thirty libraries and 2.5 MiB of memory along.
//
// Use them as curl::easy_init() and so on, once load() has been successful.  They, and
// load(): [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <curl/curl.h>

namespace gatehouse::core::curl {

/// Loads and initialises libcurl, the first time in up to some 20 ms.  The error says, for
/// the log, why that is impossible; it is the same each time.
Result<void> load();

inline decltype(&::curl_global_init) global_init = nullptr;
inline decltype(&::curl_version_info) version_info = nullptr;
inline decltype(&::curl_easy_init) easy_init = nullptr;
inline decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
inline decltype(&::curl_easy_pause) easy_pause = nullptr;
inline decltype(&::curl_easy_strerror) easy_strerror = nullptr;
inline decltype(&::curl_multi_init) multi_init = nullptr;
inline decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
inline decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
inline decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
inline decltype(&::curl_multi_socket_action) multi_socket_action = nullptr;
inline decltype(&::curl_multi_info_read) multi_info_read = nullptr;

namespace variadic {
inline decltype(&::curl_easy_setopt) easy_setopt = nullptr;
inline decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
inline decltype(&::curl_multi_setopt) multi_setopt = nullptr;
}  // namespace variadic

// libcurl takes a long, a pointer or a curl_off_t, and cannot see that it got something else.

template <typename Value>
CURLcode easy_setopt(CURL* easy, CURLoption option, Value value) {
    static_assert(sizeof(Value) == sizeof(long));  // NOLINT(bugprone-sizeof-expression)
    return variadic::easy_setopt(easy, option, value);
}

template <typename Value>
CURLcode easy_getinfo(CURL* easy, CURLINFO info, Value* value) {
    static_assert(sizeof(Value) == sizeof(long));  // NOLINT(bugprone-sizeof-expression)
    return variadic::easy_getinfo(easy, info, value);
}

template <typename Value>
CURLMcode multi_setopt(CURLM* multi, CURLMoption option, Value value) {
    static_assert(sizeof(Value) == sizeof(long));  // NOLINT(bugprone-sizeof-expression)
    return variadic::multi_setopt(multi, option, value);
}

}  // namespace gatehouse::core::curl
