// SPDX-License-Identifier: Apache-2.0
#include "core/observe/open_metrics.hpp"

#include <charconv>
#include <cmath>

namespace gatehouse::core {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Seconds with milliseconds.
std::string exemplar_time(double seconds) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, seconds, std::chars_format::fixed, 3).ptr};
}

/// `{provider="main"}`, with `more` as a last label; empty without labels.
std::string label_text(const ClientMetric& metric, const std::string& more = {}) {
    std::string out;
    for (const auto& label : metric.label)
        out.append(out.empty() ? "" : ",").append(label.name + "=\"" + metric_escaped(label.value) + '"');
    if (!more.empty()) out.append(out.empty() ? "" : ",").append(more);
    return out.empty() ? out : '{' + out + '}';
}

void add_exemplar(std::string& out, const Exemplars* exemplars, std::size_t bucket) {
    const auto exemplar = exemplars ? exemplars->of(bucket) : std::nullopt;
    if (!exemplar) return;
    out += " # {trace_id=\"" + exemplar->trace.hex() + "\"} " + metric_number(exemplar->value) + ' ' +
           exemplar_time(exemplar->time_s);
}

void add_histogram(std::string& out, const MetricFamily& family, const ClientMetric& metric,
                   const Exemplars* exemplars) {
    const ClientMetric::Histogram& histogram = metric.histogram;
    std::size_t place = 0;
    for (const auto& bucket : histogram.bucket) {
        out += family.name + "_bucket" +
               label_text(metric, "le=\"" + canonical_number(bucket.upper_bound) + '"') + ' ' +
               std::to_string(bucket.cumulative_count);
        add_exemplar(out, exemplars, place++);
        out += '\n';
    }
    out += family.name + "_count" + label_text(metric) + ' ' + std::to_string(histogram.sample_count) + '\n';
    out += family.name + "_sum" + label_text(metric) + ' ' + metric_number(histogram.sample_sum) + '\n';
}

/// Our families have these types only.
const char* metric_type(MetricType type) {
    if (type == MetricType::Counter) return "counter";
    return type == MetricType::Histogram ? "histogram" : "gauge";
}

}  // namespace

std::string metric_number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string metric_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\' || c == '"')
            out.append(1, '\\').append(1, c);
        else
            out += c;
    }
    return out;
}

std::string canonical_number(double value) {
    std::string text = metric_number(value);
    if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
    return text;
}

std::string_view family_name(std::string_view name, bool is_counter) {
    if (is_counter && name.ends_with("_total")) name.remove_suffix(6);
    return name;
}

std::string open_metrics_text(const std::vector<MetricFamily>& families, const ExemplarIndex& exemplars) {
    std::string out;
    for (const MetricFamily& family : families) {
        if (family.metric.empty()) continue;
        const std::string name(family_name(family.name, family.type == MetricType::Counter));
        out += "# HELP " + name + ' ' + metric_escaped(family.help) + "\n# TYPE " + name + ' ' +
               metric_type(family.type) + '\n';
        for (const ClientMetric& metric : family.metric) {
            if (family.type == MetricType::Histogram)
                add_histogram(out, family, metric, exemplars.find(family.name, metric.label));
            else if (family.type == MetricType::Counter)
                out +=
                    name + "_total" + label_text(metric) + ' ' + metric_number(metric.counter.value) + '\n';
            else
                out += name + label_text(metric) + ' ' + metric_number(metric.gauge.value) + '\n';
        }
    }
    return out;
}

}  // namespace gatehouse::core
