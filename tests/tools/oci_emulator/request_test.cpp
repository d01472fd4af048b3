// SPDX-License-Identifier: Apache-2.0
// Requests that the emulator accepts and refuses, one mistake at a time.
#include "tests/tools/oci_emulator/support.hpp"
#include "tools/oci_emulator/request_check.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::emulator;

namespace {

const std::string good = R"({"compartmentId":"ocid1.compartment.oc1..aaaa",
 "servingMode":{"servingType":"ON_DEMAND","modelId":"meta.llama-3.3-70b-instruct"},
 "chatRequest":{"apiFormat":"GENERIC","messages":[{"role":"USER","content":[{"type":"TEXT","text":"hi"}]}],
 "tools":[{"type":"FUNCTION","name":"f","description":"d","parameters":{"type":"object"}}]}})";

// "400 code message", or "" if `details` is accepted.
std::string verdict(const Json& details, const RequestRules& rules = {}) {
    Model model;
    const auto refusal = check_chat(details, rules, model);
    return refusal ? std::to_string(refusal->status) + " " + refusal->code + " " + refusal->message : "";
}

// `good` with the value at a JSON pointer replaced, or removed if `value` is null.
std::string with(const std::string& pointer, const Json& value, const std::string& model = {}) {
    Json details = *parse_json(good);
    if (!model.empty()) details["servingMode"]["modelId"] = model;
    const Json::json_pointer at(pointer);
    if (value.is_null())
        details.at(at.parent_pointer()).erase(at.back());
    else
        details[at] = value;
    return verdict(details);
}

Json json(const std::string& text) { return *parse_json(text); }

bool starts(const std::string& text, std::string_view with) { return text.substr(0, with.size()) == with; }

}  // namespace

TEST_CASE("the emulator accepts every GENERIC request of the fixtures") {
    for (const char* name :
         {"req-generic-all-fields.json", "req-generic-basic.json", "req-generic-image.json",
          "req-generic-openai-maxcompletion.json", "req-generic-stream.json", "req-generic-tool-result.json",
          "req-generic-tools.json"})
        CHECK_MESSAGE(verdict(json(fixture(name)), {.any_compartment = true}) == "", name);
    CHECK(verdict(json(good)) == "");
}

TEST_CASE("an unknown field is refused at any position") {
    for (const char* pointer :
         {"/unknown", "/servingMode/unknown", "/chatRequest/unknown", "/chatRequest/messages/0/unknown",
          "/chatRequest/messages/0/toolCallId", "/chatRequest/messages/0/content/0/unknown",
          "/chatRequest/tools/0/strict", "/chatRequest/tools/0/function"}) {
        const std::string answer = with(pointer, true);
        CHECK_MESSAGE(starts(answer, "400 CannotParseRequest Unrecognized field '"), pointer);
    }
    CHECK(with("/chatRequest/responseFormat",
               json(R"({"type":"JSON_SCHEMA","jsonSchema":{"name":"n","strict":true}})")) ==
          "400 CannotParseRequest Unrecognized field 'chatRequest.responseFormat.jsonSchema.strict'.");
}

TEST_CASE("a field of the wrong type is refused") {
    const std::pair<const char*, const char*> wrong[] = {
        {"/chatRequest/isStream", "1"},
        {"/chatRequest/maxTokens", "1.5"},
        {"/chatRequest/maxTokens", "18446744073709551615"},
        {"/chatRequest/temperature", "\"1\""},
        {"/chatRequest/stop", "\"x\""},
        {"/chatRequest/stop", "[1]"},
        {"/chatRequest/messages", "{}"},
        {"/chatRequest/messages/0", "\"hi\""},
        {"/chatRequest/messages/0/content", "\"hi\""},
        {"/chatRequest/messages/0/content/0", "\"hi\""},
        {"/chatRequest/tools", "{}"},
        {"/chatRequest/logitBias", "[]"},
        {"/chatRequest/metadata", R"({"a":1})"},
        {"/compartmentId", "7"},
        {"/chatRequest", "[]"},
    };
    for (const auto& one : wrong)
        CHECK_MESSAGE(starts(with(one.first, json(one.second)), "400 CannotParseRequest "), one.first);
}

TEST_CASE("a word that is not in the list is refused") {
    const std::pair<const char*, const char*> wrong[] = {
        {"/chatRequest/messages/0/role", "user"},  {"/chatRequest/messages/0/content/0/type", "text"},
        {"/chatRequest/reasoningEffort", "low"},   {"/chatRequest/verbosity", "NONE"},
        {"/chatRequest/serviceTier", "FLEX"},      {"/servingMode/servingType", "on_demand"},
        {"/chatRequest/tools/0/type", "function"},
    };
    for (const auto& one : wrong)
        CHECK_MESSAGE(starts(with(one.first, one.second), "400 CannotParseRequest "), one.first);
    CHECK(starts(with("/chatRequest/toolChoice", json(R"({"type":"auto"})")), "400 CannotParseRequest "));
    CHECK(starts(with("/chatRequest/responseFormat", json(R"({"type":"json_object"})")),
                 "400 CannotParseRequest "));
}

