// SPDX-License-Identifier: Apache-2.0
// Clients of Anthropic's protocol in front of upstreams of OpenAI's: requests of real clients,
// streams cut at every byte, and nothing of one protocol in the other.
#include "plugins/provider/oci/oci.hpp"
#include "plugins/provider/openai/openai.hpp"
#include "tests/plugins/dialect/anthropic/helper.hpp"

#include <functional>
#include <set>

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect::testing;

namespace {

struct Sides {
    Sides() : openai({}, host), oci(oci_options(), host) {}
    static oci::Options oci_options() {
        oci::Options options;
        options.region = {"us-chicago-1"};
        options.compartment_id = "ocid1.compartment.oc1..a";
        return options;
    }
    testing::FakeHost host;
    Bench bench;
    openai_provider::OpenAi openai;
    oci::Oci oci;

    Parsed parse(const http::RequestHead& head, const std::string& body) {
        auto parsed = bench.dialect.parse(head, body);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message) << " in " << body);
        return *std::move(parsed);
    }
    Parsed parse(const std::string& body) { return parse({.method = "POST", .path = "/v1/messages"}, body); }

    /// The body that the upstream receives.
    static Result<std::string> sent(Provider& provider, const Parsed& parsed) {
        auto exchange = provider.chat(std::get<ChatRequest>(parsed.operation));
        if (!exchange) return exchange.error();
        auto http = (*exchange)->request();
        if (!http) return http.error();
        return (*http)->body;
    }
    Json sent(const std::string& body) {
        auto text = sent(openai, parse(body));
        REQUIRE_MESSAGE(text, (text ? "" : text.error().message));
        return Json::parse(*text);
    }
};

/// The bytes that the client receives, if the upstream sends `pieces`.
std::string answered(Provider& provider, const Parsed& parsed, const std::vector<std::string_view>& pieces) {
    struct Sink final : EventSink {
        ResponseFormatter& formatter;
        std::string out;
        explicit Sink(ResponseFormatter& to) : formatter(to) {}
        void emit(Event event) override { formatter.event(event, out); }
    };
    auto exchange = provider.chat(std::get<ChatRequest>(parsed.operation));
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    const auto formatter = parsed.formatter();
    Sink sink(*formatter);
    auto fail = [&](const Error& error) {
        formatter->error(error, sink.out);
        return sink.out;
    };
    (*exchange)->head({200, {{"content-type", "text/event-stream"}}});
    for (const std::string_view piece : pieces)
        if (auto ok = (*exchange)->body(piece, sink); !ok) return fail(ok.error());
    if (auto ok = (*exchange)->end(sink); !ok) return fail(ok.error());
    formatter->end(sink.out);
    return sink.out;
}

/// The parts of a stream that do not depend on the places of its cuts.
Json essence(const std::string& stream) {
    const MessageStream read(stream);
    if (read.error) return {{"error", (*read.error)["type"]}};
    Json message = read.message;
    message.erase("id");
    if (message["usage"]["input_tokens"] == read.first_usage["input_tokens"]) message.erase("usage");
    return message;
}

const std::string asking =
    R"({"model":"gpt-5","max_tokens":100,"stream":true,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"hi"}]})";

std::string with_messages(const std::string& list, const std::string& members = "") {
    return R"({"model":"m","max_tokens":9,"messages":)" + list + members + "}";
}

}  // namespace

TEST_CASE("streams of OpenAI's protocol, cut at every byte") {
    Sides sides;
    const Parsed parsed = sides.parse(asking);
    const char* names[] = {"text",
                           "empty",
                           "length",
                           "one-call",
                           "call-without-arguments",
                           "call-all-at-once-finish-stop",
                           "text-and-two-calls",
                           "interleaved-calls",
                           "call-cut-by-length",
                           "reasoning",
                           "content-filter",
                           "tool-calls-without-a-call",
                           "no-usage",
                           "error-amid",
                           "cut-amid"};
    for (const std::string name : names) {
        CAPTURE(name);
        const std::string upstream = fixture("streams/" + name + ".openai.sse");
        const Json expected = essence(fixture("streams/" + name + ".anthropic.sse"));
        CHECK(essence(answered(sides.openai, parsed, {upstream})) == expected);
        const std::string_view text = upstream;
        std::set<std::string> seen;  // most cuts change nothing
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            CAPTURE(cut);
            const std::string out = answered(sides.openai, parsed, {text.substr(0, cut), text.substr(cut)});
            if (seen.insert(out).second) REQUIRE(essence(out) == expected);
        }
    }
}

