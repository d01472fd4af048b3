// SPDX-License-Identifier: Apache-2.0
// Responses continue a conversation: the store keeps the items of each turn.
#include "tests/plugins/dialect/openai/responses/conversations.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("responses continue a conversation, and the store keeps the items of each turn") {
    Conversations gateway;
    const std::string path = gateway.make(R"({"role":"developer","content":"Count."})");
    const Json first = gateway.say(in(path, "\"One?\""), "One.");
    CHECK(first["conversation"] == Json{{"id", path.substr(1)}});
    CHECK(first["previous_response_id"].is_null());
    gateway.recalls = 0;
    CHECK(contents(gateway.messages(in(path, "\"Two?\"", R"("instructions":"Short.")"))) ==
          "system Short.; developer Count.; user One?; assistant One.; user Two?");
    CHECK(gateway.recalls == 1);
    const Json second = gateway.say(
        R"({"model":"m","store":false,"input":"Two?","conversation":{"id":")" + path.substr(1) + "\"}}",
        "Two.");
    CHECK(second["store"] == false);
    CHECK(texts(gateway.items(path)) ==
          "developer Count.; user One?; assistant One.; user Two?; assistant Two.");
    CHECK(gateway.items(path)["data"][2] == first["output"][0]);
    CHECK(gateway.reply("GET", first["id"]) == first);
    // A response that was deleted stays in its conversation.
    gateway.reply("DELETE", first["id"]);
    CHECK(contents(gateway.messages(in(path, "\"x\""))) ==
          "developer Count.; user One?; assistant One.; user Two?; assistant Two.; user x");
    // The member is absent without a conversation.
    CHECK(!gateway.say(whole(), "a").contains("conversation"));
}

TEST_CASE("a call and its result are in different turns of a conversation") {
    Conversations gateway;
    const std::string path = gateway.make();
    const std::string tools = R"("tools":[{"type":"function","name":"f"}])";
    gateway.run(in(path, "\"Call.\"", tools),
                {ReasoningDelta{"hm"}, ThoughtEnd{.signature = "s", .origin = "acme"},
                 ToolCallDelta{.index = 0, .id = "c1", .name = "f", .arguments = "{}"}});
    const std::string result = R"([{"type":"function_call_output","call_id":"c1","output":"done"}])";
    auto parsed = gateway.post(in(path, result, tools));
    REQUIRE(parsed);
    const auto& messages = std::get<ChatRequest>(parsed->operation).messages;
    REQUIRE(messages.size() == 3);
    // The seal of a thought is kept although the client did not ask for it.
    const auto* thought = std::get_if<Thought>(&messages[1].parts[0]);
    REQUIRE(thought);
    CHECK(thought->signature == "s");
    const Json shown = gateway.items(path)["data"][1], id = shown["id"];
    CHECK(shown["type"] == "reasoning");
    CHECK(!shown.value("encrypted_content", Json()).is_string());
    const std::string seals = "include%5B%5D=reasoning.encrypted_content&order=asc";
    CHECK(gateway.items(path, seals)["data"][1]["encrypted_content"].is_string());
    CHECK(gateway.get("GET", path + "/items/" + id.get<std::string>(), "", seals)["encrypted_content"]
              .is_string());
    gateway.say(in(path, result, tools), "Fine.");
    CHECK(texts(gateway.items(path)) ==
          "user Call.; reasoning; function_call; function_call_output; assistant Fine.");
    // A result may also be added, because its call is in the conversation.
    const std::string other = gateway.make();
    gateway.run(in(other, "\"Call.\"", tools),
                {ToolCallDelta{.index = 0, .id = "c1", .name = "f", .arguments = "{}"}});
    gateway.get("POST", other + "/items", R"({"items":)" + result + "}");
    CHECK(gateway.refused("POST", gateway.make() + "/items", R"({"items":)" + result + "}").message ==
          "no tool call found for the call output with call_id \"c1\"");
}

