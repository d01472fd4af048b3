// SPDX-License-Identifier: Apache-2.0
// Shared code of the Anthropic provider's tests: fixtures, a provider with given
// keys, requests in one line, and events as text that can be compared.
#pragma once

#include "plugins/provider/anthropic/anthropic.hpp"
#include "tests/json.hpp"

#include "tests/plugins/describe.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

#include <fstream>
#include <iterator>

namespace gatehouse::anthropic::test {

using gatehouse::test::Json;

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/anthropic/" + name, std::ios::binary);
    REQUIRE_MESSAGE(file, name);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A provider and the host that it needs.
struct Bench {
    explicit Bench(const Options& given = {}) : provider(given, host) {}
    testing::FakeHost host;
    Anthropic provider;
};

inline Message message(Role role, std::string text) {
    Message message;
    message.role = role;
    message.parts.push_back(Text{std::move(text)});
    return message;
}
inline Message calls(std::vector<ToolCall> list, const std::string& text = "") {
    Message message;
    message.role = Role::assistant;
    if (!text.empty()) message.parts.push_back(Text{text});
    message.tool_calls = std::move(list);
    return message;
}
inline Message result(std::string id, std::string text) {
    Message one = message(Role::tool, std::move(text));
    one.tool_call_id = std::move(id);
    return one;
}

constexpr const char* budgeted = "claude-sonnet-4-20250514";  // takes everything but schemas
constexpr const char* sonnet = "claude-sonnet-4-5";           // schemas, too
constexpr const char* newest = "claude-opus-9";               // a future model

inline ChatRequest ask(std::string model = sonnet, std::string text = "Hello") {
    ChatRequest request;
    request.model = std::move(model);
    request.messages.push_back(message(Role::user, std::move(text)));
    return request;
}
inline ChatRequest with(std::vector<Message> messages, std::string model = sonnet) {
    ChatRequest request;
    request.model = std::move(model);
    request.messages = std::move(messages);
    return request;
}
inline Tool tool(std::string name, std::string schema = R"({"type":"object","properties":{}})") {
    Tool tool;
    tool.name = std::move(name);
    tool.parameters.text = std::move(schema);
    return tool;
}

inline std::unique_ptr<Exchange> begin(Provider& provider, const ChatRequest& request) {
    auto exchange = provider.chat(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    return *std::move(exchange);
}
inline Json body_of(Exchange& exchange) {
    auto http = exchange.request();
    REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
    return Json::parse((**http).body);
}
/// The body that is sent for `request`.
inline Json sent(const ChatRequest& request, const Options& options = {}) {
    Bench bench(options);
    return body_of(*begin(bench.provider, request));
}
inline Json messages(const ChatRequest& request) { return sent(request).at("messages"); }
/// The names of dropped fields in the log.
inline std::string left_out(const ChatRequest& request, const Options& options = {}) {
    Bench bench(options);
    body_of(*begin(bench.provider, request));
    if (bench.host.logged.empty()) return "";
    REQUIRE(bench.host.logged.size() == 1);
    const std::string& line = bench.host.logged[0];
    return line.substr(line.find(" fields=") + 8);
}
/// The error of a refused request.
inline Error refused(const ChatRequest& request) {
    Bench bench;
    auto http = begin(bench.provider, request)->request();
    REQUIRE(!http);
    return http.error();
}

struct Describe : gatehouse::test::Describe {
    using gatehouse::test::Describe::operator();
    std::string operator()(const AnswerInfo& e) const { return "info " + e.service_tier; }
    std::string operator()(const ModelInfo& e) const {
        return "model " + e.id + " " + e.owned_by + " " + std::to_string(e.created) + " " +
               std::to_string(e.context_window.value_or(0)) + " " +
               std::to_string(e.max_output_tokens.value_or(0));
    }
    std::string operator()(const Extra& e) const { return "extra " + e.members.text; }
    std::string operator()(const BlockEnd&) const { return "block end"; }
    std::string operator()(const ThoughtEnd& e) const {
        return "thought end " + e.origin + " " + e.signature + "|" + e.encrypted;
    }
    std::string operator()(const OtherBlock& e) const {
        return "other " + e.protocol + " " + e.type + " " + e.json.text;
    }
};

using Lines = gatehouse::test::Lines;

/// One line per event, or "error STATUS: message".
template <typename Events>
Lines lines(const Events& events) {
    return gatehouse::test::lines<Describe>(events);
}

/// The events of `body`, a non-streaming response to `request`.
inline Lines answer_to(const ChatRequest& request, std::string_view body, const http::ResponseHead& head = {},
                       const Options& options = {}) {
    Bench bench(options);
    return lines(testing::replay(bench.provider, request, {body}, head));
}
inline Lines told_by(std::string_view body) { return answer_to(ask(), body); }

/// Frames these events as a stream of the API.
inline std::string sse(std::initializer_list<std::string_view> events) {
    std::string out;
    for (std::string_view event : events)
        out.append("event: ")
            .append(Json::parse(event).value("type", ""))
            .append("\ndata: ")
            .append(event)
            .append("\n\n");
    return out;
}

inline bool is_one_error(const Lines& found) { return found.size() == 1 && found[0].starts_with("error "); }

}  // namespace gatehouse::anthropic::test
