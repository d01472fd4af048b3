// SPDX-License-Identifier: Apache-2.0
// Describes events as comparable lines of text, for the tests of providers.
#pragma once

#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

#include <algorithm>
#include <cctype>

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

namespace gatehouse::test {

inline const char* name(FinishReason reason) {
    switch (reason) {
        case FinishReason::stop: return "stop";
        case FinishReason::length: return "length";
        case FinishReason::tool_calls: return "tool_calls";
        case FinishReason::content_filter: return "content_filter";
    }
    return "?";
}

/// Generated call ids are random.  They are written as "call_*".
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
    std::string operator()(const Extra& e) const {
        const char* places[] = {"answer", "choice", "message"};
        return at("extra", e.choice) + places[static_cast<int>(e.place)] + " " + e.members.text;
    }
    template <typename Other>
    std::string operator()(const Other&) const {
        return "other";
    }

    static std::string at(const char* what, int choice) {
        return std::string(what) + (choice ? "#" + std::to_string(choice) : "") + " ";
    }
};

/// One line per event, or "error STATUS: message".
using Lines = std::vector<std::string>;

/// `Described` is Describe, or a struct of other texts that is derived from it.
template <typename Described = Describe>
Lines lines(const std::vector<Event>& events) {
    Lines out;
    for (const Event& event : events) out.push_back(std::visit(Described{}, event));
    return out;
}
template <typename Described = Describe>
Lines lines(const Result<std::vector<Event>>& result) {
    if (result) return lines<Described>(*result);
    return {"error " + std::to_string(status_of(result.error())) + ": " + result.error().message};
}

/// Frames these events as a stream.
inline std::string sse(std::initializer_list<std::string_view> events) {
    std::string out;
    for (std::string_view event : events) out.append("data: ").append(event).append("\n\n");
    return out;
}

inline bool is_one_error(const Lines& found) { return found.size() == 1 && found[0].starts_with("error "); }

}  // namespace gatehouse::test
