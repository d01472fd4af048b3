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
void optional_flag(Line& line, Name name, bool value) {
    if (value) line.flag(name, true);
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
void parameter_of(Line& line, Name name, const Record& record) {
    if (record.details) optional_number(line, name, std::invoke(Member, record.details->parameters));
}

// The fields with rules of their own.

void status(Line& line, Name name, const Record& record) {
    if (record.status) line.number(name, record.status);
}

void cost(Line& line, Name name, const Record& record) {
    if (record.cost) line.decimal(name, record.cost->nano);
}

/// "stop", or "stop,length" of several choices.
void finish(Line& line, Name name, const Record& record) {
    if (!record.details || record.details->attempts.empty()) return;
    std::string words;
    for (const FinishReason reason : record.details->attempts.back().finished)
        words.append(words.empty() ? "" : ",").append(word_of(reason));
    text(line, name, words);
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

/// "near/a:503:212ms,far/b:200:812ms"
void tried(Line& line, Name name, const Record& record) {
    if (!record.details) return;
    std::string all;
    for (const StoryAttempt& attempt : record.details->attempts) {
        if (!all.empty()) all += ',';
        all.append(attempt.route.provider).append("/").append(attempt.route.model).append(":");
        if (attempt.status)
            all += std::to_string(attempt.status);
        else
            all += attempt.cause.empty() ? "-" : attempt.cause;
        all.append(":").append(std::to_string(milliseconds(attempt.end - attempt.begin))).append("ms");
    }
    if (!all.empty()) line.field(name, all, max_detail_bytes);
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
    {"user_agent", [](auto& line, auto name, auto& of) { if (of.details) text(line, name, of.details->user_agent); }},
    {"model", text_of<&Record::model>},
    {"route", [](auto& line, auto name, auto& of) { if (!of.provider.empty()) text(line, name, of.route()); }},
    {"hook", text_of<&Record::hook>},
    {"status", status},
    {"outcome", [](auto& line, auto name, auto& of) { line.field(name, ending_name(ending_of(of))); }},
    {"stream", [](auto& line, auto name, auto& of) { optional_flag(line, name, of.stream); }},
    {"max_tokens", parameter_of<&StoryParameters::max_tokens>},
    {"choices", parameter_of<&StoryParameters::choices>},
    {"bytes_in", [](auto& line, auto name, auto& of) { line.number(name, static_cast<std::int64_t>(of.bytes_in)); }},
    {"bytes_out", [](auto& line, auto name, auto& of) { line.number(name, static_cast<std::int64_t>(of.bytes_out)); }},
    {"prompt_tokens", tokens_of<&Usage::prompt>},
    {"completion_tokens", tokens_of<&Usage::completion>},
    {"cached_tokens", tokens_of<&Usage::cached>},
    {"cache_write_tokens", tokens_of<&Usage::cache_written>},
    {"reasoning_tokens", tokens_of<&Usage::reasoning>},
    {"estimated_prompt_tokens", estimate_of<&Record::Estimate::prompt>},
    {"estimated_completion_tokens", estimate_of<&Record::Estimate::completion>},
    {"cost", cost},
    {"currency", [](auto& line, auto name, auto& of) { if (of.cost) text(line, name, of.cost->currency); }},
    {"cost_estimated", [](auto& line, auto name, auto& of) { optional_flag(line, name, of.cost && of.cost->estimated); }},
    {"finish", finish},
    {"queue_ms", queue_time},
    {"before_ms", time_before_upstream},
    {"ttft_ms", [](auto& line, auto name, auto& of) { if (of.first_token) line.number(name, milliseconds(*of.first_token - of.start)); }},
    {"token_us", token_time},
    {"total_ms", [](auto& line, auto name, auto& of) { line.number(name, milliseconds(of.end - of.start)); }},
    {"upstream_ms", upstream_time},
    {"overhead_us", [](auto& line, auto name, auto& of) { line.number(name, count_of<std::chrono::microseconds>(overhead_of(of))); }},
    {"endpoint", text_of<&Record::endpoint>},
    {"upstream_id", text_of<&Record::upstream_request_id>},
    {"upstream_model", [](auto& line, auto name, auto& of) { if (of.details && !of.details->attempts.empty()) text(line, name, of.details->attempts.back().model); }},
    {"attempts", [](auto& line, auto name, auto& of) { if (of.attempts) line.number(name, of.attempts); }},
    {"retries", [](auto& line, auto name, auto& of) { if (of.attempts) line.number(name, of.attempts - 1); }},
    {"tried", tried},
    {"client_request_id", text_of<&Record::client_request_id>},
    {"traceparent", text_of<&Record::trace_parent>},
    {"trace_id", [](auto& line, auto name, auto& of) { if (of.trace.id.valid()) line.field(name, of.trace.id.hex()); }},
    {"span_id", [](auto& line, auto name, auto& of) { if (of.trace.span.valid()) line.field(name, of.trace.span.hex()); }},
    {"client_retries", client_retries},
    {"gone", [](auto& line, auto name, auto& of) { optional_flag(line, name, of.gone); }},
    {"upstream", [](auto& line, auto name, auto& of) { if (of.cancelled) line.field(name, of.drained ? "drained" : "cancelled"); }},
    {"error", [](auto& line, auto name, auto& of) { if (of.error) line.field(name, kind_name(*of.error)); }},
    {"cause", [](auto& line, auto name, auto& of) { text(line, name, cause_name(of.cause)); }},
    {"detail", [](auto& line, auto name, auto& of) { if (!of.detail.empty()) line.field(name, of.detail, max_detail_bytes); }},
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
    // An id is random, so that its hash is one too.  Every gateway chooses the same requests.
    const auto part = std::hash<std::string>()(record.request_id) >> 32;
    return static_cast<double>(part) < sample_ * 4294967296.0;
}

Line AccessLog::line(Line::Format format, const RequestRecord& record) const {
    Line line(format, "access", "request");
    for (const Field& field : fields_) field.write(line, field.name, record);
    return line;
}

}  // namespace gatehouse::core
