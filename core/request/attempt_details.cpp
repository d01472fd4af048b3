// SPDX-License-Identifier: Apache-2.0
// The attempt in the details of its request: each upstream request is one StoryAttempt.  These members do
// nothing without details.
#include "core/observe/record_details.hpp"
#include "core/request/attempt.hpp"
#include "core/request/trace_context.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

// Bounds the memory of the details.
constexpr std::size_t most_attempts = 32;

std::string_view reason_of(const std::vector<StoryAttempt>& before, const Route& route) {
    if (before.empty()) return "first";
    const Route& last = before.back().route;
    return last.provider == route.provider && last.model == route.model ? "same_route" : "next_route";
}

}  // namespace

// `why` is a literal; empty: the route says it.
void Attempt::begin_telling(std::string_view why) {
    if (!record_.details) return;
    end_telling(nullptr);
    auto& attempts = record_.details->attempts;
    if (attempts.size() == most_attempts) return;
    Route route{provider_.name, std::string(model_of(operation_))};
    StoryAttempt now{.span = new_span_id(),
                     .plugin = provider_.plugin,
                     .why = why.empty() ? reason_of(attempts, route) : why,
                     .begin = since_start(record_, RequestRecord::Clock::now())};
    now.route = std::move(route);
    attempts.push_back(std::move(now));
    telling_ = true;
}

void Attempt::tell_sent() {
    StoryAttempt* const now = told();
    if (!now || !record_.upstream_start) return;
    now->sent = since_start(record_, *record_.upstream_start);
    now->endpoint = origin_;
}

void Attempt::tell_answered() {
    StoryAttempt* const now = told();
    if (!now) return;
    now->answered = since_start(record_, answered_at_);
    now->status = status_;
    now->upstream_id = record_.upstream_request_id;
}

void Attempt::tell(const Event& event) {
    StoryAttempt& now = *told();
    if (auto* info = std::get_if<AnswerInfo>(&event)) {
        now.model = info->model.substr(0, 200);
        now.answer_id = info->id.substr(0, 200);
    } else if (auto* finish = std::get_if<Finish>(&event)) {
        if (now.finished.size() < 8) now.finished.push_back(finish->reason);
    }
}

void Attempt::end_telling(const Error* error, bool cancelled) {
    StoryAttempt* const now = told();
    if (!now) return;
    telling_ = false;
    const bool sent = now->sent.has_value();
    const auto end = sent ? record_.upstream_end : std::nullopt;
    now->end = since_start(record_, end.value_or(RequestRecord::Clock::now()));
    now->cancelled = cancelled;
    if (error) {
        now->error = error->kind;
        now->cause = cause_name(cause(*error));
    }
    if (record_.first_token) now->first_output = since_start(record_, *record_.first_token);
    if (record_.usage) now->usage = numbers_of(*record_.usage);
}

}  // namespace gatehouse::core
