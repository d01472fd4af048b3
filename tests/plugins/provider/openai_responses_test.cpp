// SPDX-License-Identifier: Apache-2.0
// The provider for upstreams that speak the Responses API: requests, responses and refusals.
#include "plugins/provider/openai/openai.hpp"
#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace gatehouse;
using gatehouse::test::Json;
using Provider_ = openai_provider::OpenAi;

namespace {

struct ResponsesBench {
    explicit ResponsesBench(std::vector<std::string> drop = {})
        : provider({.base_url = "http://h/v1", .api = "responses", .drop = std::move(drop)}, host) {}
    testing::FakeHost host;
    Provider_ provider;

    std::unique_ptr<Exchange> chat(const ChatRequest& request) {
        auto exchange = provider.chat(request);
        REQUIRE(exchange);
        return *std::move(exchange);
    }
    static Json sent(Exchange& exchange) {
        auto http = exchange.request();
        REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
        CHECK((*http)->url == "http://h/v1/responses");
        return Json::parse((*http)->body);
    }
    Json sent(const ChatRequest& request) { return sent(*chat(request)); }
    std::string refused(const ChatRequest& request) {
        auto http = chat(request)->request();
        REQUIRE_FALSE(http);
        CHECK(http.error().kind == ErrorKind::unsupported);
        return http.error().message;
    }
    /// The message of the error that the client gets for `body`.
    std::string failed(std::string_view body, bool stream = false) {
        ChatRequest request;
        request.stream = stream;
        request.messages.push_back({.parts = {Text{"Hi"}}});
        auto events = testing::replay(provider, request, {body});
        REQUIRE_FALSE(events);
        return events.error().message;
    }
};

ChatRequest question(std::string protocol = "openai") {
    ChatRequest request{.model = "gpt-x", .protocol = std::move(protocol)};
    request.messages.push_back({.parts = {Text{"Hello"}}});
    return request;
}

std::string event(std::string_view type, std::string_view members) {
    return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"," +
           std::string(members) + "}\n\n";
}

const std::string message_item =
    R"({"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[)"
    R"({"type":"output_text","text":"Grüße","annotations":[{"type":"url_citation","url":"https://a/","title":"A","start_index":1,"end_index":3}]}]})";
const std::string thought_item =
    R"({"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}],"encrypted_content":"gAAA"})";
const std::string call_item =
    R"({"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\":1.50}","status":"completed","x_call":7})";
const std::string custom_item =
    R"({"id":"ct_1","type":"custom_tool_call","call_id":"call_2","name":"patch","input":"*** x"})";

std::string whole_response(std::string_view status = "completed", std::string_view more = "") {
    return R"({"id":"resp_1","object":"response","created_at":7,"model":"gpt-x-1","error":null,"status":")" +
           std::string(status) + "\"," + std::string(more) + "\"output\":[" + thought_item + "," +
           message_item + "," + call_item + "," + custom_item +
           R"(],"usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":3},"output_tokens":9,)"
           R"("output_tokens_details":{"reasoning_tokens":4},"total_tokens":14},"x_top":1.50})";
}

std::string stream_of_all() {
    const std::string created =
        R"("response":{"id":"resp_1","created_at":7,"model":"gpt-x-1","status":"in_progress","output":[]})";
    return event("response.created", created) + event("response.in_progress", created) +
           event("response.output_item.added",
                 R"("output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]})") +
           event("response.reasoning_summary_text.delta",
                 R"("output_index":0,"summary_index":0,"delta":"one")") +
           event("response.reasoning_summary_text.delta",
                 R"("output_index":0,"summary_index":1,"delta":"two")") +
           event("response.output_item.done", "\"output_index\":0,\"item\":" + thought_item) +
           event("response.output_item.added",
                 R"("output_index":1,"item":{"id":"msg_1","type":"message","content":[]})") +
           event("response.output_text.delta", R"("output_index":1,"content_index":0,"delta":"Gr")") +
           event("response.output_text.delta", R"("output_index":1,"content_index":0,"delta":"üße")") +
           event("response.output_text.done", R"("output_index":1,"content_index":0,"text":"Grüße")") +
           event("response.output_item.done", "\"output_index\":1,\"item\":" + message_item) +
           event(
               "response.output_item.added",
               R"("output_index":2,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":"","x_call":7})") +
           event("response.function_call_arguments.delta", R"("output_index":2,"delta":"{\"a\":1")") +
           event("response.function_call_arguments.delta", R"("output_index":2,"delta":".50}")") +
           event("response.output_item.done", "\"output_index\":2,\"item\":" + call_item) +
           event(
               "response.output_item.added",
               R"("output_index":3,"item":{"type":"custom_tool_call","call_id":"call_2","name":"patch","input":""})") +
           event("response.custom_tool_call_input.delta", R"("output_index":3,"delta":"*** x")") +
           event("response.output_item.done", "\"output_index\":3,\"item\":" + custom_item) +
           event("response.completed", "\"response\":" + whole_response());
}

