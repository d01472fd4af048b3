// SPDX-License-Identifier: Apache-2.0
// Requests of real clients, and each member of a request, in the vocabulary of all dialects.
#include "tests/plugins/dialect/anthropic/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect;
using namespace gatehouse::anthropic_dialect::testing;

namespace {

std::string roles(const ChatRequest& request) {
    std::string all;
    for (const Message& message : request.messages) all += "sduat"[static_cast<int>(message.role)];
    return all;
}

template <typename Kind>
const Kind& part(const Message& message, std::size_t index = 0) {
    REQUIRE(message.parts.size() > index);
    const auto* found = std::get_if<Kind>(&message.parts[index]);
    REQUIRE(found);
    return *found;
}

const ChatRequest& chat(const Result<Parsed>& parsed) {
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    if (auto* count = std::get_if<TokenCountRequest>(&parsed->operation)) return count->chat;
    return std::get<ChatRequest>(parsed->operation);
}

}  // namespace

TEST_CASE("every recorded request of a client is accepted") {
    Bench bench;
    const auto names = client_requests();
    CHECK(names.size() == 21);
    for (const std::string& name : names) {
        CAPTURE(name);
        Recorded recorded(name);
        if (recorded.head.path == "/") continue;  // the probe, which has no dialect
        const auto result = bench.dialect.parse(recorded.head, recorded.body);
        REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
        if (std::holds_alternative<ModelsRequest>(result->operation)) continue;
        const ChatRequest& request = chat(result);
        CHECK(request.protocol == "anthropic");
        CHECK(request.include_usage);
        CHECK(request.model == Json::parse(recorded.body)["model"]);
        CHECK(request.betas.empty() == !recorded.head.headers.has("anthropic-beta"));
    }
}

// A1, A3, A4: a system message within the conversation stays in its place and its role.
TEST_CASE("Claude Code's first turn") {
    Recorded recorded("clients/cc-plain.json");
    Bench bench;
    const auto result = bench.dialect.parse(recorded.head, recorded.body);
    const ChatRequest& request = chat(result);
    CHECK(roles(request) == "sus");
    CHECK(request.stream);
    CHECK(request.sampling.max_completion_tokens == 64000);
    CHECK(request.reasoning_effort == "high");
    CHECK(request.user == "");  // the device's id
    CHECK(!request.metadata.empty());
    CHECK(request.betas.size() == 1);
    CHECK(request.betas[0].find("mid-conversation-system-2026-04-07") != std::string::npos);
    CHECK(request.tools.size() == 3);
    CHECK(request.tools[0].type == "function");
    const Json extra = Json::parse(request.extra.text);
    CHECK(extra["thinking"] == Json{{"type", "adaptive"}});
    CHECK(extra["output_config"] == Json{{"effort", "high"}});
    CHECK(extra.contains("context_management"));
    CHECK(extra.size() == 3);
}

// A7: no upstream but Anthropic's gets this line, which changes with each conversation.
TEST_CASE("the billing line of the system prompt is a part of the protocol and no text") {
    Recorded recorded("clients/cc-plain.json");
    Bench bench;
    const auto result = bench.dialect.parse(recorded.head, recorded.body);
    const Message& system = chat(result).messages[0];
    REQUIRE(system.parts.size() == 3);
    CHECK(part<OtherPart>(system).type == "text");
    CHECK(Json::parse(part<OtherPart>(system).json.text)["text"].get<std::string>().starts_with(
        "x-anthropic-billing-header: cc_version="));
    CHECK(Json::parse(part<Text>(system, 1).extra.text)["cache_control"]["type"] == "ephemeral");
}

TEST_CASE("a system message is a string or blocks, anywhere") {
    const auto first =
        request(messages(R"([{"role":"system","content":"a"},{"role":"user","content":"b"}])"));
    CHECK(roles(first) == "su");
    const auto last = request(messages(
        R"([{"role":"user","content":"b"},{"role":"system","content":[{"type":"text","text":"c"}]}])"));
    CHECK(roles(last) == "us");
    CHECK(last.messages[1].listed);
    const auto both = request(
        R"({"messages":[{"role":"system","content":"b"},{"role":"user","content":"c"}],"system":"a","model":"m","max_tokens":1})");
    CHECK(roles(both) == "ssu");
    CHECK(text_of(both.messages[0]) == "a");
    CHECK(roles(request(with(R"("system":[])"))) == "u");
    CHECK(roles(request(with(R"("system":null)"))) == "u");
}

