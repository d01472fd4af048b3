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
                                              .completion_details = "completion_tokens_details",
                                              .reasoning = "reasoning_tokens",
                                              .accepted_prediction = "accepted_prediction_tokens",
                                              .rejected_prediction = "rejected_prediction_tokens"};

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

void emit_annotations(dom::element annotations, int choice, EventSink& events) {
    const auto entries = upstream::array(annotations);
    if (!entries) return;
    for (dom::element entry : *entries) {
        if (auto citation =
                upstream::read_citation(entry, choice, {"url_citation", "start_index", "end_index"})) {
            events.emit(*std::move(citation));
        } else if (const auto other = object(entry); other && !member(*other, "url_citation")) {
            std::string members = R"({"annotations":[)" + std::string(simdjson::minify(entry)) + "]}";
            events.emit(Extra{Extra::Place::message, {std::move(members)}, choice});
        }
    }
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

}  // namespace gatehouse::openai_format
