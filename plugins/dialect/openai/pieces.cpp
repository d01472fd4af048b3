// SPDX-License-Identifier: Apache-2.0
// Functions without state.
#include "plugins/dialect/openai/pieces.hpp"

#include "plugins/common/json/extras.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace gatehouse::openai_dialect {

http::ResponseHead event_stream_head() {
    return {200,
            {{"content-type", "text/event-stream; charset=utf-8"},
             {"cache-control", "no-cache"},
             {"x-accel-buffering", "no"}}};
}

void append_number(std::string& out, std::int64_t number) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

std::string_view finish_word(FinishReason reason, bool called, bool functions) {
    switch (reason) {
        case FinishReason::length: return "length";
        case FinishReason::content_filter: return "content_filter";
        case FinishReason::stop:
        case FinishReason::tool_calls: break;
    }
    if (!called) return "stop";
    return functions ? "function_call" : "tool_calls";
}

namespace {

void write_prompt_details(JsonWriter& json, const Usage& usage, std::string& out) {
    if (!usage.cached && !usage.cache_written && usage.prompt_extra.empty()) return;
    json.key("prompt_tokens_details").begin_object().member("cached_tokens", usage.cached);
    json.member("cache_write_tokens", usage.cache_written);
    append_extra(out, usage.prompt_extra);
    json.end_object();
}

void write_completion_details(JsonWriter& json, const Usage& usage, std::string& out) {
    const auto& [reasoning, accepted, rejected] =
        std::tie(usage.reasoning, usage.accepted_prediction, usage.rejected_prediction);
    if (!reasoning && !accepted && !rejected && usage.completion_extra.empty()) return;
    json.key("completion_tokens_details").begin_object().member("reasoning_tokens", reasoning);
    json.member("accepted_prediction_tokens", accepted).member("rejected_prediction_tokens", rejected);
    append_extra(out, usage.completion_extra);
    json.end_object();
}

}  // namespace

void append_usage(std::string& out, const Usage& usage) {
    const std::int64_t total = usage.total ? usage.total : usage.prompt + usage.completion;
    JsonWriter json(out);
    json.begin_object().member("prompt_tokens", usage.prompt).member("completion_tokens", usage.completion);
    json.member("total_tokens", total);
    write_prompt_details(json, usage, out);
    write_completion_details(json, usage, out);
    append_extra(out, usage.extra);
    json.end_object();
}

namespace {

/// The value of "\\xNN" at the beginning of `text`, or -1.
int escaped_byte(std::string_view text) {
    int value = -1;
    if (text.size() < 4 || !text.starts_with("\\x")) return -1;
    const auto read = std::from_chars(text.data() + 2, text.data() + 4, value, 16);
    return read.ptr == text.data() + 4 ? value : -1;
}

/// The bytes of a token that is not a whole text: "\\xf0\\x9f", or "bytes: \\xf0".  Empty if it is
/// not written like this.
std::string bytes_in_escapes(std::string_view token) {
    constexpr std::string_view prefix = "bytes:";
    const bool named = token.starts_with(prefix);
    if (named) token.remove_prefix(prefix.size());
    std::string bytes;
    bool escaped = false;
    while (!token.empty()) {
        const int byte = escaped_byte(token);
        if (byte < 0 && !named) return {};
        bytes += byte < 0 ? token.front() : static_cast<char>(byte);
        escaped |= byte >= 0;
        token.remove_prefix(byte < 0 ? 1 : 4);
    }
    return escaped ? bytes : std::string();
}

/// The token's bytes.  null if neither the upstream nor the token's text tells them, because it is
/// a part of a character.
void write_bytes(JsonWriter& json, std::string_view token, const std::optional<std::string>& given) {
    const std::string escaped = given ? *given : bytes_in_escapes(token);
    json.key("bytes");
    if (escaped.empty() && !given && token.find("\xEF\xBF\xBD") != token.npos) {
        json.null();
        return;
    }
    json.begin_array();
    for (const char c : escaped.empty() && !given ? token : std::string_view(escaped))
        json.value(static_cast<std::int64_t>(static_cast<unsigned char>(c)));
    json.end_array();
}

}  // namespace

