// SPDX-License-Identifier: Apache-2.0
// Chat completions on the OpenAI-compatible surface: credentials, accepted
// requests, and responses.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/service.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

const char* tool =
    R"({"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}})";

Json request(const std::string& text, const std::string& more = "{}") {
    Json all = {{"model", "openai.gpt-4.1"},
                {"messages", Json::array({Json{{"role", "user"}, {"content", text}}})}};
    all.update(json(more));
    return all;
}

struct Cloud {
    Service service{[] {
        Settings settings;
        settings.api_keys.insert("sk-right");
        return settings;
    }()};
    http::RequestHead head{.method = "POST",
                           .path = "/openai/v1/chat/completions",
                           .headers = {{"authorization", "Bearer sk-right"}, {"OpenAI-Project", "ocid1.p"}}};

    Script ask(const Json& body) { return service.answer(head, body.dump()); }
    Json answer(const Json& body) {
        const Script script = ask(body);
        CHECK(script.head.status == 200);
        return json(script.steps.front().bytes);
    }
    std::vector<Json> chunks(Json body) {
        body["stream"] = true;
        std::string bytes;
        for (const Script::Step& step : ask(body).steps) bytes += step.bytes;
        std::vector<Json> all;
        auto events = events_of(bytes);
        REQUIRE(events.back() == "[DONE]");
        events.pop_back();
        for (const std::string& event : events) all.push_back(json(event));
        return all;
    }
    std::string refusal(const Json& body) {
        const Script script = ask(body);
        return std::to_string(script.head.status) + " " + script.steps.front().bytes;
    }
};

}  // namespace

TEST_CASE("an API key is valid only for both paths of the surface") {
    Cloud cloud;
    CHECK(cloud.answer(request("hi")).at("choices")[0].at("message").at("content") == "You said: hi");
    cloud.head.path = "/20231130/actions/v1/chat/completions";
    CHECK(cloud.ask(request("hi")).head.status == 200);
    cloud.head.path = "/20231130/actions/chat";
    CHECK(cloud.ask(request("hi")).head.status == 401);
    cloud.head.path = "/openai/v1/chat/completions";
    cloud.head.headers.set("authorization", "Bearer sk-wrong");
    CHECK(cloud.ask(request("hi")).head.headers.get("x-emulator-reason") == "the API key is not known");
    cloud.head.headers.remove("authorization");
    CHECK(cloud.ask(request("hi")).head.status == 401);
    cloud.head.headers.set("authorization", "Bearer sk-right");
    cloud.head.method = "GET";
    CHECK(cloud.ask(request("hi")).head.status == 405);
}

TEST_CASE("a signed request must name the compartment") {
    Settings settings;
    settings.signature.mode = SignatureRules::Mode::off;
    Service service(settings);
    http::RequestHead head{.method = "POST", .path = "/openai/v1/chat/completions"};
    CHECK(service.answer(head, request("hi").dump()).head.status == 400);
    head.headers.add("opc-compartment-id", "nowhere");
    CHECK(service.answer(head, request("hi").dump()).head.status == 404);
    head.headers.set("opc-compartment-id", "ocid1.compartment.oc1..a");
    CHECK(service.answer(head, request("hi").dump()).head.status == 200);
}

TEST_CASE("a non-streaming response is in OpenAI's form") {
    Cloud cloud;
    const Json whole = cloud.answer(request("hi there"));
    CHECK(whole.at("object") == "chat.completion");
    CHECK(starts(whole.at("id"), "chatcmpl-"));
    CHECK(whole.at("model") == "openai.gpt-4.1");
    CHECK(whole.at("choices")[0].at("finish_reason") == "stop");
    CHECK(whole.at("usage").at("completion_tokens") == 4);
    CHECK_FALSE(whole.contains("x_unknown"));
    CHECK(cloud.answer(request("hi", R"({"max_tokens":1,"n":2})")).at("choices")[1].at("finish_reason") ==
          "length");
}

