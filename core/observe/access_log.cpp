// SPDX-License-Identifier: Apache-2.0
#include "core/observe/access_log.hpp"

#include "core/observe/attributes.hpp"
#include "core/observe/ending.hpp"
#include "core/observe/numeric_value.hpp"

#include <gatehouse/error_kind_name.hpp>

namespace gatehouse::core {

namespace {

// Texts of clients and of upstreams are cut to these lengths.
constexpr std::size_t max_client_bytes = 200;
constexpr std::size_t max_detail_bytes = 1000;

std::int64_t milliseconds(RequestRecord::Clock::time_point from, RequestRecord::Clock::time_point to) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

void add_usage(Line& line, const Usage& usage) {
    line.number("prompt_tokens", usage.prompt).number("completion_tokens", usage.completion);
    if (usage.cached) line.number("cached_tokens", *usage.cached);
    if (usage.cache_written) line.number("cache_write_tokens", *usage.cache_written);
    if (usage.reasoning) line.number("reasoning_tokens", *usage.reasoning);
}

void add_times(Line& line, const RequestRecord& record) {
    if (record.first_token) line.number("ttft_ms", milliseconds(record.start, *record.first_token));
    line.number("total_ms", milliseconds(record.start, record.end));
    if (record.upstream_start)
        line.number("upstream_ms",
                    milliseconds(*record.upstream_start, record.upstream_end.value_or(record.end)));
}

}  // namespace

Level access_level(const RequestRecord& record) {
    if (record.gone || !record.error) return Level::info;
    if (*record.error == ErrorKind::internal) return Level::error;
    return status_of(*record.error) >= 500 ? Level::warning : Level::info;
}

Line access_line(Line::Format format, const RequestRecord& record,
                 const std::vector<std::string>& attributes) {
    Line line(format, "access", "request");
    auto given = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) line.field(name, value, max_client_bytes);
    };
    given("request_id", record.request_id);
    given("client", record.client);
    if (record.who)
        for (const std::string& name : attributes)
            given("attribute." + name, attribute_text(*record.who, name));
    given("peer", record.peer);
    given("method", record.method);
    given("path", record.path);
    given("model", record.model);
    if (!record.provider.empty()) given("route", record.route());
    if (record.status) line.number("status", record.status);
    line.field("outcome", ending_name(ending_of(record)));
    if (record.stream) line.flag("stream", true);
    line.number("bytes_in", static_cast<std::int64_t>(record.bytes_in));
    line.number("bytes_out", static_cast<std::int64_t>(record.bytes_out));
    if (record.usage) add_usage(line, *record.usage);
    if (record.estimate)
        line.number("estimated_prompt_tokens", record.estimate->prompt)
            .number("estimated_completion_tokens", record.estimate->completion);
    add_times(line, record);
    given("endpoint", record.endpoint);
    given("upstream_id", record.upstream_request_id);
    if (record.attempts) line.number("attempts", record.attempts).number("retries", record.attempts - 1);
    given("client_request_id", record.client_request_id);
    given("traceparent", record.trace_parent);
    if (record.trace.id.valid()) line.field("trace_id", record.trace.id.hex());
    if (const auto retries = numeric_value("client_retries", record.client_retries))
        line.number("client_retries", *retries);
    else
        given("client_retries", record.client_retries);
    if (record.gone) line.flag("gone", true);
    if (record.cancelled) line.field("upstream", record.drained ? "drained" : "cancelled");
    if (record.error) line.field("error", kind_name(*record.error));
    given("cause", cause_name(record.cause));
    if (!record.detail.empty()) line.field("detail", record.detail, max_detail_bytes);
    return line;
}

}  // namespace gatehouse::core
