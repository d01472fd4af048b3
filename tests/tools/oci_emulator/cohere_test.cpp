// SPDX-License-Identifier: Apache-2.0
// COHERE and COHEREV2: accepted and refused requests, the model's output, and its
// wire format.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/request_check.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::emulator;

namespace {

const std::string v1 = R"({"compartmentId":"ocid1.compartment.oc1..aaaa",
 "servingMode":{"servingType":"ON_DEMAND","modelId":"cohere.command-a-03-2025"},
 "chatRequest":{"apiFormat":"COHERE","message":"hi there","maxTokens":400}})";
const std::string v2 = R"({"compartmentId":"ocid1.compartment.oc1..aaaa",
 "servingMode":{"servingType":"ON_DEMAND","modelId":"cohere.command-a-vision"},
 "chatRequest":{"apiFormat":"COHEREV2","maxTokens":400,
 "messages":[{"role":"USER","content":[{"type":"TEXT","text":"hi there"}]}]}})";
const std::string v1_tool =
    R"({"name":"get_weather","description":"d","parameterDefinitions":{"city":{"type":"str","isRequired":true},"unit":{"type":"str"}}})";
const std::string v2_tool =
    R"({"type":"FUNCTION","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}})";

// `details` with the members of `more` put into its chatRequest.
Json with(const std::string& details, const std::string& more) {
    Json all = json(details);
    all["chatRequest"].update(json(more));
    return all;
}

std::string verdict(const Json& details) {
    Model model;
    const auto refusal = check_chat(details, {}, model);
    return refusal ? std::to_string(refusal->status) + " " + refusal->message : "";
}

std::string verdict(const std::string& details, const std::string& more) {
    return verdict(with(details, more));
}

struct Said {
    ChatCall call;
    Answer answer;
    Json response() const { return json(whole_answer(call, answer, "now")).at("chatResponse"); }
    std::vector<Json> events() const { return events_said(call, answer); }
};

Said ask(const Json& details) {
    REQUIRE(verdict(details) == "");
    Said said{read_call(details, *find_model(string_member(details.at("servingMode"), "modelId"))), {}};
    said.answer = answer_said(said.call);
    return said;
}
Said ask(const std::string& details, const std::string& more) { return ask(with(details, more)); }

}  // namespace

TEST_CASE("the emulator accepts every COHERE and COHEREV2 request of the fixtures") {
    for (const char* name : {"req-cohere-basic.json", "req-cohere-stream.json", "req-cohere-tools.json",
                             "req-cohere-tool-results.json", "req-cohere-all-fields.json",
                             "req-coherev2-image.json", "req-coherev2-tools.json"}) {
        CAPTURE(name);
        CHECK(verdict(json(fixture(name))) == "");
    }
}

TEST_CASE("COHERE refuses unknown fields and values") {
    CHECK(verdict(v1, "{}") == "");
    for (const char* more :
         {R"({"messages":[]})", R"({"numGenerations":1})", R"({"toolChoice":{"type":"AUTO"}})",
          R"({"stop":["a"]})", R"({"chatHistory":[{"role":"USER","content":"x"}]})",
          R"({"chatHistory":[{"role":"USER","message":"x","toolCalls":[]}]})",
          R"({"tools":[{"name":"f","description":"d","parameters":{}}]})",
          R"({"responseFormat":{"type":"JSON_OBJECT","jsonSchema":{}}})"}) {
        CAPTURE(more);
        CHECK(starts(verdict(v1, more), "400 Unrecognized field 'chatRequest."));
    }
    for (const char* more :
         {R"({"message":1})", R"({"chatHistory":{}})",
          R"({"chatHistory":[{"role":"ASSISTANT","message":"x"}]})",
          R"({"responseFormat":{"type":"JSON_SCHEMA"}})", R"({"safetyMode":"strict"})",
          R"({"promptTruncation":"ON"})", R"({"citationQuality":"OFF"})", R"({"documents":[{"a":1}]})",
          R"({"maxTokens":"20"})", R"({"isStream":"true"})"}) {
        CAPTURE(more);
        CHECK(starts(verdict(v1, more), "400 Cannot parse request: 'chatRequest."));
    }
    for (const char* more : {R"({"temperature":1.1})", R"({"topK":501})", R"({"topP":2})",
                             R"({"frequencyPenalty":-0.1})", R"({"tools":[{"name":"1f","description":"d"}]})",
                             R"({"tools":[{"name":"a-b","description":"d"}]})"}) {
        CAPTURE(more);
        CHECK(starts(verdict(v1, more), "400 Invalid parameter: 'chatRequest."));
    }
    CHECK(starts(verdict(v1, R"({"tools":[{"name":"f"}]})"), "400 Missing required parameter: "));
    CHECK(verdict(v1, R"({"message":""})") == "400 invalid request: message must be at least 1 token long");
    CHECK(starts(verdict(v1, R"({"maxTokens":4001})"), "400 invalid request: maxTokens"));
}

