// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/chat/answer_parts.hpp"

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/finish_reason.hpp"
#include "plugins/common/upstream/rfc3339.hpp"
#include "plugins/provider/oci/text.hpp"

#include <algorithm>

namespace gatehouse::oci {

namespace {

constexpr upstream::UsageNames usage_names = {.prompt = "promptTokens",
                                              .completion = "completionTokens",
                                              .total = "totalTokens",
                                              .prompt_details = "promptTokensDetails",
                                              .cached = "cachedTokens",
                                              .completion_details = "completionTokensDetails",
                                              .reasoning = "reasoningTokens",
                                              .accepted_prediction = "acceptedPredictionTokens",
                                              .rejected_prediction = "rejectedPredictionTokens"};

constexpr std::size_t max_model_bytes = 512;

}  // namespace

Error garbage(std::string_view what) { return upstream::garbage("OCI", what); }

Error unfinished() { return upstream::unfinished("OCI", "finish reason"); }

Result<std::string_view> words(dom::object object, std::string_view key) {
    return upstream::text_member(object, key, "OCI");
}

Result<std::string> read_arguments(dom::object call, std::string_view key) {
    const auto value = member(call, key);
    if (!value) return std::string();
    std::string room;
    const auto text = upstream::text_or_json(*value, room);
    if (!text) return garbage("'" + std::string(key) + "' is neither a string nor an object");
    return std::string(*text);
}

upstream::ToolCallPiece further_members_of(dom::object call) {
    const auto function = upstream::object_member(call, "function");
    upstream::ToolCallPiece piece;
    piece.extra.text =
        upstream::unknown_members(call, {"id", "type", "index", "name", "arguments", "function"});
    if (function)
        piece.inner_extra.text = upstream::unknown_members(*function, {"name", "arguments", "description"});
    return piece;
}

std::optional<Usage> read_usage(dom::element element) { return upstream::read_usage(element, usage_names); }

std::int64_t read_time(dom::element time) {
    if (auto seconds = integer(time)) {
        if (*seconds > 100'000'000'000) *seconds /= 1000;  // milliseconds
        return *seconds > 0 ? *seconds : 0;
    }
    const auto text = string(time);
    return text ? upstream::read_rfc3339(*text) : 0;
}

std::string read_model(dom::object response) {
    const std::string_view id = string_member(response, "modelId");
    return id.size() <= max_model_bytes ? std::string(id) : std::string();
}

std::string read_service_tier(dom::element tier) {
    const std::string_view word = string(tier).value_or(std::string_view());
    return word.size() <= 32 ? lower_case(word) : std::string();
}

Result<FinishReason> read_finish_reason(std::string_view reason) {
    if (const auto known = upstream::read_finish_reason(reason)) return *known;
    return Error{ErrorKind::upstream, "the model failed during its answer (finish reason " +
                                          lower_case(reason.substr(0, 64)) + ")"};
}

Result<Finish> read_cohere_finish(dom::object answer) {
    const auto word = words(answer, "finishReason");
    if (!word) return word.error();
    auto reason = read_finish_reason(*word);
    const std::string said = presentable(string_member(answer, "errorMessage"), 500);
    if (reason && word->empty() && !said.empty())
        return Error{ErrorKind::upstream, "the model failed during its answer: " + said};
    if (reason) return Finish{.reason = *reason, .native = std::string(*word)};
    Error error = reason.error();
    if (!said.empty()) error.message += ": " + said;
    return error;
}

void keep_finish(std::optional<Finish>& so_far, const Finish& later) {
    if (!so_far || so_far->reason == FinishReason::stop) so_far = later;
}

std::vector<TokenLogprob> read_logprobs(dom::element element) {
    std::vector<TokenLogprob> list;
    const auto from = object(element);
    if (!from) return list;
    const auto token_array = upstream::array_member(*from, "tokens");
    const auto number_array = upstream::array_member(*from, "tokenLogprobs");
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

    const auto top_array = upstream::array_member(*from, "topLogprobs");
    if (!top_array) return list;
    std::size_t i = 0;
    for (dom::element top : *top_array) {
        if (i == list.size()) break;
        if (const auto alternatives = object(top))
            for (auto [name, value] : *alternatives)
                if (const auto found = number(value)) list[i].top.push_back({std::string(name), *found});
        // The upstream's object is unordered.  Clients expect the best token
        // first.
        std::stable_sort(list[i].top.begin(), list[i].top.end(),
                         [](const auto& a, const auto& b) { return a.logprob > b.logprob; });
        ++i;
    }
    return list;
}

void emit_annotations(dom::element annotations, int choice, EventSink& events) {
    upstream::emit_annotations(annotations, choice, {"urlCitation", "startIndex", "endIndex"}, events);
}

}  // namespace gatehouse::oci
