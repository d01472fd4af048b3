// SPDX-License-Identifier: Apache-2.0
// Inputs that real clients and upstreams send: signed and custom tool calls, further members of
// tools and parts, usage, words of newer models, reasoning.  Both directions keep them.
#include "tests/plugins/lossless/sides.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::string with_messages(const std::string& messages, const std::string& members = "") {
    return R"({"model":"oa/m","messages":)" + messages + members + "}";
}
std::string with_members(const std::string& members) {
    return with_messages(R"([{"role":"user","content":"hi"}],)", members);
}
std::string with_part(const std::string& part) {
    return with_messages(R"([{"role":"user","content":[)" + part + "]}]");
}
/// A call in the history, and its result.
std::string with_calls(const std::string& calls, const std::string& members = "") {
    const Json list = Json::parse("[" + calls + "]");
    std::string results;
    for (const Json& call : list)
        results += R"(,{"role":"tool","tool_call_id":)" + call.at("id").dump() + R"(,"content":"sun"})";
    return with_messages(R"([{"role":"user","content":"hi"},{"role":"assistant","content":null,)" + members +
                         R"("tool_calls":[)" + calls + "]}" + results + "]");
}

const std::string signed_call =
    R"({"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"A\"}"},)"
    R"("extra_content":{"google":{"thought_signature":"c2lnbmF0dXJl"}}})";
const std::string plain_call =
    R"({"id":"call_2","type":"function","function":{"name":"get_weather","arguments":"{}"}})";
const std::string custom_call =
    R"({"id":"call_1","type":"custom","custom":{"name":"sql","input":"select \"1\"\nfrom a"}})";

/// The upstream must receive the members of the request as they are, in their values.
void check_sent(const std::string& body, const openai_provider::Options& options = {}) {
    CAPTURE(body);
    CHECK(Json::parse(Sides(options).sent(chat_path, body)) == Json::parse(body));
}

std::string whole(const std::string& message, const std::string& usage = "") {
    return R"({"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":)" +
           message + R"(,"finish_reason":"stop"}])" + (usage.empty() ? "" : R"(,"usage":)" + usage) + "}";
}
std::string calling(const std::string& calls) {
    return R"({"role":"assistant","content":null,"tool_calls":[)" + calls + "]}";
}
Json answered(const std::string& body) {
    return Json::parse(Sides().answered(chat_path, with_members(R"("n":1)"), {body}));
}
std::string event(const std::string& delta, const std::string& members = "") {
    return R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":)" + delta +
           "}]" + members + "}\n\n";
}
const std::string ending =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";

/// The tool call fragments that a client receives.
std::vector<Json> fragments(const std::string& stream) {
    const std::string out = Sides().answered(
        chat_path, with_members(R"("stream":true,"stream_options":{"include_usage":true})"), {stream});
    std::vector<Json> list;
    for (std::size_t at = 0; (at = out.find("data: {", at)) != out.npos; ++at) {
        const Json chunk = Json::parse(out.substr(at + 6, out.find("\n\n", at) - at - 6));
        for (const Json& choice : chunk.at("choices"))
            for (const Json& call : choice.at("delta").value("tool_calls", Json::array()))
                list.push_back(call);
    }
    return list;
}

}  // namespace

TEST_CASE("the signature of a tool call reaches the client on the first fragment") {
    const Json extra = {{"google", {{"thought_signature", "c2lnbmF0dXJl"}}}};
    Json call = Json::parse(signed_call);
    const auto at = [](Json one, int index) { return (one["index"] = index, one.dump()); };
    // As Google sends it: one event, without an index.
    auto found = fragments(event(R"({"role":"assistant","tool_calls":[)" + signed_call + "]}") + ending);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().value("extra_content", Json()) == extra);
    CHECK(found.front().at("id") == "call_1");
    // Two calls, of which one is signed.
    found = fragments(
        event(R"({"tool_calls":[)" + at(call, 0) + "," + at(Json::parse(plain_call), 1) + "]}") + ending);
    REQUIRE(found.size() >= 2);
    CHECK(found.front().value("extra_content", Json()) == extra);
    CHECK(std::ranges::count_if(found, [](const Json& one) { return one.contains("extra_content"); }) == 1);
    // Fragments of arguments behind it.
    call["function"]["arguments"] = "";
    found = fragments(event(R"({"tool_calls":[)" + at(call, 0) + "]}") +
                      event(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]})") +
                      event(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})") + ending);
    CHECK(found.front().value("extra_content", Json()) == extra);
    std::string arguments;
    for (const Json& one : found) arguments += one.at("function").value("arguments", "");
    CHECK(arguments == R"({"city":1})");
    // A signature inside `function`.
    found = fragments(
        event(
            R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}","thought_signature":"s"}}]})") +
        ending);
    CHECK(found.front().at("function").value("thought_signature", "") == "s");
}

