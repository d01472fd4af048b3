// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/answer_parts.hpp"

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/provider/oci/text.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::oci {

namespace {

std::optional<std::int64_t> count(dom::object object, std::string_view key) {
    auto found = integer_member(object, key);
    return found && *found >= 0 && *found <= 1'000'000'000'000'000 ? found : std::nullopt;
}

/// `digits` decimal digits at the start of `text`, which loses them; -1: there are none.
int take_number(std::string_view& text, std::size_t digits) {
    int number = 0;
    if (text.size() < digits) return -1;
    for (char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
    text.remove_prefix(1);
    return true;
}

std::int64_t parse_rfc3339(std::string_view text) {
    const int year = take_number(text, 4);
    if (year < 0 || !take(text, "-")) return 0;
    const int month = take_number(text, 2);
    if (month < 0 || !take(text, "-")) return 0;
    const int day = take_number(text, 2);
    if (day < 0 || !take(text, "Tt ")) return 0;
    const int hour = take_number(text, 2);
    if (hour < 0 || hour > 23 || !take(text, ":")) return 0;
    const int minute = take_number(text, 2);
    if (minute < 0 || minute > 59 || !take(text, ":")) return 0;
    const int second = take_number(text, 2);
    if (second < 0 || second > 60) return 0;
    if (take(text, "."))
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);

    std::int64_t offset = 0;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        const int sign = text.front() == '-' ? -1 : 1;
        text.remove_prefix(1);
        const int hours = take_number(text, 2);
        take(text, ":");
        const int minutes = take_number(text, 2);
        if (hours < 0 || minutes < 0) return 0;
        offset = sign * (hours * 3600 + minutes * 60);
    }
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return 0;
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    return std::int64_t{days} * 86400 + hour * 3600 + minute * 60 + second - offset;
}

}  // namespace

Error garbage(std::string_view what) { return upstream::garbage("OCI", what); }

Error unfinished() {
    return {ErrorKind::upstream, "OCI's answer ended before it was complete: it has no finish reason"};
}

Result<std::string_view> words(dom::object object, std::string_view key) {
    const auto value = member(object, key);
    if (!value) return std::string_view();
    const auto text = string(*value);
    if (!text) return garbage("'" + std::string(key) + "' is no string");
    return *text;
}

Result<std::string> read_arguments(dom::object call, std::string_view key) {
    const auto value = member(call, key);
    if (!value) return std::string();
    if (const auto text = string(*value)) return std::string(*text);
    if (value->is_object() || value->is_array()) return std::string(simdjson::minify(*value));
    return garbage("'" + std::string(key) + "' is neither a string nor an object");
}

std::optional<Usage> read_usage(dom::element element) {
    const auto from = object(element);
    if (!from) return std::nullopt;
    const auto prompt = count(*from, "promptTokens");
    const auto completion = count(*from, "completionTokens");
    const auto total = count(*from, "totalTokens");
    if (!prompt && !completion && !total) return std::nullopt;

    Usage usage;
    usage.prompt = prompt.value_or(0);
    // Reasoning models may leave the completion out; some totals count what the parts do not.
    usage.completion = completion ? *completion
                       : total    ? std::max<std::int64_t>(0, *total - usage.prompt)
                                  : 0;
    usage.total = total ? *total : usage.prompt + usage.completion;
    if (auto details = member(*from, "completionTokensDetails"))
        if (auto parts = object(*details)) {
            usage.reasoning = count(*parts, "reasoningTokens");
            usage.accepted_prediction = count(*parts, "acceptedPredictionTokens");
            usage.rejected_prediction = count(*parts, "rejectedPredictionTokens");
        }
    if (auto details = member(*from, "promptTokensDetails"))
        if (auto parts = object(*details)) usage.cached = count(*parts, "cachedTokens");
    return usage;
}

