// SPDX-License-Identifier: Apache-2.0
// Helpers of the tests of the Responses API: a client's request, the request to an upstream
// with Chat Completions, and the response to the client.
#pragma once

#include "plugins/dialect/openai/dialect.hpp"
#include "plugins/provider/openai/openai.hpp"
#include "tests/plugins/dialect/openai/responses/grammar.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

namespace gatehouse::test {

struct Gateway {
    testing::FakeHost host;
    openai_dialect::OpenAi dialect{openai_dialect::Options{}, host};
    openai_provider::OpenAi provider;

    /// `api`: what the upstream speaks.
    explicit Gateway(std::string api = "chat")
        : provider{openai_provider::Options{.api = std::move(api), .send_reasoning = true}, host} {
        host.time = std::chrono::system_clock::time_point(std::chrono::seconds(1700000000));
    }

    Result<Parsed> try_parse(const std::string& body) {
        http::RequestHead head{.method = "POST", .path = "/v1/responses"};
        head.headers.add("content-type", "application/json");
        return dialect.parse(head, body);
    }
    Parsed parse(const std::string& body) {
        auto parsed = try_parse(body);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message + " in " + body));
        return *std::move(parsed);
    }
    ChatRequest chat(const std::string& body) { return std::get<ChatRequest>(parse(body).operation); }
    Error refusal(const std::string& body) {
        auto parsed = try_parse(body);
        REQUIRE_MESSAGE(!parsed, "was accepted: " << body);
        return parsed.error();
    }
    /// The body that an upstream with Chat Completions receives.
    Json sent(const std::string& body) {
        const ChatRequest request = chat(body);
        auto exchange = provider.chat(request);
        REQUIRE(exchange);
        auto http = (*exchange)->request();
        REQUIRE(http);
        return Json::parse((*http)->body);
    }
};

/// The response to `body`, if a provider emits `events`.  Not ended: end() is not called.
inline std::string answered(Gateway& gateway, const std::string& body, const std::vector<Event>& events,
                            bool ended = true) {
    const Parsed parsed = gateway.parse(body);
    auto formatter = parsed.formatter();
    std::string out;
    for (const Event& event : events) formatter->event(event, out);
    if (ended) formatter->end(out);
    return out;
}

/// The response to `parsed` if the upstream's response arrives in these pieces, and then ends.
inline std::string response_in_pieces(Gateway& gateway, const Parsed& parsed,
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

/// A streaming request with these members, such as R"("store":false)".
inline std::string streaming(const std::string& members = "") {
    return R"({"model":"gpt-5","stream":true,"input":"Hi.")" + (members.empty() ? "" : "," + members) + "}";
}
/// The same request, non-streaming.
inline std::string whole(const std::string& members = "") {
    return R"({"model":"gpt-5","input":"Hi.")" + (members.empty() ? "" : "," + members) + "}";
}
/// A request with these items.
inline std::string with_items(const std::string& items, const std::string& members = "") {
    return R"({"model":"gpt-5","input":[)" + items + "]" + (members.empty() ? "" : "," + members) + "}";
}

inline Json document(const std::string& path) {
    std::ifstream file(std::string(FIXTURES) + "/openai/" + path, std::ios::binary);
    REQUIRE_MESSAGE(file, "no fixture " << path);
    return Json::parse(file);
}

}  // namespace gatehouse::test