TEST_CASE("the signature of a tool call reaches the client of a non-streaming response") {
    for (const std::string& calls : {signed_call, signed_call + "," + plain_call, custom_call}) {
        const std::string body = whole(calling(calls));
        CHECK(answered(body)["choices"][0]["message"]["tool_calls"] ==
              Json::parse(body)["choices"][0]["message"]["tool_calls"]);
    }
}

TEST_CASE("signed and custom tool calls of a history reach the upstream") {
    check_sent(with_calls(signed_call));
    check_sent(with_calls(signed_call + "," + plain_call));
    check_sent(with_calls(
        R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}","thought_signature":"s"},"cache_control":{"type":"ephemeral"}})"));
    check_sent(with_calls(custom_call));
    check_sent(with_calls(custom_call + "," + plain_call));
    check_sent(with_calls(R"({"id":"a","type":"custom","custom":{"name":"f","input":""}})"));
    check_sent(with_calls(R"({"id":"a","type":"custom","custom":{"name":"f","input":"{not JSON"},"x":1})"));
}

TEST_CASE("custom tool calls reach the client, streaming and non-streaming") {
    for (const char* input : {"select 1", "", "{not JSON", "*** begin\\n\\\"a\\\"\\u00e9"}) {
        CAPTURE(input);
        const std::string call = R"({"id":"call_1","type":"custom","custom":{"name":"sql","input":")" +
                                 std::string(input) + "\"}}";
        const Json given = Json::parse(call);
        CHECK(answered(whole(calling(call)))["choices"][0]["message"]["tool_calls"][0] == given);
        Json first = given;
        first["index"] = 0;
        std::string text;
        for (const Json& one :
             fragments(event(R"({"tool_calls":[)" + first.dump() + "]}") +
                       event(R"({"tool_calls":[{"index":0,"custom":{"input":" end"}}]})") + ending)) {
            text += one.at("custom").value("input", "");
        }
        CHECK(text == given["custom"]["input"].get<std::string>() + " end");
    }
}

TEST_CASE("all members of the usage reach the client, streaming and non-streaming") {
    for (const char* usage : {
             R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":
                {"cached_tokens":1,"cache_write_tokens":2,"audio_tokens":4},
                "completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":9}})",
             R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"cost":0.00012,"is_byok":false})",
             R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,
                "cost_details":{"upstream_inference_cost":1.50},"prompt_tokens_details":{"cache_write_tokens":7}})",
             R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"num_sources_used":0,
                "completion_tokens_details":{"image_tokens":4,"accepted_prediction_tokens":1,"rejected_prediction_tokens":0}})"}) {
        const Json given = Json::parse(usage);
        Json found = answered(whole(R"({"role":"assistant","content":"a"})", usage))["usage"];
        CHECK_MESSAGE(found == given, found.dump());
        std::string line = usage;
        std::ranges::replace(line, '\n', ' ');
        const std::string out = Sides().answered(
            chat_path, with_members(R"("stream":true,"stream_options":{"include_usage":true})"),
            {event(R"({"content":"a"})") + event(R"({},"finish_reason":"stop")", R"(,"usage":)" + line) +
             "data: [DONE]\n\n"});
        const std::size_t at = out.rfind(R"("usage":{)");
        REQUIRE(at != out.npos);
        found = Json::parse(out.substr(at + 8, out.find("\n\n", at) - at - 9));
        CHECK_MESSAGE(found == given, found.dump());
    }
}

TEST_CASE("further members of a tool and of a tool choice reach the upstream") {
    const std::string function = R"({"name":"f","parameters":{"type":"object"}})";
    check_sent(with_members(R"("tools":[{"type":"function","function":)" + function +
                            R"(,"cache_control":{"type":"ephemeral"}}])"));
    check_sent(with_members(
        R"("tools":[{"type":"function","function":{"name":"f","cache_control":{"type":"ephemeral","ttl":"1h"}}}])"));
    check_sent(with_members(
        R"("tools":[{"type":"custom","custom":{"name":"f"},"cache_control":{"type":"ephemeral"}}])"));
    check_sent(with_members(
        R"("tools":[{"type":"function","function":)" + function +
        R"(,"defer_loading":true}],"tool_choice":{"type":"function","function":{"name":"f","x":1},"y":2})"));
}