void check_all(const Result<std::vector<Event>>& events) {
    REQUIRE_MESSAGE(events, (events ? "" : events.error().message));
    CHECK(testing::text(*events) == "Grüße");
    CHECK(testing::all<AnswerInfo>(*events).at(0).model == "gpt-x-1");
    std::string thought, arguments[2];
    for (const auto& delta : testing::all<ReasoningDelta>(*events)) thought += delta.text;
    CHECK(thought == "onetwo");  // each part is told to a client of this API
    const auto ends = testing::all<ThoughtEnd>(*events);
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].encrypted == "gAAA");
    CHECK(ends[0].origin == "responses");
    for (const auto& delta : testing::all<ToolCallDelta>(*events)) {
        REQUIRE(delta.index < 2);
        CHECK(delta.custom == (delta.index == 1));
        arguments[delta.index] += delta.arguments;
    }
    CHECK(arguments[0] == R"({"a":1.50})");
    CHECK(arguments[1] == "*** x");
    CHECK(testing::all<ToolCallDelta>(*events).at(0).extra.text == R"({"x_call":7})");
    const auto citations = testing::all<Citation>(*events);
    REQUIRE(citations.size() == 1);
    CHECK(citations[0].url == "https://a/");
    CHECK(citations[0].start == 1);
    CHECK(citations[0].end == 3);
    REQUIRE(testing::all<Finish>(*events).size() == 1);
    CHECK(testing::all<Finish>(*events)[0].reason == FinishReason::tool_calls);
    const auto usage = testing::all<Usage>(*events);
    REQUIRE(usage.size() == 1);
    CHECK(usage[0].prompt == 5);
    CHECK(usage[0].cached == 3);
    CHECK(usage[0].reasoning == 4);
    CHECK(usage[0].total == 14);
    REQUIRE(testing::all<Extra>(*events).size() == 1);
    CHECK(testing::all<Extra>(*events)[0].members.text == R"({"x_top":1.50})");
}

}  // namespace

TEST_CASE("a chat becomes items, and each tool of the API has its own form") {
    ChatRequest request = question();
    request.messages.insert(request.messages.begin(), {.role = Role::system, .parts = {Text{"Be short"}}});
    request.messages.push_back(
        {.role = Role::assistant,
         .parts = {Text{"Wait"}},
         .tool_calls = {{.id = "c1", .name = "f", .arguments = {"{\"a\":1.50}"}},
                        {.id = "c2", .name = "p", .arguments = {"x"}, .custom = true}}});
    request.messages.push_back({.role = Role::tool, .parts = {Text{"42"}}, .tool_call_id = "c1"});
    request.messages.push_back({.role = Role::tool, .parts = {Text{"ok"}}, .tool_call_id = "c2"});
    request.messages.push_back(
        {.parts = {Text{"And"}, Image{"https://i/", "low"}, File{.filename = "a", .id = "file_1"}},
         .listed = true});
    request.tools = {{.name = "f", .parameters = {R"({"type":"object"})"}},
                     {.type = "custom",
                      .name = "p",
                      .format = {R"({"type":"grammar","grammar":{"syntax":"lark","definition":"d"}})"}}};
    request.tool_choice = {.mode = ToolChoice::Mode::named, .name = "p", .custom = true};
    request.response_format = {.kind = ResponseFormat::Kind::json_schema, .name = "s", .schema = {"{}"}};
    request.verbosity = "low";
    request.reasoning_effort = "high";
    request.sampling.max_tokens = 9;
    request.sampling.logprobs = true;
    request.stream = true;
    request.extra = {R"({"chat_only":1})"};
    ResponsesBench bench;
    const Json wanted = Json::parse(R"({"model":"gpt-x","store":false,"stream":true,"max_output_tokens":9,
      "reasoning":{"effort":"high"},"include":["message.output_text.logprobs"],
      "text":{"format":{"type":"json_schema","name":"s","schema":{}},"verbosity":"low"},
      "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false},
               {"type":"custom","name":"p","format":{"type":"grammar","syntax":"lark","definition":"d"}}],
      "tool_choice":{"type":"custom","name":"p"},"instructions":"Be short",
      "input":[{"type":"message","role":"user","content":"Hello"},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Wait"}]},
        {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1.50}"},
        {"type":"custom_tool_call","call_id":"c2","name":"p","input":"x"},
        {"type":"function_call_output","call_id":"c1","output":"42"},
        {"type":"custom_tool_call_output","call_id":"c2","output":"ok"},
        {"type":"message","role":"user","content":[{"type":"input_text","text":"And"},
          {"type":"input_image","image_url":"https://i/","detail":"low"},
          {"type":"input_file","file_id":"file_1","filename":"a"}]}]})");
    CHECK(bench.sent(request) == wanted);
    ResponsesBench dropping({"reasoning", "text"});
    const Json less = dropping.sent(request);
    CHECK_FALSE(less.contains("reasoning"));
    CHECK_FALSE(less.contains("text"));
}

