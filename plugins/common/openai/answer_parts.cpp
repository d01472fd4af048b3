// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/answer_parts.hpp"

#include "plugins/common/upstream/answer_parts.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::openai_format {

namespace dom = upstream::dom;
using upstream::array_member;
using upstream::member;
using upstream::number;
using upstream::object;
using upstream::string_member;

namespace {

constexpr upstream::UsageNames usage_names = {.prompt = "prompt_tokens",
                                              .completion = "completion_tokens",
                                              .total = "total_tokens",
                                              .prompt_details = "prompt_tokens_details",
                                              .cached = "cached_tokens",
                                              .cache_written = "cache_write_tokens",
                                              .completion_details = "completion_tokens_details",
                                              .reasoning = "reasoning_tokens",
                                              .accepted_prediction = "accepted_prediction_tokens",
                                              .rejected_prediction = "rejected_prediction_tokens",
                                              .nulls = upstream::Nulls::keep};

double number_member(dom::object from, std::string_view name) {
    const auto found = member(from, name);
    return found ? number(*found).value_or(0.0) : 0.0;
}

}  // namespace

std::optional<Usage> read_usage(dom::element element) {
    auto usage = upstream::read_usage(element, usage_names);
    // DeepSeek's name for it.
    if (usage && !usage->cached)
        usage->cached = upstream::token_count(*object(element), "prompt_cache_hit_tokens");
    return usage;
}

namespace {

/// `bytes` of a token: an array of numbers.
std::optional<std::string> read_bytes(dom::object token) {
    const auto listed = array_member(token, "bytes");
    if (!listed) return std::nullopt;
    std::string bytes;
    for (dom::element one : *listed) {
        const auto byte = upstream::integer(one);
        if (!byte || *byte < 0 || *byte > 255) return std::nullopt;
        bytes += static_cast<char>(*byte);
    }
    return bytes;
}

JsonText unknown_in(dom::object token) {
    return {upstream::unknown_members(token, {"token", "logprob", "bytes", "top_logprobs"},
                                      upstream::Nulls::keep)};
}

TokenLogprob::Alternative read_alternative(dom::object token) {
    return {.token = std::string(string_member(token, "token")),
            .logprob = number_member(token, "logprob"),
            .bytes = read_bytes(token),
            .extra = unknown_in(token)};
}

}  // namespace

std::vector<TokenLogprob> read_logprobs(dom::object logprobs, std::string_view list_name) {
    std::vector<TokenLogprob> list;
    const auto tokens = array_member(logprobs, list_name);
    if (!tokens) return list;
    for (dom::element one : *tokens) {
        const auto token = object(one);
        if (!token) return {};
        auto [text, logprob, bytes, extra] = read_alternative(*token);
        TokenLogprob& made = list.emplace_back();
        made.token = std::move(text);
        made.logprob = logprob;
        made.bytes = std::move(bytes);
        made.extra = std::move(extra);
        const auto tops = array_member(*token, "top_logprobs");
        if (!tops) continue;
        for (dom::element other : *tops)
            if (const auto top = object(other)) made.top.push_back(read_alternative(*top));
    }
    return list;
}

void emit_annotations(dom::element annotations, int choice, EventSink& events) {
    upstream::emit_annotations(annotations, choice,
                               {"url_citation", "start_index", "end_index", upstream::Nulls::keep}, events);
}

}  // namespace gatehouse::openai_format
