// SPDX-License-Identifier: Apache-2.0
// Responses that the store keeps: conversations, references, reading, deleting, listing.
#include "tests/plugins/dialect/openai/responses/stateful.hpp"

#include <set>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string tools =
    R"("tools":[{"type":"function","name":"f"},{"type":"custom","name":"p"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]}])";

}  // namespace

TEST_CASE("previous_response_id continues a conversation of any number of turns") {
    StatefulGateway gateway;
    const Json first = gateway.say(R"({"model":"m","instructions":"Old.","input":"One?"})", "One.");
    CHECK(first["store"] == true);
    const Json second = gateway.say(next(first, "\"Two?\""), "Two.");
    CHECK(second["previous_response_id"] == first["id"]);
    const Json third = gateway.say(next(second, "\"Three?\""), "Three.");
    gateway.recalls = 0;
    CHECK(
        contents(gateway.messages(next(third, "\"Four?\"", R"("instructions":"New.")"))) ==
        "system New.; user One?; assistant One.; user Two?; assistant Two.; user Three?; assistant Three.; user Four?");
    CHECK(gateway.recalls == 2);
    // Another branch of the same conversation.
    CHECK(contents(gateway.messages(next(first, "\"Other?\""))) == "user One?; assistant One.; user Other?");
}

TEST_CASE("the upstream's messages of a turn begin with those of the turn before") {
    StatefulGateway gateway;
    const std::string input =
        R"([{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AA","detail":"low"}]}])";
    const std::string one = R"({"model":"m",)" + tools + R"(,"input":)" + input + "}";
    const Json sent = gateway.messages(one);
    const Json response = gateway.run(
        one, {ReasoningDelta{"hm"}, ThoughtEnd{.signature = "s", .origin = "acme"}, TextDelta{"t"},
              ToolCallDelta{.index = 0, .id = "c1", .name = "f", .arguments = "{\"a\":1}"},
              ToolCallDelta{.index = 1, .id = "c2", .name = "p", .arguments = R"({"input":"x \"y\""})"},
              ToolCallDelta{.index = 2, .id = "c3", .name = "n__g", .arguments = "{}"}});
    const std::string results = R"([{"type":"function_call_output","call_id":"c1","output":"1"},
        {"type":"custom_tool_call_output","call_id":"c2","output":"2"},{"type":"function_call_output","call_id":"c3","output":"3"}])";
    const std::string two = next(response, results, tools);
    const Json after = gateway.messages(two);
    REQUIRE(after.size() == sent.size() + 4);
    for (std::size_t i = 0; i < sent.size(); ++i) CHECK(after[i] == sent[i]);
    CHECK(after[1]["content"] == "t");
    CHECK(after[1]["reasoning_content"] == "hm");
    CHECK(after[1]["tool_calls"][1]["function"]["arguments"] == R"({"input":"x \"y\""})");
    CHECK(after[1]["tool_calls"][2]["function"]["name"] == "n__g");

    const Json response2 = gateway.say(two, "done");
    const Json last = gateway.messages(next(response2, "\"Go.\"", tools));
    REQUIRE(last.size() == after.size() + 2);
    for (std::size_t i = 0; i < after.size(); ++i) CHECK(last[i] == after[i]);
}

TEST_CASE("tools that came as items are tools of the next turn too") {
    StatefulGateway gateway;
    const Json first = gateway.say(
        with_items(
            R"({"type":"additional_tools","tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"e"}]}]},{"role":"user","content":"x"})"),
        "a");
    auto parsed = gateway.post(next(first, "\"y\""));
    REQUIRE(parsed);
    const auto& chat = std::get<ChatRequest>(parsed->operation);
    REQUIRE(chat.tools.size() == 1);
    CHECK(chat.tools[0].name == "n__e");
    CHECK(chat.messages.size() == 3);
}

TEST_CASE("a thought comes back with its seal although the client has not asked for it") {
    StatefulGateway gateway;
    const Json first = gateway.run(
        whole(), {ReasoningDelta{"hm"}, ThoughtEnd{.signature = "s", .origin = "acme"}, TextDelta{"a"}});
    CHECK(!first["output"][0].contains("encrypted_content"));
    auto parsed = gateway.post(next(first, "\"y\""));
    REQUIRE(parsed);
    const auto& parts = std::get<ChatRequest>(parsed->operation).messages[1].parts;
    REQUIRE(parts.size() == 2);
    CHECK(std::get<Thought>(parts[0]).signature == "s");
    CHECK(!gateway.reply("GET", first["id"])["output"][0].contains("encrypted_content"));
}