void append_logprobs(std::string& out, const std::vector<TokenLogprob>& tokens) {
    JsonWriter json(out);
    for (const TokenLogprob& token : tokens) {
        json.begin_object().member("token", token.token).member("logprob", token.logprob);
        write_bytes(json, token.token, token.bytes);
        json.key("top_logprobs").begin_array();
        for (const TokenLogprob::Alternative& other : token.top) {
            json.begin_object().member("token", other.token).member("logprob", other.logprob);
            write_bytes(json, other.token, other.bytes);
            append_extra(out, other.extra);
            json.end_object();
        }
        json.end_array();
        append_extra(out, token.extra);
        json.end_object();
    }
}

namespace {

bool is_written(Extra::Place place, std::string_view name) {
    constexpr std::array<std::string_view, 7> answer = {"id",      "object", "created",     "model",
                                                        "choices", "usage",  "service_tier"};
    constexpr std::array<std::string_view, 6> choice = {"index", "delta",         "message",
                                                        "text",  "finish_reason", "logprobs"};
    constexpr std::array<std::string_view, 7> message = {
        "role", "content", "refusal", "tool_calls", "function_call", "reasoning_content", "annotations"};
    auto in = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    switch (place) {
        case Extra::Place::answer: return in(answer);
        case Extra::Place::choice: return in(choice);
        case Extra::Place::message: return in(message);
    }
    return true;
}

/// Adds the members of the object `text` whose names are wanted.  Numbers of any size are passed on.
template <typename Wants>
void add_wanted(Unknown& to, std::string text, Wants&& wants) {
    std::optional<Error> huge;
    auto document = json::Document::parse(text, 200, &huge);
    auto top = document ? document->object() : std::nullopt;
    if (!top) return;
    json::for_each(*top, [&](std::string_view name, json::Value& value) {
        if (wants(name)) to.add(name, json::raw(value));
        return true;
    });
}

}  // namespace

void replace_line_ends(std::string& json, std::size_t begin) {
    std::replace_if(
        json.begin() + static_cast<std::ptrdiff_t>(begin), json.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

std::string on_one_line(std::string_view json) {
    std::string text(json);
    replace_line_ends(text, 0);
    return text;
}

std::string members_on_one_line(const Extra& extra) {
    return extra.protocol == "openai" ? on_one_line(extra.members.text) : std::string();
}

void append_extra(std::string& out, const JsonText& object) {
    if (object.empty()) return;
    Unknown members;
    add_wanted(members, on_one_line(object.text), [](std::string_view) { return true; });
    const bool first = out.ends_with('{');
    const std::size_t comma = out.size();
    append_members(out, members);
    if (first && out.size() > comma) out.erase(comma, 1);
}

void add_members(Unknown& to, const Extra& extra) {
    add_wanted(to, members_on_one_line(extra),
               [&](std::string_view name) { return !is_written(extra.place, name); });
}

void append_members(std::string& out, Unknown& members) {
    if (members.empty()) return;
    const std::string object = members.take().text;
    members = {};
    out += ',';
    out.append(object, 1, object.size() - 2);
}

std::string annotations_in(const Extra& extra) {
    if (extra.place != Extra::Place::message) return {};
    std::string list = json::member_of({members_on_one_line(extra)}, "annotations");
    if (!list.starts_with('[') || !list.ends_with(']')) return {};
    list = list.substr(1, list.size() - 2);
    return list.find_first_not_of(' ') == list.npos ? std::string() : list;
}

void append_annotation(std::string& out, const Citation& citation) {
    JsonWriter json(out);
    json.begin_object().member("type", "url_citation").key("url_citation").begin_object();
    json.member("start_index", citation.start).member("end_index", citation.end);
    json.member("title", citation.title).member("url", citation.url);
    append_extra(out, citation.inner_extra);
    json.end_object();
    append_extra(out, citation.extra);
    json.end_object();
}

}  // namespace gatehouse::openai_dialect
