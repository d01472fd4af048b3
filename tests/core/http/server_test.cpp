// SPDX-License-Identifier: Apache-2.0
// The server from outside: what a client on a bare socket gets for well-formed requests.
#include "tests/core/http/raw_client.hpp"
#include "tests/core/http/test_application.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using gatehouse::testing::RawAnswer;
using gatehouse::testing::RawClient;
using namespace std::chrono_literals;

namespace {
const std::string host = "host: test\r\n";
std::string get(const std::string& target, const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\n" + host + fields + "\r\n";
}
}  // namespace

TEST_CASE("a request is answered and the connection serves the next one") {
    TestServer server;
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        const RawAnswer answer = client.ask(get("/hello"));
        CHECK(answer.status == 200);
        CHECK(answer.body == "hello");
        CHECK(answer.headers.get("date").size() == 29);
        CHECK(answer.headers.get("content-type") == "text/plain");
        CHECK(!answer.headers.has("connection"));
    }
    CHECK(server.server.connections() == 1);
}
