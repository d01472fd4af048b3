// SPDX-License-Identifier: Apache-2.0
// The TLS settings for upstreams: the trusted authorities and the gateway's own certificate.
// Verification of the certificate and of the name is always on and cannot be disabled.
// Plain values, made when a configuration is read; read-only afterwards.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

enum class TlsVersion { tls_1_2, tls_1_3 };

/// For one upstream.
struct HostTls {
    std::string ca_file = {};             // PEM; empty: the system's
    std::string client_certificate = {};  // PEM, with its chain; empty: no certificate
    std::string client_key = {};          // PEM
    TlsVersion min_version = TlsVersion::tls_1_2;
    /// SHA-256 of SubjectPublicKeyInfo in base64, 44 characters each: the upstream's own
    /// certificate must have one of these keys, in addition to its verification.  Empty: any key.
    std::vector<std::string> pins = {};

    bool operator==(const HostTls&) const = default;
};

struct UpstreamTls {
    HostTls usual = {};
    /// The settings of single hosts, by host name in lower case; each entry is complete.
    std::map<std::string, HostTls, std::less<>> hosts = {};

    /// `host` as in a URL, in lower case, without a port or brackets.
    const HostTls& of(std::string_view host) const {
        const auto found = hosts.find(host);
        return found == hosts.end() ? usual : found->second;
    }

    bool operator==(const UpstreamTls&) const = default;
};

}  // namespace gatehouse::core
