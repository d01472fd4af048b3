// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4 in the header `authorization` (AWS Identity and Access Management User
// Guide, "Create a signed AWS API request").
// Pure functions of their arguments.  [any thread, concurrently]
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::aws {

struct Credentials {
    std::string access_key_id = {}, secret_access_key = {};
    std::string session_token = {};  // empty: long-term credentials

    bool operator==(const Credentials&) const = default;
};

/// The key of one day, region and service.  It is derived from the secret once a day.
struct DayKey {
    std::string date = {};   // "20150830"
    std::string scope = {};  // "20150830/us-east-1/bedrock/aws4_request"
    std::string key = {};    // 32 bytes
};
DayKey derive_key(std::string_view secret, std::string_view date, std::string_view region,
                  std::string_view service);

/// "20150830T123600Z", the value of x-amz-date.
std::string timestamp(std::chrono::system_clock::time_point now);

/// The parts of a URL that are signed.
struct Target {
    std::string host = {};  // as in the header `host`: without the scheme's default port
    std::string path = {};  // as sent, "/" if the URL has no path
    std::string query = {};
};
Result<Target> target_of(std::string_view url);

/// The path without "." and ".." and empty segments, each byte encoded that is not unreserved
/// (RFC 3986, 2.3).  A path as sent is already encoded, so its "%" becomes "%25": all services
/// but S3 encode twice.
std::string canonical_path(std::string_view path);
/// The parameters, encoded once and sorted by name and value.
std::string canonical_query(std::string_view query);

/// Lower case and sorted.
using SignedHeaders = std::vector<std::string>;
/// The headers that sign() signs: host, content-type and all x-amz-….  Others, such as
/// content-length, may be added or changed on the way.
SignedHeaders headers_to_sign(const http::Request& request);

/// The text whose hash is signed.  `body_hash`: SHA-256 of the body, as hexadecimal digits.
std::string canonical_request(const http::Request& request, const Target& target, const SignedHeaders& names,
                              std::string_view body_hash);
/// The value of the header `authorization`.  `time` as timestamp() returns it.
std::string authorization(std::string_view canonical_request, const SignedHeaders& names,
                          std::string_view access_key_id, const DayKey& key, std::string_view time);

/// Replaces host, x-amz-date, x-amz-content-sha256, x-amz-security-token and authorization.
/// REQUIRES: `key` is of the day of `now`.
Result<http::Request> sign(http::Request request, const Credentials& credentials, const DayKey& key,
                           std::chrono::system_clock::time_point now);

}  // namespace gatehouse::aws
