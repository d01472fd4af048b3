// SPDX-License-Identifier: Apache-2.0
// How an exchange with an upstream can fail, in the words that a client reads: they name
// no host, no file and no library.  Plain functions and constants.
#pragma once

#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::core::failure {

/// Why no connection came about, by the system's number.
Error unreachable(int os_error);

inline constexpr const char* name_unknown = "the name of the upstream cannot be resolved";
inline constexpr const char* no_connection = "the connection to the upstream could not be established";
inline constexpr const char* certificate = "the certificate of the upstream is not accepted";
inline constexpr const char* ca_file = "the CA certificates for the upstream cannot be read";
inline constexpr const char* handshake = "the TLS handshake with the upstream failed";
inline constexpr const char* no_answer = "the upstream closed the connection without an answer";
inline constexpr const char* broken_before = "the upstream broke the connection before an answer";
inline constexpr const char* broken_within = "the upstream broke the connection in the middle of its answer";
inline constexpr const char* cut_short = "the upstream closed the connection in the middle of its answer";
inline constexpr const char* no_http = "the upstream sent what is no HTTP answer";
inline constexpr const char* head_too_large = "the upstream sent a head that is too large";
inline constexpr const char* bad_chunks = "the upstream sent a broken chunked body";
inline constexpr const char* too_long = "the upstream sent more than the length of its answer";

}  // namespace gatehouse::core::failure
