// SPDX-License-Identifier: Apache-2.0
// Requests of clients that speak Anthropic's protocol, unknown members, prompt caches and
// counts of tokens.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

const Json cache = {{"type", "ephemeral"}};
const std::string cached = R"({"cache_control":{"type":"ephemeral"}})";

ChatRequest native(ChatRequest request = ask()) {
    request.protocol = "anthropic";
    return request;
}

std::string body_text(const ChatRequest& request) {
    Bench bench;
    auto exchange = begin(bench.provider, request);
    auto http = exchange->request();
    REQUIRE(http);
    return (**http).body;
}

Json first_block(Part part, const std::string& protocol = "openai") {
    ChatRequest request = ask();
    request.protocol = protocol;
    request.messages[0].parts = {std::move(part)};
    return messages(request)[0]["content"][0];
}

std::string beta_header(const ChatRequest& request, const Options& options = {}) {
    Bench bench(options);
    auto http = begin(bench.provider, request)->request();
    REQUIRE(http);
    return std::string((**http).headers.get("anthropic-beta"));
}

}  // namespace

TEST_CASE("members outside of a function have precedence over those inside") {
    ChatRequest request = ask();
    request.tools = {tool("f"), tool("g"), tool("h")};
    request.tools[0].extra.text = R"({"cache_control":{"type":"ephemeral"},"unknown":1})";
    request.tools[1].inner_extra.text = R"({"cache_control":{"type":"inner"},"defer_loading":true})";
    request.tools[1].extra.text = cached;
    request.tools[2].inner_extra.text = cached;
    const Json tools = sent(request)["tools"];
    CHECK(tools[0]["cache_control"] == cache);
    CHECK(!tools[0].contains("unknown"));
    CHECK(tools[1]["cache_control"] == cache);
    CHECK(tools[1]["defer_loading"] == true);
    CHECK(tools[2]["cache_control"] == cache);
}

TEST_CASE("parts keep the members that Anthropic knows") {
    const JsonText all = {
        R"({"cache_control":{"type":"ephemeral"},"title":"T","context":"C","citations":{"enabled":true},"x":1})"};
    CHECK(first_block(Image{"https://x/y.png", "original", all}) ==
          Json::parse(R"({"type":"image","source":{"type":"url","url":"https://x/y.png"},
              "cache_control":{"type":"ephemeral"}})"));
    CHECK(first_block(File{"data:application/pdf;base64,JVBERi0xLjQ=", "a.pdf", "", all}) ==
          Json::parse(R"({"type":"document","source":{"type":"base64","media_type":"application/pdf",
              "data":"JVBERi0xLjQ="},"cache_control":{"type":"ephemeral"},"title":"T","context":"C",
              "citations":{"enabled":true}})"));
    CHECK(first_block(File{"data:image/png;base64,AAAA", "", "", all}) ==
          Json::parse(R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"},
              "cache_control":{"type":"ephemeral"}})"));
    CHECK(first_block(Refusal{"No.", all}) ==
          Json{{"type", "text"}, {"text", "No."}, {"cache_control", cache}});
    CHECK(first_block(Image{"https://x/y.png", "", {}, {cached}})["cache_control"] == cache);
    CHECK(first_block(Text{"a", {R"({"x":1})"}}, "anthropic")["x"] == 1);
    CHECK(first_block(Image{"https://x/y.png", "", {R"({"transformations":[1]})"}},
                      "anthropic")["transformations"] == Json{1});
}

TEST_CASE("a call keeps its own cache_control and wins over the message's") {
    Message said = calls({{"c", "f", "{}"}, {"d", "f", "{}"}});
    said.tool_calls[0].extra.text = cached;
    said.tool_calls[1].extra.text = R"({"cache_control":{"type":"own"},"caller":{"type":"direct"}})";
    said.extra.text = cached;
    ChatRequest request = with({message(Role::user, "q"), said, result("c", "1"), result("d", "2")});
    Json content = messages(request)[1]["content"];
    CHECK(content[0]["cache_control"] == cache);
    CHECK(content[1]["cache_control"] == Json{{"type", "own"}});
    CHECK(!content[1].contains("caller"));
    CHECK(messages(native(request))[1]["content"][1]["caller"] == Json{{"type", "direct"}});
}

TEST_CASE("a failed result says so") {
    Message failed = result("c", "no");
    failed.failed = true;
    const Json made = messages(with({message(Role::user, "q"), calls({{"c", "f", "{}"}}), failed}));
    CHECK(made[2]["content"][0]["is_error"] == true);
}

