// SPDX-License-Identifier: Apache-2.0
// OCI's request signature: draft-cavage-http-signatures-08, version 1, rsa-sha256.
// Pure functions of their arguments.  [any thread, concurrently]
#pragma once

#include "plugins/auth/oci_signer/private_key.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// Names in the order in which they are signed, lower case.
using SignedHeaders = std::vector<std::string_view>;

/// The signed headers of a request with this method, in the order of OCI's documentation:
/// date, (request-target), host; with a body also content-length, content-type, x-content-sha256.
const SignedHeaders& signed_headers(std::string_view method);

/// The host and the path of a URL as HTTP/1.1 sends them.
struct Target {
    std::string host;  // as in the Host header: without the scheme's default port
    std::string path;  // with the query, exactly as in the URL; "/" if the URL has no path
};
Result<Target> target_of(std::string_view url);

/// The text that is signed: one line for each name, joined by LF.
std::string signing_string(const http::Request& request, std::string_view path, const SignedHeaders& names);

/// Adds the headers that the scheme requires and opc-retry-token, which is not signed, then `authorization`.
/// `names` may contain `x-date` instead of `date`.  Existing `host` and `content-type` headers are kept;
/// other existing headers of these names are replaced.
Result<http::Request> sign(http::Request request, const PrivateKey& key, std::string_view key_id,
                           std::chrono::system_clock::time_point now, const SignedHeaders& names);

}  // namespace gatehouse::oci
