// SPDX-License-Identifier: Apache-2.0
// The Conversations API: conversations and their items are created, read, changed and deleted.
#include "tests/plugins/dialect/openai/responses/conversations.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("a conversation is created, read, changed and deleted") {
    Conversations gateway;
    const Json made = gateway.get("POST", "", R"({"metadata":{"topic":"a"},"items":null})");
    CHECK(made["object"] == "conversation");
    CHECK(made["created_at"] == 1700000000);
    CHECK(made["metadata"] == Json{{"topic", "a"}});
    const std::string id = made["id"], path = "/" + id;
    CHECK(id.starts_with("conv_"));
    CHECK(gateway.get("GET", path) == made);
    const Json changed = gateway.get("POST", path, R"({"metadata":{"topic":"b"}})");
    CHECK(changed["metadata"] == Json{{"topic", "b"}});
    CHECK(gateway.get("GET", path) == changed);
    CHECK(gateway.get("DELETE", path) ==
          Json{{"id", id}, {"object", "conversation.deleted"}, {"deleted", true}});
    for (const std::string method : {"GET", "DELETE"}) {
        const Error error = gateway.refused(method, path);
        CHECK(status_of(error) == 404);
        CHECK(Json::parse(gateway.dialect.error(error).body)["error"] ==
              Json{{"message", "Conversation with id '" + id + "' not found."},
                   {"type", "invalid_request_error"},
                   {"param", nullptr},
                   {"code", nullptr}});
        CHECK(error.detail.find(id) == std::string::npos);
    }
    CHECK(gateway.get("POST", "", "")["metadata"] == Json::object());
}

TEST_CASE("items are added, listed by pages, read and deleted") {
    Conversations gateway;
    const std::string path = gateway.make(R"({"role":"user","content":"one"})");
    const Json added = gateway.get("POST", path + "/items", R"({"items":[
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"two","annotations":[]}],"id":"msg_x"},
        {"type":"function_call","call_id":"c","name":"f","arguments":"{}","status":"completed","id":null},
        {"type":"function_call_output","call_id":"c","output":"three"},
        {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","n":123456789012345678901234567890}}]})");
    CHECK(texts(added) == "assistant two; function_call; function_call_output; web_search_call");
    CHECK(added["first_id"] == added["data"][0]["id"]);
    CHECK(added["last_id"] == added["data"][3]["id"]);
    CHECK(added["has_more"] == false);
    CHECK(added["data"][1]["id"].get<std::string>().starts_with("fc_"));
    CHECK(added["data"][2]["status"] == "completed");
    CHECK(added["data"][0]["id"] != "msg_x");
    const Json all = gateway.items(path);
    CHECK(texts(all) == "user one; assistant two; function_call; function_call_output; web_search_call");
    CHECK(all["data"][0]["content"] == Json::parse(R"([{"type":"input_text","text":"one"}])"));
    CHECK(all["data"][0]["status"] == "completed");
    const Json latest = gateway.items(path, "limit=2");
    CHECK(texts(latest) == "web_search_call; function_call_output");
    CHECK(latest["has_more"] == true);
    const Json rest = gateway.items(path, "after=" + latest["last_id"].get<std::string>());
    CHECK(texts(rest) == "function_call; assistant two; user one");
    const std::string first = all["data"][0]["id"];
    CHECK(gateway.get("GET", path + "/items/" + first) == all["data"][0]);
    CHECK(gateway.get("DELETE", path + "/items/" + first)["id"] == path.substr(1));
    CHECK(texts(gateway.items(path)) ==
          "assistant two; function_call; function_call_output; web_search_call");
    for (const std::string method : {"GET", "DELETE"})
        CHECK(status_of(gateway.refused(method, path + "/items/" + first)) == 404);
    CHECK(texts(gateway.get("POST", path + "/items", R"({"items":[]})")).empty());
}

TEST_CASE("a conversation belongs to the client that has made it") {
    Conversations gateway;
    const std::string path = gateway.make(R"({"role":"user","content":"a"})");
    const std::string item = gateway.items(path)["data"][0]["id"];
    gateway.owner = "b";
    const std::string items = R"({"items":[{"role":"user","content":"x"}]})";
    for (const auto& [method, rest, body] :
         std::vector<std::tuple<std::string, std::string, std::string>>{{"GET", "", ""},
                                                                        {"POST", "", R"({"metadata":{}})"},
                                                                        {"DELETE", "", ""},
                                                                        {"GET", "/items", ""},
                                                                        {"POST", "/items", items},
                                                                        {"GET", "/items/" + item, ""},
                                                                        {"DELETE", "/items/" + item, ""}})
        CHECK(status_of(gateway.refused(method, path + rest, body)) == 404);
    auto parsed = gateway.post(in(path, "\"x\""));
    REQUIRE(!parsed);
    CHECK(status_of(parsed.error()) == 404);
    gateway.owner = "a";
    CHECK(texts(gateway.items(path)) == "user a");
}

