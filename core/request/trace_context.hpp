// SPDX-License-Identifier: Apache-2.0
// The header fields of W3C Trace Context, levels 1 and 2 (https://www.w3.org/TR/trace-context-2/):
// `traceparent` names the trace and the caller's span, and `tracestate` has data of tracing systems. Plain
// functions: [any thread].
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/trace.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// The trace that a client's headers name; none if `traceparent` is missing, repeated or invalid.  Its `span`
/// is not set.  The members of all `tracestate` fields are joined.  Invalid or long ones are omitted.
Trace trace_of(const http::Headers& headers);

/// A trace that begins here.
Trace new_trace();

SpanId new_span_id();

/// The traceparent for a callee, whose parent is `parent`.
std::string trace_parent(const Trace& trace, SpanId parent, bool sampled);

/// Whether `text` is a valid tracestate of at most 512 bytes and 32 members.
bool is_trace_state(std::string_view text);

}  // namespace gatehouse::core
