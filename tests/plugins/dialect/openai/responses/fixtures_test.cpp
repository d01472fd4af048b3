// SPDX-License-Identifier: Apache-2.0
// Recorded requests of clients, and cases with the request to the upstream, its response, and
// the events for the client.
#include "tests/plugins/dialect/openai/responses/helper.hpp"

#include "plugins/dialect/openai/responses/seal.hpp"

#include <filesystem>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr const char* cases[] = {"text",
                                 "refusal",
                                 "nothing-said",
                                 "reasoning-then-text",
                                 "text-then-call",
                                 "parallel-calls",
                                 "call-without-arguments",
                                 "namespace-call",
                                 "custom-call",
                                 "search-call",
                                 "limit-in-text",
                                 "limit-in-call",
                                 "limit-in-reasoning",
                                 "content-filter",
                                 "broken",
                                 "history-in"};

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

/// Ids become those of the fixtures, which count them for each prefix.
class Renamer {
public:
    void rename(Json& value) {
        if (value.is_string()) return rename_text(value);
        if (value.is_structured())
            for (Json& inner : value) rename(inner);
    }

private:
    void rename_text(Json& value) {
        const std::string text = value;
        for (const char* prefix : {"resp_", "msg_", "rs_", "fc_", "ctc_", "tsc_"})
            if (text.starts_with(prefix) && text.size() > 30) {
                auto& known = names_[text];
                if (known.empty()) known = prefix + std::to_string(++counts_[prefix]);
                value = known;
                return;
            }
    }
    std::map<std::string, std::string> names_;
    std::map<std::string, int> counts_;
};

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

Json expected_response(const Json& given) {
    Json response = given["response"];
    response["store"] = false;
    for (Json& item : response["output"])
        if (item.contains("encrypted_content")) item["encrypted_content"] = item["summary"][0]["text"];
    return response;
}

Json expected_events(const Json& given) {
    Json events = given["events"];
    const Json whole = expected_response(given);
    Json begun = whole;
    begun.update(Json{{"status", "in_progress"},
                      {"output", Json::array()},
                      {"usage", nullptr},
                      {"error", nullptr},
                      {"completed_at", nullptr},
                      {"incomplete_details", nullptr}});
    for (Json& event : events) {
        if (event.contains("response"))
            event["response"] = event["response"].get<std::string>().starts_with("<as") ? whole : begun;
        if (event.contains("item") && event["item"].contains("encrypted_content"))
            event["item"]["encrypted_content"] = event["item"]["summary"][0]["text"];
    }
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

/// Pieces of one text may be of any size.
Json with_joined_deltas(const Json& events) {
    Json joined = Json::array();
    for (Json event : events) {
        event.erase("sequence_number");
        const bool more =
            event.contains("delta") && !joined.empty() && joined.back()["type"] == event["type"];
        if (more)
            joined.back()["delta"] =
                joined.back()["delta"].get<std::string>() + event["delta"].get<std::string>();
        else
            joined.push_back(event);
    }
    return joined;
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

namespace {

/// The stream for the client if the upstream's stream arrives in these pieces, and then ends.
std::string response_in_pieces(Gateway& gateway, const Parsed& parsed,
                               const std::vector<std::string_view>& pieces) {
    auto exchange = gateway.provider.chat(std::get<ChatRequest>(parsed.operation));
    REQUIRE(exchange);
    auto formatter = parsed.formatter();
    testing::Events events;
    REQUIRE((*exchange)->request());
    (*exchange)->head({});
    Result<void> ok;
    for (const std::string_view piece : pieces)
        if (ok) ok = (*exchange)->body(piece, events);
    if (ok) ok = (*exchange)->end(events);
    std::string out;
    for (const Event& event : events.list) formatter->event(event, out);
    if (ok)
        formatter->end(out);
    else
        formatter->error(ok.error(), out);
    return out;
}

}  // namespace

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