TEST_CASE("a reference finds an item of a conversation") {
    Conversations gateway;
    const std::string path = gateway.make(R"({"role":"user","content":"made"})");
    const Json turn = gateway.say(in(path, "\"asked\"", R"("store":false)"), "said");
    const Json items = gateway.items(path)["data"];
    auto reference = [](const Json& item) {
        return R"([{"type":"item_reference","id":)" + item["id"].dump() + "}]";
    };
    // An item that was made has the id of its conversation.
    CHECK(contents(gateway.messages(R"({"model":"m","input":)" + reference(items[0]) + "}")) == "user made");
    const std::string path2 = gateway.make(R"({"role":"user","content":"other"})");
    CHECK(contents(gateway.messages(in(path2, reference(items[0])))) == "user other; user made");
    for (const Json& item : items) CHECK(gateway.post(in(path, reference(item))));
    gateway.recalls = 0;
    CHECK(gateway.post(in(path, reference(items[2]))));
    CHECK(gateway.recalls == 1);
    // The response was not kept, so the item is known in its conversation only.
    CHECK(status_of(gateway.post(in(path2, reference(items[2]))).error()) == 404);
    gateway.owner = "b";
    CHECK(status_of(gateway.post(R"({"model":"m","input":)" + reference(items[0]) + "}").error()) == 404);
}

TEST_CASE("a turn keeps the items as the hooks have left them") {
    Conversations gateway;
    const std::string path = gateway.make();
    gateway.run(in(path, "\"secret\""), {TextDelta{"fine"}}, [](ChatRequest& chat) {
        for (Message& message : chat.messages) message.parts = {Text{"masked"}};
    });
    CHECK(texts(gateway.items(path)) == "user masked; assistant fine");
    const auto record = gateway.record({"conversation", path.substr(1)});
    CHECK(record->body.find("secret") == std::string::npos);
}

TEST_CASE("two turns of a conversation at the same time are both kept") {
    Conversations gateway;
    const std::string path = gateway.make();
    auto first = gateway.post(in(path, "\"a\"")), second = gateway.post(in(path, "\"b\""));
    for (auto* parsed : {&second, &first}) {
        REQUIRE(*parsed);
        auto formatter = (*parsed)->formatter();
        std::string out;
        formatter->event(TextDelta{"answer"}, out);
        formatter->event(Finish{}, out);
        formatter->end(out);
        for (Keep& document : formatter->keep((*parsed)->operation)) CHECK(gateway.keep(std::move(document)));
    }
    CHECK(texts(gateway.items(path)) == "user b; assistant answer; user a; assistant answer");
}

TEST_CASE("a conversation that was deleted during a turn stays deleted") {
    Conversations gateway;
    const std::string path = gateway.make();
    auto parsed = gateway.post(in(path, "\"a\"", R"("store":false)"));
    REQUIRE(parsed);
    gateway.get("DELETE", path);
    auto formatter = parsed->formatter();
    std::string out;
    formatter->event(TextDelta{"answer"}, out);
    formatter->event(Finish{}, out);
    formatter->end(out);
    auto kept = formatter->keep(parsed->operation);
    REQUIRE(kept.size() == 1);
    CHECK(status_of(gateway.keep(std::move(kept[0])).error()) == 404);
    CHECK(gateway.store.size().records == 0);
}

TEST_CASE("a failed turn adds nothing to its conversation") {
    Conversations gateway;
    const std::string path = gateway.make();
    auto parsed = gateway.post(in(path, "\"a\""));
    REQUIRE(parsed);
    auto formatter = parsed->formatter();
    std::string out;
    formatter->event(TextDelta{"answer"}, out);
    formatter->end(out);  // without a finish reason
    CHECK(formatter->keep(parsed->operation).empty());
}

TEST_CASE("previous_response_id does not lead out of a conversation") {
    Conversations gateway;
    const std::string path = gateway.make();
    const Json turn = gateway.say(in(path, "\"a\""), "b");
    auto parsed = gateway.post(next(turn, "\"c\""));
    REQUIRE(!parsed);
    CHECK(parsed.error().message ==
          "previous response " + turn["id"].dump() + " belongs to a conversation: send conversation instead");
    CHECK(parsed.error().param == "previous_response_id");
}