TEST_CASE("a missing field is named") {
    for (const char* name :
         {"/compartmentId", "/servingMode", "/chatRequest", "/servingMode/servingType",
          "/chatRequest/apiFormat", "/chatRequest/messages", "/chatRequest/messages/0/content",
          "/chatRequest/messages/0/role", "/chatRequest/messages/0/content/0/text",
          "/chatRequest/tools/0/name", "/chatRequest/tools/0/type"}) {
        const std::string answer = with(name, nullptr);
        CHECK_MESSAGE(starts(answer, "400 MissingParameter Missing required parameter: '"),
                      name << ": " << answer);
    }
}

TEST_CASE("values out of range are refused") {
    const std::pair<const char*, const char*> wrong[] = {
        {"/chatRequest/temperature", "2.1"},
        {"/chatRequest/topP", "-0.1"},
        {"/chatRequest/maxTokens", "0"},
        {"/chatRequest/presencePenalty", "3"},
        {"/chatRequest/numGenerations", "0"},
        {"/chatRequest/messages", "[]"},
        {"/chatRequest/messages/0/content", "[]"},
        {"/chatRequest/tools/0/name", "\"no blanks\""},
        {"/chatRequest/streamOptions", R"({"isIncludeUsage":true})"},
    };
    for (const auto& one : wrong)
        CHECK_MESSAGE(starts(with(one.first, json(one.second)), "400 InvalidParameter "), one.first);
    Json tools = Json::array();
    for (int i = 0; i < 129; ++i) tools.push_back({{"type", "FUNCTION"}, {"name", "f" + std::to_string(i)}});
    CHECK(starts(with("/chatRequest/tools", tools), "400 InvalidParameter "));
}

TEST_CASE("an image must be a data URL with base64, or a URL") {
    const auto image = [](const char* url) {
        return with("/chatRequest/messages/0/content/0",
                    json(std::string(R"({"type":"IMAGE","imageUrl":{"url":")") + url + "\"}}"));
    };
    CHECK(image("data:image/png;base64,AAAA") == "");
    CHECK(image("https://example.com/a.png") == "");
    for (const char* url : {"data:image/png;base64,!!!", "data:image/png;base64,", "data:image/png,AAAA",
                            "AAAA", "file:///etc/passwd"})
        CHECK_MESSAGE(starts(image(url), "400 InvalidParameter "), url);
}

TEST_CASE("compartments and models that do not exist are 404") {
    CHECK(with("/compartmentId", "elsewhere") ==
          "404 NotAuthorizedOrNotFound Authorization failed or requested resource not found.");
    const RequestRules only_one{.compartments = {"ocid1.compartment.oc1..bbbb"}};
    CHECK(starts(verdict(json(good), only_one), "404 NotAuthorizedOrNotFound"));
    CHECK(with("/servingMode/modelId", "meta.does-not-exist") ==
          "404 404 Entity with key meta.does-not-exist not found");
    CHECK(with("/servingMode", json(R"({"servingType":"DEDICATED","endpointId":"nowhere"})")) ==
          "404 404 Entity with key nowhere not found");
    CHECK(
        with(
            "/servingMode",
            json(
                R"({"servingType":"DEDICATED","endpointId":"ocid1.generativeaiendpoint.oc1.us-chicago-1.x"})")) ==
        "");
    CHECK(with("/servingMode/modelId", "ocid1.generativeaimodel.oc1.us-chicago-1.amaaaaaa") == "");
}

TEST_CASE("the format must be the model's") {
    CHECK(with("/servingMode/modelId", "cohere.command-a-03-2025") ==
          "400 400 Chat request type does not match serving model");
    CHECK(with("/servingMode/modelId", "cohere.command-a-vision") ==
          "400 400 Chat request type does not match serving model");
    CHECK(with("/chatRequest/apiFormat", "COHERE") ==
          "400 400 Chat request type does not match serving model");
    CHECK(starts(with("/chatRequest/apiFormat", "OTHER"), "400 CannotParseRequest "));
}

