// SPDX-License-Identifier: Apache-2.0
// Responses that are cut, damaged, too large, or of another form.
#include "tests/plugins/provider/bedrock/fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::bedrock::test;

namespace {

std::string message_of(const Result<std::vector<Event>>& events) {
    REQUIRE_FALSE(events);
    CHECK(events.error().kind == ErrorKind::upstream);
    return events.error().message;
}

}  // namespace

TEST_CASE("a stream that is cut before its stop reason is an error, and behind it is complete") {
    Given given;
    const std::string stream = recorded("stream");
    const std::size_t stop = stream.find("stopReason");
    REQUIRE(stop != stream.npos);
    int good = 0, bad = 0;
    for (std::size_t size = 0; size < stream.size(); ++size) {
        const auto events = given.stream(ask(), std::string_view(stream).substr(0, size));
        if (!events) {
            CHECK(events.error().message == "Bedrock's response is invalid: it ends without a stop reason");
            ++bad;
        } else {
            CHECK(size > stop);
            CHECK(all<Finish>(*events).size() == 1);
            ++good;
        }
    }
    CHECK(bad > static_cast<int>(stop));
    CHECK(good > 0);
}

TEST_CASE("each wrong bit of a stream is found") {
    Given given;
    const std::string good = text_event("a") + stop_event("end_turn") + usage_event();
    for (std::size_t at = 0; at < good.size(); ++at)
        for (const int bit : {0, 7}) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1 << bit);
            const auto events = given.stream(ask(), bad);
            REQUIRE_FALSE(events);
            CHECK(events.error().kind == ErrorKind::upstream);
            CHECK(events.error().message.starts_with("the upstream's event stream is damaged: "));
        }
}

TEST_CASE("bytes that are not an event stream, and a message above the limit, are errors") {
    Given given;
    for (const std::string& garbage :
         {std::string(64, '\0'), std::string(64, '\xFF'), std::string("data: {}\n\ndata: {}\n\n"),
          std::string("<html>a load balancer's page</html>")})
        CHECK(message_of(given.stream(ask(), garbage)) ==
              "the upstream's event stream is damaged: a length has a wrong checksum");
    given.host.given_limits.max_event_bytes = 1000;
    CHECK(message_of(given.stream(ask(), text_event(std::string(1000, 'x')))) ==
          "the upstream's event stream is damaged: a message is too large");
    given.host.given_limits.max_answer_bytes = 100;
    CHECK(message_of(given.document(ask(), std::string(101, ' '))) ==
          "Bedrock's response is larger than max_response_bytes");
}

TEST_CASE("payloads of another form are errors that say why") {
    Given given;
    const std::string begin = "Bedrock's response is invalid: ";
    const std::pair<std::string, std::string> table[] = {
        {event("messageStop", "{"), "invalid JSON at byte 1: "},
        {event("messageStop", "{}"), "'stopReason' is not a string"},
        {event("messageStop", R"({"stopReason":7})"), "'stopReason' is not a string"},
        {event("contentBlockDelta", R"({"delta":{"text":"a"}})"), "'contentBlockIndex' is not a number"},
        {event("contentBlockDelta", R"({"contentBlockIndex":-1})"), "'contentBlockIndex' is not a number"},
        {event("contentBlockStart", R"({"contentBlockIndex":0,"start":{"toolUse":{}}})"),
         "a tool call has no name"},
        {event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}})"),
         "the input of a tool comes before its name"},
        {event("contentBlockStart", R"({"contentBlockIndex":0,"start":{"toolUse":{"name":"f"}}})") +
             event("contentBlockStart", R"({"contentBlockIndex":0,"start":{"toolUse":{"name":"f"}}})"),
         "a content block begins twice"}};
    for (const auto& [bytes, why] : table)
        CHECK(message_of(given.stream(ask(), bytes)).starts_with(begin + why));
    const std::pair<const char*, const char*> documents[] = {
        {"", "invalid JSON at byte 0"},
        {"[]", "'output.message.content' is not an array"},
        {R"({"output":{"message":{"content":"text"}}})", "'output.message.content' is not an array"},
        {R"({"output":{"message":{"content":[1]}}})", "a content block is not an object"},
        {R"({"output":{"message":{"content":[]}}})", "it ends without a stop reason"},
        {R"({"output":{"message":{"content":[{"toolUse":{"name":""}}]}}})", "a tool call has no name"}};
    for (const auto& [json, why] : documents)
        CHECK(message_of(given.document(ask(), json)).starts_with(begin + why));
}

