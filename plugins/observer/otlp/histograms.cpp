// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/histograms.hpp"

#include "plugins/observer/otlp/attributes.hpp"
#include "plugins/observer/otlp/conventions.hpp"

#include <algorithm>

namespace gatehouse::otlp {

namespace {

using std::chrono::microseconds;

constexpr int cumulative = 2;  // AggregationTemporality of opentelemetry-proto

double positive_seconds(microseconds time) { return std::max(0.0, static_cast<double>(time.count()) / 1e6); }

/// `first`, then each `factor` times the one before, as the GenAI conventions say.
std::vector<double> powers(double first, double factor) {
    std::vector<double> bounds = {first};
    while (bounds.size() < 14) bounds.push_back(bounds.back() * factor);
    return bounds;
}

/// The bounds of the HTTP conventions, and longer ones for models.
std::vector<double> request_bounds() {
    return {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300, 600};
}

/// Clients may make up methods.
std::string_view known_method(std::string_view method) {
    static constexpr std::string_view known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};
    return std::ranges::find(known, method) == std::end(known) ? "_OTHER" : method;
}

/// The attributes that `write` adds, as a JSON object of one member.
template <typename Write>
std::string attributes_of(const Options& options, Write&& write) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    Attributes attributes(json, options.omit);
    write(attributes);
    attributes.end();
    json.end_object();
    return out;
}

std::string nanoseconds(std::chrono::system_clock::time_point time) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

bool is_newer(const Options& options) { return options.conventions != "1.41"; }

}  // namespace

void HistogramSeries::add(const std::string& attributes, double value) {
    static const std::string overflow =
        R"({"attributes":[{"key":"otel.metric.overflow","value":{"boolValue":true}}]})";
    const bool fits = series_.size() < most_series || series_.contains(attributes);
    Series& series = series_[fits ? attributes : overflow];
    series.buckets.resize(bounds_.size() + 1);
    const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    ++series.buckets[static_cast<std::size_t>(bucket)];
    ++series.count;
    series.sum += value;
}

void HistogramSeries::write(JsonWriter& json, const std::string& start, const std::string& now) const {
    json.begin_object().member("name", name_).member("unit", unit_).member("description", description_);
    json.key("histogram").begin_object().member("aggregationTemporality", cumulative);
    json.key("dataPoints").begin_array();
    for (const auto& [attributes, series] : series_) {
        std::string point = attributes.substr(0, attributes.size() - 1);  // without the bracket at its end
        point.append(R"(,"startTimeUnixNano":")").append(start).append(R"(","timeUnixNano":")").append(now);
        point.append(R"(","count":")").append(std::to_string(series.count)).append(R"(","sum":)");
        JsonWriter(point).value(series.sum);
        point.append(R"(,"bucketCounts":[)");
        for (std::size_t i = 0; i < series.buckets.size(); ++i)
            point.append(i == 0 ? "\"" : ",\"").append(std::to_string(series.buckets[i])).append("\"");
        point.append(R"(],"explicitBounds":)");
        JsonWriter(point).value(bounds_);
        json.raw(point + "}");
    }
    json.end_array().end_object().end_object();
}

Histograms::Histograms(const Options& options)
    : options_(options),
      requests_("http.server.request.duration", "s",
                "Time from a request's header to the end of its response.", request_bounds()),
      attempts_(is_newer(options) ? "gen_ai.client.inference.duration" : "gen_ai.client.operation.duration",
                "s", "Time of a request to a provider.", powers(0.01, 2)),
      first_chunks_(is_newer(options) ? "gen_ai.client.inference.time_to_first_chunk"
                                      : "gen_ai.client.operation.time_to_first_chunk",
                    "s", "Time from a request to a provider to the first chunk of its stream.",
                    powers(0.01, 2)),
      tokens_("gen_ai.client.token.usage", "{token}",
              "Tokens of a request, as the provider has counted them.", powers(1, 4)) {}

void Histograms::add(const Story& record) {
    const auto attributes = attributes_of(options_, [&](Attributes& list) {
        list.add("http.request.method", known_method(record.method)).given("http.route", record.endpoint);
        if (record.status) list.add("http.response.status_code", record.status);
        if (record.status >= 500 || record.outcome == "cut")
            list.add("error.type", error_type(record.status, record.error.value_or(ErrorKind::internal)));
    });
    requests_.add(attributes, positive_seconds(record.total));
    for (const StoryAttempt& attempt : record.attempts) add_attempt(record, attempt);
}

void Histograms::add_attempt(const Story& record, const StoryAttempt& attempt) {
    const auto common = [&](Attributes& list) {
        list.add("gen_ai.operation.name", record.operation);
        list.add("gen_ai.provider.name", provider_name(attempt, options_));
        list.add("gen_ai.request.model", attempt.route.model);
        if (const Server server = server_of(attempt.endpoint); !server.address.empty())
            list.add("server.address", server.address).add("server.port", server.port);
    };
    const auto plain = attributes_of(options_, common);
    const auto with_error = attributes_of(options_, [&](Attributes& list) {
        common(list);
        if (attempt.error) list.add("error.type", error_type(attempt.status, *attempt.error));
        if (attempt.cancelled) list.add("error.type", "client_left");
    });
    attempts_.add(with_error, positive_seconds(attempt.end - attempt.begin));
    if (record.stream && attempt.first_output && attempt.sent)
        first_chunks_.add(plain, positive_seconds(*attempt.first_output - *attempt.sent));
    if (!attempt.usage) return;
    const auto count = [&](const char* type, std::int64_t tokens) {
        if (tokens < 0) return;
        const auto attributes = attributes_of(options_, [&](Attributes& list) {
            common(list);
            list.add("gen_ai.token.type", type);
        });
        tokens_.add(attributes, static_cast<double>(tokens));
    };
    count("input", attempt.usage->prompt);
    count("output", attempt.usage->completion);
}

std::string Histograms::json(std::chrono::system_clock::time_point start,
                             std::chrono::system_clock::time_point now) const {
    std::string out;
    JsonWriter json(out);
    for (const HistogramSeries* one : {&requests_, &attempts_, &first_chunks_, &tokens_})
        if (!one->empty()) one->write(json, nanoseconds(start), nanoseconds(now));
    return out;
}

}  // namespace gatehouse::otlp