TEST_CASE("a conversation has a limit of bytes") {
    Conversations gateway;
    openai_dialect::Options options;
    options.max_kept_bytes = 1'000;
    openai_dialect::OpenAi dialect(options, gateway.host);
    const std::string path = gateway.make();
    auto ask = [&](const std::string& where, const std::string& body) {
        return gateway.settle(dialect.parse({.method = "POST", .path = where}, body));
    };
    const std::string large = R"({"items":[{"role":"user","content":")" + std::string(1'000, 'x') + "\"}]}";
    for (const std::string& where :
         {std::string("/v1/conversations"), "/v1/conversations" + path + "/items"}) {
        auto parsed = ask(where, large);
        REQUIRE(!parsed);
        CHECK(status_of(parsed.error()) == 400);
        CHECK(parsed.error().message == "the conversation would be larger than 1000 bytes with these items");
    }
    // The client's blanks are not kept.
    const std::string blank = R"({"metadata":{)" + std::string(2'000, ' ') + R"("a":"b"}})";
    CHECK(ask("/v1/conversations" + path, blank));
    std::string pairs;
    for (int i = 0; i < 16; ++i)
        pairs += (i ? "," : "") + ("\"k" + std::to_string(i)) + "\":\"" + std::string(100, 'v') + '"';
    auto labelled = ask("/v1/conversations" + path, R"({"metadata":{)" + pairs + "}}");
    REQUIRE(!labelled);
    CHECK(status_of(labelled.error()) == 400);
    CHECK(labelled.error().message == "the conversation would be larger than 1000 bytes with these metadata");
    CHECK(labelled.error().param == "metadata");
    auto turn = [&](const std::string& text) {
        auto parsed = ask("/v1/responses", in(path, "\"" + text + "\"", R"("store":false)"));
        if (!parsed) return parsed.error().message;
        auto formatter = parsed->formatter();
        std::string out;
        formatter->event(TextDelta{"a"}, out);
        formatter->event(Finish{}, out);
        formatter->end(out);
        for (Keep& document : formatter->keep(parsed->operation)) CHECK(gateway.keep(std::move(document)));
        return std::string();
    };
    CHECK(turn("short") == "");
    CHECK(turn(std::string(1'000, 'x')) == "");
    // That turn was not kept.  The next one would continue another conversation.
    CHECK(turn("short") ==
          "conversation has reached the size that this gateway keeps, and a turn was not kept: "
          "delete items, or begin another conversation");
    CHECK(texts(gateway.items(path)) == "user short; assistant a");
    gateway.get("DELETE", path + "/items/" + gateway.items(path)["data"][0]["id"].get<std::string>());
    CHECK(turn("short") == "");
}

TEST_CASE("a wrong body or path of a conversation is refused") {
    struct Wrong {
        std::string body, message;
    };
    Conversations gateway;
    const std::string path = gateway.make();
    std::string many = "{}", pairs;
    for (int i = 0; i < 21; ++i)
        many.insert(0, R"({"role":"user","content":"x"},)"),
            pairs += (i ? ",\"" : "\"") + std::to_string(i) + "\":\"\"";
    const Wrong rows[] = {
        {"[]", "the body must be a JSON object; got an array"},
        {R"({"items":{}})", "items must be an array of items; got an object"},
        {R"({"items":[1]})", "items[0] must be an object with a type; got 1"},
        {R"({"items":[{"type":"item_reference","id":"msg_1"}]})", "items[0] must be the item itself"},
        {R"({"items":[{"role":"robot","content":"x"}]})",
         "items[0].role must be one of user, assistant, system, developer; got \"robot\""},
        {R"({"items":[)" + many + "]}", "items must have at most 20 items"},
        {R"({"metadata":[]})", "metadata must be an object of strings; got an array"},
        {R"({"metadata":{"a":1}})", "metadata.a must be a string; got 1"},
        {R"({"metadata":{)" + pairs + "}}", "metadata must have at most 16 pairs"},
        {R"({"metadata":{")" + std::string(65, 'k') + R"(":"v"}})",
         "metadata must have keys of at most 64 characters"},
        {R"({"metadata":{"k":")" + std::string(513, 'v') + R"("}})",
         "metadata.k must have at most 512 characters"}};
    for (const Wrong& row : rows) {
        CAPTURE(row.body);
        const Error error = gateway.refused("POST", "", row.body);
        CHECK(error.message == row.message);
        CHECK(status_of(error) == 400);
    }
    CHECK(gateway.refused("POST", path, "{}").message == "metadata is required: an object of strings");
    CHECK(gateway.refused("POST", path, R"({"metadata":{},"items":[]})").message ==
          "items cannot be changed here: add them at /items");
    CHECK(gateway.refused("POST", path + "/items", "{}").message == "items is required: an array of items");
    CHECK(gateway.refused("GET", path + "/items", "", "limit=0").message ==
          "limit must be an integer between 1 and 100");
    for (const std::string& wrong :
         {path + "/nothing", path + "/items/", path + "/items/a/b", std::string("/x"), std::string("/")})
        for (const char* method : {"GET", "POST", "DELETE"})
            CHECK(status_of(gateway.refused(method, wrong, "{}")) == 404);
    CHECK(status_of(gateway.refused("DELETE", path + "/items")) == 404);
}

TEST_CASE("a damaged conversation is unknown") {
    Conversations gateway;
    const std::string path = gateway.make();
    for (const char* body :
         {"", "{", "[]", "{}",
          R"({"v":2,"created_at":1,"metadata":{},"full":false,"thoughts":[],"items":[]})",
          R"({"v":1,"created_at":1,"metadata":{},"full":false,"thoughts":{},"items":[]})"}) {
        CAPTURE(body);
        CHECK(gateway.keep(
            {.id = {"conversation", path.substr(1)}, .body = body, .keep_for = std::chrono::hours(1)}));
        CHECK(status_of(gateway.refused("GET", path)) == 404);
        CHECK(status_of(gateway.post(in(path, "\"x\"")).error()) == 404);
    }
}

TEST_CASE("without a store there are no conversations") {
    Gateway gateway;
    auto status = [&](const std::string& method, const std::string& path) {
        auto parsed = gateway.dialect.parse({.method = method, .path = "/v1/conversations" + path}, "");
        REQUIRE(!parsed);
        return std::pair(status_of(parsed.error()), parsed.error().message);
    };
    CHECK(status("POST", "") ==
          std::pair(400, std::string("conversations need a store, and this gateway has none")));
    CHECK(status("GET", "/conv_1").first == 404);
}