TEST_CASE("joined chunks equal the response") {
    Cloud cloud;
    const auto all = cloud.chunks(request("Grüße, 世界", R"({"stream_options":{"include_usage":true}})"));
    std::string text;
    for (const Json& chunk : all) {
        CHECK(chunk.at("id") == all.front().at("id"));
        CHECK(chunk.at("object") == "chat.completion.chunk");
        for (const Json& choice : chunk.at("choices")) text += choice.at("delta").value("content", "");
    }
    CHECK(text == "You said: Grüße, 世界");
    CHECK(all.front().at("choices")[0].at("delta").at("role") == "assistant");
    CHECK(all[all.size() - 2].at("choices")[0].at("finish_reason") == "stop");
    CHECK(all.back().at("choices").empty());
    CHECK(all.back().at("usage").at("total_tokens").get<int>() > 0);
    CHECK_FALSE(cloud.chunks(request("hi")).back().contains("usage"));
}

TEST_CASE("tools are called, and their results are quoted") {
    Cloud cloud;
    const Json asked = request("call the tool", std::string(R"({"tools":[)") + tool + "]}");
    const Json message = cloud.answer(asked).at("choices")[0].at("message");
    CHECK(message.at("content").is_null());
    CHECK(message.at("tool_calls")[0].at("function").at("arguments") == R"({"city":"city"})");
    std::string arguments;
    for (const Json& chunk : cloud.chunks(asked))
        if (const Json* calls = member(chunk.at("choices")[0].at("delta"), "tool_calls"))
            arguments += calls->at(0).at("function").at("arguments").get<std::string>();
    CHECK(arguments == R"({"city":"city"})");
    Json after = asked;
    after["messages"].push_back(message);
    after["messages"].push_back(
        {{"role", "tool"}, {"tool_call_id", message.at("tool_calls")[0].at("id")}, {"content", "22 C"}});
    CHECK(cloud.answer(after).at("choices")[0].at("message").at("content") == "The tool said: 22 C");
    after["messages"][2]["tool_call_id"] = "other";
    CHECK(starts(cloud.refusal(after),
                 "400 {\"error\":{\"message\":\"Invalid parameter: messages with role 'tool'"));
}

TEST_CASE("members that OpenAI's API lacks are accepted and come back") {
    Cloud cloud;
    const char* more = R"({"top_k":5,"reasoning":{"effort":"low"},"cache_control":null})";
    const Json unknown = json(more);
    CHECK(cloud.answer(request("hi", more)).at("x_unknown") == unknown);
    CHECK(cloud.chunks(request("hi", more)).front().at("x_unknown") == unknown);
    const Json last = json(cloud.service.control({.path = "/_emulator/last"}, "").body);
    CHECK(last.at("body").at("top_k") == 5);
    CHECK(last.at("headers").at("OpenAI-Project") == "ocid1.p");
}

TEST_CASE("the surface refuses unsupported requests, in OpenAI's form or the service's") {
    Cloud cloud;
    for (
        const char* more :
        {R"({"messages":[]})", R"({"messages":"hi"})", R"({"messages":[{"role":"robot","content":"x"}]})",
         R"({"messages":[{"role":"user"}]})", R"({"messages":[{"role":"user","content":[{"type":"text"}]}]})",
         R"({"stream":"yes"})", R"({"max_tokens":0})", R"({"tools":[{"type":"function","function":{}}]})",
         R"({"model":"openai.gpt-5","max_tokens":5})", R"({"model":"openai.gpt-5","temperature":0.5})",
         R"({"messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}]})"}) {
        CAPTURE(more);
        CHECK(starts(cloud.refusal(request("hi", more)), R"(400 {"error":{"message":)"));
    }
    CHECK(starts(cloud.refusal(request("hi", R"({"model":"cohere.command-a-03-2025"})")),
                 "400 {\"code\":\"400\""));
    CHECK(starts(cloud.refusal(request("hi", R"({"model":"cohere.embed-v4.0"})")), "404 "));
    CHECK(starts(cloud.refusal(request("hi", R"({"model":"gpt-4"})")), "404 "));
    CHECK(cloud.refusal(request("mock:err:429:env")).substr(0, 4) == "429 ");
}

TEST_CASE("mock words work here too") {
    Cloud cloud;
    Json body = request("mock:errevent a b c", R"({"stream":true})");
    std::string bytes;
    for (const Script::Step& step : cloud.ask(body).steps) bytes += step.bytes;
    CHECK(json(events_of(bytes).back()).at("error").at("type") == "server_error");
    body["messages"][0]["content"] = "mock:miderr a b c";
    CHECK(cloud.ask(body).cut);
}
