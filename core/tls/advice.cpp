// SPDX-License-Identifier: Apache-2.0
#include "core/tls/advice.hpp"

#include <string>
#include <utility>

namespace gatehouse::core {

std::string_view tls_advice(std::string_view said) {
    // In order: of two that fit, the first says more.
    static constexpr std::pair<std::string_view, std::string_view> advices[] = {
        {"public key",
         "none of the pins of [upstream.hosts] is that of its certificate: if it was renewed with "
         "another key, and you know so from elsewhere, add the new pin"},
        {"local issuer",
         "its authority is not known here: if it is your own, or that of a proxy that opens TLS, "
         "name it as ca_file in [upstream]"},
        {"self-signed",
         "its authority is not known here: if it is your own, or that of a proxy that opens TLS, "
         "name it as ca_file in [upstream]"},
        {"self signed",
         "its authority is not known here: if it is your own, name it as ca_file in [upstream]"},
        {"has expired", "renew it there, or look at the clock of this machine"},
        {"not yet valid", "look at the clock of this machine"},
        {"does not match target host", "it is for other names: the URL must have one of those"},
        {"subject name", "it is for other names: the URL must have one of those"},
        {"hostname mismatch", "it is for other names: the URL must have one of those"},
        {"address mismatch", "it is for other addresses: the URL must have one of those"},
        {"alert certificate required", "it wants a client certificate: client_certificate in [upstream]"},
        {"alert bad certificate",
         "it does not accept our client certificate: client_certificate in [upstream]"},
        {"alert unknown ca", "it does not know the authority of our client certificate"},
        {"alert certificate expired", "our client certificate has expired"},
        {"alert protocol version", "it speaks other versions of TLS than min_tls in [upstream] allows"},
        {"unsupported protocol", "it speaks older versions of TLS than min_tls in [upstream] allows"},
        {"alert handshake failure", "it agrees on no cipher, or wants a client certificate"},
        {"wrong version number",
         "it does not speak TLS on this port: is the URL http://, or the port another?"},
    };
    for (const auto& [words, advice] : advices)
        if (said.find(words) != said.npos) return advice;
    return {};
}

}  // namespace gatehouse::core
