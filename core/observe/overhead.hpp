// SPDX-License-Identifier: Apache-2.0
// The time that the gateway itself has added to a request: the total without the time for upstreams, for the
// client's body, for a slot and before retries.  Plugins are part of it.  Work on the parts of a response
// while the upstream still sends is not, because it overlaps with the upstream.
#pragma once

#include "core/observe/record.hpp"

#include <algorithm>

namespace gatehouse::core {

/// Time until `now` that the gateway has waited.  At the end, `now` is RequestRecord::end.
inline RequestRecord::Clock::duration waited_of(const RequestRecord& record,
                                                RequestRecord::Clock::time_point now) {
    auto waited = record.waited + record.upstream_time(now);
    if (record.wait_start) waited += now - *record.wait_start;
    return std::clamp(waited, RequestRecord::Clock::duration(0),
                      std::max(now - record.start, RequestRecord::Clock::duration(0)));
}

/// REQUIRES: the request is over.
inline RequestRecord::Clock::duration overhead_of(const RequestRecord& record) {
    return std::max(record.end - record.start - waited_of(record, record.end),
                    RequestRecord::Clock::duration(0));
}

/// Whether the trace of the request is recorded: by an observer, or by the client if there is no observer.
inline bool is_traced(const RequestRecord& record) {
    if (!record.trace.id.valid()) return false;
    return record.trace.span.valid() ? record.details && record.details->sampled
                                     : record.trace.parent_sampled;
}

}  // namespace gatehouse::core