// C1, C3, C4: results come first, keep their images, and calls keep their places.
TEST_CASE("calls and results of tools") {
    const ChatRequest all = request(messages(R"([
      {"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"text","text":"a"},
        {"type":"tool_use","id":"t1","name":"f","input":{"n":12345678901234567,"x":1.50},"cache_control":{"type":"ephemeral"}},
        {"type":"text","text":"b"},{"type":"tool_use","id":"t2","name":"g","input":{},"caller":{"type":"direct"}}]},
      {"role":"user","content":[{"type":"text","text":"and"},
        {"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[
          {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"},"cache_control":{"type":"ephemeral"}},
          {"type":"text","text":"no"}]},
        {"type":"tool_result","tool_use_id":"t2"}]}])"));
    CHECK(roles(all) == "uattu");
    const Message& calls = all.messages[1];
    REQUIRE(calls.parts.size() == 4);
    CHECK(part<ToolCallRef>(calls, 1).index == 0);
    CHECK(part<Text>(calls, 2).text == "b");
    CHECK(part<ToolCallRef>(calls, 3).index == 1);
    REQUIRE(calls.tool_calls.size() == 2);
    CHECK(calls.tool_calls[0].arguments == R"({"n":12345678901234567,"x":1.50})");
    CHECK(calls.tool_calls[0].extra.text == R"({"cache_control":{"type":"ephemeral"}})");
    CHECK(calls.tool_calls[1].extra.text == R"({"caller":{"type":"direct"}})");
    const Message& failed = all.messages[2];
    CHECK(failed.tool_call_id == "t1");
    CHECK(failed.failed);
    CHECK(part<Image>(failed).url == "data:image/png;base64,AAAA");
    CHECK(part<Image>(failed).extra.text == R"({"cache_control":{"type":"ephemeral"}})");
    CHECK(part<Text>(failed, 1).text == "no");
    CHECK(all.messages[3].parts.empty());
    CHECK(!all.messages[3].failed);
    CHECK(text_of(all.messages[4]) == "and");
}

// D1, D2, D3: a signed thought returns to its issuer.
TEST_CASE("thoughts of the past") {
    const ChatRequest all = request(messages(R"([{"role":"assistant","content":[
      {"type":"thinking","thinking":"hm","signature":"c2ln"},
      {"type":"redacted_thinking","data":"ZW5j"},
      {"type":"thinking","thinking":"other","signature":""},
      {"type":"thinking","thinking":"none"}]}])"));
    const Message& message = all.messages[0];
    CHECK(part<Thought>(message).text == "hm");
    CHECK(part<Thought>(message).signature == "c2ln");
    CHECK(part<Thought>(message).origin == "anthropic");
    CHECK(part<Thought>(message, 1).encrypted == "ZW5j");
    CHECK(part<Thought>(message, 1).origin == "anthropic");
    for (std::size_t i : {2, 3}) {
        CHECK(part<Thought>(message, i).signature == "");
        CHECK(part<Thought>(message, i).origin == "");
    }
}

TEST_CASE("images and documents") {
    const ChatRequest all = request(messages(R"([{"role":"user","content":[
      {"type":"image","source":{"type":"url","url":"https://x.example/a.png"}},
      {"type":"image","source":{"type":"file","file_id":"f1"}},
      {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"T","citations":{"enabled":true}},
      {"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain \u00e9"},"context":null},
      {"type":"document","source":{"type":"url","url":"https://x.example/a.pdf"}},
      {"type":"document","source":{"type":"file","file_id":"f2"}},
      {"type":"document","source":{"type":"content","content":"c"}},
      {"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]},
      {"type":"new_kind","a":[1.50]}]}])"));
    const Message& message = all.messages[0];
    CHECK(part<Image>(message).url == "https://x.example/a.png");
    CHECK(part<OtherPart>(message, 1).type == "image");
    CHECK(part<File>(message, 2).data == "data:application/pdf;base64,JVBERi0=");
    CHECK(part<File>(message, 2).extra.text == R"({"title":"T","citations":{"enabled":true}})");
    CHECK(part<File>(message, 3).data == "data:text/plain;base64,cGxhaW4gw6k=");
    CHECK(part<File>(message, 3).extra.empty());
    CHECK(part<File>(message, 4).data == "https://x.example/a.pdf");
    CHECK(part<File>(message, 5).id == "f2");
    CHECK(part<OtherPart>(message, 6).type == "document");
    CHECK(part<OtherPart>(message, 7).type == "search_result");
    CHECK(part<OtherPart>(message, 8).json.text == R"({"type":"new_kind","a":[1.50]})");
}

