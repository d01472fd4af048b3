// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/advice.hpp"

#include "plugins/common/upstream/text.hpp"

namespace gatehouse::upstream {

std::string advise_unreachable(const Error& error, const std::string& host, const std::string& where) {
    const std::string text = lower_case(error.message + " " + error.detail);
    auto says = [&](std::string_view word) { return text.find(word) != text.npos; };
    // The message already says what to do.
    for (const char* complete : {"matches none of the pins", "the certificate is for other",
                                 "does not use tls", "client certificate", "session token"})
        if (says(complete)) return {};
    if (says("certificate") || says("ssl") || says("tls"))
        return "TLS with " + host +
               " failed: behind a proxy that opens TLS, give its authority as [upstream] ca_file; otherwise "
               "check the clock of this machine and the package ca-certificates.";
    if (says("proxy"))
        return "The proxy failed: check [upstream] proxy, or HTTPS_PROXY and NO_PROXY in the environment.";
    if (says("resolve"))
        return "The name " + host + " has no address here: check " + where +
               " and this machine's name service; some networks need a proxy ([upstream] proxy).";
    if (says("closed") || says("broke") || says("reset"))
        return host + " closed the connection: check whether its port speaks https:// or http://, and " +
               where + ".";
    return "Nothing answered at " + host + ": check " + where +
           ", and that this network lets requests out to it, directly or by a proxy ([upstream] proxy).";
}

}  // namespace gatehouse::upstream
