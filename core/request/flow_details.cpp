// SPDX-License-Identifier: Apache-2.0
// The details of RequestFlow's record: they begin with the request if the configuration has observers,
// counts model calls or chooses fields of the access log that need them, or if the client asks for an
// explanation.  They are used after the end.
#include "core/observe/record_details.hpp"
#include "core/request/explanation.hpp"
#include "core/request/request_flow.hpp"
#include "core/request/trace_context.hpp"

#include <gatehouse/name_pattern.hpp>

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

bool RequestFlow::counts_model_calls() const {
    return snapshot_.settings.metrics.conventions != "none" && !snapshot_.settings.admin.listen.empty();
}

bool RequestFlow::asks_to_explain() const {
    return !snapshot_.settings.server.explain_clients.empty() &&
           client_->head().headers.get(explain_header) == "1";
}

// After the client is known.
void RequestFlow::begin_explanation() {
    if (asks_to_explain() && matches_any_pattern(snapshot_.settings.server.explain_clients, who_.name))
        record_.explanation = std::make_shared<Explanation>();
}

void RequestFlow::explain(http::Headers& headers) const {
    const auto now = RequestRecord::Clock::now();
    headers.set(std::string(explain_header), explanation_json(record_, now));
    headers.set("server-timing", server_timing(record_, now));
}

void RequestFlow::begin_details() {
    record_.details = std::make_shared<Story>();
    Story& details = *record_.details;
    const bool observed = !instances_.observers().empty();
    if (observed && !record_.trace.id.valid()) record_.trace = new_trace();
    if (observed) record_.trace.span = new_span_id();
    details.trace = record_.trace;
    details.start = std::chrono::system_clock::now();
    details.user_agent = client_->head().headers.get("user-agent").substr(0, 200);
    details.stages.reserve(8);
    details.sampled = std::ranges::any_of(
        instances_.observers(), [&](const auto& observer) { return observer->samples(details.trace); });
}

void RequestFlow::reached(std::string_view stage) {
    if (record_.details) add_stage(record_, stage);
}

// Adds the facts of the parsed request, if there is one.
void RequestFlow::describe() {
    if (!record_.details || !hooks_) return;
    record_.details->operation = operation_name(parsed_.operation);
    if (const auto* chat = std::get_if<ChatRequest>(&parsed_.operation))
        record_.details->parameters = parameters_of(chat->sampling);
}

void RequestFlow::use_details() {
    // Without these, the explanation or the access log has used them.
    if (!record_.details || (instances_.observers().empty() && !counts_model_calls())) return;
    complete_details(record_);
    const std::shared_ptr<const Story> told = std::move(record_.details);
    if (counts_model_calls()) snapshot_.metrics.count_model_calls(*told);
    for (const auto& observer : instances_.observers())
        if (observer->wants(*told)) observer->offer(told);
}

}  // namespace gatehouse::core
