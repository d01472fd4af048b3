// SPDX-License-Identifier: Apache-2.0
// A client of the Responses API in front of an upstream that speaks it: requests of real clients and
// answers of the service arrive with the same members.  The API has several spellings of one meaning,
// which the comparison makes equal.
#include "tests/plugins/lossless/sides.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr const char* path = "/v1/responses";

Sides native_sides() { return Sides({.api = "responses"}); }

/// A string for a list with one text.
Json plain_content(const Json& content) {
    if (!content.is_array() || content.size() != 1 || !content[0].contains("text")) return content;
    return content[0]["text"];
}

/// The item without ids and states, which the gateway does not forward.
Json plain_item(Json item) {
    if (!item.contains("type")) item["type"] = "message";
    for (const char* name : {"id", "status"}) item.erase(name);
    for (const char* name : {"content", "output"})
        if (item.contains(name)) item[name] = plain_content(item[name]);
    return item;
}

Json plain_request(Json body) {
    if (body["input"].is_string())
        body["input"] = Json::array({Json{{"role", "user"}, {"content", body["input"]}}});
    Json input = Json::array();
    // Another vendor's seal is dropped.
    for (const Json& item : body["input"])
        if (item.value("type", "") != "reasoning") input.push_back(plain_item(item));
    body["input"] = input;
    for (const char* name : {"store", "include"}) body.erase(name);
    if (body.contains("text") && body["text"].contains("format") &&
        body["text"]["format"] == Json{{"type", "text"}})
        body["text"].erase("format");
    if (body.value("stream", false) == false) body.erase("stream");
    // A member that is null counts as absent, and an empty list too.
    if (body.contains("tools") && body["tools"].empty()) body.erase("tools");
    if (body.contains("tools"))
        for (Json& tool : body["tools"])
            if (tool.contains("strict") && tool["strict"].is_null()) tool.erase("strict");
    for (const char* name : {"text", "reasoning", "instructions"})
        if (body.contains(name) && body[name].empty()) body.erase(name);
    return body;
}

bool is_complete(const Json& body) {
    if (body.contains("previous_response_id")) return false;
    return body.dump().find("item_reference") == std::string::npos;
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

const std::string hello =
    R"({"model":"m","input":"Hi","x_new":1.50,"metadata":{"a":"b"},"truncation":"auto"})";

}  // namespace

TEST_CASE("requests of real clients reach an upstream of the Responses API with the same members") {
    int compared = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(FIXTURES) + "/openai/responses_requests")) {
        const std::string name = entry.path().filename();
        const Json recorded = Json::parse(read_file(entry.path()));
        const Json& body = recorded.contains("body") ? recorded["body"] : recorded;
        if (!is_complete(body)) continue;
        CAPTURE(name);
        Sides sides = native_sides();
        const Json sent = Json::parse(sides.sent(path, body.dump()));
        CHECK(plain_request(sent) == plain_request(body));
        CHECK(sent["store"] == false);
        for (const Json& word : body.value("include", Json::array()))
            CHECK(std::count(sent["include"].begin(), sent["include"].end(), word) == 1);
        ++compared;
    }
    CHECK(compared > 25);
}

TEST_CASE("unknown members of a Responses request keep the spelling of their numbers") {
    Sides sides = native_sides();
    const std::string sent = sides.sent(path, hello);
    CHECK(sent.find(R"("x_new":1.50)") != sent.npos);
    CHECK(sent.find(R"("metadata":{"a":"b"})") != sent.npos);
    CHECK(sent.find(R"("truncation":"auto")") != sent.npos);
    Sides chat;
    CHECK(chat.sent(path, hello).find("x_new") == std::string::npos);
}

TEST_CASE("unknown members of items, parts and tools reach an upstream of the Responses API only") {
    const std::string body =
        R"({"model":"m","input":[{"role":"user","id":"msg_1","x_item":1.50,"content":[)"
        R"({"type":"input_text","text":"a","x_text":2.50},)"
        R"({"type":"input_image","image_url":"https://i/","x_image":3.50},)"
        R"({"type":"input_file","file_id":"f","x_file":4.50}]},)"
        R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}","status":"completed","x_call":5.50},)"
        R"({"type":"function_call_output","call_id":"c","output":"r","x_result":6.50}],)"
        R"("tools":[{"type":"function","name":"f","parameters":{},"x_tool":7.50}]})";
    const std::string sent = native_sides().sent(path, body), chat = Sides().sent(path, body);
    for (const char* member :
         {R"("x_item":1.50)", R"("x_text":2.50)", R"("x_image":3.50)", R"("x_file":4.50)", R"("x_call":5.50)",
          R"("x_result":6.50)", R"("x_tool":7.50)"}) {
        CAPTURE(member);
        CHECK(sent.find(member) != sent.npos);
    }
    CHECK(sent.find("msg_1") == sent.npos);
    CHECK(chat.find("x_") == chat.npos);
}

TEST_CASE("unknown members of a response reach a client of the Responses API, also in a stream") {
    const std::string response =
        R"({"id":"r","object":"response","status":"completed","output":[{"type":"message","content":)"
        R"([{"type":"output_text","text":"Hello"}]},{"type":"reasoning","summary":[],"encrypted_content":"gAAA"}],)"
        R"("usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3},"x_top":1.50,"x_list":[1e2]})";
    for (const bool stream : {false, true}) {
        Sides sides = native_sides();
        std::string request = hello;
        if (stream) request.insert(1, R"("stream":true,)");
        request.insert(1, R"("include":["reasoning.encrypted_content"],)");
        const std::string event = "data: {\"type\":\"response.completed\",\"response\":" + response + "}\n\n";
        const std::string out = sides.answered(path, request, {stream ? event : response});
        CHECK(out.find(R"("x_top":1.50)") != out.npos);
        CHECK(out.find(R"("x_list":[1e2])") != out.npos);
        CHECK(out.find("Hello") != out.npos);
        // The thought comes back to the upstream as it was issued.
        CHECK(out.find(R"("encrypted_content":"gAAA")") != out.npos);
        const std::string again = sides.sent(
            path, R"({"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"gAAA"},)"
                  R"({"role":"user","content":"x"}]})");
        CHECK(again.find(R"("encrypted_content":"gAAA")") != again.npos);
    }
}