TEST_CASE("a client of the API has its own members and its encrypted thoughts, others have not") {
    ChatRequest request = question("responses");
    request.extra = {R"({"include":["web_search_call.action.sources"],"x_new":1.50})"};
    request.messages.push_back(
        {.role = Role::assistant,
         .parts = {Thought{.text = {"hm"}, .encrypted = "gAAA", .origin = "responses"}, ToolCallRef{0},
                   Text{"then"}, Thought{.text = {"no"}, .signature = "s", .origin = "anthropic"}},
         .tool_calls = {{.id = "c1", .name = "f", .extra = {R"({"namespace":"n"})"}}}});
    request.messages.push_back({.role = Role::tool, .parts = {Text{"1"}}, .tool_call_id = "c1"});
    ResponsesBench bench;
    const Json sent = bench.sent(request);
    CHECK(sent["include"] == Json{"web_search_call.action.sources", "reasoning.encrypted_content"});
    CHECK(sent["x_new"] == 1.5);
    CHECK(sent["input"] == Json::parse(R"([{"type":"message","role":"user","content":"Hello"},
      {"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAA"},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{}","namespace":"n"},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"then"}]},
      {"type":"function_call_output","call_id":"c1","output":"1"}])"));
    request.protocol = "anthropic";
    const Json other = bench.sent(request);
    CHECK_FALSE(other.contains("include"));
    CHECK_FALSE(other.contains("x_new"));
    CHECK(other.dump().find("gAAA") == std::string::npos);
}

TEST_CASE("a field that the API does not have is refused by name") {
    const std::string why = ": the Responses API of this model's provider has no such field";
    ResponsesBench bench;
    ChatRequest request = question();
    request.sampling.n = 2;
    CHECK(bench.refused(request) == "n" + why);
    request = question();
    request.sampling.stop = {"x"};
    CHECK(bench.refused(request) == "stop" + why);
    request = question();
    request.sampling.logit_bias = {"{\"1\":1}"};
    CHECK(bench.refused(request) == "logit_bias" + why);
}

TEST_CASE("a text completion keeps its own path") {
    ResponsesBench bench;
    ChatRequest request = question();
    request.completion.emplace();
    auto http = bench.chat(request)->request();
    REQUIRE(http);
    CHECK((*http)->url == "http://h/v1/completions");
}

TEST_CASE("a stream of the API has the same events wherever it is cut, and is complete at its last event") {
    ResponsesBench bench;
    ChatRequest request = question("responses");
    request.stream = true;
    testing::replay_cut_everywhere(bench.provider, request, stream_of_all(), check_all);
    auto exchange = bench.chat(request);
    ResponsesBench::sent(*exchange);
    testing::Events events;
    exchange->head({200, {}});
    CHECK_FALSE(exchange->complete());
    REQUIRE(exchange->body(stream_of_all(), events));
    CHECK(exchange->complete());
}

TEST_CASE("a whole response has the events of its stream") {
    ResponsesBench bench;
    check_all(testing::replay(bench.provider, question("responses"), {whole_response()}));
    // A stream without deltas.
    check_all(testing::replay(bench.provider, question("responses"),
                              {event("response.completed", "\"response\":" + whole_response())}));
}

