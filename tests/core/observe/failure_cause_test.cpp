// SPDX-License-Identifier: Apache-2.0
#include "core/observe/failure_cause.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

std::string cause(ErrorKind kind, int status, TransferFault fault = TransferFault::none,
                  bool unsigned_one = false) {
    return cause_name(cause_of({kind, "it failed"}, status, fault, unsigned_one));
}

}  // namespace

TEST_CASE("a transfer, a status or a signer is the cause of a failed upstream request") {
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::none, true) == "not_sent");
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::refused) == "not_sent");
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::no_address) == "dns");
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::no_connection) == "connect");
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::proxy) == "proxy");
    CHECK(cause(ErrorKind::upstream, 407) == "proxy");
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::tls) == "tls");
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::closed_before) == "connection_lost");
    CHECK(cause(ErrorKind::upstream, 200, TransferFault::closed_within) == "connection_lost");
    CHECK(cause(ErrorKind::upstream, 0, TransferFault::invalid) == "bad_response");
    CHECK(cause(ErrorKind::timeout, 0, TransferFault::slow) == "timeout");
    CHECK(cause(ErrorKind::timeout, 504) == "timeout");
    CHECK(cause(ErrorKind::upstream, 401) == "credentials");
    CHECK(cause(ErrorKind::upstream, 403) == "credentials");
    CHECK(cause(ErrorKind::rate_limited, 429) == "rate_limited");
    CHECK(cause(ErrorKind::unavailable, 503) == "unavailable");
    CHECK(cause(ErrorKind::upstream, 500) == "server_error");
    CHECK(cause(ErrorKind::upstream, 200) == "bad_response");
    CHECK(std::string(cause_name(cause_of({.kind = ErrorKind::rate_limited, .code = "insufficient_quota"},
                                          429, TransferFault::none, false))) == "insufficient_quota");
    CHECK(cause(ErrorKind::upstream, 302) == "bad_response");
}

TEST_CASE("a fault of the client, or of a plugin, is not a failed upstream request") {
    for (const ErrorKind kind : {ErrorKind::bad_request, ErrorKind::context_length, ErrorKind::not_found,
                                 ErrorKind::unsupported, ErrorKind::internal})
        CHECK(cause(kind, 400).empty());
}

TEST_CASE("each cause has a word of its own") {
    std::set<std::string> words;
    for (std::size_t i = 0; i < failure_causes; ++i) words.insert(cause_name(static_cast<FailureCause>(i)));
    CHECK(words.size() == failure_causes);
}
