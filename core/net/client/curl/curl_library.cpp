// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/curl/curl_library.hpp"

#include <dlfcn.h>
#include <signal.h>

#include <string>

namespace gatehouse::core::curl {

namespace {

constexpr const char* file = "libcurl.so.4";  // the ABI's number since 2006

template <typename Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

bool find_all(void* library) {
    return find(library, "curl_global_init", global_init) &&
           find(library, "curl_version_info", version_info) && find(library, "curl_easy_init", easy_init) &&
           find(library, "curl_easy_cleanup", easy_cleanup) && find(library, "curl_easy_pause", easy_pause) &&
           find(library, "curl_easy_strerror", easy_strerror) &&
           find(library, "curl_easy_setopt", variadic::easy_setopt) &&
           find(library, "curl_easy_getinfo", variadic::easy_getinfo) &&
           find(library, "curl_multi_init", multi_init) &&
           find(library, "curl_multi_cleanup", multi_cleanup) &&
           find(library, "curl_multi_add_handle", multi_add_handle) &&
           find(library, "curl_multi_remove_handle", multi_remove_handle) &&
           find(library, "curl_multi_socket_action", multi_socket_action) &&
           find(library, "curl_multi_info_read", multi_info_read) &&
           find(library, "curl_multi_setopt", variadic::multi_setopt);
}

Result<void> load_once() {
    void* library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
    const bool found = library && find_all(library);
    if (!found || global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        const char* reason = found ? nullptr : ::dlerror();
        return Error{ErrorKind::internal, "internal error",
                     std::string("this request needs libcurl, which cannot be loaded (Debian: libcurl4): ") +
                         (reason ? reason : "its initialisation fails")};
    }
    // A TLS library uses write(), which raises SIGPIPE if the peer has closed.
    struct sigaction current {};
    if (sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
    return {};
}

}  // namespace

Result<void> load() {
    static const Result<void> loaded = load_once();
    return loaded;
}

}  // namespace gatehouse::core::curl
