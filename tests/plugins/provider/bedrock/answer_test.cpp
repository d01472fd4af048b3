// SPDX-License-Identifier: Apache-2.0
// Streams and documents of Converse become events.
#include "tests/plugins/provider/bedrock/fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::bedrock::test;

TEST_CASE("a stream becomes text, a finish and usage, for every cut of the bytes") {
    Given given;
    const std::string stream = recorded("stream");
    replay_cut_everywhere(
        *given.provider, ask(), stream,
        [&](const Result<std::vector<Event>>& events) {
            REQUIRE(events);
            CHECK(text(*events) == "The sky is “blue” 🌈");
            REQUIRE(all<Finish>(*events).size() == 1);
            CHECK(all<Finish>(*events)[0].reason == FinishReason::stop);
            CHECK(all<Finish>(*events)[0].native == "end_turn");
            REQUIRE(all<Usage>(*events).size() == 1);
        },
        event_stream);
}

TEST_CASE("the prompt is the sum of new, cached and written tokens") {
    Given given;
    const auto events = given.stream(ask(), recorded("stream"));
    REQUIRE(events);
    const Usage usage = all<Usage>(*events).at(0);
    CHECK(usage.prompt == 12 + 1000 + 200);
    CHECK(usage.completion == 7);
    CHECK(usage.total == 1219);
    CHECK(usage.cached == 1000);
    CHECK(usage.cache_written == 200);
    CHECK(usage.extra.text == R"({"cacheDetails":[{"inputTokens":200,"ttl":"5m"}]})");
}

TEST_CASE("usage with wrong numbers does not overflow, and may be absent") {
    Given given;
    const std::string begin = text_event("a") + stop_event("end_turn");
    for (const char* usage : {"null", "{}", R"({"inputTokens":"7"})", R"({"inputTokens":-1})",
                              R"({"inputTokens":9223372036854775807})"}) {
        const auto events =
            given.stream(ask(), begin + event("metadata", std::string("{\"usage\":") + usage + "}"));
        REQUIRE(events);
        CHECK(all<Usage>(*events).empty());
    }
    const auto events = given.stream(
        ask(), begin + event("metadata", R"({"usage":{"outputTokens":2,"cacheReadInputTokens":-5}})"));
    REQUIRE(events);
    CHECK(all<Usage>(*events).at(0).prompt == 0);
    CHECK(all<Usage>(*events).at(0).total == 2);
    CHECK_FALSE(all<Usage>(*events).at(0).cached);
}

TEST_CASE("a stream with thinking and tools, for every cut of the bytes") {
    Given given;
    replay_cut_everywhere(
        *given.provider, ask(), recorded("stream-thinking-tools"),
        [&](const Result<std::vector<Event>>& events) {
            REQUIRE(events);
            CHECK(thoughts(*events) == "The user wants the weather.");
            REQUIRE(all<ThoughtEnd>(*events).size() == 1);
            CHECK(all<ThoughtEnd>(*events)[0].signature == "c2lnbmVk");
            CHECK(all<ThoughtEnd>(*events)[0].origin == "anthropic");
            CHECK(text(*events) == "Let me look.");
            std::map<int, std::string> arguments;
            std::vector<std::string> begun;
            for (const ToolCallDelta& delta : all<ToolCallDelta>(*events)) {
                arguments[delta.index] += delta.arguments;
                if (!delta.id.empty()) begun.push_back(delta.id + " " + delta.name);
            }
            CHECK(begun == std::vector<std::string>{"tooluse_kZJMlvQmRJ6eAyJE5GIl7Q get_weather",
                                                    "tooluse_2 get_time"});
            CHECK(arguments[0] == R"({"city": "Tokyo"})");
            CHECK(arguments[1] == "{}");
            CHECK(all<Finish>(*events).at(0).reason == FinishReason::tool_calls);
            CHECK(all<Usage>(*events).at(0).total == 70);
            // For clients of Chat Completions, which return it with the next turn.
            REQUIRE(all<Extra>(*events).size() == 1);
            CHECK(
                Json::parse(all<Extra>(*events)[0].members.text)["thinking_blocks"] ==
                Json::parse(
                    R"([{"type":"thinking","thinking":"The user wants the weather.","signature":"c2lnbmVk"}])"));
        },
        event_stream);
    ChatRequest messages = ask();
    messages.protocol = "anthropic";
    CHECK(all<Extra>(*given.stream(messages, recorded("stream-thinking-tools"))).empty());
}

