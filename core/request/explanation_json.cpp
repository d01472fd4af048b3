// SPDX-License-Identifier: Apache-2.0
// The two headers of an explanation.
#include "core/observe/overhead.hpp"
#include "core/request/explanation.hpp"
#include "core/request/private_text.hpp"

#include <gatehouse/error_kind_name.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>

namespace gatehouse::core {

namespace {

using std::chrono::microseconds;

constexpr std::size_t max_name_bytes = 80;

/// A name in a header: printable ASCII.
std::string header_name(std::string_view text) {
    std::string out(text.substr(0, max_name_bytes));
    for (char& c : out)
        if (c < ' ' || c > '~') c = '?';
    return out;
}

/// A name as a quoted string (RFC 9110, 5.6.4).
std::string quoted_name(std::string_view text) {
    std::string out = header_name(text);
    std::ranges::replace_if(
        out, [](char c) { return c == '"' || c == '\\'; }, '?');
    return '"' + out + '"';
}

std::string milliseconds_of(microseconds time) {
    char text[32];
    const double ms = static_cast<double>(std::max(time, microseconds(0)).count()) / 1e3;
    return {text, std::to_chars(text, text + sizeof text, ms, std::chars_format::fixed, 3).ptr};
}

/// Where the time of a request has gone; the members add up to `total`.
struct SpentTimes {
    microseconds total{}, upstream{}, wait{}, overhead{};
};

SpentTimes times_of(const RequestRecord& record, RequestRecord::Clock::time_point now) {
    SpentTimes times;
    times.total = std::chrono::duration_cast<microseconds>(now - record.start);
    const auto waited = std::chrono::duration_cast<microseconds>(waited_of(record, now));
    for (const StoryAttempt& attempt : record.details->attempts) {
        if (!attempt.sent) continue;
        const bool ended = attempt.end.count() > 0;
        times.upstream += (ended ? attempt.end : times.total) - *attempt.sent;
    }
    times.upstream = std::clamp(times.upstream, microseconds(0), waited);
    times.wait = waited - times.upstream;
    times.overhead = times.total - waited;
    return times;
}

/// Writes an explanation whose lists have at most `most` elements.
class ExplanationWriter {
public:
    ExplanationWriter(std::string& out, const RequestRecord& record, const Explanation& all, std::size_t most)
        : json_(out), record_(record), all_(all), most_(most) {}

    void write(RequestRecord::Clock::time_point now) {
        const Story& details = *record_.details;
        json_.begin_object().member("id", record_.request_id);
        if (record_.trace.id.valid()) json_.member("trace_id", record_.trace.id.hex());
        json_.member("client", header_name(record_.client)).member("model", header_name(record_.model));
        if (all_.rule) {
            json_.key("rule").begin_object().member("key", header_name(all_.rule->key));
            json_.member("line", static_cast<std::int64_t>(all_.rule->line)).end_object();
        }
        names("routes", all_.routes);
        passed_over();
        attempts(details, std::chrono::duration_cast<microseconds>(now - record_.start));
        if (!record_.hook.empty()) json_.member("hook", header_name(record_.hook));
        names("not_sent", all_.not_sent);
        names("rewritten", all_.rewritten);
        times(details, now);
        if (omitted_) json_.member("truncated", true);
        json_.end_object();
    }

private:
    void names(const char* key, const std::vector<std::string>& list) {
        if (list.empty()) return;
        json_.key(key).begin_array();
        for (std::size_t i = 0; i < count(list); ++i) json_.value(header_name(list[i]));
        json_.end_array();
    }
    void passed_over() {
        if (all_.passed_over.empty()) return;
        json_.key("passed_over").begin_array();
        for (std::size_t i = 0; i < count(all_.passed_over); ++i) {
            const auto& one = all_.passed_over[i];
            json_.begin_object().member("route", header_name(one.route)).member("why", one.why);
            json_.member("wait_ms", one.wait_ms).end_object();
        }
        json_.end_array();
    }
    void attempts(const Story& details, microseconds now) {
        json_.key("attempts").begin_array();
        for (std::size_t i = 0; i < count(details.attempts); ++i) {
            const StoryAttempt& one = details.attempts[i];
            const std::string route = one.route.provider + "/" + one.route.model;
            json_.begin_object().member("route", header_name(without_ids(route))).member("why", one.why);
            if (one.status) json_.member("status", one.status);
            if (one.error) json_.member("error", kind_name(*one.error));
            if (one.sent && one.answered) time("first_byte_ms", *one.answered - *one.sent);
            time("ms", (one.end.count() > 0 ? one.end : now) - one.begin);
            json_.end_object();
        }
        json_.end_array();
    }
    void times(const Story& details, RequestRecord::Clock::time_point now) {
        const SpentTimes spent = times_of(record_, now);
        json_.key("ms").begin_object();
        for (const StoryStage& stage : details.stages) time(stage.name, stage.end - stage.begin);
        time("upstream", spent.upstream);
        time("wait", spent.wait);
        time("overhead", spent.overhead);
        time("total", spent.total);
        json_.end_object();
    }
    void time(std::string_view key, microseconds value) { json_.key(key).raw(milliseconds_of(value)); }

    template <typename T>
    std::size_t count(const std::vector<T>& list) {
        omitted_ = omitted_ || list.size() > most_;
        return std::min(list.size(), most_);
    }

    JsonWriter json_;
    const RequestRecord& record_;
    const Explanation& all_;
    const std::size_t most_;
    bool omitted_ = false;
};

}  // namespace

std::string explanation_json(const RequestRecord& record, RequestRecord::Clock::time_point now) {
    std::string out;
    for (const std::size_t most : {16, 8, 4, 2, 1, 0}) {
        out.clear();
        ExplanationWriter(out, record, *record.explanation, most).write(now);
        if (out.size() <= max_explanation_bytes) break;
    }
    return out;
}

std::string server_timing(const RequestRecord& record, RequestRecord::Clock::time_point now) {
    const SpentTimes spent = times_of(record, now);
    std::string out;
    const auto add = [&](std::string_view name, microseconds time) {
        out.append(out.empty() ? "" : ", ").append(name).append(";dur=").append(milliseconds_of(time));
    };
    for (const StoryStage& stage : record.details->stages) add(stage.name, stage.end - stage.begin);
    if (!record.details->attempts.empty()) {
        add("upstream", spent.upstream);
        out.append(";desc=" + quoted_name(without_ids(record.route())));
    }
    add("wait", spent.wait);
    add("overhead", spent.overhead);
    add("total", spent.total);
    return out;
}

}  // namespace gatehouse::core
