// SPDX-License-Identifier: Apache-2.0
// Recorded requests of clients, and cases with the request to the upstream, its response, and
// the events for the client.
#include "tests/plugins/dialect/openai/responses/cases.hpp"

#include "plugins/dialect/openai/responses/seal.hpp"

#include <filesystem>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// The bytes of the upstream's stream.
std::string upstream_stream(const Json& given) {
    std::string out;
    bool broken = false;
    for (const Json& delta : given["upstream_deltas"]) {
        if (delta.is_string()) {
            broken = true;
            break;
        }
        Json choice = delta;
        choice["index"] = 0;
        out += "data: " + Json{{"id", "c"}, {"choices", Json::array({choice})}}.dump() + "\n\n";
    }
    if (!broken)
        out += "data: " +
               Json{{"id", "c"}, {"choices", Json::array()}, {"usage", given["upstream_usage"]}}.dump() +
               "\n\ndata: [DONE]\n\n";
    return out;
}

/// Replaces what this gateway spells in its own way: the seal of a thought.
void open_seals(Json& value) {
    if (!value.is_structured()) return;
    if (value.is_object() && value.contains("encrypted_content")) {
        const auto thought = openai_dialect::responses::unseal(value["encrypted_content"].get<std::string>());
        REQUIRE(thought);
        value["encrypted_content"] = thought->text.str();
    }
    for (Json& inner : value) open_seals(inner);
}

/// This gateway seals the text of a thought.
void seal_texts(Json& value) {
    if (!value.is_structured()) return;
    if (value.is_object() && value.contains("encrypted_content"))
        value["encrypted_content"] = value["summary"][0]["text"];
    for (Json& inner : value) seal_texts(inner);
}

Json expected_response(const Json& given) {
    Json response = recorded_response(given);
    seal_texts(response);
    return response;
}

Json expected_events(const Json& given) {
    Json events = recorded_events(given);
    seal_texts(events);
    return events;
}

/// The words of this gateway in a description and in an error are its own.
void ignore_words(Json& value) {
    if (!value.is_structured()) return;
    if (value.is_object())
        for (const char* name : {"message", "description"})
            if (value.contains(name) && value[name].is_string()) value[name] = "";
    if (value.is_object() && value.contains("required") && value["required"] == Json::array({"input"}))
        value.erase("additionalProperties");
    for (Json& inner : value) ignore_words(inner);
}

std::string response_to(Gateway& gateway, const std::string& body, std::string_view upstream) {
    const Parsed parsed = gateway.parse(body);
    auto exchange = gateway.provider.chat(std::get<ChatRequest>(parsed.operation));
    REQUIRE(exchange);
    auto formatter = parsed.formatter();
    std::string out;
    struct Sink final : EventSink {
        ResponseFormatter& formatter;
        std::string& out;
        Sink(ResponseFormatter& f, std::string& o) : formatter(f), out(o) {}
        void emit(Event event) override { formatter.event(event, out); }
    } sink(*formatter, out);
    REQUIRE((*exchange)->request());
    (*exchange)->head({});
    auto ok = (*exchange)->body(upstream, sink);
    if (ok) ok = (*exchange)->end(sink);
    if (ok)
        formatter->end(out);
    else
        formatter->error(ok.error(), out);
    return out;
}

}  // namespace

TEST_CASE("each case gets its request to the upstream") {
    for (const std::string name : cases) {
        CAPTURE(name);
        Gateway gateway;
        const Json given = document("responses/" + name + ".json");
        Json sent = gateway.sent(given["request"].dump()), expected = given["upstream_request"];
        ignore_words(sent);
        ignore_words(expected);
        CHECK(sent == expected);
    }
}

TEST_CASE("each case gets its events and its response") {
    for (const std::string name : cases) {
        CAPTURE(name);
        Gateway gateway;
        const Json given = document("responses/" + name + ".json");
        const Grammar read(response_to(gateway, given["request"].dump(), upstream_stream(given)));
        CHECK(read.fault() == "");
        CHECK(read.ended());
        Json events = read.events(), expected = expected_events(given);
        Renamer{}.rename(events);
        open_seals(events);
        ignore_words(events);
        ignore_words(expected);
        events = with_joined_deltas(events);
        expected = with_joined_deltas(expected);
        REQUIRE(events.size() == expected.size());
        for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i] == expected[i]);
    }
}

