// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/spans.hpp"

#include "plugins/observer/otlp/attributes.hpp"

#include <gatehouse/error_kind_name.hpp>
#include <gatehouse/finish_reason.hpp>

#include <cstdio>
#include <random>

namespace gatehouse::otlp {

namespace {

using std::chrono::microseconds;

// opentelemetry-proto, trace/v1/trace.proto.
constexpr int kind_internal = 1, kind_server = 2, kind_client = 3, status_error = 2;
constexpr int flag_sampled = 1, flag_random = 2, flag_knows_remote = 0x100, flag_remote_parent = 0x200;

std::string nanoseconds(const Story& record, microseconds since_start) {
    const auto time = record.start.time_since_epoch() + since_start;
    return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

double seconds(microseconds time) { return static_cast<double>(time.count()) / 1e6; }

/// A random UUID of version 4.
std::string new_uuid() {
    std::random_device random;
    const auto word = [&] { return static_cast<unsigned>(random() & 0xffff); };
    char text[37];
    std::snprintf(text, sizeof text, "%04x%04x-%04x-%04x-%04x-%04x%04x%04x", word(), word(), word(),
                  0x4000 | (word() & 0x0fff), 0x8000 | (word() & 0x3fff), word(), word(), word());
    return text;
}

/// The text before a list: "resourceSpans", "scopeSpans" and "spans", or those of metrics.
std::string head_of(const Options& options, const std::string& instance, const char* resources,
                    const char* scopes, const char* list) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key(resources).begin_array().begin_object().key("resource").begin_object();
    static const std::vector<std::string> nothing;
    Attributes resource(json, nothing);
    resource.add("service.name", options.service_name).add("service.version", GATEHOUSE_VERSION);
    if (!options.resource.contains("service.instance.id")) resource.add("service.instance.id", instance);
    for (const auto& [name, values] : options.resource)
        values.size() == 1 ? resource.add(name, values[0]) : resource.add(name, values);
    resource.end();
    json.end_object().key(scopes).begin_array().begin_object().key("scope").begin_object();
    json.member("name", "gatehouse").member("version", GATEHOUSE_VERSION).end_object();
    json.key(list).begin_array();
    return out;
}

/// The members that all spans have, up to the times.
void begin_span(JsonWriter& json, const Story& record, SpanId span, SpanId parent, bool remote_parent) {
    json.begin_object().member("traceId", record.trace.id.hex()).member("spanId", span.hex());
    if (!record.trace.state.empty()) json.member("traceState", record.trace.state);
    if (parent.valid()) json.member("parentSpanId", parent.hex());
    json.member("flags", (record.sampled ? flag_sampled : 0) | (record.trace.random ? flag_random : 0) |
                             flag_knows_remote | (remote_parent ? flag_remote_parent : 0));
}

void add_times(JsonWriter& json, const Story& record, microseconds begin, microseconds end) {
    json.member("startTimeUnixNano", nanoseconds(record, begin));
    json.member("endTimeUnixNano", nanoseconds(record, std::max(begin, end)));
}

void end_span(JsonWriter& json, bool failed) {
    if (failed) json.key("status").begin_object().member("code", status_error).end_object();
    json.end_object();
}

void add_stages(Attributes& attributes, const Story& record) {
    for (const StoryStage& stage : record.stages)
        attributes.add("gatehouse.stage." + std::string(stage.name) + "_us",
                       std::int64_t{(stage.end - stage.begin).count()});
}

void add_client(Attributes& attributes, const Story& record) {
    attributes.given("client.address", record.peer).given("user_agent.original", record.user_agent);
    attributes.given("gatehouse.client", record.client).given("gatehouse.client_id", record.client_id);
    if (!record.groups.empty()) attributes.add("gatehouse.groups", record.groups);
}

void add_cost(Attributes& attributes, const Cost& cost) {
    attributes.add("gatehouse.cost", static_cast<double>(cost.nano) / 1e9);
    attributes.given("gatehouse.cost.currency", cost.currency);
    if (cost.estimated) attributes.add("gatehouse.cost.estimated", true);
}

void add_parameters(Attributes& attributes, const StoryParameters& sent) {
    attributes.add("gen_ai.request.max_tokens", sent.max_tokens);
    attributes.add("gen_ai.request.temperature", sent.temperature).add("gen_ai.request.top_p", sent.top_p);
    attributes.add("gen_ai.request.top_k", sent.top_k).add("gen_ai.request.seed", sent.seed);
    attributes.add("gen_ai.request.frequency_penalty", sent.frequency_penalty);
    attributes.add("gen_ai.request.presence_penalty", sent.presence_penalty);
    if (sent.choices && *sent.choices != 1) attributes.add("gen_ai.request.choice.count", sent.choices);
}

void add_usage(Attributes& attributes, const Usage& usage, const GenAiNames& names) {
    attributes.add("gen_ai.usage.input_tokens", usage.prompt)
        .add("gen_ai.usage.output_tokens", usage.completion);
    attributes.add(names.cache_read, usage.cached).add(names.cache_write, usage.cache_written);
    attributes.add(names.reasoning, usage.reasoning);
}

}  // namespace

Spans::Spans(const Options& options)
    : options_(options),
      names_(gen_ai_names(options.conventions)),
      instance_(new_uuid()),
      head_(head_of(options, instance_, "resourceSpans", "scopeSpans", "spans")),
      metrics_head_(head_of(options, instance_, "resourceMetrics", "scopeMetrics", "metrics")) {}

std::string Spans::of(const Story& record) const {
    std::string out;
    out.reserve(1'500 * (1 + record.attempts.size()));
    JsonWriter json(out);
    server_span(json, record);
    int number = 0;
    for (const StoryAttempt& attempt : record.attempts) attempt_span(json, record, attempt, ++number);
    return out;
}

// A path that no dialect serves is not in the name, because the number of names must be small.
void Spans::server_span(JsonWriter& json, const Story& record) const {
    const bool failed = record.status >= 500 || record.outcome == "cut";
    begin_span(json, record, record.trace.span, record.trace.parent, record.trace.parent.valid());
    json.member("name", record.endpoint.empty() ? record.method : record.method + " " + record.endpoint);
    json.member("kind", kind_server);
    add_times(json, record, microseconds(0), record.total);
    Attributes attributes(json, options_.omit);
    attributes.add("http.request.method", record.method).add("url.path", record.path);
    attributes.given("http.route", record.endpoint);
    if (record.status) attributes.add("http.response.status_code", record.status);
    if (failed)
        attributes.add("error.type", error_type(record.status, record.error.value_or(ErrorKind::internal)));
    add_client(attributes, record);
    attributes.add("gatehouse.request_id", record.id).given("gatehouse.dialect", record.dialect);
    attributes.given("gatehouse.operation", record.operation).given("gatehouse.model", record.model);
    if (!record.route.provider.empty())
        attributes.add("gatehouse.route", record.route.provider + "/" + record.route.model);
    attributes.given("gatehouse.hook", record.hook).add("gatehouse.outcome", record.outcome);
    if (record.error) attributes.add("gatehouse.error", kind_name(*record.error));
    if (record.stream) attributes.add("gatehouse.stream", true);
    attributes.add("gatehouse.attempts", record.upstream_requests);
    attributes.add("gatehouse.overhead_us", std::int64_t{(record.total - record.waited).count()});
    attributes.add("gatehouse.bytes_in", static_cast<std::int64_t>(record.bytes_in));
    attributes.add("gatehouse.bytes_out", static_cast<std::int64_t>(record.bytes_out));
    if (record.cost) add_cost(attributes, *record.cost);
    add_stages(attributes, record);
    attributes.end();
    end_span(json, failed);
}

// A cancelled attempt has not failed.
void Spans::attempt_span(JsonWriter& json, const Story& record, const StoryAttempt& attempt,
                         int number) const {
    const bool failed = attempt.error.has_value();
    begin_span(json, record, attempt.span, record.trace.span, false);
    json.member("name", record.operation + " " + attempt.route.model);
    json.member("kind", attempt.endpoint.empty() ? kind_internal : kind_client);
    add_times(json, record, attempt.begin, attempt.end);
    Attributes attributes(json, options_.omit);
    attributes.add("gen_ai.operation.name", record.operation)
        .add("gen_ai.provider.name", provider_name(attempt, options_));
    attributes.add("gen_ai.request.model", attempt.route.model);
    attributes.given("gen_ai.response.model", attempt.model).given("gen_ai.response.id", attempt.answer_id);
    if (record.stream) attributes.add("gen_ai.request.stream", true);
    add_parameters(attributes, record.parameters);
    if (!attempt.finished.empty()) {
        std::vector<std::string> reasons;
        for (const FinishReason one : attempt.finished) reasons.emplace_back(word_of(one));
        attributes.add("gen_ai.response.finish_reasons", reasons);
    }
    if (record.stream && attempt.first_output && attempt.sent)
        attributes.add("gen_ai.response.time_to_first_chunk", seconds(*attempt.first_output - *attempt.sent));
    if (attempt.usage) add_usage(attributes, *attempt.usage, names_);
    if (const Server server = server_of(attempt.endpoint); !server.address.empty())
        attributes.add("server.address", server.address).add("server.port", server.port);
    if (attempt.status) attributes.add("http.response.status_code", attempt.status);
    if (failed) attributes.add("error.type", error_type(attempt.status, *attempt.error));
    attributes.given("gatehouse.cause", attempt.cause);
    if (attempt.cancelled) attributes.add("error.type", "client_left");
    attributes.add("gatehouse.attempt", number).add("gatehouse.reason", attempt.why);
    attributes.add("gatehouse.provider", attempt.route.provider);
    attributes.given("gatehouse.upstream_id", attempt.upstream_id);
    attributes.end();
    end_span(json, failed);
}

}  // namespace gatehouse::otlp