TEST_CASE("thoughts are sent in their place if Anthropic has issued them") {
    Message said = calls({{"c", "f", "{}"}});
    said.parts = {Text{"a"},           Thought{"hm", "s1", "", "anthropic"}, Thought{"", "", "data", ""},
                  Thought{"unsigned"}, Thought{"other", "s2", "", "openai"}, Text{"b"}};
    said.extra.text = R"({"thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s1"}]})";
    const Json content = messages(with({message(Role::user, "q"), said, result("c", "1")}))[1]["content"];
    CHECK(content == Json::parse(R"([{"type":"text","text":"a"},
        {"type":"thinking","thinking":"hm","signature":"s1"},{"type":"redacted_thinking","data":"data"},
        {"type":"text","text":"b"},{"type":"tool_use","id":"c","name":"f","input":{}}])"));
    ChatRequest request = with({message(Role::user, "q"), said, result("c", "1")}, budgeted);
    request.reasoning_effort = "low";
    CHECK(sent(request).contains("thinking"));
}

TEST_CASE("calls stand in their places, and the others follow") {
    Message said = calls({{"c", "f", "{}"}, {"d", "g", "{}"}, {"e", "h", "{}"}});
    said.parts = {ToolCallRef{1}, Text{"a"}, ToolCallRef{0}, ToolCallRef{1}, ToolCallRef{7}, Text{"b"}};
    const Json list = messages(
        with({message(Role::user, "q"), said, result("c", "1"), result("d", "2"), result("e", "3")}));
    const Json& content = list[1]["content"];
    REQUIRE(content.size() == 5);
    CHECK(content[0]["id"] == "d");
    CHECK(content[0]["name"] == "g");
    CHECK(content[1]["text"] == "a");
    CHECK(content[2]["id"] == "c");
    CHECK(content[3]["text"] == "b");
    CHECK(content[4]["id"] == "e");
    for (int i = 0; i < 3; ++i) {
        CHECK(list[2]["content"][i]["tool_use_id"] == std::string(1, "cde"[i]));
        CHECK(list[2]["content"][i]["content"][0]["text"] == std::to_string(i + 1));
    }
}

TEST_CASE("a client of Anthropic's protocol has all its members sent") {
    ChatRequest request = native(ask(budgeted));
    request.extra.text = R"({"made_up":[1.50,12345678901234567],"context_management":{"edits":[]},
        "thinking":{"type":"disabled"},"output_config":{"effort":"low"}})";
    request.metadata.text = R"({"user_id":"u","x":1})";
    request.tools = {tool("f"), {.type = "brand_new", .json = {R"({"type":"brand_new","x":1})"}}};
    request.tools[0].strict = true;
    request.tools[0].extra.text = R"({"unknown":1})";
    request.tool_choice = {.mode = ToolChoice::Mode::other, .json = {R"({"type":"new"})"}};
    request.reasoning_effort = "low";
    request.messages[0].parts.push_back(OtherPart{"hologram", {R"({"type":"hologram"})"}});
    const Json body = sent(request);
    CHECK(body["thinking"] == Json{{"type", "disabled"}});
    CHECK(body["output_config"] == Json{{"effort", "low"}});
    CHECK(body["max_tokens"] == 8192);
    CHECK(body.contains("context_management"));
    CHECK(body_text(request).find(R"("made_up":[1.50,12345678901234567])") != std::string::npos);
    CHECK(body["metadata"]["x"] == 1);
    CHECK(body["tools"][0]["strict"] == true);
    CHECK(body["tools"][0]["unknown"] == 1);
    CHECK(body["tools"][1] == Json{{"type", "brand_new"}, {"x", 1}});
    CHECK(body["tool_choice"] == Json{{"type", "new"}});
    CHECK(body["messages"][0]["content"][1] == Json{{"type", "hologram"}});
    CHECK(left_out(request) == "");

    request.extra = {};
    CHECK(!sent(request).contains("thinking"));
}

TEST_CASE("betas of the client join those of the configuration, each once") {
    ChatRequest request = ask();
    CHECK(beta_header(request) == "");
    request.betas = {"b-1", "a-1, c-1", "b-1", "", "bad\nword", "b"};
    CHECK(beta_header(request) == "b-1,a-1,c-1,b");
    Options options;
    options.beta = {"a-1", "own-1"};
    CHECK(beta_header(request, options) == "a-1,own-1,b-1,c-1,b");
}

