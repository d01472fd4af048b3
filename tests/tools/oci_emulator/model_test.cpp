// SPDX-License-Identifier: Apache-2.0
// The output of the emulator's model, and each vendor's wire format.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/sample.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::emulator;

namespace {

const char* two_tools =
    R"([{"type":"FUNCTION","name":"get_weather","description":"d","parameters":{"type":"object",
  "properties":{"city":{"type":"string"},"unit":{"enum":["C","F"]}},"required":["city"]}},
 {"type":"FUNCTION","name":"get_time","parameters":{"type":"object","properties":{"zone":{"type":"string"}}}}])";

ChatCall call_for(const std::string& model, const std::string& messages, const std::string& more = "{}") {
    Json details = {{"chatRequest", json(more)}};
    details["chatRequest"]["messages"] = json(messages);
    return read_call(details, *find_model(model));
}

std::string user(const std::string& text) {
    return R"({"role":"USER","content":[{"type":"TEXT","text":)" + Json(text).dump() + "}]}";
}

std::string said(const std::string& messages, const std::string& more = "{}") {
    return joined(answer_said(call_for("meta.llama-3.3-70b-instruct", messages, more)).words);
}

// "name(arguments) name(arguments)"
std::string called(const std::string& messages, const std::string& more = "{}") {
    Json request = json(more);
    request["tools"] = json(two_tools);
    std::string text;
    for (const SaidCall& one :
         answer_said(call_for("meta.llama-3.3-70b-instruct", messages, request.dump())).calls)
        text += (text.empty() ? "" : " ") + one.name + "(" + joined(one.arguments) + ")";
    return text;
}

std::vector<Json> stream(const std::string& model, const std::string& text, std::string more = "{}") {
    Json request = json(more);
    if (!request.contains("tools")) request["tools"] = json(two_tools);
    const ChatCall call = call_for(model, "[" + user(text) + "]", request.dump());
    return events_said(call, answer_said(call));
}

}  // namespace

TEST_CASE("the model repeats the last user message, a word an event") {
    const ChatCall call =
        call_for("meta.llama-3.3-70b-instruct", "[" + user("first") + "," + user("hello  big\nworld ") + "]");
    CHECK(answer_said(call).words ==
          std::vector<std::string>{"You", " said:", " hello", "  big", "\nworld "});
    CHECK(said("[" + user("Grüße 世界") + "]") == "You said: Grüße 世界");
    CHECK(said("[" + user("") + "]") == "You said: ");
}

TEST_CASE("the model quotes a tool result, even if a user message follows") {
    const std::string before =
        user("call the tool") +
        R"(,{"role":"ASSISTANT","toolCalls":[{"type":"FUNCTION","id":"a","name":"get_weather","arguments":"{}"}]},)";
    const std::string one =
        R"({"role":"TOOL","toolCallId":"a","content":[{"type":"TEXT","text":"sunny, 21 C"}]})";
    CHECK(said("[" + before + one + "]") == "The tool said: sunny, 21 C");
    CHECK(said("[" + before + one + "," + user("<<<context>>>") + "]") == "The tool said: sunny, 21 C");
    CHECK(said("[" + before + one + "," + one + "]") == "The tools said: sunny, 21 C | sunny, 21 C");
    CHECK(called("[" + before + one + "," + user("context") + "]") == "");
    CHECK(called("[" + before + one + "]", R"({"toolChoice":{"type":"REQUIRED"}})") == "");
    CHECK(said("[" + before + one + R"(,{"role":"ASSISTANT","content":[{"type":"TEXT","text":"ok"}]},)" +
               user("next") + "]") == "You said: next");
}

TEST_CASE("the model obeys the limit and the stop strings") {
    CHECK(said("[" + user("a b c d") + "]", R"({"maxTokens":3})") == "You said: a");
    CHECK(said("[" + user("a b c d") + "]", R"({"maxCompletionTokens":4,"maxTokens":9})") == "You said: a b");
    CHECK(said("[" + user("a b END c") + "]", R"({"stop":["zzz","END"]})") == "You said: a b ");
    const ChatCall cut = call_for("xai.grok-3", "[" + user("a b") + "]", R"({"maxTokens":3})");
    CHECK(finish_reason(cut, answer_said(cut)) == "length");
    const ChatCall exact = call_for("xai.grok-3", "[" + user("a b") + "]", R"({"maxTokens":4})");
    CHECK(finish_reason(exact, answer_said(exact)) == "stop");
    CHECK(answer_said(exact).tokens == 4);
}

