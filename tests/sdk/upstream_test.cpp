// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/testing.hpp>
#include <gatehouse/upstream.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

/// Emits the body as text.
struct Echo final : UpstreamExchange {
    explicit Echo(Host& host) : UpstreamExchange(host, "Backend") {}
    Result<std::optional<http::Request>> request() override {
        return json_request("POST", "http://backend/ask", "{}");
    }
    Result<void> on_end(EventSink& events) override {
        if (document_ == "bad") return invalid("it is bad");
        events.emit(TextDelta{document_});
        return {};
    }
    using UpstreamExchange::error_body;
    using UpstreamExchange::response_head;
    using UpstreamExchange::succeeded;
};

Error error_of(int status, std::string_view body, http::Headers headers = {}) {
    return upstream_error("Backend", {status, std::move(headers)}, body, {});
}

struct Given {
    FakeHost host;
    Echo exchange{host};

    std::string ask(const std::vector<std::string_view>& pieces, http::ResponseHead head = {}) {
        const auto events = replay(exchange, pieces, head);
        return events ? text(*events) : "error: " + events.error().message;
    }
};

}  // namespace

TEST_CASE("a successful body is collected, and a retry forgets it") {
    Given given;
    CHECK(given.ask({"a", "", "b"}) == "ab");
    CHECK(given.ask({"c"}) == "c");
    CHECK(given.ask({"bad"}) == "error: Backend's response is invalid: it is bad");
    CHECK(given.exchange.succeeded());
    const auto request = given.exchange.request();
    REQUIRE(request);
    CHECK((*request)->headers.get("accept") == "application/json");
    CHECK((*request)->headers.get("content-type") == "application/json");
    CHECK(given.exchange.response_head().status == 0);
    CHECK_FALSE(given.exchange.succeeded());
}

TEST_CASE("a body is bounded, and so is the body of an error") {
    Given given;
    given.host.given_limits.max_answer_bytes = 4;
    CHECK(given.ask({"ab", "cd"}) == "abcd");
    CHECK(given.ask({"ab", "cde"}) == "error: Backend's response is larger than max_response_bytes");
    const std::string large(50'000, 'x');
    CHECK(
        given.ask({large, large}, {500}).starts_with("error: Backend responded with an error (status 500)"));
    CHECK(given.exchange.error_body().size() == 64 * 1024);
}

TEST_CASE("a compressed body is refused, and it is not shown as the reason of an error") {
    Given given;
    CHECK(given.ask({"a"}, {200, {{"content-encoding", "identity"}}}) == "a");
    CHECK(
        given.ask({"\x1f\x8b"}, {200, {{"content-encoding", "gzip"}}}) ==
        "error: Backend's response is invalid: its content-encoding is gzip, although identity was requested");
    CHECK(given.ask({std::string_view("\x1f\x8b\0\0", 4)}, {500, {{"content-encoding", "gzip"}}}) ==
          "error: Backend responded with an error (status 500)");
}

TEST_CASE("a failure has its kind, its reason on one line, and the seconds of retry-after") {
    const Error busy =
        error_of(429, R"({"error":{"message":"slow\ndown","code":"busy"}})", {{"retry-after", "7"}});
    CHECK(busy.kind == ErrorKind::rate_limited);
    CHECK(busy.message == "Backend responded with an error (status 429): slow down");
    CHECK(busy.code == "busy");
    CHECK(busy.retry_after_seconds == 7);
    const Error wrong = error_of(400, R"({"error":{"message":"no","param":"top_p"}})");
    CHECK(wrong.kind == ErrorKind::bad_request);
    CHECK(wrong.param == "top_p");
    const Error down = error_of(503, R"({"error":"down","code":"inner"})");
    CHECK(down.kind == ErrorKind::unavailable);
    CHECK(down.code.empty());
}

TEST_CASE("a prompt that is too long is told by its code or its words") {
    for (const char* body : {R"({"error":{"code":"context_length_exceeded","message":"x"}})",
                             R"({"error":"input is too long for this model"})"}) {
        const Error error = error_of(400, body);
        CHECK(error.kind == ErrorKind::context_length);
        CHECK(error.code == "context_length_exceeded");
    }
    CHECK(error_of(500, R"({"error":"input is too long"})").kind == ErrorKind::upstream);
}

TEST_CASE("rejected credentials are the gateway's, and their text stays inside") {
    for (const int status : {401, 403, 407}) {
        const Error error =
            error_of(status, R"({"error":{"message":"key sk-1 is wrong","code":"invalid_api_key"}})");
        CHECK(error.kind == ErrorKind::upstream);
        CHECK(error.message ==
              "Backend rejected the gateway's credentials (status " + std::to_string(status) + ")");
        CHECK(error.code.empty());
    }
}