TEST_CASE("references to items are replaced by the items") {
    StatefulGateway gateway;
    const Json first =
        gateway.run(whole(), {ReasoningDelta{"hm"}, ThoughtEnd{.signature = "s"}, TextDelta{"a"},
                              ToolCallDelta{.id = "c1", .name = "f", .arguments = "{}"}});
    std::string items = R"({"role":"user","content":"Hi."})";
    for (const Json& item : first["output"])
        items += R"(,{"type":"item_reference","id":)" + item["id"].dump() + "}";
    items += R"(,{"type":"function_call_output","call_id":"c1","output":"1"})";
    gateway.recalls = 0;
    CHECK(contents(gateway.messages(with_items(items))) == "user Hi.; assistant a f; tool 1");
    CHECK(gateway.recalls == 1);
    CHECK(contents(gateway.messages(with_items(R"({"id":)" + first["output"][1]["id"].dump() +
                                               R"(},{"role":"user","content":"x"})"))) ==
          "assistant a; user x");
}

TEST_CASE("an unknown response or item is not found, and so is one of another client") {
    StatefulGateway gateway;
    const Json first = gateway.say(whole(), "a");
    const std::string id = first["id"], item = first["output"][0]["id"];
    auto expect_unknown = [&](const std::string& name, const std::string& item_name) {
        auto parsed = gateway.post(next(Json{{"id", name}}, "\"x\""));
        REQUIRE(!parsed);
        CHECK(status_of(parsed.error()) == 400);
        CHECK(parsed.error().code == "previous_response_not_found");
        CHECK(parsed.error().param == "previous_response_id");
        parsed = gateway.post(with_items(R"({"type":"item_reference","id":")" + item_name + "\"}"));
        REQUIRE(!parsed);
        CHECK(status_of(parsed.error()) == 404);
        CHECK(parsed.error().param == "input");
        for (const char* rest : {"", "/input_items"}) CHECK(gateway.status("GET", name + rest) == 404);
        CHECK(gateway.status("DELETE", name) == 404);
        CHECK(gateway.status("POST", name + "/cancel") == 404);
    };
    expect_unknown("resp_none", "msg_none_0");
    expect_unknown(std::string(70, 'x'), "msg_" + std::string(70, 'x'));
    expect_unknown("..%2f", "msg");
    gateway.owner = "b";
    expect_unknown(id, item);
    gateway.owner = "a";
    gateway.store.time += std::chrono::hours(25);
    expect_unknown(id, item);
}

TEST_CASE("the id of a response has at least 128 random bits, and no request lists ids") {
    StatefulGateway gateway;
    std::vector<std::set<char>> letters(29);  // at each place of the ids
    for (int i = 0; i < 64; ++i) {
        const std::string id = gateway.say(whole(), "x").at("id");
        REQUIRE(id.size() == 5 + letters.size());
        CHECK(id.starts_with("resp_"));
        for (std::size_t place = 0; place < letters.size(); ++place) letters[place].insert(id[5 + place]);
    }
    // 64 of 62 letters are about 40 different ones; 2^(128 / 29) is 22.
    for (const auto& seen : letters) CHECK(seen.size() > 22);
    CHECK(gateway.status("GET", "") == 404);
}

TEST_CASE("a thought of an unknown response is left out") {
    StatefulGateway gateway;
    CHECK(contents(gateway.messages(with_items(
              R"({"type":"item_reference","id":"rs_none_0"},{"role":"user","content":"x"})"))) == "user x");
}

TEST_CASE("a conversation with a deleted turn is not found") {
    StatefulGateway gateway;
    const Json first = gateway.say(whole(), "a"), second = gateway.say(next(first, "\"x\""), "b");
    CHECK(gateway.reply("DELETE", first["id"]) ==
          Json{{"id", first["id"]}, {"object", "response"}, {"deleted", true}});
    CHECK(gateway.status("GET", first["id"]) == 404);
    CHECK(gateway.status("GET", second["id"]) == 200);
    auto parsed = gateway.post(next(second, "\"y\""));
    REQUIRE(!parsed);
    CHECK(parsed.error().code == "previous_response_not_found");
}

TEST_CASE("a stored response is what the client has got") {
    StatefulGateway gateway;
    const Json first = gateway.say(whole(R"("instructions":"Terse.","metadata":{"a":"b"})"), "a");
    CHECK(gateway.reply("GET", first["id"]) == first);
    CHECK(gateway.status("GET", first["id"].get<std::string>(), "stream=true") == 400);
    CHECK(gateway.status("POST", first["id"].get<std::string>() + "/cancel") == 400);
    CHECK(gateway.status("GET", first["id"].get<std::string>() + "/nothing") == 404);
    CHECK(gateway.status("POST", first["id"]) == 404);
}

