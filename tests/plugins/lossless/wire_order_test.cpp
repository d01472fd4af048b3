// SPDX-License-Identifier: Apache-2.0
// A cache of prompts finds a conversation again by the bytes with which it begins: the body of
// each turn of an agent's session begins with the body of the turn before, up to the end of its
// last message.
#include "tests/plugins/lossless/upstreams.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using Ordered = nlohmann::ordered_json;

namespace {

constexpr int turns = 30;

// --- a session ---

std::string tool_name(int number) { return "tool_" + std::to_string(number); }

Ordered tool(int number) {
    const Ordered parameters = {{"type", "object"},
                                {"properties",
                                 {{"zone", {{"type", "string"}, {"description", prose("zone", 200)}}},
                                  {"area", {{"type", "string"}, {"enum", {"north", "south"}}}},
                                  {"limit", {{"type", "integer"}, {"minimum", 1}, {"maximum", 500}}}}},
                                {"required", {"zone"}}};
    return {
        {"type", "function"},
        {"function",
         {{"name", tool_name(number)}, {"description", prose("a tool", 100)}, {"parameters", parameters}}}};
}

Ordered tools() {
    Ordered list = Ordered::array();
    for (int i = 0; i < 20; ++i) list.push_back(tool(i));
    return list;
}

struct Variant {
    bool cache_key = false;  // prompt_cache_key
    bool listed = false;     // texts are lists of one part
    bool stream = false;
    bool image = true;
    bool responses = false;  // the client speaks the Responses API
};

Ordered content(const Variant& variant, const std::string& text) {
    if (!variant.listed) return text;
    return Ordered::array({{{"type", "text"}, {"text", text}}});
}

Ordered call(int turn, int number) {
    const std::string id = "call_" + std::to_string(turn) + "_" + std::to_string(number);
    return {{"id", id},
            {"type", "function"},
            {"function",
             {{"name", tool_name((turn + number) % 20)},
              {"arguments", R"({"zone": "z)" + std::to_string(turn) + R"(", "limit": 5})"}}}};
}

/// Adds the messages of a turn: calls with their results, or an answer and a question.
void grow(Ordered& messages, const Variant& variant, int turn) {
    const std::string mark = "turn-" + std::to_string(turn);
    if (turn % 7 == 6) {
        messages.push_back({{"role", "assistant"}, {"content", content(variant, "Done with " + mark)}});
        messages.push_back({{"role", "user"}, {"content", content(variant, "Continue after " + mark + ".")}});
        return;
    }
    Ordered calls = Ordered::array();
    for (int i = 0; i <= turn % 3; ++i) calls.push_back(call(turn, i));
    const Ordered said = turn % 2 ? Ordered(content(variant, "I look at " + mark)) : Ordered(nullptr);
    messages.push_back({{"role", "assistant"}, {"content", said}, {"tool_calls", calls}});
    for (const Ordered& one : calls)
        messages.push_back(
            {{"role", "tool"},
             {"tool_call_id", one.at("id")},
             {"content", content(variant, prose("the result of " + mark, 300 + 97 * turn % 900))}});
}

Ordered first_messages(const Variant& variant) {
    Ordered question = Ordered::array({{{"type", "text"}, {"text", "Put the files in order."}}});
    if (variant.image)
        question.push_back(
            {{"type", "image_url"}, {"image_url", {{"url", "data:image/png;base64,iVBORw0KGgo="}}}});
    return Ordered::array({{{"role", "system"}, {"content", content(variant, prose("the house", 4'000))}},
                           {{"role", "user"}, {"content", question}}});
}

Ordered response_content(const Ordered& content) {
    if (!content.is_array()) return content;
    Ordered parts = Ordered::array();
    for (const Ordered& part : content)
        parts.push_back(part.contains("text") ? Ordered{{"type", "input_text"}, {"text", part.at("text")}}
                                              : Ordered{{"type", "input_image"},
                                                        {"image_url", part.at("image_url").at("url")}});
    return parts;
}

/// The same request in the Responses API.
Ordered response_of(const Ordered& chat) {
    Ordered input = Ordered::array();
    for (const Ordered& message : chat.at("messages")) {
        if (message.at("role") == "tool") {
            input.push_back({{"type", "function_call_output"},
                             {"call_id", message.at("tool_call_id")},
                             {"output", response_content(message.at("content"))}});
            continue;
        }
        if (!message.at("content").is_null())
            input.push_back(
                {{"role", message.at("role")}, {"content", response_content(message.at("content"))}});
        for (const Ordered& call : message.value("tool_calls", Ordered::array()))
            input.push_back({{"type", "function_call"},
                             {"call_id", call.at("id")},
                             {"name", call.at("function").at("name")},
                             {"arguments", call.at("function").at("arguments")}});
    }
    Ordered body = {
        {"model", "m"}, {"input", input}, {"tools", Ordered::array()}, {"max_output_tokens", 1000}};
    for (const Ordered& tool : chat.at("tools")) {
        Ordered flat = {{"type", "function"}};
        flat.update(tool.at("function"));
        body["tools"].push_back(flat);
    }
    if (chat.contains("prompt_cache_key")) body["prompt_cache_key"] = chat.at("prompt_cache_key");
    if (chat.contains("stream")) body["stream"] = true;
    return body;
}

/// The bodies of the client's first requests.
std::vector<std::string> session(const Variant& variant, int count = turns) {
    Ordered body = {
        {"model", "m"}, {"messages", first_messages(variant)}, {"tools", tools()}, {"max_tokens", 1000}};
    if (variant.cache_key) body["prompt_cache_key"] = "session-1";
    if (variant.stream) body["stream"] = true;
    std::vector<std::string> out;
    for (int turn = 0; turn < count; ++turn) {
        if (turn) grow(body["messages"], variant, turn);
        out.push_back((variant.responses ? response_of(body) : body).dump());
    }
    return out;
}

/// The position behind the last message, which is the last thing that the client wrote: no text of
/// it comes later.
std::size_t end_of_messages(const std::string& body, const std::string& client) {
    const std::size_t turn = client.rfind("turn-");
    const std::size_t words = turn == client.npos ? client.find("Put the files") : turn;
    const std::string mark = client.substr(words, client.find_first_of(":.\"", words) - words);
    const std::size_t at = body.rfind(mark);
    REQUIRE(at != body.npos);
    return at + mark.size();
}

void check(const std::string& earlier, const std::string& later, const std::string& client) {
    CHECK(check_beginning(earlier, later) >= end_of_messages(earlier, client));
}

constexpr Variant variants[] = {{},
                                {.cache_key = true},
                                {.listed = true},
                                {.stream = true},
                                {.cache_key = true, .listed = true, .stream = true},
                                {.responses = true},
                                {.cache_key = true, .listed = true, .stream = true, .responses = true}};

void check_turns(const Upstream& upstream, const std::vector<std::string>& bodies, bool restart) {
    testing::FakeHost host;
    auto provider = upstream.make(host);
    std::string earlier;
    for (std::size_t turn = 0; turn < bodies.size(); ++turn) {
        CAPTURE(turn);
        if (restart) provider = upstream.make(host);
        const std::string now = sent(*provider, parse(bodies[turn], upstream.model));
        REQUIRE(now.size() > 10'000);
        if (turn) check(earlier, now, bodies[turn - 1]);
        earlier = now;
    }
}

void check_upstream(const char* name) {
    for (const Upstream& upstream : upstreams()) {
        if (std::string_view(upstream.name) != name) continue;
        for (Variant variant : variants) {
            variant.image = upstream.image;
            const std::vector<std::string> bodies = session(variant);
            CAPTURE(variant.cache_key);
            CAPTURE(variant.listed);
            CAPTURE(variant.stream);
            for (const bool restart : {false, true}) {
                CAPTURE(restart);
                check_turns(upstream, bodies, restart);
            }
        }
    }
}

}  // namespace

TEST_CASE("openai: each turn's body begins with the turn before") { check_upstream("openai"); }
TEST_CASE("anthropic: each turn's body begins with the turn before") { check_upstream("anthropic"); }
TEST_CASE("OCI's GENERIC format: each turn's body begins with the turn before") {
    check_upstream("oci GENERIC");
}
TEST_CASE("OCI's COHERE V2 format: each turn's body begins with the turn before") {
    check_upstream("oci COHERE V2");
}

TEST_CASE("OCI's Responses API: each turn's body begins with the turn before") {
    check_upstream("oci RESPONSES");
}

TEST_CASE("a retry, a new exchange and a new instance send the same bytes") {
    for (const Upstream& upstream : upstreams()) {
        CAPTURE(upstream.name);
        for (Variant variant : variants) {
            variant.image = upstream.image;
            testing::FakeHost host;
            auto provider = upstream.make(host), other = upstream.make(host);
            const std::string body = session(variant, 10).back();
            const ChatRequest request = parse(body, upstream.model);
            auto exchange = begin(*provider, request);
            const std::string first = body_of(*exchange);
            CHECK(body_of(*exchange) == first);
            CHECK(sent(*provider, request) == first);
            CHECK(sent(*other, request) == first);
            CHECK(sent(*other, parse(body, upstream.model)) == first);
        }
    }
}

TEST_CASE("a key of the prompt cache reaches each upstream that has one") {
    for (const Upstream& upstream : upstreams()) {
        CAPTURE(upstream.name);
        testing::FakeHost host;
        auto provider = upstream.make(host);
        const std::string body =
            sent(*provider,
                 parse(session({.cache_key = true, .image = upstream.image}, 1).front(), upstream.model));
        const std::string member =
            upstream.cache_key ? "\"" + std::string(upstream.cache_key) + R"(":"session-1")" : "session-1";
        CHECK_MESSAGE((body.find(member) != body.npos) == (upstream.cache_key != nullptr), member);
    }
}

TEST_CASE("a list of one text stays a list") {
    testing::FakeHost host;
    openai_provider::OpenAi provider({}, host);
    const Ordered body = Ordered::parse(sent(provider, parse(session({.listed = true}, 3).back(), "gpt-5")));
    for (const Ordered& message : body.at("messages"))
        CHECK_MESSAGE((message.at("content").is_array() || message.at("content").is_null()), message.dump());
}
