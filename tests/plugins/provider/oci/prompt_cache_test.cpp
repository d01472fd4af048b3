// SPDX-License-Identifier: Apache-2.0
// The order of a request's members.  A cache of prompts finds a conversation again if the
// body of the next turn begins with the bytes of this one.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

std::string body(const ChatRequest& request) {
    Bench bench;
    auto exchange = bench.provider.chat(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    auto http = (*exchange)->request();
    REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
    return (**http).body;
}

/// The first turn of a conversation with tools, and with a field of every kind.
ChatRequest first_turn(const std::string& model) {
    ChatRequest request = ask(model, "Weather in Paris?");
    request.messages.insert(request.messages.begin(), message(Role::system, "You are terse."));
    Tool tool;
    tool.name = "get_weather";
    tool.parameters.text = R"({"type":"object","properties":{"city":{"type":"string"}}})";
    request.tools = {tool};
    request.tool_choice.mode = ToolChoice::Mode::automatic;
    request.sampling.temperature = 0.5;
    request.sampling.stop = {"END"};
    request.response_format.kind = ResponseFormat::Kind::json_object;
    request.extra.text = R"({"documents":[{"id":"d","text":"words"}]})";
    request.stream = true;
    return request;
}

/// The conversation after the model's call and its result.
ChatRequest second_turn(ChatRequest request) {
    request.messages.push_back(calls({{"call_1", "get_weather", R"({"city":"Paris"})"}}));
    request.messages.push_back(result("call_1", "sunny"));
    return request;
}

/// The conversation after the model's answer and the next question.
ChatRequest third_turn(ChatRequest request) {
    request.messages.push_back(message(Role::assistant, "It is sunny."));
    request.messages.push_back(message(Role::user, "And tomorrow?"));
    return request;
}

std::string up_to(const std::string& text, std::string_view end) {
    const std::size_t at = text.rfind(end);
    REQUIRE(at != text.npos);
    return text.substr(0, at);
}

/// The members of the chat request, in order.
Lines members(const std::string& body) {
    Lines names;
    const auto tree = nlohmann::ordered_json::parse(body);
    for (const auto& [name, value] : tree.at("chatRequest").items()) names.push_back(name);
    return names;
}

}  // namespace

TEST_CASE("GENERIC and COHEREV2: the next turn begins with this turn up to the end of its messages") {
    for (const char* model : {"meta.llama-3.3-70b-instruct", "google.gemini-2.5-pro", "openai.gpt-5.4",
                              "cohere.command-a-reasoning-08-2025"}) {
        CAPTURE(model);
        const ChatRequest one = first_turn(model), two = second_turn(one), three = third_turn(two);
        CHECK(members(body(one)).back() == "messages");
        CHECK(body(two).starts_with(up_to(body(one), "]}}")));
        CHECK(body(three).starts_with(up_to(body(two), "]}}")));
        CHECK(up_to(body(one), R"(,"messages":)") == up_to(body(three), R"(,"messages":)"));
    }
}

TEST_CASE("COHERE: the next turn begins with this turn up to the end of its history") {
    const ChatRequest one = first_turn("cohere.command-a-03-2025"), two = second_turn(one),
                      three = third_turn(two), four = third_turn(three);
    CHECK(members(body(one)).back() == "message");
    const Lines found = members(body(two));
    REQUIRE(found.size() > 3);
    CHECK(Lines(found.end() - 3, found.end()) == Lines{"chatHistory", "toolResults", "message"});
    CHECK(body(two).starts_with(up_to(body(one), R"("message":)")));
    CHECK(body(three).starts_with(up_to(body(two), R"(],"toolResults":)")));
    CHECK(body(four).starts_with(up_to(body(three), R"(],"message":)")));
}
