// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/console/views.hpp"

#include "plugins/observer/console/advice.hpp"

#include <gatehouse/error_kind_name.hpp>
#include <gatehouse/finish_reason.hpp>
#include <gatehouse/sdk.hpp>

#include <cstdio>

namespace gatehouse::console {

namespace {

using std::chrono::microseconds;

double ms(microseconds time) { return static_cast<double>(time.count()) / 1000; }

std::optional<double> ms(const std::optional<microseconds>& time) {
    return time ? std::optional(ms(*time)) : std::nullopt;
}

std::int64_t since_1970(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void write_usage(JsonWriter& json, const std::optional<Usage>& usage) {
    if (!usage) return;
    json.key("usage").begin_object().member("prompt", usage->prompt).member("completion", usage->completion);
    json.member("cached", usage->cached).member("reasoning", usage->reasoning);
    json.member("cache_written", usage->cache_written).end_object();
}

/// The members of a row.
void write_facts(JsonWriter& json, const Story& story) {
    json.member("id", story.id).member("start_ms", since_1970(story.start));
    json.member("client", story.client).member("model", story.model);
    json.member("provider", story.route.provider).member("upstream_model", story.route.model);
    json.member("operation", story.operation).member("method", story.method).member("path", story.path);
    json.member("stream", story.stream).member("status", story.status).member("outcome", story.outcome);
    if (story.error) json.member("error", kind_name(*story.error));
    json.member("total_ms", ms(story.total)).member("first_token_ms", ms(story.first_output));
    json.member("attempts", story.upstream_requests);
    write_usage(json, story.usage);
    if (!story.cost) return;
    json.key("cost").begin_object().member("amount", money(story.cost->nano));
    json.member("currency", story.cost->currency).member("estimated", story.cost->estimated).end_object();
}

void write_attempt(JsonWriter& json, const StoryAttempt& attempt) {
    json.begin_object().member("provider", attempt.route.provider).member("model", attempt.route.model);
    json.member("plugin", attempt.plugin).member("endpoint", attempt.endpoint).member("why", attempt.why);
    json.member("status", attempt.status).member("upstream_id", attempt.upstream_id);
    json.member("upstream_model", attempt.model).member("answer_id", attempt.answer_id);
    json.member("begin_ms", ms(attempt.begin)).member("end_ms", ms(attempt.end));
    json.member("sent_ms", ms(attempt.sent)).member("answered_ms", ms(attempt.answered));
    json.member("first_token_ms", ms(attempt.first_output)).member("cancelled", attempt.cancelled);
    json.member("span", attempt.span.hex());
    if (attempt.error) json.member("error", kind_name(*attempt.error)).member("cause", attempt.cause);
    write_usage(json, attempt.usage);
    json.key("finished").begin_array();
    for (const FinishReason reason : attempt.finished) json.value(word_of(reason));
    json.end_array().end_object();
}

void write_parameters(JsonWriter& json, const StoryParameters& sent) {
    json.key("parameters").begin_object().member("max_tokens", sent.max_tokens);
    json.member("temperature", sent.temperature).member("top_p", sent.top_p).member("top_k", sent.top_k);
    json.member("seed", sent.seed).member("n", sent.choices);
    json.member("frequency_penalty", sent.frequency_penalty);
    json.member("presence_penalty", sent.presence_penalty).end_object();
}

}  // namespace

std::string money(std::int64_t nano) {
    constexpr std::int64_t unit = 1'000'000'000;
    char text[40];
    std::snprintf(text, sizeof text, "%s%lld.%09lld", nano < 0 ? "-" : "",
                  static_cast<long long>(std::abs(nano / unit)),
                  static_cast<long long>(std::abs(nano % unit)));
    return text;
}

void write_row(JsonWriter& json, const Kept& kept) {
    json.begin_object().member("number", kept.number);
    write_facts(json, *kept.story);
    json.end_object();
}

std::string page_json(const Ring& ring, const Query& query) {
    const Ring::Page page = ring.page(query.filter, query.limit, query.after, query.before);
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("newest", ring.seen()).member("kept", ring.kept());
    if (page.more) json.member("next_before", page.requests.back().number);
    json.key("requests").begin_array();
    for (const Kept& one : page.requests) write_row(json, one);
    json.end_array().end_object();
    return text;
}

std::string story_json(const Story& story) {
    const Advice advice = advice_for(story);
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_facts(json, story);
    json.member("happened", advice.happened).member("action", advice.action);
    json.member("trace", story.trace.id.hex()).member("span", story.trace.span.hex());
    json.member("peer", story.peer).member("user_agent", story.user_agent);
    json.member("endpoint", story.endpoint).member("dialect", story.dialect);
    json.member("client_id", story.client_id).member("groups", story.groups).member("hook", story.hook);
    json.member("bytes_in", story.bytes_in).member("bytes_out", story.bytes_out);
    json.member("overhead_ms", ms(std::max(story.total - story.waited, microseconds(0))));
    write_parameters(json, story.parameters);
    json.key("steps").begin_array();
    for (const StoryStage& stage : story.stages)
        json.begin_object()
            .member("name", stage.name)
            .member("begin_ms", ms(stage.begin))
            .member("end_ms", ms(stage.end))
            .end_object();
    json.end_array().key("tries").begin_array();
    for (const StoryAttempt& attempt : story.attempts) write_attempt(json, attempt);
    json.end_array().end_object();
    return text;
}

}  // namespace gatehouse::console
