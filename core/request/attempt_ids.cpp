// SPDX-License-Identifier: Apache-2.0
// The ids by which an upstream request is found again: in the upstream's own log, and in traces.
#include "core/observe/overhead.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/attempt.hpp"
#include "core/request/trace_context.hpp"

namespace gatehouse::core {

// The core sends its id under the header in which the upstream returns one, and some upstreams return an id
// that begins with it.  A later attempt has a number, because such ids must be unique.
Result<void> Attempt::add_ids(http::Headers& headers) {
    add_trace(headers);
    return guard(provider_call("Exchange::request_id_header"), [&] {
        const std::string_view name = exchange_->request_id_header();
        if (name.empty() || headers.has(name)) return;
        std::string id = record_.request_id;
        if (record_.attempts > 1) id.append("-").append(std::to_string(record_.attempts));
        headers.add(std::string(name), std::move(id));
    });
}

// Without an observer nothing records a span of this attempt, so the parent is the client's.
void Attempt::add_trace(http::Headers& headers) const {
    const Trace& trace = record_.trace;
    if (provider_.trace == TracePropagation::none || !trace.id.valid() || headers.has("traceparent")) return;
    const bool observed = trace.span.valid();
    const StoryAttempt* const now = told();
    const SpanId parent = !observed ? trace.parent : now ? now->span : trace.span;
    headers.add("traceparent", trace_parent(trace, parent, is_traced(record_)));
    if (provider_.trace == TracePropagation::full && !trace.state.empty() && !headers.has("tracestate"))
        headers.add("tracestate", trace.state);
}

}  // namespace gatehouse::core