TEST_CASE("wrong types of texts, inputs and ids do not crash") {
    Given given;
    const auto events = given.stream(
        ask(),
        event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":7}})") +
            event("contentBlockDelta", R"({"contentBlockIndex":1,"delta":{"reasoningContent":[]}})") +
            event("contentBlockStart",
                  R"({"contentBlockIndex":2,"start":{"toolUse":{"name":"f","toolUseId":7}}})") +
            event("contentBlockDelta", R"({"contentBlockIndex":2,"delta":{"toolUse":{"input":{"a":1}}}})") +
            event("contentBlockDelta", "[]") + stop_event("tool_use"));
    REQUIRE_FALSE(events);  // the array has no index
    const auto fine = given.stream(
        ask(),
        event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":null})") +
            event("contentBlockStart",
                  R"({"contentBlockIndex":2,"start":{"toolUse":{"name":"f","toolUseId":7}}})") +
            event("contentBlockDelta", R"({"contentBlockIndex":2,"delta":{"toolUse":{"input":{"a":1}}}})") +
            stop_event("tool_use"));
    REQUIRE(fine);
    const auto calls = all<ToolCallDelta>(*fine);
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].id.size() == 29);  // made here
    CHECK(calls[1].arguments == "{}");
}

TEST_CASE("the number of content blocks and the kept thoughts are bounded") {
    Given given;
    std::string many;
    for (int i = 0; i <= 10'000; ++i)
        many += event("contentBlockDelta", "{\"contentBlockIndex\":" + std::to_string(i) + "}") +
                event("contentBlockStop", "{\"contentBlockIndex\":" + std::to_string(i) + "}");
    CHECK(message_of(given.stream(ask(), many)) ==
          "Bedrock's response is invalid: it has too many content blocks");
    given.host.given_limits.max_answer_bytes = 10;
    const auto events = given.stream(
        ask(), event("contentBlockDelta",
                     R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"123456789"}}})") +
                   event("contentBlockDelta",
                         R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"12"}}})") +
                   text_event("a", 1) + stop_event("end_turn"));
    REQUIRE(events);
    CHECK(thoughts(*events) == "123456789");
    CHECK(all<ThoughtEnd>(*events).empty());
    CHECK(all<Extra>(*events).empty());
}

TEST_CASE("a stream ends at its last event, or in a silence behind its stop reason") {
    Given given;
    const ChatRequest request = ask();
    auto exchange = given.provider->chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head(event_stream);
    Events events;
    REQUIRE((*exchange)->body(text_event("a"), events));
    CHECK_FALSE((*exchange)->may_end());
    REQUIRE((*exchange)->body(stop_event("end_turn"), events));
    CHECK((*exchange)->may_end());
    CHECK_FALSE((*exchange)->complete());
    REQUIRE((*exchange)->body("", events));
    CHECK_FALSE((*exchange)->complete());
    REQUIRE((*exchange)->body("", events));
    CHECK((*exchange)->complete());
    REQUIRE((*exchange)->body(usage_event() + text_event("behind the end"), events));
    CHECK((*exchange)->complete());
    REQUIRE((*exchange)->end(events));
    CHECK(text(events.list) == "a");
    CHECK(all<Usage>(events.list).size() == 1);
    // A retry starts from the beginning.
    REQUIRE((*exchange)->request());
    CHECK_FALSE((*exchange)->complete());
    CHECK_FALSE((*exchange)->may_end());
}