TEST_CASE("a cut response says why") {
    ResponsesBench bench;
    for (const auto& [reason, wanted] : {std::pair{"max_output_tokens", FinishReason::length},
                                         std::pair{"content_filter", FinishReason::content_filter}}) {
        const std::string details = std::string(R"("incomplete_details":{"reason":")") + reason + "\"},";
        auto events = testing::replay(bench.provider, question(), {whole_response("incomplete", details)});
        REQUIRE(events);
        CHECK(testing::all<Finish>(*events).at(0).reason == wanted);
        CHECK(testing::all<Finish>(*events).at(0).native == reason);
        CHECK(testing::all<Extra>(*events).empty());
        CHECK(testing::all<ThoughtEnd>(*events).empty());
    }
}

TEST_CASE("failures within a stream, cut and hostile responses are clear errors") {
    ResponsesBench bench;
    const std::string failed = event(
        "response.failed",
        R"("response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"}})");
    CHECK(bench.failed(failed, true) == "slow down");
    CHECK(bench.failed(event("error", R"("code":"server_error","message":"broke","param":null)"), true) ==
          "the upstream sent an error instead of a response: broke");
    CHECK(bench.failed(event("response.created", R"("response":{})"), true) ==
          "the upstream's response ended before it was complete: it has no last event");
    const std::string invalid = "the upstream's response is invalid: ";
    CHECK(bench.failed("{}") == invalid + "it has no output");
    CHECK(bench.failed(R"({"status":"completed","output":{}})") == invalid + "'output' is not an array");
    CHECK(bench.failed(R"({"status":"completed","output":[1]})") == invalid + "an item is not an object");
    CHECK(bench.failed(R"({"status":"queued","output":[]})") ==
          invalid + "it ended with the status 'queued'");
    CHECK(bench.failed(R"({"status":"failed","output":[]})") == invalid + "it has failed without an error");
    CHECK(bench.failed(R"({"status":"completed","output":[{"type":"message","content":"x"}]})") ==
          invalid + "'content' of a message is not an array");
    CHECK(bench.failed(R"({"status":"completed","output":[{"type":"function_call","arguments":"{}"}]})") ==
          invalid + "a call has no name");
    CHECK(bench.failed(event("response.output_text.delta", R"("output_index":0,"delta":1)"), true) ==
          invalid + "'delta' is not a string");
    CHECK(bench.failed(event("response.output_text.delta", R"("output_index":"0","delta":"x")"), true) ==
          invalid + "'output_index' of an event is not a number");
    CHECK(bench.failed(event("response.output_item.added", R"("output_index":-1,"item":{})"), true) ==
          invalid + "it has too many items");
    CHECK(bench.failed(event("response.completed", R"("response":7)"), true) ==
          invalid + "'response' is not an object");
    const std::string whole = stream_of_all();
    for (std::size_t cut = 0; cut + 2 < whole.size(); cut += 7)
        CHECK_FALSE(testing::replay(bench.provider, question(), {std::string_view(whole).substr(0, cut)}));
}

TEST_CASE("a refusal of encrypted thoughts is learned, and a foreign thought is sent once") {
    ResponsesBench bench;
    auto refuse = [](Exchange& exchange, const std::string& message) {
        testing::Events events;
        exchange.head({400, {}});
        REQUIRE(exchange.body(R"({"error":{"message":")" + message + "\"}}", events));
        auto ended = exchange.end(events);
        REQUIRE_FALSE(ended);
        return exchange.amend(ended.error());
    };
    ChatRequest request = question("responses");
    request.messages.push_back(
        {.role = Role::assistant, .parts = {Thought{.encrypted = "gAAA", .origin = "responses"}}});
    auto exchange = bench.chat(request);
    CHECK(ResponsesBench::sent(*exchange).contains("include"));
    CHECK(refuse(*exchange, "Encrypted content is not supported with this model."));
    CHECK_FALSE(ResponsesBench::sent(*exchange).contains("include"));
    CHECK(refuse(*exchange, "The encrypted content gAAA could not be verified."));
    CHECK(ResponsesBench::sent(*exchange)["input"].size() == 1);
    CHECK_FALSE(refuse(*exchange, "The encrypted content could not be verified."));
    CHECK_FALSE(bench.sent(request).contains("include"));
    CHECK(bench.sent(request)["input"].size() == 2);
}
