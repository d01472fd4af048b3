// SPDX-License-Identifier: Apache-2.0
// An observer that exports traces and metrics by OTLP over HTTP: its entry point.
// The instance is read-only except for its exports: any thread.
#include "plugins/observer/otlp/body.hpp"
#include "plugins/observer/otlp/exports.hpp"
#include "plugins/observer/otlp/metric_export.hpp"
#include "plugins/observer/otlp/sampling.hpp"
#include "plugins/observer/otlp/spans.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::otlp {

namespace {

Options checked(Options options) {
    while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
    check(options);
    return options;
}

http::Request request_of(const Options& options, const char* path) {
    http::Request request{.method = "POST", .url = options.endpoint + path};
    request.headers.add("content-type",
                        std::string(options.encoding == "json" ? "application/json" : protobuf_type));
    if (options.compression == "gzip") request.headers.add("content-encoding", "gzip");
    for (const HeaderOption& header : options.headers) request.headers.set(header.name, header.value);
    request.total_timeout = std::chrono::milliseconds(options.timeout_ms);
    request.ca_file = options.ca_file;
    return request;
}

ExportLimits limits_of(const Options& options) {
    return {.records = static_cast<std::size_t>(options.max_batch),
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
          exports_(host, request_of(options_, "/v1/traces"), spans_.head(), Spans::tail, limits_of(options_)),
          traces_(otlp::exports(options_, "traces")) {
        if (otlp::exports(options_, "metrics"))
            metrics_.emplace(host, options_, request_of(options_, "/v1/metrics"), spans_.metrics_head(),
                             Spans::tail);
    }

    bool samples(const Trace& trace) const override { return traces_ && sampling_.samples(trace); }

    bool wants(const Story& record) override {
        if (metrics_ || keeps(record)) return true;
        unsampled_.add();
        return false;
    }

    void finished(std::vector<std::shared_ptr<const Story>> records) override {
        for (const auto& record : records) {
            if (metrics_) metrics_->add(*record);
            if (!metrics_ || keeps(*record))
                exports_.add(spans_.of(*record));
            else
                unsampled_.add();
        }
    }

    void flush(Completion<bool> done) override {
        if (!metrics_) return exports_.flush(std::move(done));
        auto shared = std::make_shared<Completion<bool>>(std::move(done));
        metrics_->send([this, shared] { exports_.flush(std::move(*shared)); });
    }

private:
    bool keeps(const Story& record) const { return traces_ && sampling_.keeps(record); }

    const Options options_;
    const Sampling sampling_;
    const Spans spans_;
    Counter& unsampled_;
    Exports exports_;
    const bool traces_;
    std::optional<MetricExport> metrics_;  // empty: not exported
};

}  // namespace gatehouse::otlp

GATEHOUSE_PLUGIN(gatehouse::otlp::Otlp, gatehouse::otlp::Options, gatehouse::otlp::fields, "otlp", "1.0.0");
