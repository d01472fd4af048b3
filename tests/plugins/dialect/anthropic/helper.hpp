// SPDX-License-Identifier: Apache-2.0
// Helpers of the dialect's tests: requests from JSON, responses from events.
#pragma once

#include "plugins/dialect/anthropic/dialect.hpp"
#include "plugins/dialect/anthropic/message_answer.hpp"
#include "plugins/dialect/anthropic/request_parser.hpp"
#include "tests/json.hpp"
#include "tests/plugins/dialect/answer.hpp"
#include "tests/plugins/dialect/anthropic/grammar.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::anthropic_dialect::testing {

using gatehouse::test::Answer;
using gatehouse::test::answer;
using gatehouse::test::Json;
using gatehouse::test::MessageStream;

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/anthropic/" + name, std::ios::binary);
    REQUIRE_MESSAGE(file, "no fixture " << name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The names of the recorded requests of clients.
inline std::vector<std::string> client_requests() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(FIXTURES) + "/anthropic/clients"))
        names.push_back("clients/" + entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

/// A recorded request of a client.
struct Recorded {
    explicit Recorded(const std::string& name) {
        const Json json = Json::parse(fixture(name));
        std::istringstream line(json.at("request").get<std::string>());
        line >> head.method >> head.path;
        if (const auto query = head.path.find('?'); query != std::string::npos) {
            head.query = head.path.substr(query + 1);
            head.path.resize(query);
        }
        for (const auto& [key, value] : json.at("headers").items())
            head.headers.add(key, value.get<std::string>());
        if (!json.at("body").is_null()) body = json.at("body").dump();
    }
    http::RequestHead head;
    std::string body;
};

struct Bench {
    explicit Bench(Options options = {}) : dialect(std::move(options), host) {}
    gatehouse::testing::FakeHost host;
    Anthropic dialect;

    Result<Parsed> parse(const std::string& body, const std::string& path = "/v1/messages",
                         http::Headers headers = {}) {
        http::RequestHead head{.method = "POST", .path = path, .headers = std::move(headers)};
        return dialect.parse(head, body);
    }
    Result<Parsed> get(const std::string& path, const std::string& query = "") {
        http::RequestHead head{
            .path = path, .query = query, .headers = {{"anthropic-version", "2023-06-01"}}};
        return dialect.parse(head, "");
    }
};

/// A request with one message and these members, such as R"("top_k":2)".
inline std::string with(const std::string& members) {
    return std::string(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}])") +
           (members.empty() ? "" : ",") + members + "}";
}
inline std::string messages(const std::string& list) {
    return R"({"model":"m","max_tokens":9,"messages":)" + list + "}";
}

inline ParsedMessage parsed(const std::string& body) {
    auto result = parse_message(body, Bounds{}, false);
    REQUIRE_MESSAGE(result, (result ? "" : result.error().message) << " in " << body);
    return *std::move(result);
}
inline ChatRequest request(const std::string& body) { return parsed(body).request; }

inline AnswerFacts facts() {
    return {.id = "msg_1", .model = "gpt-5", .prompt_tokens = 25, .shows_thoughts = true};
}

inline std::string streamed(const std::vector<Event>& events, AnswerFacts given = facts()) {
    return answer(*stream_formatter(std::make_shared<const AnswerFacts>(std::move(given))), events).body;
}
inline Json whole(const std::vector<Event>& events, AnswerFacts given = facts()) {
    return Json::parse(
        answer(*whole_formatter(std::make_shared<const AnswerFacts>(std::move(given))), events).body);
}

/// The message of `events`, which is the same streaming and non-streaming.
inline Json both(const std::vector<Event>& events, AnswerFacts given = facts()) {
    Json message = MessageStream(streamed(events, given)).message;
    for (Json& block : message["content"])
        if (block["type"] == "text" && !block.contains("citations")) block["citations"] = nullptr;
    const Json complete = whole(events, given);
    CHECK(message == complete);
    return complete;
}

}  // namespace gatehouse::anthropic_dialect::testing
