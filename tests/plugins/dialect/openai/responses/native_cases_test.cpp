// SPDX-License-Identifier: Apache-2.0
// The recorded cases and requests with an upstream that speaks the Responses API itself: what the client
// sends reaches the upstream, and what the upstream sends reaches the client.
#include "tests/plugins/dialect/openai/responses/cases.hpp"

#include <filesystem>
#include <set>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::set<std::string> needed = {"id", "status", "output", "usage", "error", "incomplete_details"};

/// The upstream's stream.  `brief`: its responses do not repeat the settings.
std::string native_stream(const Json& given, bool brief = false) {
    std::string out;
    const Json settings = recorded_response(given);
    for (Json event : recorded_events(given)) {
        if (brief && event.contains("response"))
            for (const auto& [name, value] : settings.items())
                if (!needed.contains(name)) event["response"].erase(name);
        out += "event: " + event["type"].get<std::string>() + "\ndata: " + event.dump() + "\n\n";
    }
    return out;
}

/// A failure is told in this gateway's words.
void ignore_message(Json& value) {
    if (!value.is_structured()) return;
    if (value.is_object() && value.contains("message") && value["message"].is_string()) value["message"] = "";
    for (Json& inner : value) ignore_message(inner);
}

/// Members that mean nothing: ids and states of items, which the gateway makes itself, and nulls.
void ignore_marks(Json& value) {
    if (!value.is_structured()) return;
    if (value.is_object())
        for (auto it = value.begin(); it != value.end();)
            it = it->is_null() ? value.erase(it) : std::next(it);
    for (Json& inner : value) ignore_marks(inner);
}

/// The items of the input in one spelling.
Json items_of(Json input) {
    if (input.is_string()) input = Json::array({Json{{"role", "user"}, {"content", input}}});
    Json items = Json::array();
    for (Json item : input) {
        ignore_marks(item);
        item.erase("id");
        item.erase("status");
        if (!item.contains("type")) item["type"] = item.contains("role") ? "message" : "item_reference";
        // An upstream reads no thought that it has not encrypted.
        if (item["type"] == "reasoning" && !item.contains("encrypted_content")) continue;
        if (item["type"] == "item_reference") continue;
        Json& content = item.contains("output") ? item["output"] : item["content"];
        const bool said = item.value("role", "") == "assistant";
        if (content.is_string())
            content = Json::array({Json{{"type", said ? "output_text" : "input_text"}, {"text", content}}});
        if (content.is_null()) item.erase("content");
        items.push_back(item);
    }
    return items;
}

Json tools_of(Json request) {
    Json tools = request.value("tools", Json::array());
    ignore_marks(tools);
    // A function without a schema gets an empty one.
    for (Json& tool : tools)
        if (tool["type"] == "function" && !tool.contains("parameters"))
            tool["parameters"] = Json{{"type", "object"}, {"properties", Json::object()}};
    return tools;
}

}  // namespace

TEST_CASE("each case of an upstream of this API gets its events and its response") {
    for (const std::string name : cases) {
        CAPTURE(name);
        Gateway gateway("responses");
        const Json given = document("responses/" + name + ".json");
        const Parsed parsed = gateway.parse(given["request"].dump());
        const Grammar read(response_in_pieces(gateway, parsed, {native_stream(given)}), true);
        CHECK(read.fault() == "");
        CHECK(read.ended());
        Json events = read.events(), expected = recorded_events(given);
        Renamer{}.rename(events);
        ignore_message(events);
        ignore_message(expected);
        events = with_joined_deltas(events);
        expected = with_joined_deltas(expected);
        REQUIRE(events.size() == expected.size());
        for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i] == expected[i]);
    }
}

TEST_CASE("each case of an upstream of this API gets its response, non-streaming") {
    for (const std::string name : cases) {
        if (name == "broken") continue;
        CAPTURE(name);
        Gateway gateway("responses");
        const Json given = document("responses/" + name + ".json"), expected = recorded_response(given);
        Json request = given["request"];
        request["stream"] = false;
        Json response =
            Json::parse(response_in_pieces(gateway, gateway.parse(request.dump()), {expected.dump()}));
        Renamer{}.rename(response);
        CHECK(response == expected);
    }
}

TEST_CASE("cases of an upstream of this API are the same wherever their stream is cut") {
    for (const std::string name : {"custom-call"}) {
        CAPTURE(name);
        Gateway gateway("responses");
        const Json given = document("responses/" + name + ".json");
        const std::string stream = native_stream(given, true);
        const Parsed parsed = gateway.parse(given["request"].dump());
        const std::string whole = response_in_pieces(gateway, parsed, {stream});
        for (std::size_t cut = 1; cut < stream.size(); ++cut) {
            const std::string_view all = stream;
            REQUIRE(response_in_pieces(gateway, parsed, {all.substr(0, cut), all.substr(cut)}) == whole);
        }
    }
}

TEST_CASE("the tools and the input of each case and of each recorded request reach an upstream of this API") {
    std::vector<std::string> names;
    for (const std::string name : cases) names.push_back("responses/" + name + ".json");
    const std::string folder = "responses_requests/";
    for (const auto& file : std::filesystem::directory_iterator(std::string(FIXTURES) + "/openai/" + folder))
        names.push_back(folder + file.path().filename().string());
    int count = 0;
    for (const std::string& name : names) {
        CAPTURE(name);
        Json request = document(name);
        if (request.contains("request")) request = Json(request["request"]);
        if (request.contains("previous_response_id")) continue;
        Gateway gateway("responses");
        auto parsed = gateway.try_parse(request.dump());
        if (!parsed) {
            // A reference to an item that no store has.
            CHECK(parsed.error().kind == ErrorKind::not_found);
            continue;
        }
        auto exchange = gateway.provider.chat(std::get<ChatRequest>(parsed->operation));
        REQUIRE(exchange);
        auto http = (*exchange)->request();
        REQUIRE(http);
        const Json sent = Json::parse((*http)->body);
        CHECK(tools_of(sent) == tools_of(request));
        if (request.contains("tool_choice") && !tools_of(request).empty())
            CHECK(sent["tool_choice"] == request["tool_choice"]);
        const Json input = items_of(sent["input"]), expected = items_of(request["input"]);
        CHECK(input.size() == expected.size());
        for (std::size_t i = 0; i < std::min(input.size(), expected.size()); ++i)
            CHECK(input[i] == expected[i]);
        ++count;
    }
    CHECK(count >= 40);
}