TEST_CASE("the service fails for a type that Python does not have") {
    for (const char* type : {"List", "string", "object", "Str", ""}) {
        Json tool = json(v1_tool);
        tool["parameterDefinitions"]["city"]["type"] = type;
        CHECK(verdict(v1, Json({{"tools", Json::array({tool})}}).dump()) == "500 Internal Server Error");
    }
    for (const char* type : {"str", "int", "float", "bool", "list", "dict"}) {
        Json tool = json(v1_tool);
        tool["parameterDefinitions"]["city"]["type"] = type;
        CHECK(verdict(v1, Json({{"tools", Json::array({tool})}}).dump()) == "");
    }
}

TEST_CASE("COHERE's tool results belong to the calls that end the history") {
    const Json good = json(fixture("req-cohere-tool-results.json"));
    const auto spoiled = [&](const std::function<void(Json&)>& how) {
        Json details = good;
        how(details["chatRequest"]);
        return verdict(details);
    };
    CHECK(starts(spoiled([](Json& r) { r["message"] = "and?"; }),
                 "400 invalid request: message must be empty"));
    CHECK(starts(spoiled([](Json& r) { r.erase("tools"); }), "400 invalid request: tool results need"));
    CHECK(
        starts(spoiled([](Json& r) { r["chatHistory"].erase(1); }), "400 invalid request: the chat history"));
    CHECK(starts(spoiled([](Json& r) { r["toolResults"][0]["call"]["name"] = "other"; }),
                 "400 invalid request: a tool result"));
    CHECK(starts(spoiled([](Json& r) { r["toolResults"][0]["outputs"] = "22 C"; }), "400 Cannot parse"));
    CHECK(starts(spoiled([](Json& r) { r["toolResults"][0]["outputs"] = Json::array(); }), "400 Invalid"));
    CHECK(ask(good).response().at("text") == "The tool said: 22 C, partly cloudy");
}

TEST_CASE("COHEREV2 refuses unknown fields and values") {
    CHECK(verdict(v2, "{}") == "");
    for (const char* more :
         {R"({"message":"x"})", R"({"toolChoice":"REQUIRED"})", R"({"numGenerations":1})",
          R"({"tools":[{"type":"FUNCTION","name":"f"}]})",
          R"({"messages":[{"role":"USER","content":[{"type":"TEXT","text":"x"}],"name":"n"}]})"}) {
        CAPTURE(more);
        CHECK(starts(verdict(v2, more), "400 Unrecognized field 'chatRequest."));
    }
    for (const char* more :
         {R"({"messages":[{"role":"USER","content":"x"}]})", R"({"toolsChoice":{"type":"NONE"}})",
          R"({"toolsChoice":"AUTO"})", R"({"messages":[{"role":"CHATBOT","content":[]}]})",
          R"({"messages":[{"role":"USER","content":[{"type":"IMAGE","imageUrl":{"url":"https://a/b"}}]}]})",
          R"({"thinking":{"type":"enabled"}})", R"({"citationOptions":{"mode":"ON"}})"}) {
        CAPTURE(more);
        CHECK(starts(verdict(v2, more), "400 Cannot parse request: 'chatRequest."));
    }
    CHECK(starts(verdict(v2, R"({"messages":[{"role":"USER","content":[]}]})"), "400 Invalid parameter"));
    CHECK(starts(verdict(v2, R"({"messages":[{"role":"ASSISTANT"}]})"), "400 Missing required parameter"));
    CHECK(starts(verdict(v2, R"({"toolsChoice":"REQUIRED"})"), "400 Invalid parameter"));
    CHECK(verdict(v2, R"({"messages":[{"role":"USER","content":[{"type":"TEXT","text":"x"}]},
        {"role":"TOOL","toolCallId":"t","content":[{"type":"TEXT","text":"x"}]}]})") ==
          "400 Invalid parameter: 'toolCallId' of 't' not found in 'toolCalls' of previous message.");
}