TEST_CASE("the input items of a response, by pages") {
    StatefulGateway gateway;
    const Json first = gateway.say(
        with_items(
            R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"})"),
        "d");
    const std::string path = first["id"].get<std::string>() + "/input_items";
    const Json all = gateway.reply("GET", path, "order=asc");
    REQUIRE(all["data"].size() == 3);
    CHECK(all["data"][0]["content"] == Json::parse(R"([{"type":"input_text","text":"a"}])"));
    CHECK(all["data"][1]["content"][0]["type"] == "output_text");
    CHECK(all["has_more"] == false);
    CHECK(all["first_id"] == all["data"][0]["id"]);
    const Json latest = gateway.reply("GET", path, "limit=2");
    CHECK(latest["data"][0] == all["data"][2]);
    CHECK(latest["has_more"] == true);
    const Json rest = gateway.reply("GET", path, "limit=2&after=" + latest["last_id"].get<std::string>());
    CHECK(rest["data"] == Json::array({all["data"][0]}));
    CHECK(rest["has_more"] == false);
    const Json none = gateway.reply("GET", path, "after=" + rest["last_id"].get<std::string>());
    CHECK(none["data"].empty());
    CHECK(none["first_id"].is_null());
    for (const char* query : {"limit=0", "limit=101", "limit=x", "order=up", "after=nothing"})
        CHECK(gateway.status("GET", path, query) == 400);
}

TEST_CASE("store false keeps nothing") {
    StatefulGateway gateway;
    const Json first = gateway.say(whole(R"("store":false)"), "a");
    CHECK(first["store"] == false);
    CHECK(gateway.store.size().records == 0);
    CHECK(gateway.status("GET", first["id"]) == 404);
}

TEST_CASE("a failed response is not kept") {
    StatefulGateway gateway;
    auto parsed = gateway.post(streaming());
    REQUIRE(parsed);
    auto formatter = parsed->formatter();
    std::string out;
    formatter->event(TextDelta{"a"}, out);
    formatter->end(out);  // without a finish reason
    CHECK(formatter->keep(parsed->operation).empty());
}

TEST_CASE("text that a hook has removed is not kept") {
    StatefulGateway gateway;
    const Json first = gateway.run(
        R"({"model":"m","instructions":"secret one","input":[{"role":"user","content":"secret two"}]})",
        {TextDelta{"fine"}}, [](ChatRequest& chat) {
            for (Message& message : chat.messages) message.parts = {Text{"masked"}};
            Message added{.role = Role::system};
            added.parts = {Text{"added by a hook"}};
            chat.messages.insert(chat.messages.begin(), added);
        });
    std::optional<Result<std::vector<std::optional<Record>>>> found;
    gateway.store.get({{"a", "response", first["id"]}}, 1'000'000, testing::into(found));
    const std::string body = (**found)[0]->body;
    CHECK(body.find("secret") == body.npos);
    CHECK(body.find("added by a hook") == body.npos);
    CHECK(contents(gateway.messages(next(first, "\"x\""))) == "user masked; assistant fine; user x");
    CHECK(gateway.reply("GET", first["id"])["instructions"] == "masked");
}

TEST_CASE("a conversation has a limit of turns, and a record one of bytes") {
    StatefulGateway gateway;
    openai_dialect::Options options;
    options.max_chain = 1;
    options.max_kept_bytes = 3000;
    testing::FakeHost host;
    host.given_store = &gateway.store;
    openai_dialect::OpenAi dialect(options, host);
    auto run = [&](const std::string& body) {
        auto parsed = gateway.settle(dialect.parse({.method = "POST", .path = "/v1/responses"}, body));
        REQUIRE(parsed);
        auto formatter = parsed->formatter();
        std::string out;
        formatter->event(TextDelta{"a"}, out);
        formatter->event(Finish{}, out);
        formatter->end(out);
        const auto kept = formatter->keep(parsed->operation);
        for (const Keep& keep : kept) {
            std::optional<Result<std::uint64_t>> version;
            gateway.store.put({gateway.key(keep.id), keep.body, keep.keep_for, {}}, testing::into(version));
        }
        return std::pair(Json::parse(out), kept.size());
    };
    const auto [first, kept] = run(whole());
    CHECK(kept == 1);
    const auto [second, kept_second] = run(next(first, "\"x\""));
    CHECK(kept_second == 0);
    CHECK(second["store"] == false);
    const auto [large, kept_large] = run(R"({"model":"m","input":")" + std::string(3000, 'x') + "\"}");
    CHECK(kept_large == 0);
}

