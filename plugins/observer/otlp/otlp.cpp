// SPDX-License-Identifier: Apache-2.0
// An observer that exports traces by OTLP over HTTP, in JSON: its entry point.
// The instance is read-only except for its exports: any thread.
#include "plugins/observer/otlp/exports.hpp"
#include "plugins/observer/otlp/sampling.hpp"
#include "plugins/observer/otlp/spans.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::otlp {

namespace {

Options checked(Options options) {
    check(options);
    while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
    return options;
}

http::Request request_of(const Options& options) {
    http::Request request{.method = "POST", .url = options.endpoint + "/v1/traces"};
    request.headers.add("content-type", "application/json");
    for (const HeaderOption& header : options.headers) request.headers.set(header.name, header.value);
    request.total_timeout = std::chrono::milliseconds(options.timeout_ms);
    request.ca_file = options.ca_file;
    return request;
}

ExportLimits limits_of(const Options& options) {
    return {.stories = static_cast<std::size_t>(options.max_batch),
            .waiting_bytes = static_cast<std::size_t>(options.max_waiting_bytes),
            .interval = std::chrono::milliseconds(options.interval_ms)};
}

}  // namespace

class Otlp final : public Observer {
public:
    Otlp(Options options, Host& host)
        : options_(checked(std::move(options))),
          sampling_(options_),
          spans_(options_),
          unsampled_(host.counter("unsampled_total", "Requests whose traces were not chosen for export.")),
          exports_(host, request_of(options_), spans_.head(), Spans::tail, limits_of(options_)) {}

    bool samples(const Trace& trace) const override { return sampling_.samples(trace); }

    bool wants(const Story& story) override {
        if (sampling_.keeps(story)) return true;
        unsampled_.add();
        return false;
    }

    void finished(std::vector<std::shared_ptr<const Story>> stories) override {
        for (const auto& story : stories) exports_.add(spans_.of(*story));
    }

    void flush(Completion<bool> done) override { exports_.flush(std::move(done)); }

private:
    const Options options_;
    const Sampling sampling_;
    const Spans spans_;
    Counter& unsampled_;
    Exports exports_;
};

}  // namespace gatehouse::otlp

GATEHOUSE_PLUGIN(gatehouse::otlp::Otlp, gatehouse::otlp::Options, gatehouse::otlp::fields, "otlp", "1.0.0");