TEST_CASE("further members of a part and of its payload reach the upstream") {
    check_sent(with_part(
        R"({"type":"image_url","image_url":{"url":"https://a.example/x.png","detail":"high","uuid":"u1"},
                             "cache_control":{"type":"ephemeral"}})"));
    check_sent(with_part(
        R"({"type":"input_audio","input_audio":{"data":"AA==","format":"wav","x":1},"uuid":"u2"})"));
    check_sent(with_part(
        R"({"type":"file","file":{"file_id":"f","format":"pdf"},"cache_control":{"type":"ephemeral"}})"));
    check_sent(with_part(R"({"type":"text","text":"a","cache_control":{"type":"ephemeral"}})"));
    check_sent(with_part(R"({"type":"video_url","video_url":{"url":"https://a.example/x.mp4"},"fps":2.5})"));
}

TEST_CASE("members of a response format reach the upstream") {
    check_sent(with_members(
        R"("response_format":{"type":"json_object","schema":{"type":"object","required":["a"]}})"));
    check_sent(with_members(
        R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"x":1},"y":2})"));
    check_sent(with_members(R"("response_format":{"type":"text","schema":null,"x":{"a":1}})"));
    check_sent(with_members(R"("response_format":{"type":"structural_tag","structures":[{"begin":"<a>"}]})"));
}

TEST_CASE("words that newer models know reach the upstream") {
    for (const char* detail : {"original", "ultra_high", "medium", "LOW"})
        check_sent(
            with_part(R"({"type":"image_url","image_url":{"url":"https://a.example/x.png","detail":")" +
                      std::string(detail) + "\"}}"));
    for (const char* word : {R"("reasoning_effort":"extreme")", R"("verbosity":"huge")",
                             R"("service_tier":"scale")", R"("modalities":["text","video"])"})
        check_sent(with_members(word));
}

TEST_CASE("token ids reach the upstream of embeddings") {
    for (const char* input : {"[[15339,1917],[9906]]", "[15339,1917]", "[[1]]", R"(["a","b"])"}) {
        CAPTURE(input);
        Sides sides;
        const Parsed parsed = sides.parse(
            "/v1/embeddings", R"({"model":"oa/m","input":)" + std::string(input) + R"(,"x_member":1.50})");
        auto exchange = sides.provider.embed(std::get<EmbeddingRequest>(parsed.operation));
        REQUIRE(exchange);
        const Json sent = Json::parse((**(*exchange)->request()).body);
        const Json given = Json::parse(input);
        const bool alone = given[0].is_number();
        CHECK_MESSAGE((sent.at("input") == given || (alone && sent.at("input") == Json::array({given}))),
                      sent.dump());
        CHECK(sent.value("x_member", 0.0) == 1.5);
    }
}

TEST_CASE("the reasoning of earlier turns reaches an upstream that asks for it") {
    for (const char* refusal :
         {"reasoning_content of the earlier turn has to be passed back in thinking mode",
          "Missing `reasoning_content` field in the assistant message at message index 1.",
          "The reasoning_content in the thinking mode must be passed back to the API.",
          "messages.1: reasoning_content is required"}) {
        CAPTURE(refusal);
        Sides sides;
        const std::string body = with_calls(plain_call, R"("reasoning_content":"thought",)");
        const Parsed parsed = sides.parse(chat_path, body);
        const auto& request = std::get<ChatRequest>(parsed.operation);
        auto exchange = sides.provider.chat(request);
        REQUIRE(exchange);
        CHECK((**(*exchange)->request()).body.find("reasoning_content") == std::string::npos);
        testing::Events events;
        (*exchange)->head({400, {{"content-type", "application/json"}}});
        REQUIRE((*exchange)->body(Json{{"error", {{"message", refusal}}}}.dump(), events));
        const auto ended = (*exchange)->end(events);
        REQUIRE_FALSE(ended);
        REQUIRE((*exchange)->amend(ended.error()));
        CHECK(Json::parse((**(*exchange)->request()).body)["messages"][1]["reasoning_content"] == "thought");
        // Remembered for the model.
        CHECK(Json::parse(sides.sent(chat_path, body))["messages"][1]["reasoning_content"] == "thought");
    }
}

TEST_CASE("the reasoning of earlier turns reaches an upstream that is configured so") {
    openai_provider::Options options;
    options.send_reasoning = true;
    check_sent(with_calls(plain_call, R"("reasoning_content":"thought",)"), options);
    check_sent(with_calls(signed_call, R"("reasoning_content":"a \"b\"",)"), options);
    check_sent(
        with_messages(
            R"([{"role":"assistant","content":"a","reasoning_content":"b"},{"role":"user","content":"c"}])"),
        options);
    check_sent(
        with_messages(
            R"([{"role":"assistant","content":"a","reasoning_details":[{"type":"x","data":"y"}]},{"role":"user","content":"c"}])"),
        options);
}