// C5, C6, C7: tools keep their schemas, and calls at once may be disabled.
TEST_CASE("tools and the choice among them") {
    const ChatRequest all = request(with(R"("tools":[
      {"name":"f","description":"d","input_schema":{"type":"object","properties":{"a":{"type":["string","null"]}}},
       "strict":true,"cache_control":{"type":"ephemeral"},"type":"custom"},
      {"name":"g","input_schema":{"type":"object"},"type":null},
      {"type":"web_search_20250305","name":"web_search","max_uses":8}],
      "tool_choice":{"type":"tool","name":"web_search","disable_parallel_tool_use":true})"));
    REQUIRE(all.tools.size() == 3);
    CHECK(std::string_view(all.tools[0].parameters.text).find(R"(["string","null"])") != std::string::npos);
    CHECK(all.tools[0].strict == true);
    CHECK(Json::parse(all.tools[0].extra.text) ==
          Json{{"cache_control", {{"type", "ephemeral"}}}, {"type", "custom"}});
    CHECK(all.tools[1].type == "function");
    CHECK(all.tools[1].extra.empty());
    CHECK(all.tools[2].type == "web_search_20250305");
    CHECK(all.tools[2].name == "web_search");
    CHECK(Json::parse(all.tools[2].json.text)["max_uses"] == 8);
    CHECK(all.tool_choice.mode == ToolChoice::Mode::named);
    CHECK(all.parallel_tool_calls == false);
    const std::string tools = R"("tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":)";
    using Mode = ToolChoice::Mode;
    CHECK(request(with(tools + R"({"type":"auto"})")).tool_choice.mode == Mode::automatic);
    CHECK(request(with(tools + R"({"type":"any","disable_parallel_tool_use":false})")).tool_choice.mode ==
          Mode::required);
    CHECK(request(with(tools + R"({"type":"any","disable_parallel_tool_use":false})")).parallel_tool_calls ==
          true);
    CHECK(request(with(tools + R"({"type":"none"})")).tool_choice.mode == Mode::none);
    CHECK(request(with(tools + R"({"type":"later","x":1})")).tool_choice.json.text ==
          R"({"type":"later","x":1})");
}

TEST_CASE("thinking, effort and the format of the answer") {
    auto effort = [](const std::string& members) { return request(with(members)).reasoning_effort; };
    CHECK(effort("") == "");
    CHECK(effort(R"("thinking":{"type":"enabled","budget_tokens":1024})") == "low");
    CHECK(effort(R"("thinking":{"type":"enabled","budget_tokens":4096})") == "medium");
    CHECK(effort(R"("thinking":{"type":"enabled","budget_tokens":31999})") == "high");
    CHECK(effort(R"("thinking":{"type":"adaptive"})") == "");
    CHECK(effort(R"("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})") == "max");
    CHECK(effort(R"("output_config":{"effort":"low"},"thinking":{"type":"disabled"})") == "");
    CHECK(parsed(with(R"("thinking":{"type":"adaptive"})")).asks_thoughts);
    CHECK(!parsed(with(R"("thinking":{"type":"disabled"})")).asks_thoughts);
    CHECK(!parsed(with("")).asks_thoughts);
    for (const char* member :
         {R"("output_format":{"type":"json_schema","schema":{"type":"object"}})",
          R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})"}) {
        const ResponseFormat format = request(with(member)).response_format;
        CHECK(format.kind == ResponseFormat::Kind::json_schema);
        CHECK(format.schema.text == R"({"type":"object"})");
        CHECK(format.name == "answer");
        CHECK(format.strict == true);
    }
}

TEST_CASE("other settings") {
    const ChatRequest all = request(with(
        R"("temperature":1,"top_p":0.5,"top_k":7,"stop_sequences":["a","b","c","d","e"],"service_tier":"standard_only",
           "metadata":{"user_id":"ann"},"speed":"fast","stream":false,"mcp_servers":[],"new":{"a":1.50})"));
    CHECK(all.sampling.temperature == 1);
    CHECK(all.sampling.top_p == 0.5);
    CHECK(all.sampling.top_k == 7);
    CHECK(all.sampling.stop.size() == 5);
    CHECK(all.service_tier == "default");
    CHECK(all.user == "ann");
    CHECK(all.metadata.text == R"({"user_id":"ann"})");
    CHECK(all.extra.text == R"({"speed":"fast","mcp_servers":[],"new":{"a":1.50}})");
    CHECK(request(with(R"("temperature":null,"tools":null,"stop_sequences":null,"thinking":null)"))
              .extra.empty());
    CHECK(request(with(R"("metadata":{"user_id":")" + std::string(65, 'x') + R"("})")).user == "");
}

TEST_CASE("betas come from every header of that name") {
    Bench bench;
    const auto result = bench.parse(with(""), "/v1/messages",
                                    {{"anthropic-beta", "a,b"}, {"Anthropic-Beta", "c"}, {"x", "d"}});
    CHECK(chat(result).betas == std::vector<std::string>{"a,b", "c"});
}

TEST_CASE("a count of tokens needs no max_tokens") {
    Bench bench;
    const auto result = bench.parse(R"({"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[]})",
                                    "/v1/messages/count_tokens");
    CHECK(std::holds_alternative<TokenCountRequest>(result->operation));
    CHECK(chat(result).protocol == "anthropic");
}
