// SPDX-License-Identifier: Apache-2.0
#include "core/request/transfer_advice.hpp"

namespace gatehouse::core {

std::string transfer_advice(TransferFault fault, std::string_view origin, std::string_view provider) {
    const std::string host(origin.substr(origin.find("://") + 3));
    const std::string url = "the URL in [provider." + std::string(provider) + "]";
    switch (fault) {
        case TransferFault::no_address:
            return "The name " + host + " has no address here: check " + url +
                   " and this machine's name service. Some networks need a proxy ([upstream] proxy).";
        case TransferFault::no_connection:
            return "Nothing answered at " + host + ": check " + url +
                   ", and that this network lets requests out to it, directly or by a proxy ([upstream] "
                   "proxy).";
        case TransferFault::proxy:
            return "The proxy failed: check [upstream] proxy, or HTTPS_PROXY and NO_PROXY in the "
                   "environment.";
        case TransferFault::tls:
            return "TLS with " + host + " failed: check that the port of " + url +
                   " has TLS, and that no proxy between ends the connection.";
        case TransferFault::closed_before:
            return host + " closed the connection: check whether " + url +
                   " must begin with https:// or http://.";
        case TransferFault::closed_within:
            return host +
                   " ended its response too early: check its log, and proxies between it and this machine.";
        case TransferFault::invalid: return host + " does not send HTTP/1.1: check " + url + ".";
        case TransferFault::slow:
            return host + " accepts connections but does not respond in time: check its log and its load.";
        case TransferFault::none:
        case TransferFault::refused:
        case TransferFault::other: return {};
    }
    return {};
}

}  // namespace gatehouse::core