// B3, B13: a stream that ends anywhere is complete, or ends with an error.
TEST_CASE("streams that end at any byte") {
    Sides sides;
    const Parsed parsed = sides.parse(asking);
    for (const char* name : {"text", "interleaved-calls", "reasoning"}) {
        const std::string upstream = fixture(std::string("streams/") + name + ".openai.sse");
        const std::string_view text = upstream;
        int complete = 0;
        for (std::size_t size = 0; size < text.size(); ++size) {
            const MessageStream stream(answered(sides.openai, parsed, {text.substr(0, size)}));
            CHECK((stream.complete() || stream.error));
            complete += stream.complete();
        }
        CHECK(complete < static_cast<int>(text.size()) / 2);
    }
}

// A1, A2, A5, A7, C10, D4, G3: every client is served, and nothing of its protocol reaches the upstream.
TEST_CASE("recorded requests at upstreams of other protocols") {
    Sides sides;
    for (const std::string& name : client_requests()) {
        CAPTURE(name);
        const Recorded recorded(name);
        if (recorded.head.path != "/v1/messages") continue;
        const Parsed parsed = sides.parse(recorded.head, recorded.body);
        for (Provider* provider :
             {static_cast<Provider*>(&sides.openai), static_cast<Provider*>(&sides.oci)}) {
            const auto body = Sides::sent(*provider, parsed);
            if (name.find("web-search") != name.npos) {
                REQUIRE(!body);
                CHECK(body.error().kind == ErrorKind::unsupported);
                CHECK(body.error().message.find("'web_search'") != std::string::npos);
                continue;
            }
            REQUIRE_MESSAGE(body, (body ? "" : body.error().message));
            for (const char* word :
                 {"cache_control", "thinking\"", "context_management", "x-anthropic", "signature",
                  "ephemeral", "output_config", "device_id", "tool_use_id", "is_error", "sig_"})
                CHECK_MESSAGE(body->find(word) == body->npos, word);
        }
    }
}

TEST_CASE("Claude Code's first turn for OpenAI") {
    Sides sides;
    const Recorded recorded("clients/cc-plain.json");
    const auto text = Sides::sent(sides.openai, sides.parse(recorded.head, recorded.body));
    REQUIRE(text);
    const Json body = Json::parse(*text);
    REQUIRE(body["messages"].size() == 2);
    CHECK(body["messages"][0]["role"] == "system");
    CHECK(body["messages"][1]["role"] == "user");
    // The system message follows the user's texts in the same turn.
    const std::string said = body["messages"][1]["content"];
    CHECK(said.find("\n\n") != std::string::npos);
    CHECK(body["max_completion_tokens"] == 64000);
    CHECK(body["reasoning_effort"] == "high");
    CHECK(body["stream_options"]["include_usage"] == true);
    CHECK(body["tools"].size() == 3);
    CHECK(body["tools"][0]["function"]["parameters"]["$schema"] ==
          "https://json-schema.org/draft/2020-12/schema");
}

TEST_CASE("a system message is never the assistant's, wherever it stands") {
    Sides sides;
    const Json last = sides.sent(with_messages(
        R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"system","content":"c"}])"))
                          ["messages"];
    REQUIRE(last.size() == 3);
    CHECK(last[2] == Json{{"role", "user"}, {"content", "c"}});
    const Json first = sides.sent(with_messages(
        R"([{"role":"system","content":"a"},{"role":"user","content":"b"}],"system":"s")"))["messages"];
    CHECK(first[0] == Json{{"role", "system"}, {"content", "s\n\na"}});
}

// C1, C2, C4
TEST_CASE("neighbouring texts become paragraphs of one text, however they are spelled") {
    Sides sides;
    const std::string large(5000, 'z');
    std::vector<std::string> texts = {"a", R"(quote \" and line\n)", "\\u00e9", large, "é", ""};
    std::string parts, expected;
    for (int round = 0; round < 40; ++round)
        for (const std::string& text : texts) {
            if (text.empty()) continue;
            parts += (parts.empty() ? "" : ",") + (R"({"type":"text","text":")" + text + "\"}");
            expected += (expected.empty() ? "" : R"(\n\n)") + text;
        }
    const Json body =
        sides.sent(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[)" + parts + "]}]}");
    CHECK(body.at("messages").at(0).at("content") == Json::parse("\"" + expected + "\""));
}

