// SPDX-License-Identifier: Apache-2.0
// The keys of [server.tls].  Plain values; read once at start.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::core {

/// Files are in PEM.
struct ServerTlsOptions {
    std::string certificate = {};  // with its chain
    std::string key = {};
    std::string client_ca = {};                   // empty: no client certificate is requested
    std::string client_certificate = "required";  // required, optional
    std::string min_version = "1.2";              // 1.2, 1.3
    std::int64_t max_handshakes = 1'000;
};

}  // namespace gatehouse::core
