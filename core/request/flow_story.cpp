// SPDX-License-Identifier: Apache-2.0
// RequestFlow's story: it begins with the request if the configuration has observers, and the observers
// get it after the end.
#include "core/observe/story.hpp"
#include "core/request/request_flow.hpp"
#include "core/request/trace_context.hpp"

#include <algorithm>
#include <string>

namespace gatehouse::core {

namespace {

std::string operation_name(const Operation& operation) {
    const auto* chat = std::get_if<ChatRequest>(&operation);
    if (chat && chat->completion) return "text_completion";
    return std::string(RouteQuery{.model = {}, .operation = operation}.kind().substr(0, 200));
}

StoryParameters parameters_of(const Sampling& sent) {
    return {.max_tokens = sent.output_limit(),
            .top_k = sent.top_k,
            .seed = sent.seed,
            .choices = sent.n,
            .temperature = sent.temperature,
            .top_p = sent.top_p,
            .frequency_penalty = sent.frequency_penalty,
            .presence_penalty = sent.presence_penalty};
}

}  // namespace

void RequestFlow::begin_story() {
    record_.story = std::make_shared<Story>();
    Story& story = *record_.story;
    if (!record_.trace.id.valid()) record_.trace = new_trace();
    record_.trace.span = new_span_id();
    story.trace = record_.trace;
    story.start = std::chrono::system_clock::now();
    story.user_agent = client_->head().headers.get("user-agent").substr(0, 200);
    story.stages.reserve(8);
    story.sampled = std::ranges::any_of(instances_.observers(),
                                        [&](const auto& observer) { return observer->samples(story.trace); });
}

void RequestFlow::reached(std::string_view stage) {
    if (record_.story) add_stage(record_, stage);
}

void RequestFlow::tell_observers() {
    Story& story = *record_.story;
    if (hooks_) story.operation = operation_name(parsed_.operation);
    if (const auto* chat = std::get_if<ChatRequest>(&parsed_.operation); chat && hooks_)
        story.parameters = parameters_of(chat->sampling);
    complete_story(record_);
    const std::shared_ptr<const Story> told = std::move(record_.story);
    for (const auto& observer : instances_.observers())
        if (observer->wants(*told)) observer->offer(told);
}

}  // namespace gatehouse::core
