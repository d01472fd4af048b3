// SPDX-License-Identifier: Apache-2.0
// The error messages to clients for failures of an upstream.  They do not name a host, a file
// or a library.  Plain functions and constants.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::core::failure {

/// The error of a failed connection, from errno.
Error connect_failed(int os_error);

inline constexpr const char* name_unknown = "the name of the upstream cannot be resolved";
inline constexpr const char* no_connection = "the connection to the upstream could not be established";
inline constexpr const char* certificate = "the certificate of the upstream is not accepted";
inline constexpr const char* ca_file = "the CA certificates for the upstream cannot be read";
inline constexpr const char* handshake = "the TLS handshake with the upstream failed";
inline constexpr const char* no_answer = "the upstream closed the connection without a response";
inline constexpr const char* broken_before = "the upstream reset the connection before the response";
inline constexpr const char* broken_within = "the upstream reset the connection during the response";
inline constexpr const char* cut_short = "the upstream closed the connection during the response";
inline constexpr const char* no_http = "the upstream did not send a valid HTTP response";
inline constexpr const char* head_too_large = "the upstream sent a response head that is too large";
inline constexpr const char* bad_chunks = "the upstream sent a malformed chunked body";
inline constexpr const char* too_long = "the upstream sent more bytes than its content-length";

}  // namespace gatehouse::core::failure