TEST_CASE("images in results move behind all results") {
    Sides sides;
    const Json list = sides.sent(with_messages(R"([{"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"a":1}},{"type":"text","text":"so"},
        {"type":"tool_use","id":"t2","name":"f","input":{}}]},
      {"role":"user","content":[
        {"type":"tool_result","tool_use_id":"t1","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
        {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":"no file"},{"type":"text","text":"and"}]}])"))
                          ["messages"];
    REQUIRE(list.size() == 5);
    CHECK(list[1]["content"] == "so");
    CHECK(list[1]["tool_calls"][0]["function"]["arguments"] == "{\"a\":1}");
    CHECK(list[2]["role"] == "tool");
    CHECK(list[2]["tool_call_id"] == "t1");
    CHECK(list[2]["content"].is_string());
    CHECK(list[3]["content"] == "Error:\n\nno file");
    CHECK(list[4]["role"] == "user");
    REQUIRE(list[4]["content"].size() == 3);
    CHECK(list[4]["content"][0]["text"] == "Content of the result of the tool call t1:");
    CHECK(list[4]["content"][1]["image_url"]["url"] == "data:image/png;base64,AAAA");
    CHECK(list[4]["content"][2]["text"] == "and");
}

TEST_CASE("documents and results of searches as text") {
    Sides sides;
    const Json content = sides.sent(with_messages(R"([{"role":"user","content":[
      {"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"plain"}},
      {"type":"search_result","source":"https://x.example","title":"t","content":[{"type":"text","text":"found"}]},
      {"type":"document","source":{"type":"content","content":[{"type":"text","text":"inner"}]}},
      {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},
      {"type":"container_upload","file_id":"f"}]},
      {"role":"assistant","content":[{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}},
        {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://y.example","title":"y","encrypted_content":"SECRET"}]},
        {"type":"text","text":"so"}]}])"))["messages"];
    REQUIRE(content[0]["content"].size() == 2);
    CHECK(content[0]["content"][0]["text"] == "T\n\nplain\n\nhttps://x.example\nt\nfound\n\ninner");
    CHECK(content[0]["content"][1]["file"] ==
          Json{{"file_data", "data:application/pdf;base64,JVBERi0="}, {"filename", "document.pdf"}});
    CHECK(content[1]["content"] == "https://y.example\ny\n\nso");
}

// C5, C9
TEST_CASE("tools of the service") {
    Sides sides;
    const std::string ask = R"([{"role":"user","content":"a"}])";
    const std::string search = R"({"type":"web_search_20250305","name":"web_search"})";
    const Json kept = sides.sent(with_messages(
        ask, R"(,"tools":[)" + search +
                 R"(,{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],
               "tool_choice":{"type":"any","disable_parallel_tool_use":true})"));
    REQUIRE(kept["tools"].size() == 1);
    CHECK(kept["tools"][0]["function"] == Json{{"name", "f"}, {"parameters", {{"type", "object"}}}});
    CHECK(kept["tool_choice"] == "required");
    CHECK(kept["parallel_tool_calls"] == false);
    REQUIRE(sides.host.logged.size() == 1);
    CHECK(sides.host.logged[0] ==
          "request fields dropped model=m fields=tools[0] of type web_search_20250305");
    const Json none = sides.sent(with_messages(ask, R"(,"tools":[)" + search + "]"));
    CHECK(!none.contains("tools"));
    for (const std::string& members :
         {R"(,"tools":[)" + search + R"(],"tool_choice":{"type":"tool","name":"web_search"})",
          R"(,"tools":[)" + search + R"(],"tool_choice":{"type":"any"})",
          std::string(R"(,"tools":[{"type":"bash_20250124","name":"bash"}])")}) {
        const auto refused = Sides::sent(sides.openai, sides.parse(with_messages(ask, members)));
        REQUIRE(!refused);
        CHECK(refused.error().kind == ErrorKind::unsupported);
        CHECK(refused.error().param == "tools[0]");
    }
}

TEST_CASE("the bodies of a conversation's turns begin alike") {
    Sides sides;
    const std::string rules =
        R"(;"},{"type":"text","text":"Be terse.","cache_control":{"type":"ephemeral"}}],"messages":[)";
    for (Provider* provider : {static_cast<Provider*>(&sides.openai), static_cast<Provider*>(&sides.oci)}) {
        std::string list =
            R"({"role":"user","content":[{"type":"text","text":"one","cache_control":{"type":"ephemeral"}}]},
               {"role":"system","content":"note-0-"})";
        std::string last;
        for (int turn = 0; turn < 5; ++turn) {
            const std::string number = std::to_string(turn);
            const auto text = Sides::sent(
                *provider,
                sides.parse(
                    R"({"model":"m","max_tokens":9,"system":[{"type":"text","text":"x-anthropic-billing-header: a=)" +
                    number + rules + list + "]}"));
            REQUIRE(text);
            const auto same = std::mismatch(last.begin(), last.end(), text->begin(), text->end()).first;
            // The end of the last message of the turn before.
            const std::size_t end = last.rfind("note-" + std::to_string(turn - 1) + "-");
            if (!last.empty()) CHECK(static_cast<std::size_t>(same - last.begin()) > end);
            last = *text;
            list +=
                R"(,{"role":"assistant","content":[{"type":"text","text":"look"},{"type":"tool_use","id":"t)" +
                number + R"(","name":"f","input":{"n":)" + number +
                R"(}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t)" + number +
                R"(","content":"note-)" + std::to_string(turn + 1) + R"(-"}]})";
        }
    }
}

