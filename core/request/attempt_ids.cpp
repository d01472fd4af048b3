// SPDX-License-Identifier: Apache-2.0
// The ids by which an upstream request is found again: in the upstream's own log, and in traces.
#include "core/plugin/guard.hpp"
#include "core/request/attempt.hpp"

namespace gatehouse::core {

// The core sends its id under the header in which the upstream returns one, and some upstreams return an id that begins
// with it.  A later attempt has a number, because such ids must be unique.
Result<void> Attempt::add_ids(http::Headers& headers) {
    if (!record_.trace_parent.empty() && !headers.has("traceparent")) {
        headers.add("traceparent", record_.trace_parent);
        if (!record_.trace_state.empty()) headers.add("tracestate", record_.trace_state);
    }
    return guard(provider_call("Exchange::request_id_header"), [&] {
        const std::string_view name = exchange_->request_id_header();
        if (name.empty() || headers.has(name)) return;
        std::string id = record_.request_id;
        if (record_.attempts > 1) id.append("-").append(std::to_string(record_.attempts));
        headers.add(std::string(name), std::move(id));
    });
}

}  // namespace gatehouse::core
