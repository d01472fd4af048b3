// SPDX-License-Identifier: Apache-2.0
// The event types of c.h, in the same order.
#include "plugins/provider/c_bridge/event_reader.hpp"

#include "plugins/common/c_door/members.hpp"
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/text.hpp"

namespace gatehouse::c_bridge {

using namespace upstream;

namespace {

constexpr int most_index = std::numeric_limits<int>::max();
// Larger than any response, and sums still fit.
constexpr std::int64_t most_tokens = std::int64_t{1} << 53;

int index_in(Members& members, std::string_view name) {
    return static_cast<int>(members.integer(name, 0, most_index));
}
int choice_in(Members& members) {
    return static_cast<int>(members.maybe_integer("choice", 0, most_index).value_or(0));
}
std::string text_in(Members& members) { return std::string(members.text("text")); }

/// An object, or nothing.
JsonText object_in(Members& members, std::string_view name) {
    const auto found = members.find(name);
    if (!found) return {};
    if (!found->is_object()) members.wrong(name, "an object");
    return {simdjson::minify(*found)};
}

/// The bytes of a token, as a list of numbers.
std::optional<std::string> bytes_in(Members& members) {
    if (!members.find("bytes")) return std::nullopt;
    std::string out;
    for (dom::element one : members.list("bytes")) {
        const auto byte = integer(one);
        if (!byte || *byte < 0 || *byte > 255) members.wrong("bytes", "a list of integers between 0 and 255");
        out += static_cast<char>(*byte);
    }
    return out;
}

Event info(Members& members) {
    AnswerInfo out;
    out.created = members.maybe_integer("created").value_or(0);
    out.service_tier = lower_case(members.text_or("service_tier", ""));
    out.id = members.text_or("id", "");
    out.model = members.text_or("model", "");
    out.prompt_tokens = members.maybe_integer("prompt_tokens", 0, most_tokens);
    return out;
}

Event tool_call(Members& members) {
    ToolCallDelta call;
    call.index = index_in(members, "index");
    call.id = members.text_or("id", "");
    call.name = members.text_or("name", "");
    call.arguments = members.text_or("arguments", "");
    call.choice = choice_in(members);
    call.custom = members.flag_or("custom", false);
    call.extra = object_in(members, "extra");
    call.inner_extra = object_in(members, "inner_extra");
    return call;
}

Event logprobs(Members& members) {
    LogprobsDelta out{.choice = choice_in(members), .refusal = members.flag_or("refusal", false)};
    for (dom::element element : members.list("tokens")) {
        Members token(element, "a token of " + members.what());
        TokenLogprob& one = out.tokens.emplace_back();
        one.token = token.text("token");
        one.logprob = token.number("logprob");
        one.bytes = bytes_in(token);
        if (token.find("top")) {
            for (dom::element other : token.list("top")) {
                Members top(other, "a top of " + members.what());
                one.top.push_back({std::string(top.text("token")), top.number("logprob"), bytes_in(top)});
                top.finish();
            }
        }
        token.finish();
    }
    return out;
}

Event citation(Members& members) {
    Citation out;
    out.url = members.text("url");
    out.title = members.text_or("title", "");
    out.start = members.maybe_integer("start").value_or(0);
    out.end = members.maybe_integer("end", out.start).value_or(out.start);
    out.choice = choice_in(members);
    out.extra = object_in(members, "extra");
    out.inner_extra = object_in(members, "inner_extra");
    return out;
}

Event extra(Members& members) {
    Extra out;
    const std::string_view place = members.text("place");
    if (place == "choice")
        out.place = Extra::Place::choice;
    else if (place == "message")
        out.place = Extra::Place::message;
    else if (place != "answer")
        members.wrong("place", "one of answer, choice, message");
    const dom::element inside = members.need("members");
    if (!inside.is_object()) members.wrong("members", "an object");
    out.members.text = simdjson::minify(inside);
    out.choice = choice_in(members);
    return out;
}

Event finish(Members& members) {
    const std::string_view word = members.text("reason");
    const auto reason = word == "stop"             ? FinishReason::stop
                        : word == "length"         ? FinishReason::length
                        : word == "tool_calls"     ? FinishReason::tool_calls
                        : word == "content_filter" ? FinishReason::content_filter
                                                   : std::optional<FinishReason>();
    if (!reason) members.wrong("reason", "one of stop, length, tool_calls, content_filter");
    Finish out{*reason, choice_in(members)};
    out.native = members.text_or("native", "");
    out.stop_sequence = members.text_or("stop_sequence", "");
    out.details = object_in(members, "details");
    return out;
}

Event usage(Members& members) {
    constexpr std::int64_t most = most_tokens;
    Usage out;
    out.prompt = members.integer("prompt", 0, most);
    out.completion = members.maybe_integer("completion", 0, most).value_or(0);
    out.total = members.maybe_integer("total", 0, most).value_or(out.prompt + out.completion);
    out.cached = members.maybe_integer("cached", 0, most);
    out.reasoning = members.maybe_integer("reasoning", 0, most);
    out.accepted_prediction = members.maybe_integer("accepted_prediction", 0, most);
    out.rejected_prediction = members.maybe_integer("rejected_prediction", 0, most);
    out.cache_written = members.maybe_integer("cache_written", 0, most);
    out.extra = object_in(members, "extra");
    out.prompt_extra = object_in(members, "prompt_extra");
    out.completion_extra = object_in(members, "completion_extra");
    return out;
}

Event embedding(Members& members) {
    const int index = index_in(members, "index");
    auto vector = read_vector(members.need("vector"), "");
    if (!vector) members.wrong("vector", "a list of numbers that fit a float, at most 65536 and not none");
    return Embedding{index, *std::move(vector)};
}

Event model(Members& members) {
    ModelInfo out;
    out.id = members.text("id");
    if (out.id.empty()) members.wrong("id", "a string that is not empty");
    out.owned_by = members.text_or("owned_by", "");
    out.created = members.maybe_integer("created").value_or(0);
    out.context_window = members.maybe_integer("context_window", 1);
    out.max_output_tokens = members.maybe_integer("max_output_tokens", 1);
    return out;
}

Event read(Members& members, std::string_view type) {
    if (type == "text") return TextDelta{text_in(members), choice_in(members)};
    if (type == "reasoning") return ReasoningDelta{text_in(members), choice_in(members)};
    if (type == "refusal") return RefusalDelta{text_in(members), choice_in(members)};
    if (type == "tool_call") return tool_call(members);
    if (type == "finish") return finish(members);
    if (type == "usage") return usage(members);
    if (type == "info") return info(members);
    if (type == "logprobs") return logprobs(members);
    if (type == "citation") return citation(members);
    if (type == "extra") return extra(members);
    if (type == "embedding") return embedding(members);
    if (type == "ranking") return Ranking{index_in(members, "index"), members.number("score")};
    if (type == "model") return model(members);
    throw Mistake("an event has the type " + in_quotes(type.substr(0, 100)) +
                  ", which this gateway does not know");
}

}  // namespace

Event read_event(std::string& json) {
    const Tree tree = parse(json, "an event");
    const std::string_view type = Members(tree.root(), "an event").text("type");
    Members members(tree.root(), "the event " + in_quotes(type.substr(0, 100)));
    (void)members.find("type");
    Event event = read(members, type);
    members.finish();
    return event;
}

}  // namespace gatehouse::c_bridge