TEST_CASE("a tool result belongs to a call of the assistant message before it") {
    const auto messages = [](const std::string& list) {
        return with("/chatRequest/messages", json("[" + list + "]"));
    };
    const std::string
        user = R"({"role":"USER","content":[{"type":"TEXT","text":"hi"}]})",
        calls = R"({"role":"ASSISTANT","toolCalls":[{"type":"FUNCTION","id":"a","name":"f","arguments":"{}"},
                                 {"type":"FUNCTION","id":"b","name":"f","arguments":"{}"}]})";
    const auto result = [](const std::string& id) {
        return R"({"role":"TOOL","toolCallId":")" + id + R"(","content":[{"type":"TEXT","text":"ok"}]})";
    };
    CHECK(messages(user + "," + calls + "," + result("b") + "," + result("a")) == "");
    CHECK(messages(user + "," + calls + "," + result("a") + "," + user) == "");
    const auto lost = [](const std::string& id) {
        return "400 400 Invalid parameter: 'toolCallId' of '" + id +
               "' not found in 'toolCalls' of previous message.";
    };
    CHECK(messages(user + "," + result("a")) == lost("a"));
    CHECK(messages(user + "," + calls + "," + result("c")) == lost("c"));
    CHECK(messages(user + "," + calls + "," + user + "," + result("a")) == lost("a"));
    CHECK(messages(user + "," + calls + "," + result("a") + "," + result("a")) == lost("a"));
    CHECK(starts(
        messages(
            user +
            R"(,{"role":"ASSISTANT","toolCalls":[{"type":"FUNCTION","id":"a","name":"f","arguments":"{"}]})"),
        "400 InvalidParameter "));
    CHECK(starts(messages(user + R"(,{"role":"ASSISTANT","content":[]})"), "400 InvalidParameter "));
}

TEST_CASE("each vendor's refusals have its own text") {
    const auto nested = [](const std::string& answer) {
        REQUIRE(answer.starts_with("400 400 {"));
        return json(answer.substr(8));
    };
    for (const char* model : {"openai.gpt-4.1", "openai.gpt-5", "openai.gpt-5.4", "openai.o3"}) {
        const Json error = nested(with("/chatRequest/maxTokens", 5, model)).at("error");
        CHECK(error.at("code") == "unsupported_parameter");
        CHECK(error.at("param") == "max_tokens");
        CHECK(with("/chatRequest/maxCompletionTokens", 5, model) == "");
    }
    CHECK(with("/chatRequest/maxTokens", 5, "openai.gpt-oss-120b") == "");
    CHECK(nested(with("/chatRequest/temperature", 0.5, "openai.gpt-5")).at("error").at("param") ==
          "temperature");
    CHECK(nested(with("/chatRequest/topP", 0.5, "openai.o3")).at("error").at("code") == "unsupported_value");
    CHECK(with("/chatRequest/temperature", 1, "openai.gpt-5") == "");
    CHECK(with("/chatRequest/temperature", 0.5, "openai.gpt-4.1") == "");
    const Json stop = Json::array({"x"});
    CHECK(nested(with("/chatRequest/stop", stop, "xai.grok-4")) ==
          json(json(fixture("error-400-nested-xai.json")).at("message").get<std::string>()));
    CHECK(with("/chatRequest/stop", stop, "xai.grok-3") == "");
    CHECK(nested(with("/chatRequest/reasoningEffort", "LOW", "xai.grok-4.3")).at("error") ==
          "Argument not supported on this model: reasoningEffort");
    CHECK(with("/chatRequest/reasoningEffort", "LOW", "xai.grok-3-mini") == "");
    const Json calls =
        json(R"([{"role":"USER","content":[{"type":"TEXT","text":"x"}]},{"role":"ASSISTANT","toolCalls":[
        {"type":"FUNCTION","id":"a","name":"f","arguments":"{}"},{"type":"FUNCTION","id":"b","name":"f","arguments":"{}"}]}])");
    CHECK(nested(with("/chatRequest/messages", calls, "google.gemini-2.5-pro")).at("error").at("status") ==
          "INVALID_ARGUMENT");
    CHECK(with("/chatRequest/messages", calls, "xai.grok-4") == "");
}

TEST_CASE("a tool choice requires its tool") {
    CHECK(with("/chatRequest/toolChoice", json(R"({"type":"FUNCTION","name":"f"})")) == "");
    CHECK(starts(with("/chatRequest/toolChoice", json(R"({"type":"FUNCTION","name":"g"})")),
                 "400 InvalidParameter "));
    Json details = json(good);
    details["chatRequest"].erase("tools");
    details["chatRequest"]["toolChoice"] = {{"type", "REQUIRED"}};
    CHECK(starts(verdict(details), "400 InvalidParameter "));
}

TEST_CASE("--strict-schemas refuses schemas with references") {
    Json details = json(good);
    details["chatRequest"]["tools"][0]["parameters"] =
        json(R"({"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}})");
    CHECK(verdict(details) == "");
    CHECK(verdict(details, {.strict_schemas = true}) ==
          "400 400 Schema keyword not supported in tools: anyOf");
}

TEST_CASE("a too deeply nested body is refused as invalid JSON") {
    CHECK_FALSE(parse_json(std::string(100'000, '[')));
    CHECK_FALSE(parse_json(std::string(1000, '[') + std::string(1000, ']')));
    CHECK_FALSE(parse_json("{\"a\":\"\xff\"}"));
    CHECK(parse_json("[[1]]"));
}