TEST_CASE("a non-streaming response is the response of the last event") {
    for (const std::string name : cases) {
        if (name == "broken") continue;
        CAPTURE(name);
        Gateway gateway;
        const Json given = document("responses/" + name + ".json");
        Json request = given["request"];
        request["stream"] = false;
        Json response = Json::parse(response_to(gateway, request.dump(), upstream_stream(given)));
        Json expected = expected_response(given);
        Renamer{}.rename(response);
        open_seals(response);
        ignore_words(response);
        ignore_words(expected);
        CHECK(response == expected);
    }
}

TEST_CASE("an upstream's stream that is cut in two at any byte gives the same items") {
    for (const std::string name : {"text-then-call", "reasoning-then-text", "custom-call"}) {
        CAPTURE(name);
        Gateway gateway;
        const Json given = document("responses/" + name + ".json");
        const std::string stream = upstream_stream(given);
        const Parsed parsed = gateway.parse(given["request"].dump());
        const Grammar whole(response_in_pieces(gateway, parsed, {stream}));
        CHECK(whole.fault() == "");
        for (std::size_t cut = 1; cut < stream.size(); ++cut) {
            const std::string_view all = stream;
            const Grammar read(response_in_pieces(gateway, parsed, {all.substr(0, cut), all.substr(cut)}));
            REQUIRE(read.fault() == "");
            REQUIRE(read.response() == whole.response());
        }
    }
}

TEST_CASE("an upstream's stream that ends at any byte is complete or failed, and right by the grammar") {
    for (const std::string name : {"text-then-call", "reasoning-then-text"}) {
        CAPTURE(name);
        Gateway gateway;
        const Json given = document("responses/" + name + ".json");
        const std::string stream = upstream_stream(given);
        const Parsed parsed = gateway.parse(given["request"].dump());
        std::size_t failed = 0;
        for (std::size_t end = 0; end < stream.size(); ++end) {
            const Grammar read(
                response_in_pieces(gateway, parsed, {std::string_view(stream).substr(0, end)}));
            REQUIRE(read.fault() == "");
            REQUIRE(read.ended());
            failed += read.response()["status"] == "failed";
        }
        CHECK(failed > stream.size() / 2);
    }
}

TEST_CASE("a non-streaming response whose upstream breaks off is an error") {
    Gateway gateway;
    const Json given = document("responses/broken.json");
    Json request = given["request"];
    request["stream"] = false;
    const Parsed parsed = gateway.parse(request.dump());
    auto formatter = parsed.formatter();
    std::string out;
    formatter->event(TextDelta{"One"}, out);
    formatter->error({ErrorKind::upstream, "the upstream broke off"}, out);
    CHECK(formatter->head().status == 502);
    CHECK(Json::parse(out)["error"]["code"] == "upstream_error");
}

TEST_CASE("every recorded request of a client is understood") {
    int count = 0;
    const std::string folder = std::string(FIXTURES) + "/openai/responses_requests";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const std::string name = file.path().filename().string();
        CAPTURE(name);
        Json body = document("responses_requests/" + name);
        if (body.contains("previous_response_id")) continue;
        bool references = false;
        for (const Json& item : body["input"])
            references |= item.is_object() && item.contains("id") &&
                          item.value("type", "") == "item_reference" &&
                          !item["id"].get<std::string>().starts_with("rs_");
        if (references) continue;
        Gateway gateway;
        const ChatRequest chat = gateway.chat(body.dump());
        CHECK(!chat.messages.empty());
        CHECK(chat.protocol == "responses");
        const Json sent = gateway.sent(body.dump());
        for (const char* member : {"store", "metadata", "include", "client_metadata", "input"})
            CHECK(!sent.contains(member));
        ++count;
    }
    CHECK(count >= 30);
}
