// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 client for one request of a command: `health` and `connect`.  It blocks.  [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::core {

struct SmallRequest {
    std::string address;  // host:port
    bool tls = false;
    /// Whether the certificate must be of `address` and of an authority that the system trusts.
    bool verify = false;
    std::string method = "GET", path;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    int seconds = 5;  // limit for connecting and for the response
    std::size_t max_bytes = 8192;
};

struct SmallResponse {
    int status = 0;
    std::string reason;  // "200 OK"
    std::string body;    // not decoded if it is chunked
};

/// Sends the request.  The error's message is a phrase: "no connection", "no response within 5 s", or
/// OpenSSL's reason.
Result<SmallResponse> ask(const SmallRequest& request);

/// The address of a listener for clients on this machine.
std::string reachable(const std::string& listen);

/// Splits http(s)://host[:port][/prefix] into an address, `tls` and the prefix of paths.
Result<SmallRequest> request_to(const std::string& url);

}  // namespace gatehouse::core
