// SPDX-License-Identifier: Apache-2.0
// Libraries with invalid requests, with failures without a reason, or with exceptions; and the
// bridge's calls to a correct library.
#include "tests/plugins/provider/c_bridge/script.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("requests that cannot be sent are a defect") {
    const Clean clean;
    CHECK(refused_request("") == "the request, of 0 bytes, is not valid JSON");
    CHECK(refused_request("{}") == "the request lacks \"url\"");
    const std::string url =
        "\"url\" of the request must be an absolute URL, http:// or https://, without blanks";
    CHECK(refused_request(R"({"url":"/x"})") == url);
    for (const char* other : {"file:///etc/passwd", "http:/x", "http:x", "httpx://x", "http", " http://x"})
        CHECK(refused_request(R"({"url":")" + std::string(other) + R"("})") == url);
    CHECK(refused_request(R"({"url":"http://x/a b"})") == url);
    CHECK(refused_request(R"({"url":"http://x","method":"GET /"})") ==
          "\"method\" of the request must be a method of HTTP");
    CHECK(refused_request(R"({"url":"http://x","headers":{"a b":"c"}})") ==
          "\"a b\" is not a valid header name");
    CHECK(refused_request(R"({"url":"http://x","headers":{"a":"b\r\nc: d"}})") ==
          "the header \"a\" has a control character");
    CHECK(refused_request(R"({"url":"http://x","headers":{"a":1}})") ==
          "the header \"a\" must be a string or a list of strings");
    CHECK(refused_request(R"({"url":"http://x","idle_timeout_ms":0})") ==
          "\"idle_timeout_ms\" of the request must be an integer between 1 and 86400000");
    CHECK(refused_request(R"({"url":"http://x","timeout":5})") ==
          "the request has a member \"timeout\" that this gateway does not know");
}

TEST_CASE("a request is sent as the library says, its body untouched") {
    const Clean clean;
    const std::string body("a\0b\xFF", 4);
    script.request = requests(
        R"({"url":"https://x/y","headers":{"A":"1","b":["2","3"]},"connect_timeout_ms":5,"total_timeout_ms":9,)"
        R"("ca_file":"/ca","no_proxy":true})",
        body);
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    auto sent = (*exchange)->request();
    REQUIRE(sent);
    REQUIRE(*sent);
    const http::Request& http = **sent;
    CHECK(http.method == "POST");
    CHECK(http.url == "https://x/y");
    CHECK(http.headers.get("a") == "1");
    CHECK(http.headers.size() == 3);
    CHECK(http.body == body);
    CHECK(http.connect_timeout == std::chrono::milliseconds(5));
    CHECK(http.total_timeout == std::chrono::milliseconds(9));
    CHECK_FALSE(http.idle_timeout);
    CHECK(http.ca_file == "/ca");
    CHECK(http.no_proxy);
    (*exchange)->head({200, {{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", "\"2\""}}});
    CHECK(script.headers == R"({"content-type":"text/plain","x-a":"1, \"2\""})");
}

TEST_CASE("the library's error is used, and an invalid one is a defect") {
    const Clean clean;
    script.end = fails(
        R"({"message":"too\nmuch","kind":"rate_limited","code":"c","param":"p","retry_after_seconds":4,"detail":"d"})");
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    testing::Events events;
    auto ended = (*exchange)->end(events);
    REQUIRE_FALSE(ended);
    const Error error = ended.error();
    CHECK(error.kind == ErrorKind::rate_limited);
    CHECK(error.message == "too much");
    CHECK(error.detail == "d");
    CHECK(error.retry_after_seconds == 4);
    CHECK((*exchange)->amend(error));
    CHECK(script.amended ==
          R"({"message":"too much","kind":"rate_limited","code":"c","param":"p","retry_after_seconds":4})");

    auto told = [](const char* json) {
        script.end = fails(json);
        return chat()[0];
    };
    CHECK(told(R"({"message":"it broke"})") == "error 502: it broke | ");
    CHECK(told("it broke") == "error 500: internal error | bad: the error, of 8 bytes, is not valid JSON");
    CHECK(told("{}") == "error 500: internal error | bad: the error lacks \"message\"");
    CHECK(told(R"({"message":""})") ==
          "error 500: internal error | bad: \"message\" of the error must be a string that is not empty");
    CHECK(told(R"({"message":"a","kind":"bad_config"})") ==
          "error 500: internal error | bad: \"kind\" of the error must be a kind that gatehouse/c.h "
          "lists");
    CHECK(
        told(R"({"message":"a","status":429})") ==
        "error 500: internal error | bad: the error has a member \"status\" that this gateway does not know");
}

TEST_CASE("a response with an error status has no events") {
    const Clean clean;
    script.request = requests(R"({"url":"http://x"})");
    script.end = emits({finish});
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    for (const int status : {100, 199, 301, 500, 599}) {
        REQUIRE((*exchange)->request());
        (*exchange)->head({status});
        testing::Events events;
        auto ended = (*exchange)->end(events);
        REQUIRE_FALSE(ended);
        CHECK(ended.error().kind == kind_of_upstream_status(status));
        CHECK(ended.error().detail == "status " + std::to_string(status));
        CHECK(events.list.empty());
    }
    // A retry starts with empty state.
    REQUIRE((*exchange)->request());
    (*exchange)->head({200});
    testing::Events events;
    CHECK((*exchange)->end(events));
}

TEST_CASE("no exchange, no instance: the reason is asked for") {
    const Clean clean;
    script.null_exchange = true;
    CHECK(chat() == Lines{"error 500: internal error | bad: begin returned null without out->fail"});
    script.begin = fails(R"({"message":"no such model","kind":"not_found"})");
    CHECK(chat() == Lines{"error 404: no such model | "});
    script.null_exchange = false;  // it returns an exchange in spite of the failure; the bridge releases it
    CHECK(chat() == Lines{"error 404: no such model | "});

    auto refused = [](const c_bridge::Given& settings = {}) {
        try {
            const Bench bench(settings);
            return std::string();
        } catch (const KeyError& error) {
            return error.path + ": " + error.what();
        }
    };
    script.null_instance = true;
    CHECK(refused() == "library: bad cannot be used: create returned null without out->fail");
    script.create = fails("?");
    CHECK(refused() == "library: bad cannot be used: the error of create, of 1 bytes, is not valid JSON");
    script.create = fails(R"({"message":"it is broken"})");
    CHECK(refused() == "library: it is broken");
    script.create = fails(R"({"key":"a.b","message":"it is broken"})");
    CHECK(refused() == "settings.\"a.b\": it is broken");
    script.null_instance = false;
    CHECK(refused() == "settings.\"a.b\": it is broken");
    CHECK(refused({{"b", {"yes"}}}) == "settings.b: settings.b must be \"true\" or \"false\", not \"yes\"");
    CHECK(refused({{"n", {"1e999"}}}).starts_with("settings.n: settings.n must be a number in quotes"));
}

TEST_CASE("create gets typed settings with their defaults, and the limits") {
    const Clean clean;
    const Bench bench({{"b", {"true"}}, {"l", {"x", "y\""}}});
    CHECK(script.config == R"({"settings":{"n":0.5,"b":true,"l":["x","y\""]},)"
                           R"("limits":{"max_event_bytes":16777216,"max_answer_bytes":67108864}})");
}

TEST_CASE("an exception that leaves the library, if it is C++, leaves the bridge as it was") {
    const Clean clean;
    script.body = [](auto) { throw std::runtime_error("mine"); };
    script.end = emits({finish});
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    testing::Events events;
    CHECK_THROWS((void)(*exchange)->body("x", events));
    CHECK((*exchange)->end(events));
}