TEST_CASE("an OCID has the format of the model behind it") {
    RequestRules rules;
    const std::string endpoint = "ocid1.generativeaiendpoint.oc1.us-chicago-1.aaaa";
    rules.models[endpoint] = "cohere.command-a-03-2025";
    Json details = json(v1);
    details["servingMode"] = {{"servingType", "DEDICATED"}, {"endpointId", endpoint}};
    details["chatRequest"]["maxTokens"] = 5000;
    Model model;
    CHECK_FALSE(check_chat(details, rules, model));
    CHECK(model.id == endpoint);
    CHECK(check_chat(details, {}, model)->message == "Chat request type does not match serving model");
    details["servingMode"] = {{"servingType", "ON_DEMAND"},
                              {"modelId", model_ocid("cohere.command-a-03-2025", "eu-frankfurt-1")}};
    details["chatRequest"]["maxTokens"] = 500;
    CHECK_FALSE(check_chat(details, {}, model));
    CHECK(model_ocid("xai.grok-4", "us-chicago-1") != model_ocid("xai.grok-4", "eu-frankfurt-1"));
    CHECK(is_ocid(model_ocid("xai.grok-4", "us-chicago-1"), "generativeaimodel"));
}

TEST_CASE("COHERE's stream has the recorded shape, and its last event repeats the text") {
    Json details = json(fixture("req-cohere-stream.json"));
    const auto events = ask(details).events();
    const auto recorded = events_of(fixture("cohere-stream-usage.sse"));
    CHECK(shape(events.front()) == shape(json(recorded.front())));
    CHECK(shape(events.back()) == shape(json(recorded.back())));
    std::string text;
    for (std::size_t i = 0; i + 1 < events.size(); ++i) text += events[i].at("text").get<std::string>();
    CHECK(text == "You said: Tell me a joke about opentelemetry");
    CHECK(events.back().at("text") == text);
    CHECK(events.back().at("chatHistory").size() == 4);
    details["chatRequest"].erase("streamOptions");
    CHECK_FALSE(ask(details).events().back().contains("usage"));
}

TEST_CASE("COHERE's calls are objects without ids, in the shape of the fixtures") {
    const Said said = ask(v1, R"({"message":"call the tool please","tools":[)" + v1_tool + "]}");
    CHECK(said.response().at("toolCalls") ==
          json(R"([{"name":"get_weather","parameters":{"city":"city"}}])"));
    CHECK(said.response().at("finishReason") == "COMPLETE");
    const auto events = said.events();
    const auto recorded = events_of(fixture("cohere-tools-stream.sse"));
    CHECK(shape(events[events.size() - 2]) == shape(json(recorded[recorded.size() - 2])));
    CHECK(shape(events.back()) == shape(json(recorded.back())));
    const Json whole = json(whole_answer(said.call, said.answer, "now"));
    const Json expected = json(fixture("resp-cohere-toolcalls.json")).at("chatResponse");
    for (const auto& [name, value] : expected.items())
        CHECK(whole.at("chatResponse").at(name).type() == value.type());
    CHECK(same_json(shape(whole.at("chatResponse").at("usage")), shape(expected.at("usage"))));
}

TEST_CASE("with stop strings COHERE sends no finish reason, and leaves the rest of a mark") {
    const Json response = ask(json(fixture("req-cohere-basic.json"))).response();
    CHECK(response.at("finishReason").is_null());
    CHECK(response.at("text") == "You said: Tell me a joke about opentelemetry<|");
    CHECK(shape(response) == shape(json(fixture("resp-cohere-null-finish.json")).at("chatResponse")));
    CHECK(ask(v1, R"({"stopSequences":["there"]})").response().at("text") == "You said: hi ");
}

TEST_CASE("without a limit COHERE says twenty words, and the finish reason reports it") {
    Json details = json(v1);
    details["chatRequest"].erase("maxTokens");
    details["chatRequest"]["message"] = "mock:long:50";
    const Said said = ask(details);
    CHECK(said.answer.words.size() == 20);
    CHECK(said.response().at("finishReason") == "MAX_TOKENS");
}

