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

/// What is signed of a request with this method, in the order of OCI's documentation:
/// date, (request-target), host; with a body also content-length, content-type, x-content-sha256.
const SignedHeaders& signed_headers(std::string_view method);

/// "Thu, 05 Jan 2014 21:31:40 GMT", whatever the locale.
std::string http_date(std::chrono::system_clock::time_point time);

/// Where a URL points, as HTTP/1.1 says it.  Views into the URL, but for an empty path.
struct Target {
    std::string host;  // as the Host field: the port only if it is not the scheme's own
    std::string path;  // with the query, exactly as in the URL; "/" if there is none
};
Result<Target> target_of(std::string_view url);

/// The text that is signed: one line for each name, joined by LF.
std::string signing_string(const http::Request& request, std::string_view path, const SignedHeaders& names);

/// Adds what the scheme asks for, then `authorization`.  `names` may hold `x-date`
/// instead of `date`.  Fields of these names that the request has already are
/// kept where they are the sender's (host, content-type) and replaced elsewhere.
Result<http::Request> sign(http::Request request, const PrivateKey& key, std::string_view key_id,
                           std::chrono::system_clock::time_point now, const SignedHeaders& names);

}  // namespace gatehouse::oci
