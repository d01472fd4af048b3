// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/message_facts.hpp"

#include "plugins/common/upstream/finish_reason.hpp"
#include "plugins/provider/anthropic/text.hpp"

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

constexpr std::size_t longest_name = 256, longest_stop = 4096, longest_details = 16 * 1024;
constexpr std::size_t max_headers = 64;

http::Headers rate_limits(const http::ResponseHead& head) {
    http::Headers found;
    for (const auto& [name, value] : head.headers)
        if (lower_case(name).starts_with("anthropic-ratelimit-") && found.size() < max_headers)
            found.add(lower_case(name), value);
    return found;
}

std::string service_tier(dom::object message) {
    const auto usage = object_member(message, "usage");
    const std::string_view tier = usage ? string_member(*usage, "service_tier") : std::string_view();
    if (tier.size() > 32) return {};
    return tier == "standard" ? "default" : lower_case(tier);
}

}  // namespace

void MessageFacts::begin(dom::object message, std::optional<std::int64_t> prompt_tokens,
                         const http::ResponseHead* head, EventSink& events) {
    AnswerInfo info{.service_tier = service_tier(message),
                    .id = std::string(string_member(message, "id").substr(0, longest_name)),
                    .model = std::string(string_member(message, "model").substr(0, longest_name)),
                    .prompt_tokens = prompt_tokens};
    if (native_ && head) info.headers = rate_limits(*head);
    const bool any = !info.service_tier.empty() || !info.id.empty() || !info.model.empty() ||
                     info.prompt_tokens || info.headers.size() > 0;
    if (any) events.emit(std::move(info));
}

void MessageFacts::read_message(dom::object message) {
    read_stop(message);
    if (native_)
        extra_.keep(message, {"type", "id", "role", "model", "content", "usage", "stop_reason",
                              "stop_sequence", "stop_details"});
}

void MessageFacts::read_delta(dom::object event) {
    if (const auto delta = object_member(event, "delta")) {
        read_stop(*delta);
        if (native_) extra_.keep(*delta, {"stop_reason", "stop_sequence", "stop_details"});
    }
    if (native_) extra_.keep(event, {"type", "delta", "usage"});
}

void MessageFacts::read_stop(dom::object from) {
    // A later "end_turn" does not hide a bad end.
    const bool open = !reason_ || read_finish_reason(*reason_) == FinishReason::stop;
    if (const auto reason = member(from, "stop_reason"); reason && open)
        if (const auto word = string(*reason)) reason_ = std::string(word->substr(0, 64));
    if (const std::string_view stop = string_member(from, "stop_sequence"); stop.size() <= longest_stop)
        if (!stop.empty()) stop_sequence_ = stop;
    const auto details = object_member(from, "stop_details");
    if (!details) return;
    if (std::string json = simdjson::minify(*details); json.size() <= longest_details)
        details_ = std::move(json);
    if (string_member(*details, "type") == "refusal")
        refusal_ = presentable(string_member(*details, "explanation"), 2000);
}

void MessageFacts::tell(EventSink& events) const {
    // A client of the same protocol reads the explanation in the details.
    if (!refusal_.empty() && (!native_ || details_.empty())) events.emit(RefusalDelta{refusal_});
    if (JsonText members = extra_.text(); !members.empty())
        events.emit(Extra{.members = std::move(members), .protocol = "anthropic"});
}

Finish MessageFacts::finish(FinishReason reason) const {
    return {.reason = reason,
            .native = reason_.value_or(""),
            .stop_sequence = stop_sequence_,
            .details = {details_}};
}

}  // namespace gatehouse::anthropic
