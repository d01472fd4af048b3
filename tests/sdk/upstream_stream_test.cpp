// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/testing.hpp>
#include <gatehouse/upstream_stream.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

/// Emits the member `word` of each piece, until a piece has `done`.
template <typename Base>
struct Words final : Base {
    explicit Words(Host& host, bool whole = false) : Base(host, "Backend", whole) {}
    Result<std::optional<http::Request>> request() override { return Base::begin("GET", "http://backend/"); }
    Result<void> on_json(JsonValue top, EventSink& events) override {
        if (top["bad"]) return Base::invalid("it is bad");
        events.emit(TextDelta{top["word"].str()});
        if (top["done"]) Base::finished();
        return {};
    }
    Result<void> on_done(EventSink&) override { return Base::invalid("it has no end"); }
};

std::string said(Exchange& exchange, const std::vector<std::string_view>& pieces) {
    const auto events = replay(exchange, pieces);
    return events ? text(*events) : events.error().message;
}

const std::string lines = "{\"word\":\"a\"}\n\n{\"word\":\"b\",\"done\":1}\n{\"word\":\"c\"}\n";
const std::string sent_events = "data: {\"word\":\"a\"}\n\ndata: {\"word\":\"b\",\"done\":1}\n\ndata: x\n\n";

}  // namespace

TEST_CASE("pieces are read as they come, up to the upstream's own end, and a retry begins again") {
    FakeHost host;
    Words<LineExchange> by_line(host);
    Words<SseExchange> by_event(host);
    for (int attempt = 0; attempt < 2; ++attempt) {
        CHECK(said(by_line, {lines}) == "ab");
        CHECK(said(by_event, {sent_events}) == "ab");
        CHECK(by_line.complete());
        for (std::size_t cut = 0; cut <= lines.size(); ++cut)
            CHECK(said(by_line, {std::string_view(lines).substr(0, cut),
                                 std::string_view(lines).substr(cut)}) == "ab");
        CHECK(said(by_line, {R"({"word":"half)"}) != "ab");
        CHECK_FALSE(by_line.complete());
    }
}

TEST_CASE("an end, an error and a limit are reported") {
    FakeHost host;
    Words<LineExchange> words(host);
    const std::string invalid = "Backend's response is invalid: ";
    CHECK(said(words, {R"({"word":"a"})"}) == invalid + "it has no end");
    CHECK(said(words, {"{\"bad\":1}\n{\"word\":\"a\"}\n"}) == invalid + "it is bad");
    CHECK(said(words, {"{\"word\"}\n"}) == invalid + "invalid JSON at byte 7: a colon is missing");
    host.given_limits.max_event_bytes = 20;
    CHECK(said(words, {lines}) == invalid + "a piece of it exceeds its limit");
    Words<LineExchange> whole(host, true);
    CHECK(said(whole, {lines}) == "ab");
}

TEST_CASE("a document on several lines, a byte order mark and halves of characters are read") {
    FakeHost host;
    Words<LineExchange> words(host, true);
    CHECK(said(words, {"{\n  \"word\": \"a{\\\"\",\n  \"done\": {\n  \"x\": [\n]}\n}\n"}) == "a{\"");
    CHECK(said(words, {"\xEF\xBB\xBF" + lines}) == "ab");
    CHECK(said(words, {"{\"word\":\"\\ud83d\"}\n", "{\"word\":\"\\ude00\",\"done\":1}\n"}) ==
          "\xF0\x9F\x98\x80");
    CHECK(said(words, {"{\"word\":\"\xE2\x82\"}\n", "{\"word\":\"\xAC\",\"done\":1}\n"}) == "\xE2\x82\xAC");
    CHECK(said(words, {"{\n\"word\":\"a\""}) ==
          "Backend's response is invalid: invalid JSON at byte 13: it ends too early");
    host.given_limits.max_answer_bytes = 20;
    std::string endless = "[";
    for (int i = 0; i < 30; ++i) endless += "\n1,";
    CHECK(said(words, {endless + "\n"}) == "Backend's response is invalid: a piece of it exceeds its limit");
}

TEST_CASE("a response that may be finished ends after a silence, and continues without one") {
    struct Open final : LineExchange {
        explicit Open(Host& host) : LineExchange(host, "Backend") {}
        Result<std::optional<http::Request>> request() override { return begin("GET", "http://backend/"); }
        Result<void> on_json(JsonValue top, EventSink& events) override {
            events.emit(TextDelta{top["word"].str()});
            if (top["may"]) may_finish(top["more"].boolean() == true);
            return {};
        }
        Result<void> on_done(EventSink& events) override {
            events.emit(TextDelta{"."});
            return {};
        }
    };
    FakeHost host;
    auto silences = [&](const char* body) {
        Open open(host);
        (void)open.request();
        open.head({.status = 200});
        Events events;
        REQUIRE(open.body(body, events));
        int count = 0;
        for (; count < 20 && !open.complete(); ++count) REQUIRE(open.body("", events));
        CHECK(open.may_end() == (count < 20));
        return count;
    };
    CHECK(silences("{\"word\":\"a\",\"may\":1}\n") == 1);
    CHECK(silences("{\"word\":\"a\",\"may\":1,\"more\":true}\n") == 10);
    CHECK(silences("{\"word\":\"a\"}\n") == 20);
    Open open(host);
    CHECK(said(open, {"{\"word\":\"a\",\"may\":1}\n", "{\"word\":\"b\"}\n"}) == "ab.");
}
