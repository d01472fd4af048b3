// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/anthropic/message_pieces.hpp"

#include "plugins/common/client/random_id.hpp"
#include "plugins/common/json/extras.hpp"
#include "plugins/common/text/text.hpp"

#include <gatehouse/token_estimate.hpp>

#include <algorithm>

namespace gatehouse::anthropic_dialect {

namespace {

constexpr std::size_t longest_id = 128;

bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
        return common::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-';
    });
}

std::string_view tier_of(const AnswerInfo& info) {
    return info.service_tier == "default" ? std::string_view("standard") : info.service_tier;
}

void write_tier(JsonWriter& json, const AnswerInfo& info) {
    if (!info.service_tier.empty()) json.member("service_tier", tier_of(info));
}

}  // namespace

std::string_view id_of(const AnswerInfo& info, const AnswerFacts& facts) {
    return info.id.starts_with("msg_") && is_id(info.id) ? info.id : facts.id;
}

std::string call_id(std::string_view id) { return is_id(id) ? std::string(id) : client::random_id("toolu_"); }

std::string_view stop_reason(const AnswerEnd& end) {
    const Finish& finish = *end.finish;
    for (const std::string_view own : {"pause_turn", "model_context_window_exceeded"})
        if (finish.native == own) return own;
    switch (finish.reason) {
        case FinishReason::length: return "max_tokens";
        case FinishReason::content_filter: return "refusal";
        case FinishReason::stop:
        case FinishReason::tool_calls: break;
    }
    if (end.called) return "tool_use";
    if (!finish.stop_sequence.empty()) return "stop_sequence";
    return end.refused ? "refusal" : "end_turn";
}

void write_stop(JsonWriter& json, const AnswerEnd& end) {
    const std::string_view reason = stop_reason(end);
    json.member("stop_reason", reason).key("stop_sequence");
    reason == "stop_sequence" ? json.value(end.finish->stop_sequence) : json.null();
    if (!end.finish->details.empty()) json.key("stop_details").raw(on_one_line(end.finish->details.text));
}

void append_first_usage(std::string& out, const AnswerInfo& info, const AnswerFacts& facts) {
    JsonWriter json(out);
    json.begin_object().member("input_tokens", info.prompt_tokens.value_or(facts.prompt_tokens));
    json.member("cache_creation_input_tokens", 0).member("cache_read_input_tokens", 0);
    json.member("output_tokens", 0);
    write_tier(json, info);
    json.end_object();
}

void append_usage(std::string& out, const AnswerEnd& end, const AnswerFacts& facts) {
    Usage usage = end.usage.value_or(Usage{});
    // Clients compute costs and the room for the next turn from these numbers.
    if (usage.prompt <= 0) usage.prompt = end.info.prompt_tokens.value_or(facts.prompt_tokens);
    if (usage.completion <= 0) usage.completion = estimated_tokens(end.bytes);
    const std::int64_t read = usage.cached.value_or(0), written = usage.cache_written.value_or(0);
    JsonWriter json(out);
    json.begin_object().member("input_tokens", std::max<std::int64_t>(usage.prompt - read - written, 0));
    json.member("cache_creation_input_tokens", written).member("cache_read_input_tokens", read);
    json.member("output_tokens", usage.completion);
    if (usage.reasoning || !usage.completion_extra.empty()) {
        json.key("output_tokens_details").begin_object();
        json.member("thinking_tokens", usage.reasoning.value_or(0));
        append_members(out, usage.completion_extra, {"thinking_tokens"});
        json.end_object();
    }
    write_tier(json, end.info);
    append_members(out, usage.extra,
                   {"input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens",
                    "output_tokens_details", "service_tier"});
    json.end_object();
}

void append_citation(std::string& out, const Citation& citation, std::string_view cited) {
    const json::Extras own(citation.extra);
    auto has = [&](std::string_view name) {
        return std::ranges::any_of(own.all(), [&](const auto& member) { return member.name == name; });
    };
    JsonWriter json(out);
    json.begin_object();
    if (!has("type")) {
        json.member("type", "web_search_result_location").member("url", citation.url);
        json.member("title", citation.title).member("cited_text", cited).member("encrypted_index", "");
        json.end_object();
        return;
    }
    for (const json::Extras::Member& member : own.all()) json.key(member.name).raw(on_one_line(member.json));
    // Names of this vocabulary for members that are there already.
    if (!citation.url.empty() && !has("source")) json.member("url", citation.url);
    if (!citation.title.empty() && !has("document_title")) json.member("title", citation.title);
    json.end_object();
}

void append_members(std::string& out, const JsonText& extra, std::initializer_list<std::string_view> known) {
    if (extra.empty()) return;
    const json::Extras members(extra);
    for (const json::Extras::Member& member : members.all()) {
        if (std::find(known.begin(), known.end(), member.name) != known.end()) continue;
        out += ',';
        append_json_string(out, member.name);
        out.append(":").append(on_one_line(member.json));
    }
}

std::string on_one_line(std::string_view json) {
    std::string text(json);
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    return text;
}

void add_headers(http::Headers& headers, const AnswerInfo& info) {
    for (const auto& [name, value] : info.headers)
        if (common::lower_case(name).starts_with("anthropic-ratelimit-")) headers.add(name, value);
}

}  // namespace gatehouse::anthropic_dialect
