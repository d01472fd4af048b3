// SPDX-License-Identifier: Apache-2.0
#include "core/tls/advice.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace gatehouse::core {

std::string_view tls_advice(std::string_view said) {
    // In order: the first match is the most specific.
    static constexpr std::pair<std::string_view, std::string_view> advices[] = {
        {"public key",
         "its certificate matches none of the pins in [upstream.hosts]: if it was renewed with "
         "another key, and you have verified that elsewhere, add the new pin"},
        {"local issuer",
         "its certificate authority is unknown: if it is your own or that of a TLS-inspecting proxy, "
         "set it as ca_file in [upstream]"},
        {"self-signed",
         "its certificate authority is unknown: if it is your own or that of a TLS-inspecting proxy, "
         "set it as ca_file in [upstream]"},
        {"self signed",
         "its certificate authority is unknown: if it is your own, set it as ca_file in [upstream]"},
        {"has expired", "renew the upstream's certificate, or check the clock of this machine"},
        {"not yet valid", "check the clock of this machine"},
        {"does not match target host", "the certificate is for other names: use one of them in the URL"},
        {"subject name", "the certificate is for other names: use one of them in the URL"},
        {"hostname mismatch", "the certificate is for other names: use one of them in the URL"},
        {"address mismatch", "the certificate is for other addresses: use one of them in the URL"},
        {"alert certificate required",
         "it requires a client certificate: set client_certificate in [upstream]"},
        {"alert bad certificate",
         "it rejects the client certificate: check client_certificate in [upstream]"},
        {"alert unknown ca", "it does not know the authority of the client certificate"},
        {"alert certificate expired", "the client certificate has expired"},
        {"alert protocol version", "it supports no TLS version that min_tls in [upstream] allows"},
        {"unsupported protocol", "it supports only older TLS versions than min_tls in [upstream] allows"},
        {"alert handshake failure", "there is no common cipher, or it requires a client certificate"},
        {"wrong version number",
         "it does not use TLS on this port: check the scheme and the port of the URL"},
    };
    for (const auto& [words, advice] : advices)
        if (said.find(words) != said.npos) return advice;
    return {};
}

bool is_permanent_tls_failure(std::string_view said) {
    static constexpr std::string_view causes[] = {"wrong version number",     "alert protocol version",
                                                  "unsupported protocol",     "alert certificate required",
                                                  "alert bad certificate",    "alert unknown ca",
                                                  "alert certificate expired"};
    return std::ranges::any_of(causes, [&](std::string_view cause) { return said.find(cause) != said.npos; });
}

}  // namespace gatehouse::core
