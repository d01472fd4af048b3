// SPDX-License-Identifier: Apache-2.0
#include "core/observe/record_details.hpp"

#include "core/observe/ending.hpp"
#include "core/observe/overhead.hpp"

#include <utility>

namespace gatehouse::core {

using std::chrono::microseconds;

namespace {

constexpr std::size_t most_groups = 32;

// Paths of clients may be of any length.
std::string bounded(std::string text) {
    if (text.size() > 200) text.resize(200);
    return text;
}

}  // namespace

microseconds since_start(const RequestRecord& record, RequestRecord::Clock::time_point time) {
    return std::chrono::duration_cast<microseconds>(time - record.start);
}

Usage numbers_of(const Usage& usage) {
    return {.prompt = usage.prompt,
            .completion = usage.completion,
            .total = usage.total,
            .cached = usage.cached,
            .reasoning = usage.reasoning,
            .accepted_prediction = usage.accepted_prediction,
            .rejected_prediction = usage.rejected_prediction,
            .cache_written = usage.cache_written};
}

void add_stage(RequestRecord& record, std::string_view stage) {
    auto& stages = record.details->stages;
    const microseconds begin = stages.empty() ? microseconds(0) : stages.back().end;
    stages.push_back({stage, begin, since_start(record, RequestRecord::Clock::now())});
}

void complete_details(RequestRecord& record) {
    Story& details = *record.details;
    details.total = since_start(record, record.end);
    details.waited = std::chrono::duration_cast<microseconds>(waited_of(record, record.end));
    if (record.first_token) details.first_output = since_start(record, *record.first_token);
    details.outcome = ending_name(ending_of(record));
    details.error = record.error;
    details.status = record.status;
    details.stream = record.stream;
    details.upstream_requests = record.attempts;
    details.bytes_in = record.bytes_in;
    details.bytes_out = record.bytes_out;
    if (record.usage) details.usage = numbers_of(*record.usage);
    details.cost = record.cost;
    if (record.who) {
        details.client_id = bounded(record.who->id);
        for (const std::string& group : record.who->groups)
            if (details.groups.size() < most_groups) details.groups.push_back(bounded(group));
    }
    // A hook or a limiter may still read these two.
    details.id = record.request_id;
    details.model = record.model;
    details.client = bounded(std::move(record.client));
    details.peer = std::move(record.peer);
    details.method = bounded(std::move(record.method));
    details.path = bounded(std::move(record.path));
    details.hook = std::move(record.hook);
    details.dialect = record.dialect;
    details.route = {std::move(record.provider), std::move(record.upstream_model)};
}

}  // namespace gatehouse::core
