// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/options.hpp"

#include <gatehouse/base_url.hpp>

#include <algorithm>

namespace gatehouse::otlp {

namespace {

const Fields<HeaderOption> header_fields = {
    required("name", &HeaderOption::name, "Name of the header."),
    secret("value", &HeaderOption::value, "Value of the header."),
};

bool is_token(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return c > ' ' && c < 0x7f &&
               std::string_view("()<>@,;:\\\"/[]?={}").find(static_cast<char>(c)) == std::string_view::npos;
    });
}

void check_header(const HeaderOption& header, const std::string& path) {
    if (!is_token(header.name)) throw KeyError(path + ".name", "expected the name of a header");
    if (std::ranges::any_of(header.value,
                            [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; }))
        throw KeyError(path + ".value", "must not have control characters, such as the end of a line");
}

}  // namespace

const Fields<Options> fields = {
    optional("endpoint", &Options::endpoint,
             "URL of the collector without /v1/traces, such as http://127.0.0.1:4318."),
    tables(
        "headers", &Options::headers, header_fields,
        "Headers of each request to the collector, such as { name = \"authorization\", value = \"env:OTLP_AUTH\" }."),
    optional("ca_file", &Options::ca_file, "PEM file of the certificate authorities to trust for endpoint."),
    choice("encoding", &Options::encoding, {"json", "protobuf"},
           "Encoding of exports: \"json\" or \"protobuf\"."),
    choice("compression", &Options::compression, {"none", "gzip"},
           "Compression of exports: \"none\" or \"gzip\"."),
    optional("signals", &Options::signals, "Signals that are exported: \"traces\", \"metrics\", or both."),
    optional("service_name", &Options::service_name, "The resource attribute service.name."),
    string_lists("resource", &Options::resource,
                 "Further resource attributes, such as { \"deployment.environment.name\" = \"prod\" }."),
    choice("conventions", &Options::conventions, {"1.41", "genai-0.1"},
           "The version of OpenTelemetry's GenAI conventions for the names of attributes."),
    string_lists("providers", &Options::providers,
                 "Values of gen_ai.provider.name by instance of a provider, such as { backup = \"groq\" }."),
    optional("omit", &Options::omit,
             "Names of attributes that spans do not have, such as [\"client.address\"]."),
    optional("sample", &Options::sample,
             "Sampling ratio of the traces that begin in this gateway, from 0 to 1. For other traces the "
             "flag of the caller decides."),
    optional("keep_failed", &Options::keep_failed,
             "Exports every request with a status of 500 or more, or with a broken response."),
    ranged("keep_slower_than_ms", &Options::keep_slower_than_ms, 0, 86'400'000,
           "Exports every request that takes at least this time, in milliseconds. 0 disables the rule."),
    optional(
        "keep_unsampled", &Options::keep_unsampled,
        "Whether keep_failed and keep_slower_than_ms also apply to traces that the caller does not sample."),
    ranged("metrics_interval_ms", &Options::metrics_interval_ms, 100, 3'600'000,
           "Interval at which metrics are exported, in milliseconds."),
    ranged("max_batch", &Options::max_batch, 1, 10'000, "Maximum number of requests in one export."),
    ranged("interval_ms", &Options::interval_ms, 10, 600'000,
           "Time for which spans wait for an export, in milliseconds."),
    ranged("max_waiting_bytes", &Options::max_waiting_bytes, 65'536, 1'073'741'824,
           "Maximum bytes of the spans that wait; further spans are dropped and counted."),
    ranged("timeout_ms", &Options::timeout_ms, 1, 600'000,
           "Time for the collector to accept an export, in milliseconds."),
};

void check(const Options& options) {
    check_service_url(options.endpoint, "endpoint");
    for (const char* path : {"/v1/traces", "/v1/metrics"})
        if (options.endpoint.ends_with(path))
            throw KeyError("endpoint",
                           std::string("expected the URL without ") + path + ", which the gateway adds");
    if (options.signals.empty()) throw KeyError("signals", "expected \"traces\", \"metrics\", or both");
    for (std::size_t i = 0; i < options.signals.size(); ++i)
        if (options.signals[i] != "traces" && options.signals[i] != "metrics")
            throw KeyError("signals[" + std::to_string(i) + "]", "expected \"traces\" or \"metrics\"");
    if (!(options.sample >= 0 && options.sample <= 1))
        throw KeyError("sample", "expected a number from 0 to 1");
    for (std::size_t i = 0; i < options.headers.size(); ++i)
        check_header(options.headers[i], "headers[" + std::to_string(i) + "]");
    for (const auto& [name, values] : options.providers)
        if (values.size() != 1) throw KeyError("providers", "expected one value for " + name);
}

bool exports(const Options& options, std::string_view signal) {
    return std::ranges::find(options.signals, signal) != options.signals.end();
}

}  // namespace gatehouse::otlp
