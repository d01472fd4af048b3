// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/upstream_failure.hpp"

#include <cerrno>
#include <system_error>

namespace gatehouse::core::failure {

namespace {

const char* reason_of(int os_error) {
    switch (os_error) {
        case ECONNREFUSED: return "connection refused";
        case ECONNRESET: return "connection reset";
        case EHOSTUNREACH: return "no route to the host";
        case ENETUNREACH: return "the network is unreachable";
        case ETIMEDOUT: return "no response";
        case EADDRNOTAVAIL: return "no local port is free";
        case EMFILE:
        case ENFILE: return "no file descriptor is free";
        default: return "no connection";
    }
}

/// Whether this process lacks resources, which is not the upstream's failure.
bool is_ours(int os_error) {
    return os_error == EMFILE || os_error == ENFILE || os_error == EADDRNOTAVAIL || os_error == ENOMEM ||
           os_error == ENOBUFS;
}

}  // namespace

Error connect_failed(int os_error) {
    return {is_ours(os_error) ? ErrorKind::unavailable : ErrorKind::upstream,
            std::string("the upstream cannot be reached: ") + reason_of(os_error),
            std::generic_category().message(os_error)};
}

}  // namespace gatehouse::core::failure