TEST_CASE("documents become the same events") {
    Given given;
    ChatRequest request = ask();
    request.stream = false;
    auto events = given.document(request, recorded("chat"));
    REQUIRE(events);
    CHECK(text(*events) == "Hello! How are you today?");
    CHECK(thoughts(*events) == "hm");
    CHECK(all<ThoughtEnd>(*events).at(0).signature == "c2lnbmVk");
    CHECK(all<Usage>(*events).at(0).prompt == 30);
    CHECK(all<Usage>(*events).at(0).cached == 0);
    events = given.document(request, recorded("tools"));
    REQUIRE(events);
    CHECK(text(*events) == "I look.");
    std::string arguments;
    for (const ToolCallDelta& delta : all<ToolCallDelta>(*events)) arguments += delta.name + delta.arguments;
    CHECK(arguments == R"(get_weather{"city": "Tokyo", "days": 2}get_time{})");
    CHECK(all<Finish>(*events).at(0).reason == FinishReason::tool_calls);
    // A stream that is a document, and a document that is a stream.
    CHECK(text(*given.document(ask(), recorded("chat"))) == "Hello! How are you today?");
    CHECK(text(*given.stream(request, recorded("stream"))).starts_with("The sky"));
    // Without a type, the request decides.
    CHECK(text(*replay(*given.provider, request, {recorded("chat")})) == "Hello! How are you today?");
    CHECK(text(*replay(*given.provider, ask(), {recorded("stream")})).starts_with("The sky"));
}

TEST_CASE("each stop reason has its finish reason, and some are failures") {
    Given given;
    const std::pair<const char*, FinishReason> table[] = {
        {"end_turn", FinishReason::stop},
        {"stop_sequence", FinishReason::stop},
        {"tool_use", FinishReason::stop},  // without a call
        {"max_tokens", FinishReason::length},
        {"model_context_window_exceeded", FinishReason::length},
        {"guardrail_intervened", FinishReason::content_filter},
        {"content_filtered", FinishReason::content_filter},
        {"something_new", FinishReason::stop}};
    for (const auto& [word, reason] : table) {
        const std::string named = word;
        CAPTURE(named);
        const auto events = given.stream(ask(), text_event("a") + stop_event(word) + usage_event());
        REQUIRE(events);
        CHECK(all<Finish>(*events).at(0).reason == reason);
        CHECK(all<Finish>(*events).at(0).native == word);
    }
    for (const char* word : {"malformed_model_output", "malformed_tool_use"}) {
        const auto events = given.stream(ask(), text_event("a") + stop_event(word) + usage_event());
        REQUIRE_FALSE(events);
        CHECK(events.error().kind == ErrorKind::upstream);
        CHECK(events.error().message ==
              std::string("the model failed during its answer (stop reason ") + word + ")");
    }
}

TEST_CASE("the stop sequence of Claude is told") {
    Given given;
    const auto events = given.stream(
        ask(),
        text_event("a") +
            event(
                "messageStop",
                R"({"stopReason":"stop_sequence","additionalModelResponseFields":{"stop_sequence":"END"}})") +
            usage_event());
    REQUIRE(events);
    CHECK(all<Finish>(*events).at(0).stop_sequence == "END");
}