TEST_CASE("long names of tools are changed and found again") {
    Sides sides;
    const std::string name(100, 'n');
    const Parsed parsed = sides.parse(with_messages(
        R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":")" +
            name + R"(","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}])",
        R"(,"tools":[{"name":")" + name +
            R"(","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":")" + name +
            R"("},"stream":true)"));
    const auto text = Sides::sent(sides.openai, parsed);
    REQUIRE(text);
    const Json body = Json::parse(*text);
    const std::string shorter = body["tools"][0]["function"]["name"];
    CHECK(shorter == std::string(64, 'n'));
    CHECK(body["tool_choice"]["function"]["name"] == shorter);
    CHECK(body["messages"][1]["tool_calls"][0]["function"]["name"] == shorter);
    const std::string stream =
        R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":")" +
        shorter + R"(","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})" + "\n\ndata: [DONE]\n\n";
    CHECK(MessageStream(answered(sides.openai, parsed, {stream})).message["content"][0]["name"] == name);
}

// A8: limits and fields that the model has refused are lowered or left out, and remembered.
TEST_CASE("the provider adjusts what a client of another protocol cannot know") {
    Sides sides;
    const Parsed parsed = sides.parse(
        R"({"model":"m","max_tokens":64000,"messages":[{"role":"user","content":"a"}],"output_config":{"effort":"high"},
            "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})");
    auto refuse = [&](const std::string& message) {
        auto exchange = sides.openai.chat(std::get<ChatRequest>(parsed.operation));
        REQUIRE(exchange);
        REQUIRE((*exchange)->request());
        (*exchange)->head({400, {}});
        testing::Events events;
        const std::string body =
            R"({"error":{"type":"invalid_request_error","message":)" + Json(message).dump() + "}}";
        REQUIRE((*exchange)->body(body, events));
        const auto ended = (*exchange)->end(events);
        REQUIRE(!ended);
        const bool again = (*exchange)->amend(ended.error());
        auto sent = (*exchange)->request();
        REQUIRE(sent);
        return std::pair(again, Json::parse((*sent)->body));
    };
    auto [limited, first] = refuse(
        "max_tokens is too large: 64000. This model supports at most 16384 completion tokens, whereas you provided 64000.");
    CHECK(limited);
    CHECK(first["max_completion_tokens"] == 16384);
    CHECK(first["reasoning_effort"] == "high");
    auto [plain, second] =
        refuse("Unsupported parameter: 'reasoning_effort' is not supported with this model.");
    CHECK(plain);
    CHECK(!second.contains("reasoning_effort"));
    CHECK(second["max_completion_tokens"] == 16384);
    auto [older, third] = refuse("Unrecognized request argument supplied: max_completion_tokens");
    CHECK(older);
    CHECK(third["max_tokens"] == 16384);
    CHECK(!third.contains("max_completion_tokens"));
    auto [alone, fourth] = refuse("parallel_tool_calls: Extra inputs are not permitted");
    CHECK(alone);
    CHECK(!fourth.contains("parallel_tool_calls"));
    CHECK(!refuse("the prompt was rejected").first);
    // A client of the upstream's own protocol decides itself.
    ChatRequest own{.model = "m", .reasoning_effort = "high"};
    own.messages.push_back({.role = Role::user, .parts = {Text{"a"}}});
    auto exchange = sides.openai.chat(own);
    REQUIRE(exchange);
    CHECK(Json::parse((*(*exchange)->request())->body)["reasoning_effort"] == "high");
}
