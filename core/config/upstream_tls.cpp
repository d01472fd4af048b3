// SPDX-License-Identifier: Apache-2.0
#include "core/config/upstream_tls.hpp"

#include "core/util/ascii.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::size_t pin_characters = 44;  // 32 bytes in base64

bool is_pin(std::string_view text) {
    // 43 digits have 258 bits.  The last two must be 0, otherwise two texts could name one key.
    constexpr std::string_view last = "AEIMQUYcgkosw048";
    return text.size() == pin_characters && text.back() == '=' && last.find(text[42]) != last.npos &&
           std::ranges::all_of(text.substr(0, 43),
                               [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; });
}

/// Returns whether `name` is a host as in the URL of an upstream, in lower case.
bool is_host(std::string_view name) {
    const auto colons = std::ranges::count(name, ':');  // none, or those of an IPv6 address
    return !name.empty() && name.size() <= 253 && colons != 1 && std::ranges::all_of(name, [](char c) {
        return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == ':';
    });
}

TlsVersion version_of(const std::string& text) {
    return text == "1.3" ? TlsVersion::tls_1_3 : TlsVersion::tls_1_2;
}

/// A certificate needs its key, and a key needs its certificate.
void check_pair(const CheckedConfig& config, const std::string& prefix, const HostTls& tls,
                Mistakes& mistakes) {
    if (tls.client_certificate.empty() == tls.client_key.empty()) return;
    const std::string there = tls.client_key.empty() ? "client_certificate" : "client_key";
    const std::string missing = tls.client_key.empty() ? "client_key" : "client_certificate";
    mistakes.add(config.error(prefix + there, there + " needs " + missing + " too"));
}

}  // namespace

UpstreamTls upstream_tls_of(const ConfigFile& file, const CheckedConfig& config,
                            const UpstreamOptions& options, Mistakes& mistakes) {
    auto resolved = [&](const std::string& path) {
        return path.empty() ? path : file.resolve(path).string();
    };
    UpstreamTls all{.usual = {.ca_file = resolved(options.ca_file),
                              .client_certificate = resolved(options.client_certificate),
                              .client_key = resolved(options.client_key),
                              .min_version = version_of(options.min_tls)}};
    check_pair(config, "", all.usual, mistakes);
    for (const auto& [name, host] : options.hosts) {
        const std::string path = "hosts." + as_key(name);
        if (!is_host(name))
            mistakes.add(config.error(path, path +
                                                ": a host as it stands in URLs was expected, in lower case, "
                                                "without scheme, port or brackets"));
        HostTls own = all.usual;
        auto take = [&](std::string& to, const std::optional<std::string>& from) {
            if (from) to = resolved(*from);
        };
        take(own.ca_file, host.ca_file);
        take(own.client_certificate, host.client_certificate);
        take(own.client_key, host.client_key);
        if (host.min_tls) own.min_version = version_of(*host.min_tls);
        own.pins = host.pins;
        for (std::size_t i = 0; i < own.pins.size(); ++i)
            if (!is_pin(own.pins[i])) {
                const std::string key = path + ".pins[" + std::to_string(i) + "]";
                mistakes.add(
                    config.error(key, key + " must be the SHA-256 of a public key in base64, 44 characters"));
            }
        if (host.client_certificate && host.client_certificate->empty() && !host.client_key)
            own.client_key.clear();  // this host receives no client certificate
        // The mistake of a pair that is [upstream]'s own is reported there.
        if (host.client_certificate || host.client_key) check_pair(config, path + ".", own, mistakes);
        all.hosts.emplace(name, std::move(own));
    }
    return all;
}

}  // namespace gatehouse::core
