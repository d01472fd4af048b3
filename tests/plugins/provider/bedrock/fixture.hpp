// SPDX-License-Identifier: Apache-2.0
// An instance of the provider, and responses in the format of the API reference (tests/data/bedrock).
// Their framing is that of another implementation of CRC-32, Python's zlib.
#pragma once

#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <gatehouse/aws_event_stream.hpp>
#include <gatehouse/testing.hpp>

#include <fstream>
#include <sstream>

extern "C" const gatehouse::Descriptor gatehouse_plugin;

namespace gatehouse::bedrock::test {

using namespace gatehouse::testing;
using gatehouse::test::Json;

inline const std::string claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
inline const std::string nova = "amazon.nova-lite-v1:0";
inline const std::string llama = "us.meta.llama4-maverick-17b-instruct-v1:0";

inline const http::ResponseHead event_stream{
    .status = 200, .headers = {{"content-type", "application/vnd.amazon.eventstream"}}};
inline const http::ResponseHead json_head{.status = 200, .headers = {{"content-type", "application/json"}}};

/// The body of a recorded response.
inline std::string recorded(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(FIXTURES "/bedrock/" + name + ".http", std::ios::binary).rdbuf();
    const std::string all = text.str();
    const std::size_t end = all.find("\r\n\r\n");
    REQUIRE(end != all.npos);
    return all.substr(end + 4);
}

/// An event of a stream.
inline std::string event(const std::string& type, const std::string& payload) {
    std::string out;
    append_aws_event(out, {{":event-type", type}, {":message-type", "event"}}, payload);
    return out;
}
inline std::string exception(const std::string& type, const std::string& payload) {
    std::string out;
    append_aws_event(out, {{":exception-type", type}, {":message-type", "exception"}}, payload);
    return out;
}
inline std::string text_event(const std::string& text, int index = 0) {
    return event("contentBlockDelta", Json{{"contentBlockIndex", index}, {"delta", {{"text", text}}}}.dump());
}
inline std::string stop_event(const std::string& reason) {
    return event("messageStop", Json{{"stopReason", reason}}.dump());
}
inline std::string usage_event() {
    return event("metadata", R"({"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}})");
}

struct Given {
    FakeHost host;
    std::unique_ptr<Provider> provider;

    explicit Given(Table options = {}) {
        bool region = false;
        for (const auto& entry : options.entries) region = region || entry.name == "region";
        if (!region) options.entries.push_back({"region", Value{std::string("us-east-1")}});
        auto made = create<Provider>(gatehouse_plugin, std::move(options), host);
        if (!made) FAIL(made.error().message);
        provider = *std::move(made);
    }
    http::Request sent(const ChatRequest& request) {
        auto exchange = provider->chat(request);
        REQUIRE(exchange);
        auto sent = (*exchange)->request();
        if (!sent) FAIL(sent.error().message);
        return **std::move(sent);
    }
    Json body(const ChatRequest& request) { return Json::parse(sent(request).body); }
    Error refusal(const ChatRequest& request) {
        auto exchange = provider->chat(request);
        if (!exchange) return exchange.error();
        auto sent = (*exchange)->request();
        REQUIRE_FALSE(sent);
        return sent.error();
    }
    Result<std::vector<Event>> stream(const ChatRequest& request, std::string_view bytes) {
        return replay(*provider, request, {bytes}, event_stream);
    }
    Result<std::vector<Event>> document(const ChatRequest& request, std::string_view json) {
        return replay(*provider, request, {json}, json_head);
    }
    /// The error of a response with a bad status.
    Error failure(int status, const std::string& body, http::Headers headers = {},
                  const std::string& model = claude) {
        ChatRequest request{.model = model};
        request.messages = {{.role = Role::user, .parts = {Text{"hi"}}}};
        const auto events =
            replay(*provider, request, {body}, {.status = status, .headers = std::move(headers)});
        REQUIRE_FALSE(events);
        return events.error();
    }
};

inline ChatRequest ask(const std::string& text = "why?", const std::string& model = claude) {
    ChatRequest request{.model = model, .stream = true};
    request.messages = {{.role = Role::user, .parts = {Text{text}}}};
    return request;
}

inline std::string thoughts(const std::vector<Event>& events) {
    std::string joined;
    for (const ReasoningDelta& delta : all<ReasoningDelta>(events)) joined += delta.text;
    return joined;
}

}  // namespace gatehouse::bedrock::test