TEST_CASE("the model calls tools on demand") {
    CHECK(called("[" + user("please call the tool") + "]") == R"(get_weather({"city":"city"}))");
    CHECK(called("[" + user("Call the tool get_time now") + "]") == R"(get_time({"zone":"zone"}))");
    CHECK(called("[" + user("call the tool named `get_time`") + "]") == R"(get_time({"zone":"zone"}))");
    CHECK(called("[" + user("call both tools") + "]") ==
          R"(get_weather({"city":"city"}) get_time({"zone":"zone"}))");
    CHECK(called("[" + user("call both tools") + "]", R"({"isParallelToolCalls":false})") ==
          R"(get_weather({"city":"city"}))");
    CHECK(called("[" + user("hello") + "]") == "");
    CHECK(called("[" + user("hello") + "]", R"({"toolChoice":{"type":"REQUIRED"}})") ==
          R"(get_weather({"city":"city"}))");
    CHECK(called("[" + user("hello") + "]", R"({"toolChoice":{"type":"FUNCTION","name":"get_time"}})") ==
          R"(get_time({"zone":"zone"}))");
    CHECK(called("[" + user("call the tool") + "]", R"({"toolChoice":{"type":"NONE"}})") == "");
    CHECK(said("[" + user("call the tool") + "]") == "You said: call the tool");
}

TEST_CASE("a mock word may be in any user message of this turn") {
    const std::string mock = R"(run mock:tool:exec:{"command":"echo \"}{\" mock:err:500"} please)";
    CHECK(called("[" + user(mock) + "," + user("<<<context>>>") + "]") ==
          R"(exec({"command":"echo \"}{\" mock:err:500"}))");
    CHECK(called("[" + user(mock) + R"(,{"role":"ASSISTANT","content":[{"type":"TEXT","text":"ok"}]},)" +
                 user("x") + "]") == "");
    CHECK(called("[" + user(R"(mock:tool:a:{"x":1} mock:tool:b:{})") + "]") == R"(a({"x":1}) b({}))");
    CHECK(called("[" + user("mock:tool:a") + "]") == "a({})");
    CHECK(called("[" + user("mock:tool:a:{\"broken\nnext") + "]") == "a({\"broken)");
}

TEST_CASE("a call that the limit cuts keeps its broken arguments") {
    const ChatCall call =
        call_for("openai.gpt-oss-20b", "[" + user(R"(mock:tool:f:{"text":"quite a long one"})") + "]",
                 R"({"maxTokens":3})");
    const Answer cut = answer_said(call);
    CHECK(joined(cut.calls.at(0).arguments) == R"({"text":"qui)");
    CHECK(finish_reason(call, cut) == "length");
}

TEST_CASE("the model makes an object from the schema") {
    CHECK(said("[" + user("x") + "]",
               R"({"responseFormat":{"type":"JSON_SCHEMA","jsonSchema":{"name":"n","schema":{"type":"object",
        "properties":{"city":{"type":"string"},"population":{"type":"number"},"more":{"type":"boolean"}},"required":["city","population"]}}}})") ==
          R"({"city":"city","population":1})");
    CHECK(said("[" + user("x y") + "]", R"({"responseFormat":{"type":"JSON_OBJECT"}})") ==
          R"({"said":"x y"})");
    CHECK(said("[" + user("x y") + "]", R"({"responseFormat":{"type":"TEXT"}})") == "You said: x y");
}

