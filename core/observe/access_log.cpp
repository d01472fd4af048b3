// SPDX-License-Identifier: Apache-2.0
#include "core/observe/access_log.hpp"

#include "core/config/access_fields.hpp"
#include "core/observe/attributes.hpp"
#include "core/observe/ending.hpp"
#include "core/observe/numeric_value.hpp"
#include "core/observe/overhead.hpp"

#include <gatehouse/error_kind_name.hpp>
#include <gatehouse/finish_reason.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace gatehouse::core {

namespace {

using Name = std::string_view;
using Record = RequestRecord;

// Texts of clients and of upstreams are cut to these lengths.
constexpr std::size_t max_client_bytes = 200;
constexpr std::size_t max_detail_bytes = 1000;

template <typename Unit>
std::int64_t count_of(Record::Clock::duration time) {
    return std::chrono::duration_cast<Unit>(time).count();
}
std::int64_t milliseconds(Record::Clock::duration time) { return count_of<std::chrono::milliseconds>(time); }

void text(Line& line, Name name, std::string_view value) {
    if (!value.empty()) line.field(name, value, max_client_bytes);
}
void optional_number(Line& line, Name name, const std::optional<std::int64_t>& value) {
    if (value) line.number(name, *value);
}

/// Writes a text member, such as &Record::model, unless it is empty.
template <auto Member>
void text_of(Line& line, Name name, const Record& record) {
    text(line, name, std::invoke(Member, record));
}

/// Writes a member of the usage that the upstream reported.
template <auto Member>
void tokens_of(Line& line, Name name, const Record& record) {
    if (record.usage) optional_number(line, name, std::invoke(Member, *record.usage));
}

template <auto Member>
void estimate_of(Line& line, Name name, const Record& record) {
    if (record.estimate) line.number(name, std::invoke(Member, *record.estimate));
}

template <auto Member>
void flag_of(Line& line, Name name, const Record& record) {
    if (std::invoke(Member, record)) line.flag(name, true);
}

template <auto Member>
void bytes_of(Line& line, Name name, const Record& record) {
    line.number(name, static_cast<std::int64_t>(std::invoke(Member, record)));
}

template <auto Member>
void detail_of(Line& line, Name name, const Record& record) {
    if (record.details) text(line, name, std::invoke(Member, *record.details));
}

template <auto Member>
void parameter_of(Line& line, Name name, const Record& record) {
    if (record.details) optional_number(line, name, std::invoke(Member, record.details->parameters));
}

/// The last upstream request; null without one, and without details.
const StoryAttempt* last_attempt(const Record& record) {
    return record.details && !record.details->attempts.empty() ? &record.details->attempts.back() : nullptr;
}

// The fields with rules of their own.

void route(Line& line, Name name, const Record& record) {
    if (!record.provider.empty()) text(line, name, record.route());
}

void outcome(Line& line, Name name, const Record& record) {
    line.field(name, ending_name(ending_of(record)));
}

void status(Line& line, Name name, const Record& record) {
    if (record.status) line.number(name, record.status);
}

void cost(Line& line, Name name, const Record& record) {
    if (record.cost) line.decimal(name, record.cost->nano);
}

void currency(Line& line, Name name, const Record& record) {
    if (record.cost) text(line, name, record.cost->currency);
}

void cost_estimated(Line& line, Name name, const Record& record) {
    if (record.cost && record.cost->estimated) line.flag(name, true);
}

/// "stop", or "stop,length" of several choices.
void finish(Line& line, Name name, const Record& record) {
    const StoryAttempt* const last = last_attempt(record);
    if (!last) return;
    std::string words;
    for (const FinishReason reason : last->finished)
        words.append(words.empty() ? "" : ",").append(word_of(reason));
    text(line, name, words);
}

void upstream_model(Line& line, Name name, const Record& record) {
    if (const StoryAttempt* const last = last_attempt(record)) text(line, name, last->model);
}

void queue_time(Line& line, Name name, const Record& record) {
    if (!record.details) return;
    for (const StoryStage& stage : record.details->stages)
        if (stage.name == "queue") line.number(name, milliseconds(stage.end - stage.begin));
}

void time_before_upstream(Line& line, Name name, const Record& record) {
    if (!record.details) return;
    const auto& attempts = record.details->attempts;
    const auto sent =
        std::ranges::find_if(attempts, [](const auto& attempt) { return attempt.sent.has_value(); });
    if (sent != attempts.end()) line.number(name, milliseconds(*sent->sent));
}

void first_token_time(Line& line, Name name, const Record& record) {
    if (record.first_token) line.number(name, milliseconds(*record.first_token - record.start));
}

void total_time(Line& line, Name name, const Record& record) {
    line.number(name, milliseconds(record.end - record.start));
}

void overhead(Line& line, Name name, const Record& record) {
    line.number(name, count_of<std::chrono::microseconds>(overhead_of(record)));
}

/// The mean time of a token after the first one.
void token_time(Line& line, Name name, const Record& record) {
    if (!record.first_token || !record.usage || record.usage->completion < 2) return;
    const auto end = record.upstream_end.value_or(record.end);
    line.number(name, count_of<std::chrono::microseconds>(end - *record.first_token) /
                          (record.usage->completion - 1));
}

void upstream_time(Line& line, Name name, const Record& record) {
    if (record.upstream_start) line.number(name, milliseconds(record.upstream_time(record.end)));
}

void attempts(Line& line, Name name, const Record& record) {
    if (record.attempts) line.number(name, record.attempts);
}

void retries(Line& line, Name name, const Record& record) {
    if (record.attempts) line.number(name, record.attempts - 1);
}

/// Appends a name without the signs that separate the parts of `tried`: a client may have chosen it.
void append_name(std::string& to, std::string_view name) {
    for (const char c : name.substr(0, 100)) to += c == ',' || c == ':' ? '_' : c;
}

/// "near/a:503:212ms,far/b:200:812ms"
void tried(Line& line, Name name, const Record& record) {
    if (!record.details) return;
    std::string all;
    for (const StoryAttempt& attempt : record.details->attempts) {
        if (!all.empty()) all += ',';
        append_name(all, attempt.route.provider + "/" + attempt.route.model);
        all += ':';
        if (attempt.status) all += std::to_string(attempt.status);
        // A response may break after its header.
        if (attempt.status && attempt.status < 400 && !attempt.cause.empty()) all += '/';
        if (attempt.status < 400) all += attempt.cause;
        if (all.ends_with(':')) all += '-';
        all.append(":").append(std::to_string(milliseconds(attempt.end - attempt.begin))).append("ms");
    }
    if (!all.empty()) line.field(name, all, max_detail_bytes);
}

void trace_id(Line& line, Name name, const Record& record) {
    if (record.trace.id.valid()) line.field(name, record.trace.id.hex());
}

void span_id(Line& line, Name name, const Record& record) {
    if (record.trace.span.valid()) line.field(name, record.trace.span.hex());
}

void after_disconnect(Line& line, Name name, const Record& record) {
    if (record.cancelled) line.field(name, record.drained ? "drained" : "cancelled");
}

void error(Line& line, Name name, const Record& record) {
    if (record.error) line.field(name, kind_name(*record.error));
}

void cause(Line& line, Name name, const Record& record) { text(line, name, cause_name(record.cause)); }

void detail(Line& line, Name name, const Record& record) {
    if (!record.detail.empty()) line.field(name, record.detail, max_detail_bytes);
}

constexpr std::string_view attribute_prefix = "attribute.";

/// REQUIRES: the name begins with attribute_prefix.
void attribute_of(Line& line, Name name, const Record& record) {
    if (record.who) text(line, name, attribute_text(*record.who, name.substr(attribute_prefix.size())));
}

void client_retries(Line& line, Name name, const Record& record) {
    if (const auto retries = numeric_value(name, record.client_retries))
        line.number(name, *retries);
    else
        text(line, name, record.client_retries);
}

constexpr auto writers = std::to_array<std::pair<Name, void (*)(Line&, Name, const Record&)>>({
    {"request_id", text_of<&Record::request_id>},
    {"client", text_of<&Record::client>},
    {"peer", text_of<&Record::peer>},
    {"method", text_of<&Record::method>},
    {"path", text_of<&Record::path>},
    {"user_agent", detail_of<&Story::user_agent>},
    {"model", text_of<&Record::model>},
    {"route", route},
    {"hook", text_of<&Record::hook>},
    {"status", status},
    {"outcome", outcome},
    {"stream", flag_of<&Record::stream>},
    {"max_tokens", parameter_of<&StoryParameters::max_tokens>},
    {"choices", parameter_of<&StoryParameters::choices>},
    {"bytes_in", bytes_of<&Record::bytes_in>},
    {"bytes_out", bytes_of<&Record::bytes_out>},
    {"prompt_tokens", tokens_of<&Usage::prompt>},
    {"completion_tokens", tokens_of<&Usage::completion>},
    {"cached_tokens", tokens_of<&Usage::cached>},
    {"cache_write_tokens", tokens_of<&Usage::cache_written>},
    {"reasoning_tokens", tokens_of<&Usage::reasoning>},
    {"estimated_prompt_tokens", estimate_of<&Record::Estimate::prompt>},
    {"estimated_completion_tokens", estimate_of<&Record::Estimate::completion>},
    {"cost", cost},
    {"currency", currency},
    {"cost_estimated", cost_estimated},
    {"finish", finish},
    {"queue_ms", queue_time},
    {"before_ms", time_before_upstream},
    {"ttft_ms", first_token_time},
    {"token_us", token_time},
    {"total_ms", total_time},
    {"upstream_ms", upstream_time},
    {"overhead_us", overhead},
    {"endpoint", text_of<&Record::endpoint>},
    {"upstream_id", text_of<&Record::upstream_request_id>},
    {"upstream_model", upstream_model},
    {"attempts", attempts},
    {"retries", retries},
    {"tried", tried},
    {"client_request_id", text_of<&Record::client_request_id>},
    {"traceparent", text_of<&Record::trace_parent>},
    {"trace_id", trace_id},
    {"span_id", span_id},
    {"client_retries", client_retries},
    {"gone", flag_of<&Record::gone>},
    {"upstream", after_disconnect},
    {"error", error},
    {"cause", cause},
    {"detail", detail},
});
static_assert(std::ranges::equal(
    writers, access_fields, {}, [](const auto& writer) { return writer.first; }, &AccessField::name));

bool is_chosen(const AccessField& field, const std::vector<std::string>& names) {
    const bool usual = field.needs == AccessField::Needs::nothing;
    return std::ranges::any_of(names, [&](const std::string& name) {
        return name == field.name || (usual && name == usual_fields);
    });
}

}  // namespace

Level access_level(const RequestRecord& record) {
    if (record.gone || !record.error) return Level::info;
    if (*record.error == ErrorKind::internal) return Level::error;
    return status_of(*record.error) >= 500 ? Level::warning : Level::info;
}

AccessLog::AccessLog(const LogOptions& options) : sample_(options.sample) {
    for (std::size_t i = 0; i < writers.size(); ++i) {
        const auto& [name, write] = writers[i];
        if (is_chosen(access_fields[i], options.fields)) fields_.push_back({std::string(name), write});
        if (name != "client") continue;
        for (const std::string& attribute : options.attributes)
            fields_.push_back({std::string(attribute_prefix) + attribute, attribute_of});
    }
}

bool AccessLog::includes(const RequestRecord& record) const {
    if (sample_ >= 1 || ending_of(record) != Ending::ok) return true;
    // The ids are random, so a hash of them chooses a uniform share.
    const auto part = std::hash<std::string>()(record.request_id) >> 32;
    return static_cast<double>(part) < sample_ * 4294967296.0;
}

Line AccessLog::line(Line::Format format, const RequestRecord& record) const {
    Line line(format, "access", "request");
    for (const Field& field : fields_) field.write(line, field.name, record);
    return line;
}

}  // namespace gatehouse::core