TEST_CASE("redacted thoughts, and thoughts of other vendors, keep their origin") {
    Given given;
    const std::string redacted =
        event("contentBlockDelta",
              R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"redactedContent":"QUJD"}}})") +
        event("contentBlockStop", R"({"contentBlockIndex":0})") + text_event("a", 1) + stop_event("end_turn");
    auto events = given.stream(ask(), redacted);
    REQUIRE(events);
    CHECK(all<ThoughtEnd>(*events).at(0).encrypted == "QUJD");
    CHECK(all<ThoughtEnd>(*events).at(0).signature == "");
    CHECK(all<ThoughtEnd>(*events).at(0).origin == "anthropic");
    events = given.stream(ask("why?", nova), redacted);
    CHECK(all<ThoughtEnd>(*events).at(0).origin == "bedrock");
    events = given.document(
        ask(),
        R"({"output":{"message":{"content":[{"reasoningContent":{"redactedContent":"QUJD"}}]}},"stopReason":"end_turn"})");
    REQUIRE(events);
    CHECK(all<ThoughtEnd>(*events).at(0).encrypted == "QUJD");
    // Thoughts without a signature are shown only.
    events = given.stream(
        ask("why?", "deepseek.r1-v1:0"),
        event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}})") +
            text_event("a", 1) + stop_event("end_turn"));
    REQUIRE(events);
    CHECK(thoughts(*events) == "hm");
    CHECK(all<ThoughtEnd>(*events).empty());
}

TEST_CASE("texts of several blocks are separate, and citations have their address") {
    Given given;
    const auto events = given.stream(
        ask(),
        text_event("one", 0) + text_event("two", 1) +
            event(
                "contentBlockDelta",
                R"({"contentBlockIndex":1,"delta":{"citation":{"title":"T","location":{"web":{"url":"https://a.example"}}}}})") +
            event("contentBlockDelta",
                  R"({"contentBlockIndex":1,"delta":{"citation":{"location":{"documentChar":{}}}}})") +
            stop_event("end_turn"));
    REQUIRE(events);
    CHECK(all<BlockEnd>(*events).size() == 1);
    REQUIRE(all<Citation>(*events).size() == 1);
    CHECK(all<Citation>(*events)[0].url == "https://a.example");
    CHECK(all<Citation>(*events)[0].end == 6);
    const auto document = given.document(
        ask(),
        R"({"output":{"message":{"content":[{"citationsContent":{"content":[{"text":"said"}],"citations":[]}}]}},"stopReason":"end_turn"})");
    REQUIRE(document);
    CHECK(text(*document) == "said");
}

TEST_CASE("unknown events, blocks and deltas are skipped") {
    Given given;
    const auto events = given.stream(
        ask(),
        event("somethingNew", "{}") +
            event("contentBlockStart", R"({"contentBlockIndex":0,"start":{"image":{}}})") +
            event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"image":{"source":{}}}})") +
            event("contentBlockStop", R"({"contentBlockIndex":9})") +
            event(
                "contentBlockStart",
                R"({"contentBlockIndex":1,"start":{"toolUse":{"name":"nova_grounding","toolUseId":"t","type":"server_tool_use"}}})") +
            event("contentBlockDelta", R"({"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}})") +
            text_event("a", 2) + stop_event("end_turn"));
    REQUIRE(events);
    CHECK(text(*events) == "a");
    CHECK(all<ToolCallDelta>(*events).empty());
    CHECK(all<Finish>(*events).at(0).reason == FinishReason::stop);
}

TEST_CASE("a character that is cut into two events is joined") {
    Given given;
    const auto events = given.stream(
        ask(), event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"a\ud83c"}})") +
                   event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"\udf08b"}})") +
                   stop_event("end_turn"));
    REQUIRE(events);
    CHECK(text(*events) == "a🌈b");
}

TEST_CASE("an answer tool's input is the text") {
    Given given;
    ChatRequest request = ask("a city", nova);
    request.response_format = {
        .kind = ResponseFormat::Kind::json_schema, .name = "city", .schema = {R"({"type":"object"})"}};
    const auto events = given.stream(
        request,
        event("contentBlockStart",
              R"({"contentBlockIndex":0,"start":{"toolUse":{"name":"city","toolUseId":"t"}}})") +
            event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"a\":"}}})") +
            event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"toolUse":{"input":"1}"}}})") +
            event("contentBlockStop", R"({"contentBlockIndex":0})") + stop_event("tool_use") + usage_event());
    REQUIRE(events);
    CHECK(text(*events) == R"({"a":1})");
    CHECK(all<ToolCallDelta>(*events).empty());
    CHECK(all<Finish>(*events).at(0).reason == FinishReason::stop);
}