TEST_CASE("samples fit their schema") {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"type":"integer","minimum":5})", "5"},
        {R"({"type":"integer","exclusiveMinimum":5})", "6"},
        {R"({"type":"number","maximum":-2.5})", "-2.5"},
        {R"({"type":"integer","multipleOf":4})", "4"},
        {R"({"type":"string","minLength":6})", "\"namexx\""},
        {R"({"type":"string","maxLength":2})", "\"na\""},
        {R"({"type":"string","format":"date"})", "\"2026-11-22\""},
        {R"({"enum":["b","a"]})", "\"b\""},
        {R"({"const":null})", "null"},
        {R"({"type":["null","boolean"]})", "true"},
        {R"({"anyOf":[{"type":"null"},{"type":"integer"}]})", "1"},
        {R"({"type":"array","items":{"type":"string"},"minItems":2})", R"(["name","name"])"},
        {R"({"type":"array","maxItems":0})", "[]"},
        {R"({"allOf":[{"properties":{"a":{"const":1}}},{"properties":{"b":{"const":2}}}]})",
         R"({"a":1,"b":2})"},
        {R"({"$defs":{"x":{"const":7}},"properties":{"a":{"$ref":"#/$defs/x"}}})", R"({"a":7})"},
        {R"({})", "\"name\""},
        {R"({"type":"object","patternProperties":{"^.*$":{"type":"string"}}})", "{}"},
    };
    for (const auto& one : cases)
        CHECK_MESSAGE(sample_of(json(one.first), "name").dump() == one.second, one.first);
    // A recursive schema and a dangling reference also end.
    CHECK(sample_of(json(R"({"properties":{"a":{"$ref":"#"}}})"), "x").is_object());
    CHECK(sample_of(json(R"({"$ref":"#/nowhere"})"), "x").is_string());
}

TEST_CASE("the model says the number and sizes of images") {
    const std::string image = R"({"type":"IMAGE","imageUrl":{"url":"data:image/png;base64,AAAAAA=="}})";
    CHECK(said(R"([{"role":"USER","content":[{"type":"TEXT","text":"look"},)" + image + "]}]") ==
          "You said: look (1 image: 4 bytes)");
    CHECK(said(R"([{"role":"USER","content":[)" + image +
               R"(,{"type":"IMAGE","imageUrl":{"url":"https://x/y.png"}}]}])") ==
          "You said:  (2 images: 4 bytes, by address)");
}

TEST_CASE("Meta's stream has the recorded shape") {
    const auto recorded = events_of(fixture("generic-llama-stream-usage.sse"));
    const auto events = stream("meta.llama-3.3-70b-instruct", "a b");
    CHECK(events.front().at("message").at("content").at(0).at("text") == "");
    CHECK(shape(events.front()) == shape(json(recorded.front())));
    CHECK(shape(events.at(1)) == shape(json(recorded.at(1))));
    CHECK(shape(events.back()) == shape(json(recorded.at(recorded.size() - 3))));
    const ChatCall call = call_for("meta.llama-3.3-70b-instruct", "[" + user("a b") + "]");
    CHECK(shape(json(usage_event(call, answer_said(call), [] { return "a"; }))) ==
          shape(json(recorded.at(recorded.size() - 2))));
    CHECK(shape(json(whole_answer(call, answer_said(call), "2026-09-18T19:46:59.025Z"))) ==
          shape(json(fixture("resp-generic-llama.json"))));
}

TEST_CASE("OpenAI's non-streaming response has the recorded shape") {
    const ChatCall call = call_for("openai.gpt-5.4", "[" + user("a b") + "]");
    CHECK(shape(json(whole_answer(call, answer_said(call), "now"))) ==
          shape(json(fixture("resp-generic-openai.json"))));
}

TEST_CASE("each vendor has its own wire format of tool calls") {
    const auto first_call = [](const std::vector<Json>& events) {
        for (const Json& event : events)
            if (event.contains("message") && event["message"].contains("toolCalls")) return event;
        return Json();
    };
    const auto recorded = [&](const char* name) {
        std::vector<Json> events;
        for (const std::string& event : events_of(fixture(name)))
            if (event != "[DONE]") events.push_back(json(event));
        return events;
    };
    SUBCASE("xAI: complete") {
        const auto events = stream("xai.grok-4", "call both tools");
        const auto fixture = recorded("generic-grok-parallel-tools-stream.sse");
        REQUIRE(events.size() == fixture.size());
        for (std::size_t i = 0; i < events.size(); ++i) CHECK(shape(events[i]) == shape(fixture[i]));
    }
    SUBCASE("Google: complete, no id, finish stop") {
        const auto events = stream("google.gemini-2.5-pro", "call the tool");
        const auto fixture = recorded("generic-gemini-tool-no-id-stream.sse");
        REQUIRE(events.size() == fixture.size());
        for (std::size_t i = 0; i < events.size(); ++i) CHECK(shape(events[i]) == shape(fixture[i]));
        CHECK(events.back().at("finishReason") == "stop");
    }
    SUBCASE("gpt-oss: first fragment with id and name, no type") {
        const auto events = stream("openai.gpt-oss-120b", "call the tool");
        const auto fixture = recorded("generic-gptoss-fragment-stream.sse");
        CHECK(shape(first_call(events)) == shape(fixture.at(0)));
        CHECK(shape(events.at(2)) == shape(fixture.at(1)));
        CHECK(shape(events.back()) == shape(fixture.back()));
    }
    SUBCASE("Meta: opened without arguments") {
        const auto events = stream("meta.llama-3.3-70b-instruct", "call the tool");
        const auto fixture = recorded("generic-tools-fragment-stream.sse");
        for (std::size_t i : {0, 1, 2}) CHECK(shape(events.at(i)) == shape(fixture.at(i)));
        CHECK(shape(events.back()) == shape(fixture.back()));
    }
    SUBCASE("OpenAI: opened with empty arguments, one call after another at position 0") {
        const auto events = stream("openai.gpt-4.1", "call both tools");
        std::vector<std::string> ids;
        std::string arguments;
        for (const Json& event : events) {
            if (event.contains("finishReason")) continue;
            const Json& entry = event.at("message").at("toolCalls").at(0);
            CHECK(event.at("message").at("toolCalls").size() == 1);
            if (entry.contains("id")) {
                ids.push_back(entry.at("id"));
                CHECK(entry.at("arguments") == "");
            } else {
                CHECK_FALSE(entry.contains("name"));
                arguments += entry.at("arguments").get<std::string>();
            }
        }
        CHECK(ids.size() == 2);
        CHECK(arguments == R"({"city":"city"}{"zone":"zone"})");
        CHECK(events.back().at("finishReason") == "tool_calls");
    }
}

TEST_CASE("Google sends several parts an event, and no part splits a character") {
    std::string text;
    for (const Json& event : stream("google.gemini-2.5-flash", "Grüße äöü 世界"))
        if (event.contains("message"))
            for (const Json& part : event["message"]["content"]) text += part.at("text").get<std::string>();
    CHECK(text == "You said: Grüße äöü 世界");
}

TEST_CASE("several answers alternate") {
    std::vector<int> order;
    for (const Json& event : stream("meta.llama-3.3-70b-instruct", "a", R"({"numGenerations":3})"))
        order.push_back(event.value("index", 0));
    CHECK(order.size() == 15);  // "", You, said:, a, finish
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(order[i] == static_cast<int>(i % 3));
}

TEST_CASE("a reasoning model shows its reasoning, and xAI counts it separately") {
    const ChatCall call = call_for("xai.grok-4-fast-reasoning", "[" + user("a") + "]");
    const Json usage = json(usage_event(call, answer_said(call), [] { return "a"; })).at("usage");
    CHECK(usage.at("completionTokens") == 3);
    CHECK(usage.at("completionTokensDetails").at("reasoningTokens") == 5);
    CHECK(usage.at("totalTokens").get<int>() == usage.at("promptTokens").get<int>() + 8);
    CHECK(answer_said(call_for("openai.gpt-oss-20b", "[" + user("a") + "]")).reasoning.empty());
    CHECK_FALSE(
        answer_said(call_for("openai.gpt-oss-20b", "[" + user("a") + "]", R"({"reasoningEffort":"LOW"})"))
            .reasoning.empty());
}