TEST_CASE("the next turn's body begins with the bytes of this one") {
    for (const char* protocol : {"openai", "anthropic"}) {
        ChatRequest request = ask();
        request.protocol = protocol;
        request.messages.insert(request.messages.begin(), message(Role::system, "Be terse."));
        request.tools = {tool("f")};
        request.stream = true;
        request.sampling.temperature = 0.5;
        request.user = "u";
        request.service_tier = "auto";
        request.extra.text = R"({"output_config":{"effort":"low"},"speed":"fast"})";
        std::string before = body_text(request);
        for (int i = 0; i < 3; ++i) {
            request.messages.push_back(calls({{"c" + std::to_string(i), "f", "{}"}}, "Let me see."));
            request.messages.push_back(result("c" + std::to_string(i), "1"));
            const std::string after = body_text(request);
            REQUIRE(before.ends_with("]}"));
            CHECK(after.starts_with(before.substr(0, before.size() - 2)));
            before = after;
        }
        const std::size_t tools = before.find("\"tools\":"), system = before.find("\"system\":");
        CHECK(tools < system);
        CHECK(system < before.find("\"messages\":"));
        CHECK(before.find("\"service_tier\":") < tools);
    }
}

TEST_CASE("a schema of a json_object is the schema of the answer") {
    ChatRequest request = ask();
    request.response_format = {.kind = ResponseFormat::Kind::json_object,
                               .extra = {R"({"schema":{"type":"object","required":["a"]}})"}};
    CHECK(sent(request)["output_config"]["format"]["schema"]["required"] == Json{"a"});
    CHECK(!sent(request).contains("system"));
    request.model = budgeted;
    CHECK(sent(request)["tools"][0]["input_schema"]["required"] == Json{"a"});
    CHECK(sent(request)["tool_choice"] == Json{{"type", "tool"}, {"name", "answer"}});
    request.response_format.extra.text = R"({"schema":7})";
    CHECK(sent(request).contains("system"));
}

TEST_CASE("an unknown response format is dropped") {
    ChatRequest request = ask();
    request.response_format = {.kind = ResponseFormat::Kind::other, .json = {R"({"type":"grammar"})"}};
    CHECK(left_out(request) == "response_format");
    CHECK(sent(request) == sent(ask()));
}

TEST_CASE("the tokens of a prompt are counted by the API") {
    TokenCountRequest count{native(ask(budgeted))};
    ChatRequest& request = count.chat;
    request.messages.insert(request.messages.begin(), message(Role::system, "Be terse."));
    request.tools = {tool("f")};
    request.stream = true;
    request.sampling.max_tokens = 100;
    request.sampling.temperature = 0.5;
    request.sampling.stop = {"x"};
    request.user = "u";
    request.service_tier = "auto";
    request.betas = {"b-1"};
    request.extra.text = R"({"speed":"fast","thinking":{"type":"enabled","budget_tokens":2000},
        "context_management":{}})";
    Bench bench;
    auto exchange = bench.provider.count_tokens(count);
    REQUIRE(exchange);
    auto http = (*exchange)->request();
    REQUIRE(http);
    CHECK((**http).method == "POST");
    CHECK((**http).url == "https://api.anthropic.com/v1/messages/count_tokens");
    CHECK((**http).headers.get("anthropic-beta") == "b-1");
    CHECK((**http).headers.get("content-type") == "application/json");
    CHECK(Json::parse((**http).body) == Json::parse(R"({"model":"claude-sonnet-4-20250514",
        "thinking":{"type":"enabled","budget_tokens":2000},"context_management":{},
        "tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],
        "system":[{"type":"text","text":"Be terse."}],
        "messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]})"));

    const std::string answer = R"({"input_tokens": 2095})";
    for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
        const auto found = testing::replay(**exchange, {answer.substr(0, cut), answer.substr(cut)});
        REQUIRE(found);
        const auto counts = testing::all<TokenCount>(*found);
        REQUIRE(counts.size() == 1);
        CHECK(counts[0].input == 2095);
        CHECK(!counts[0].estimated);
    }
    for (const char* broken : {"", "{}", "[]", R"({"input_tokens":"x"})", R"({"input_tokens":-1})", "<html>"})
        CHECK(is_one_error(lines(testing::replay(**exchange, {broken}))));
    CHECK(lines(testing::replay(**exchange,
                                {R"({"type":"error","error":{"type":"not_found_error","message":"x"}})"},
                                {.status = 404}))
              .at(0)
              .starts_with("error 404"));
}