TEST_CASE("quoted text is cited, with its documents") {
    const Json response =
        ask(v1, R"({"message":"Grüße","documents":[{"id":"a","text":"x"},{"text":"y"}]})").response();
    CHECK(response.at("citations") ==
          json(R"([{"start":10,"end":15,"text":"Grüße","documentIds":["a","doc_1"]}])"));
    CHECK(response.at("documents").size() == 2);
    const Json after_tool = ask(json(fixture("req-cohere-tool-results.json"))).response();
    CHECK(after_tool.at("citations").at(0).at("text") == "22 C, partly cloudy");
    CHECK_FALSE(after_tool.at("citations").at(0).contains("documentIds"));
    const auto events = ask(v1, R"({"documents":[{"text":"y"}]})").events();
    CHECK(events[events.size() - 2].at("citations") == events.back().at("citations"));
}

TEST_CASE("search queries replace the text, and an echo comes with it") {
    const Json response = ask(v1, R"({"isSearchQueriesOnly":true,"isEcho":true})").response();
    CHECK(response.at("text") == "");
    CHECK(response.at("searchQueries") == json(R"([{"text":"hi there"}])"));
    CHECK(response.at("prompt") == "hi there");
}

TEST_CASE("COHEREV2 writes parts, includes thinking if the model thinks, and names the stop") {
    const Json whole = ask(json(fixture("req-coherev2-image.json"))).response();
    CHECK(shape(whole) == shape(json(fixture("resp-coherev2-text.json")).at("chatResponse")));
    CHECK(whole.at("message").at("content").at(0).at("text") ==
          "You said: What is in this image? (1 image: 8 bytes)");
    CHECK(ask(v2, R"({"stopSequences":["there"]})").response().at("finishReason") == "STOP_SEQUENCE");
    Json reasoning = json(v2);
    reasoning["servingMode"]["modelId"] = "cohere.command-a-reasoning";
    CHECK(ask(reasoning).response().at("message").at("content").at(0).at("type") == "THINKING");
    reasoning["chatRequest"]["thinking"] = {{"type", "DISABLED"}};
    CHECK(ask(reasoning).response().at("message").at("content").at(0).at("type") == "TEXT");
}

TEST_CASE("COHEREV2's calls are nested, in the shape of the fixtures") {
    Json details = with(v2, R"({"tools":[)" + v2_tool + R"(],"toolsChoice":"REQUIRED"})");
    details["servingMode"]["modelId"] = "cohere.command-a-reasoning";
    const Said said = ask(details);
    CHECK(shape(said.response()) == shape(json(fixture("resp-coherev2-toolcalls.json")).at("chatResponse")));
    const auto events = said.events();
    const auto recorded = events_of(fixture("coherev2-tools-stream.sse"));
    CHECK(shape(events.front()) == shape(json(recorded.front())));
    CHECK(shape(events.back()) == shape(json(recorded.back())));
    CHECK(same_json(shape(events[events.size() - 2]), shape(json(recorded[1]))));
    details["chatRequest"]["toolsChoice"] = "NONE";
    CHECK(ask(details).answer.calls.empty());
    const Json after = ask(json(fixture("req-coherev2-tools.json"))).response();
    CHECK(after.at("message").at("content").back().at("text") == "The tool said: 22 C");
    CHECK(after.at("message").at("citations").at(0).at("sources").at(0).at("tool").at("id") ==
          "get_weather_0");
}

TEST_CASE("COHEREV2's stream has the shape of the fixture") {
    const auto events = ask(v2, R"({"isStream":true,"streamOptions":{"isIncludeUsage":true}})").events();
    const auto recorded = events_of(fixture("coherev2-stream.sse"));
    CHECK(shape(events.front()) == shape(json(recorded.front())));
    CHECK(shape(events.back()) == shape(json(recorded.back())));
}

TEST_CASE("a mock word sets the finish reason") {
    CHECK(ask(v1, R"({"message":"mock:finish:ERROR_TOXIC"})").response().at("finishReason") == "ERROR_TOXIC");
    CHECK(ask(v1, R"({"message":"mock:finish:null"})").response().at("finishReason").is_null());
}

TEST_CASE("an error within COHERE's stream is its last event") {
    const Said said = ask(v1, "{}");
    CHECK(shape(json(error_event(said.call, "Some", [] { return "a"; }))) ==
          shape(json(events_of(fixture("cohere-error-midstream.sse")).back())));
}