std::int64_t read_time(dom::element time) {
    if (auto seconds = integer(time)) {
        if (*seconds > 100'000'000'000) *seconds /= 1000;  // milliseconds
        return *seconds > 0 ? *seconds : 0;
    }
    const auto text = string(time);
    return text ? std::max<std::int64_t>(0, parse_rfc3339(*text)) : 0;
}

std::string read_service_tier(dom::element tier) {
    const std::string_view word = string(tier).value_or(std::string_view());
    return word.size() <= 32 ? lower_case(word) : std::string();
}

Result<FinishReason> read_finish_reason(std::string_view reason) {
    const std::string word = lower_case(reason);
    auto is_one_of = [&](std::initializer_list<std::string_view> words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (is_one_of({"length", "max_tokens", "error_limit", "max_output_tokens"})) return FinishReason::length;
    if (is_one_of({"tool_calls", "tool_call", "tool_use", "function_call"})) return FinishReason::tool_calls;
    if (is_one_of({"content_filter", "error_toxic", "safety", "recitation", "blocklist", "prohibited_content",
                   "spii"}))
        return FinishReason::content_filter;
    if (is_one_of({"error", "malformed_function_call"}))
        return Error{ErrorKind::upstream,
                     "the model failed in the middle of its answer (finish reason " + word + ")"};
    return FinishReason::stop;
}

Result<FinishReason> read_cohere_finish(dom::object answer) {
    const auto word = words(answer, "finishReason");
    if (!word) return word.error();
    auto reason = read_finish_reason(*word);
    const std::string said = presentable(string_member(answer, "errorMessage"), 500);
    if (reason && word->empty() && !said.empty())
        return Error{ErrorKind::upstream, "the model failed in the middle of its answer: " + said};
    if (reason || said.empty()) return reason;
    Error error = reason.error();
    error.message += ": " + said;
    return error;
}

std::vector<TokenLogprob> read_logprobs(dom::element element) {
    std::vector<TokenLogprob> list;
    const auto from = object(element);
    if (!from) return list;
    const auto tokens = member(*from, "tokens");
    const auto numbers = member(*from, "tokenLogprobs");
    const auto token_array = tokens ? array(*tokens) : std::nullopt;
    const auto number_array = numbers ? array(*numbers) : std::nullopt;
    if (!token_array || !number_array) return list;

    auto logprob = number_array->begin();
    for (dom::element token : *token_array) {
        if (logprob == number_array->end()) break;
        const auto text = string(token);
        if (!text) return {};
        // The first token of an echo has no probability: null.
        list.push_back({std::string(*text), number(*logprob).value_or(0.0), {}});
        ++logprob;
    }

    const auto tops = member(*from, "topLogprobs");
    const auto top_array = tops ? array(*tops) : std::nullopt;
    if (!top_array) return list;
    std::size_t i = 0;
    for (dom::element top : *top_array) {
        if (i == list.size()) break;
        if (const auto alternatives = object(top))
            for (auto [name, value] : *alternatives)
                if (const auto found = number(value)) list[i].top.push_back({std::string(name), *found});
        // The upstream's object has no order; clients expect the best first.
        std::stable_sort(list[i].top.begin(), list[i].top.end(),
                         [](const auto& a, const auto& b) { return a.logprob > b.logprob; });
        ++i;
    }
    return list;
}

std::vector<Citation> read_citations(dom::element annotations, int choice) {
    std::vector<Citation> list;
    const auto entries = array(annotations);
    if (!entries) return list;
    for (dom::element entry : *entries) {
        const auto annotation = object(entry);
        const auto inner = annotation ? member(*annotation, "urlCitation") : std::nullopt;
        const auto from = inner ? object(*inner) : std::nullopt;
        if (!from) continue;
        Citation citation;
        citation.url = string_member(*from, "url");
        citation.title = string_member(*from, "title");
        citation.start = integer_member(*from, "startIndex").value_or(0);
        citation.end = integer_member(*from, "endIndex").value_or(0);
        citation.choice = choice;
        if (!citation.url.empty() || !citation.title.empty()) list.push_back(std::move(citation));
    }
    return list;
}

}  // namespace gatehouse::oci
