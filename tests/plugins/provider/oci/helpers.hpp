// SPDX-License-Identifier: Apache-2.0
// What the tests of the OCI provider share: fixtures, a provider with given
// keys, requests in one line, and events as text that can be compared.
#pragma once

#include "plugins/provider/oci/oci.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
    static String convert(const std::vector<std::string>& lines) {
        std::string out;
        for (const std::string& line : lines) out += "\n    | " + line;
        return out.c_str();
    }
};
}  // namespace doctest

namespace gatehouse::oci::test {

using Json = nlohmann::json;

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/oci/" + name, std::ios::binary);
    REQUIRE_MESSAGE(file, name);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline Options options() {
    Options options;
    options.compartment_id = "ocid1.compartment.oc1..aaaaaaaaexample";
    options.region = {"us-chicago-1"};
    return options;
}

/// A provider and the host that it needs.
struct Bench {
    explicit Bench(const Options& given = options()) : provider(given, host) {}
    testing::FakeHost host;
    Oci provider;
};

inline Message message(Role role, std::string text) {
    Message message;
    message.role = role;
    message.parts.push_back(Text{std::move(text)});
    return message;
}
inline Message calls(std::vector<ToolCall> list) {
    Message message;
    message.role = Role::assistant;
    message.tool_calls = std::move(list);
    return message;
}
inline Message result(std::string id, std::string text) {
    Message one = message(Role::tool, std::move(text));
    one.tool_call_id = std::move(id);
    return one;
}

inline ChatRequest ask(std::string model = "meta.llama-3.3-70b-instruct", std::string text = "Hello") {
    ChatRequest request;
    request.model = std::move(model);
    request.messages.push_back(message(Role::user, std::move(text)));
    return request;
}
inline ChatRequest ask_stream(std::string model = "meta.llama-3.3-70b-instruct") {
    ChatRequest request = ask(std::move(model));
    request.stream = true;
    return request;
}

/// The body that is sent for `request`.
inline Json sent(Provider& provider, const ChatRequest& request) {
    auto exchange = provider.chat(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    auto http = (*exchange)->request();
    REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
    return Json::parse((**http).body);
}
inline Json chat_sent(Provider& provider, const ChatRequest& request) {
    return sent(provider, request).at("chatRequest");
}
/// The Error instead.
inline Error refused(Provider& provider, const ChatRequest& request) {
    auto exchange = provider.chat(request);
    if (!exchange) return exchange.error();
    auto http = (*exchange)->request();
    REQUIRE(!http);
    return http.error();
}

inline const char* name(FinishReason reason) {
    switch (reason) {
        case FinishReason::stop: return "stop";
        case FinishReason::length: return "length";
        case FinishReason::tool_calls: return "tool_calls";
        case FinishReason::content_filter: return "content_filter";
    }
    return "?";
}

/// Made-up call ids are different each time: "call_*" stands for them.
inline std::string shown_id(const std::string& id) {
    const bool made_up =
        id.size() == 29 && id.starts_with("call_") &&
        std::all_of(id.begin() + 5, id.end(), [](unsigned char c) { return std::isalnum(c); });
    return made_up ? "call_*" : id;
}

struct Describe {
    std::string operator()(const AnswerInfo& e) const {
        return "info " + std::to_string(e.created) + (e.service_tier.empty() ? "" : " " + e.service_tier);
    }
    std::string operator()(const TextDelta& e) const { return at("text", e.choice) + e.text; }
    std::string operator()(const ReasoningDelta& e) const { return at("reasoning", e.choice) + e.text; }
    std::string operator()(const RefusalDelta& e) const { return at("refusal", e.choice) + e.text; }
    std::string operator()(const ToolCallDelta& e) const {
        std::string out = at("call", e.choice) + std::to_string(e.index);
        if (!e.id.empty() || !e.name.empty()) out += " id=" + shown_id(e.id) + " name=" + e.name;
        return out + " " + e.arguments;
    }
    std::string operator()(const LogprobsDelta& e) const {
        std::string out = at("logprobs", e.choice);
        for (const TokenLogprob& token : e.tokens) {
            out += token.token + "=" + Json(token.logprob).dump();
            for (const auto& top : token.top) out += "," + top.token + "=" + Json(top.logprob).dump();
            out += ";";
        }
        return out;
    }
    std::string operator()(const Citation& e) const {
        return at("citation", e.choice) + e.url + " " + e.title + " " + std::to_string(e.start) + "-" +
               std::to_string(e.end);
    }
    std::string operator()(const Finish& e) const { return at("finish", e.choice) + name(e.reason); }
    std::string operator()(const Usage& e) const {
        auto maybe = [](const char* what, const std::optional<std::int64_t>& count) {
            return count ? std::string(" ") + what + "=" + std::to_string(*count) : std::string();
        };
        return "usage " + std::to_string(e.prompt) + "+" + std::to_string(e.completion) + "=" +
               std::to_string(e.total) + maybe("cached", e.cached) + maybe("reasoning", e.reasoning) +
               maybe("accepted", e.accepted_prediction) + maybe("rejected", e.rejected_prediction);
    }
    template <typename Other>
    std::string operator()(const Other&) const {
        return "other";
    }

    static std::string at(const char* what, int choice) {
        return std::string(what) + (choice ? "#" + std::to_string(choice) : "") + " ";
    }
};

/// One line per event, or "error KIND: message".
using Lines = std::vector<std::string>;

inline Lines lines(const std::vector<Event>& events) {
    Lines out;
    for (const Event& event : events) out.push_back(std::visit(Describe{}, event));
    return out;
}
inline Lines lines(const Result<std::vector<Event>>& result) {
    if (result) return lines(*result);
    return {"error " + std::to_string(status_of(result.error())) + ": " + result.error().message};
}

inline http::ResponseHead status(int code, http::Headers headers = {}) { return {code, std::move(headers)}; }

/// What comes of `body` as the whole answer to `request`.
inline Lines answer_to(const ChatRequest& request, std::string_view body, const http::ResponseHead& head = {},
                       const Options& given = options()) {
    Bench bench(given);
    return lines(testing::replay(bench.provider, request, {body}, head));
}
inline Lines whole(std::string_view body) { return answer_to(ask(), body); }
inline Lines streamed(std::string_view body) { return answer_to(ask_stream(), body); }

/// A stream of these events, framed as OCI does.
inline std::string sse(std::initializer_list<std::string_view> events) {
    std::string out;
    for (std::string_view event : events) out.append("data: ").append(event).append("\n\n");
    return out;
}

inline bool is_one_error(const Lines& found) { return found.size() == 1 && found[0].starts_with("error "); }

}  // namespace gatehouse::oci::test
