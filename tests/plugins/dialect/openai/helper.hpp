// SPDX-License-Identifier: Apache-2.0
// Helpers of the dialect's tests: requests from JSON, responses from events.
#pragma once

#include "plugins/dialect/openai/dialect.hpp"
#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"
#include "tests/plugins/dialect/answer.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

namespace gatehouse::openai_dialect::testing {

using gatehouse::test::Answer;
using gatehouse::test::answer;

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/openai/" + name, std::ios::binary);
    REQUIRE_MESSAGE(file, "no fixture " << name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

struct ParsedChat {
    ChatRequest request;
    bool functions = false;
};

inline Result<ParsedChat> read(std::string body, const Bounds& bounds = {}) {
    ParsedChat chat;
    auto names = parse_chat(std::move(body), bounds, chat.request);
    if (!names) return names.error();
    chat.functions = *names == ToolNames::functions;
    return chat;
}

/// Parses `body`.  REQUIRES: it is valid.
inline ChatRequest request(std::string body) {
    auto parsed = read(std::move(body));
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    return std::move(parsed->request);
}

/// A request with one message and these members, such as R"("n":2)".
inline std::string with(const std::string& members) {
    return std::string(R"({"model":"m","messages":[{"role":"user","content":"hi"}])") +
           (members.empty() ? "" : ",") + members + "}";
}

/// The error of `body`.
inline Error refusal(std::string body) {
    auto parsed = read(body);
    REQUIRE_MESSAGE(!parsed, "was accepted: " << body);
    return parsed.error();
}

/// A row of a table of invalid requests.
struct Wrong {
    const char* members;  // in addition to model and messages
    const char* param;
    const char* message;  // after the param
};

/// Checks that `body` is refused for the field `param` with this message.
inline void check(const std::string& body, const std::string& param, const std::string& message) {
    CAPTURE(body);
    const Error error = refusal(body);
    CHECK(error.kind == ErrorKind::bad_request);
    CHECK(error.param == param);
    CHECK(error.message == param + " " + message);
    CHECK(error.detail == "");
    CHECK(error.status == 0);
}

/// A request with these messages.
inline std::string messages(const std::string& list) { return R"({"model":"m","messages":)" + list + "}"; }

inline AnswerFacts facts() { return {.id = "chatcmpl-1", .created = 1700000000, .model = "gpt-5"}; }

inline std::string whole(const std::vector<Event>& events, AnswerFacts given = facts()) {
    return answer(*whole_formatter(std::make_shared<const AnswerFacts>(std::move(given))), events).body;
}

inline std::string streamed(const std::vector<Event>& events, AnswerFacts given = facts()) {
    return answer(*stream_formatter(std::make_shared<const AnswerFacts>(std::move(given))), events).body;
}

/// The variable parts of a stream's events, one line per event.
inline std::string brief(std::string stream) {
    const std::string same =
        R"("id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-5",)";
    for (std::size_t at; (at = stream.find(same)) != std::string::npos;) stream.erase(at, same.size());
    for (std::size_t at; (at = stream.find("\n\n")) != std::string::npos;) stream.erase(at, 1);
    for (std::size_t at; (at = stream.find("data: ")) != std::string::npos;) stream.erase(at, 6);
    return stream;
}

}  // namespace gatehouse::openai_dialect::testing