TEST_CASE("a conversation is compacted, and continues from its summary") {
    Gateway gateway;
    const std::string body = with_items(
        R"({"role":"user","content":"One?"},{"role":"assistant","content":"One."},{"role":"user","content":"Two?"})");
    auto parsed = gateway.dialect.parse({.method = "POST", .path = "/v1/responses/compact"}, body);
    REQUIRE(parsed);
    const auto& chat = std::get<ChatRequest>(parsed->operation);
    REQUIRE(chat.messages.size() == 4);
    CHECK(text_of(chat.messages[3]).starts_with("Summarize this conversation"));
    auto formatter = parsed->formatter();
    std::string out;
    for (const Event& event :
         std::vector<Event>{TextDelta{"They "}, TextDelta{"count."}, Finish{}, Usage{.prompt = 3}})
        formatter->event(event, out);
    formatter->end(out);
    const Json made = Json::parse(out);
    CHECK(made["object"] == "response.compaction");
    CHECK(made["usage"]["input_tokens"] == 3);
    REQUIRE(made["output"].size() == 3);
    CHECK(made["output"][2]["type"] == "compaction");
    CHECK(made["output"][2]["id"].get<std::string>().starts_with("cmp_"));
    const ChatRequest next = gateway.chat(Json{{"model", "m"}, {"input", made["output"]}}.dump());
    REQUIRE(next.messages.size() == 3);
    CHECK(text_of(next.messages[0]) == "One?");
    CHECK(text_of(next.messages[2]) == "Summary of the conversation so far:\nThey count.");
}

TEST_CASE("a compaction without a summary is an error, and one of another vendor is left out") {
    Gateway gateway;
    auto parsed = gateway.dialect.parse({.method = "POST", .path = "/v1/responses/compact"}, whole());
    REQUIRE(parsed);
    auto formatter = parsed->formatter();
    std::string out;
    formatter->event(Finish{}, out);
    formatter->end(out);
    CHECK(formatter->head().status == 502);
    CHECK(gateway
              .chat(with_items(
                  R"({"type":"compaction","encrypted_content":"gAAA"},{"role":"user","content":"x"})"))
              .messages.size() == 1);
}

TEST_CASE("the tokens of a request are counted by the provider") {
    Gateway gateway;
    auto parsed = gateway.dialect.parse({.method = "POST", .path = "/v1/responses/input_tokens"}, whole());
    REQUIRE(parsed);
    CHECK(std::get<TokenCountRequest>(parsed->operation).chat.messages.size() == 1);
    auto formatter = parsed->formatter();
    std::string out;
    formatter->event(TokenCount{.input = 7}, out);
    formatter->end(out);
    CHECK(Json::parse(out) == Json{{"object", "response.input_tokens"}, {"input_tokens", 7}});
    auto silent = parsed->formatter();
    out.clear();
    silent->end(out);
    CHECK(silent->head().status == 502);
}

TEST_CASE("a damaged record is an unknown one") {
    StatefulGateway gateway;
    for (const char* body :
         {"", "{", "[]", "{}", R"({"v":2,"chain":[],"input":[],"thoughts":[],"response":{"output":[]}})",
          R"({"v":1,"chain":{},"input":[],"thoughts":[],"response":{"output":[]}})",
          R"({"v":1,"chain":[],"input":[],"thoughts":[],"response":{}})"}) {
        std::optional<Result<std::uint64_t>> version;
        gateway.store.put({{"a", "response", "resp_x"}, body, std::chrono::seconds(9), {}},
                          testing::into(version));
        CHECK(gateway.status("GET", "resp_x") == 404);
        auto parsed = gateway.post(next(Json{{"id", "resp_x"}}, "\"x\""));
        REQUIRE(!parsed);
        CHECK(parsed.error().code == "previous_response_not_found");
    }
}

TEST_CASE("recorded requests with references are understood") {
    int count = 0;
    for (const char* name : {"ai-sdk-reference-tool-result.json", "ai-sdk-two-turns-reference.json"}) {
        StatefulGateway gateway;
        const Json first = gateway.run(whole(), {ReasoningDelta{"hm"}, TextDelta{"a"}});
        Json body = document(std::string("responses_requests/") + name);
        for (Json& item : body["input"])
            if (item.value("type", "") == "item_reference") {
                const bool thought = item["id"].get<std::string>().starts_with("rs_");
                item["id"] = first["output"][thought ? 0 : 1]["id"];
                ++count;
            }
        CHECK(gateway.messages(body.dump()).size() == 3);
    }
    CHECK(count == 3);
}
