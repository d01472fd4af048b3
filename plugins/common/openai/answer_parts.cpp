// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/answer_parts.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::openai_chat {

namespace dom = upstream::dom;
using upstream::array;
using upstream::integer_member;
using upstream::member;
using upstream::number;
using upstream::object;
using upstream::string_member;

namespace {

std::optional<std::int64_t> count(dom::object from, std::string_view name) {
    const auto found = integer_member(from, name);
    return found && *found >= 0 && *found <= 1'000'000'000'000'000 ? found : std::nullopt;
}

std::optional<dom::object> object_member(dom::object from, std::string_view name) {
    const auto found = member(from, name);
    return found ? object(*found) : std::nullopt;
}

std::optional<dom::array> array_member(dom::object from, std::string_view name) {
    const auto found = member(from, name);
    return found ? array(*found) : std::nullopt;
}

double number_member(dom::object from, std::string_view name) {
    const auto found = member(from, name);
    return found ? number(*found).value_or(0.0) : 0.0;
}

}  // namespace

std::optional<Usage> read_usage(dom::element element) {
    const auto from = object(element);
    if (!from) return std::nullopt;
    const auto prompt = count(*from, "prompt_tokens");
    const auto completion = count(*from, "completion_tokens");
    const auto total = count(*from, "total_tokens");
    if (!prompt && !completion && !total) return std::nullopt;

    Usage usage;
    usage.prompt = prompt.value_or(0);
    usage.completion = completion ? *completion
                       : total    ? std::max<std::int64_t>(0, *total - usage.prompt)
                                  : 0;
    usage.total = total ? *total : usage.prompt + usage.completion;
    if (const auto details = object_member(*from, "prompt_tokens_details"))
        usage.cached = count(*details, "cached_tokens");
    if (!usage.cached) usage.cached = count(*from, "prompt_cache_hit_tokens");  // DeepSeek's name
    if (const auto details = object_member(*from, "completion_tokens_details")) {
        usage.reasoning = count(*details, "reasoning_tokens");
        usage.accepted_prediction = count(*details, "accepted_prediction_tokens");
        usage.rejected_prediction = count(*details, "rejected_prediction_tokens");
    }
    return usage;
}

std::vector<TokenLogprob> read_logprobs(dom::element element) {
    std::vector<TokenLogprob> list;
    const auto from = object(element);
    const auto tokens = from ? array_member(*from, "content") : std::nullopt;
    if (!tokens) return list;
    for (dom::element one : *tokens) {
        const auto token = object(one);
        if (!token) return {};
        TokenLogprob& made = list.emplace_back();
        made.token = string_member(*token, "token");
        made.logprob = number_member(*token, "logprob");
        const auto tops = array_member(*token, "top_logprobs");
        if (!tops) continue;
        for (dom::element other : *tops)
            if (const auto top = object(other))
                made.top.push_back(
                    {std::string(string_member(*top, "token")), number_member(*top, "logprob")});
    }
    return list;
}

std::vector<Citation> read_citations(dom::element annotations, int choice) {
    std::vector<Citation> list;
    const auto entries = array(annotations);
    if (!entries) return list;
    for (dom::element entry : *entries) {
        const auto annotation = object(entry);
        const auto from = annotation ? object_member(*annotation, "url_citation") : std::nullopt;
        if (!from) continue;
        Citation citation;
        citation.url = string_member(*from, "url");
        citation.title = string_member(*from, "title");
        citation.start = integer_member(*from, "start_index").value_or(0);
        citation.end = integer_member(*from, "end_index").value_or(0);
        citation.choice = choice;
        if (!citation.url.empty() || !citation.title.empty()) list.push_back(std::move(citation));
    }
    return list;
}

std::optional<FinishReason> read_finish_reason(std::string_view word) {
    auto is_one_of = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(words.begin(), words.end(),
                           [&](std::string_view one) { return http::equal_ignoring_case(one, word); });
    };
    if (is_one_of({"length", "max_tokens", "max_output_tokens", "model_length"})) return FinishReason::length;
    if (is_one_of({"tool_calls", "tool_call", "tool_use", "function_call"})) return FinishReason::tool_calls;
    if (is_one_of({"content_filter", "safety", "refusal", "recitation", "prohibited_content"}))
        return FinishReason::content_filter;
    if (is_one_of({"error", "malformed_function_call", "abort"})) return std::nullopt;
    return FinishReason::stop;
}

std::string unknown_members(dom::object object, std::initializer_list<std::string_view> known) {
    std::string out;
    for (const auto [name, value] : object) {
        if (value.is_null() || std::find(known.begin(), known.end(), name) != known.end()) continue;
        out += out.empty() ? '{' : ',';
        append_json_string(out, name);
        out += ':';
        out += simdjson::minify(value);
    }
    if (!out.empty()) out += '}';
    return out;
}

}  // namespace gatehouse::openai_chat
