// SPDX-License-Identifier: Apache-2.0
// The spans of a record in OTLP's JSON: one SERVER span for the request, and one CLIENT span for each
// attempt. An attempt without an upstream request is INTERNAL.  Read-only: [any thread].
#pragma once

#include "plugins/observer/otlp/conventions.hpp"
#include "plugins/observer/otlp/options.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/observer.hpp>

#include <string>

namespace gatehouse::otlp {

class Spans {
public:
    /// `options` outlive this object.
    explicit Spans(const Options& options);

    /// The spans of `record`, separated by commas.
    std::string of(const Story& record) const;

    /// The text before the spans of an export and the text after them.
    const std::string& head() const { return head_; }
    static constexpr std::string_view tail = "]}]}]}";
    /// The same for metrics, with the same tail.
    const std::string& metrics_head() const { return metrics_head_; }

private:
    void server_span(JsonWriter& json, const Story& record) const;
    void attempt_span(JsonWriter& json, const Story& record, const StoryAttempt& attempt, int number) const;

    const Options& options_;
    const GenAiNames& names_;
    const std::string instance_;  // service.instance.id
    const std::string head_, metrics_head_;
};

}  // namespace gatehouse::otlp
