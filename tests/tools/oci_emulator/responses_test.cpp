// SPDX-License-Identifier: Apache-2.0
// The Responses API of the OpenAI-compatible surface: requests, responses and their events.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/service.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

Json asking(const std::string& input, const std::string& more = "{}") {
    Json all = {{"model", "openai.gpt-4.1"}, {"input", input}};
    all.update(json(more));
    return all;
}

struct ResponsesCloud {
    Service service{[] {
        Settings settings;
        settings.api_keys.insert("sk-right");
        return settings;
    }()};
    http::RequestHead head{.method = "POST",
                           .path = "/openai/v1/responses",
                           .headers = {{"authorization", "Bearer sk-right"}, {"OpenAI-Project", "ocid1.p"}}};

    Script ask(const Json& body) { return service.answer(head, body.dump()); }
    Json answer(const Json& body) {
        const Script script = ask(body);
        REQUIRE_MESSAGE(script.head.status == 200, script.steps.front().bytes);
        return json(script.steps.front().bytes);
    }
    std::vector<Json> events(Json body) {
        body["stream"] = true;
        std::string bytes;
        for (const Script::Step& step : ask(body).steps) bytes += step.bytes;
        std::vector<Json> all;
        for (const std::string& event : events_of(bytes)) all.push_back(json(event));
        return all;
    }
    std::string refused(const Json& body) {
        const Script script = ask(body);
        CHECK(script.head.status >= 400);
        return script.steps.front().bytes;
    }
};

const char* weather_tool =
    R"({"type":"function","name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}})";

}  // namespace

TEST_CASE_FIXTURE(ResponsesCloud, "a text gets a response that repeats the request's members") {
    const Json response = answer(asking("hi", R"({"temperature":0.50,"x_new":[1],"metadata":{"a":"b"}})"));
    CHECK(response.at("object") == "response");
    CHECK(response.at("status") == "completed");
    CHECK(response.at("model") == "openai.gpt-4.1");
    CHECK(response.at("metadata") == json(R"({"a":"b"})"));
    CHECK(response.at("x_unknown") == json(R"({"x_new":[1]})"));
    CHECK(response.at("output").at(0).at("content").at(0).at("text") == "You said: hi");
    CHECK(response.at("usage").at("output_tokens") == 3);
}

TEST_CASE_FIXTURE(ResponsesCloud, "the events are numbered, in order, and end with the response") {
    const auto all = events(asking("hi"));
    std::vector<std::string> types;
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i].at("sequence_number") == i);
        if (types.empty() || types.back() != all[i].at("type")) types.push_back(all[i].at("type"));
    }
    CHECK(types == std::vector<std::string>{"response.created", "response.in_progress",
                                            "response.output_item.added", "response.content_part.added",
                                            "response.output_text.delta", "response.output_text.done",
                                            "response.content_part.done", "response.output_item.done",
                                            "response.completed"});
    Json whole = answer(asking("hi"));
    Json last = all.back().at("response");
    for (Json* one : {&whole, &last}) {
        one->erase("id");
        one->at("output").at(0).erase("id");
    }
    CHECK(same_json(whole, last));
}

TEST_CASE_FIXTURE(ResponsesCloud, "a call and its result are items") {
    const std::string tools = std::string(R"({"tools":[)") + weather_tool + "]}";
    const Json call = answer(asking("call the tool", tools)).at("output").at(0);
    CHECK(call.at("type") == "function_call");
    CHECK(call.at("name") == "get_weather");
    Json next = asking("", tools);
    next["input"] = Json::array(
        {Json{{"role", "user"}, {"content", "call the tool"}}, call,
         Json{{"type", "function_call_output"}, {"call_id", call.at("call_id")}, {"output", "sunny"}}});
    CHECK(answer(next).at("output").at(0).at("content").at(0).at("text") == "The tool said: sunny");
    next["input"].erase(1);
    CHECK(refused(next).find("must be a response") != std::string::npos);
}

TEST_CASE_FIXTURE(ResponsesCloud, "thoughts are items, encrypted if the request asks for it") {
    Json given =
        asking("hi", R"({"model":"xai.grok-4.20-0309-reasoning","include":["reasoning.encrypted_content"]})");
    const Json thought = answer(given).at("output").at(0);
    CHECK(thought.at("type") == "reasoning");
    CHECK(starts(thought.at("encrypted_content").get<std::string>(), "emulated:"));
    given["input"] = Json::array({thought, Json{{"role", "user"}, {"content", "again"}}});
    CHECK(ask(given).head.status == 200);
    given["input"][0]["encrypted_content"] = "from another account";
    CHECK(refused(given).find("could not be verified") != std::string::npos);
}

TEST_CASE_FIXTURE(ResponsesCloud, "requests that the service refuses") {
    CHECK(refused(asking("hi", R"({"model":"meta.llama-3.3-70b-instruct"})"))
              .find("not supported by this API") != std::string::npos);
    CHECK(
        refused(asking("hi", R"({"model":"cohere.command-a-03-2025"})")).find("not supported by this API") !=
        std::string::npos);
    CHECK(refused(asking("hi", R"({"previous_response_id":"resp_1"})")).find("previous_response_not_found") !=
          std::string::npos);
    CHECK(refused(json(R"({"model":"openai.gpt-4.1"})")).find("'input'") != std::string::npos);
    head.headers = {{"authorization", "Bearer sk-right"}};
    CHECK(refused(asking("hi")).find("OpenAI-Project") != std::string::npos);
    head.path = "/20231130/actions/v1/responses";
    CHECK(ask(asking("hi")).head.status == 200);
}

TEST_CASE_FIXTURE(ResponsesCloud, "a model with this API only is refused by chat completions") {
    CHECK(ask(asking("hi", R"({"model":"xai.grok-4.20-multi-agent-0309"})")).head.status == 200);
    head.path = "/openai/v1/chat/completions";
    CHECK(
        refused(
            json(R"({"model":"xai.grok-4.20-multi-agent-0309","messages":[{"role":"user","content":"hi"}]})"))
            .find("Responses API") != std::string::npos);
}
