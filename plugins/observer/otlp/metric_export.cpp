// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/metric_export.hpp"

#include "plugins/observer/otlp/body.hpp"

#include <utility>

namespace gatehouse::otlp {

MetricExport::MetricExport(Host& host, const Options& options, http::Request request, std::string head,
                           std::string_view tail)
    : host_(host),
      request_(std::move(request)),
      head_(std::move(head)),
      tail_(tail),
      interval_(options.metrics_interval_ms),
      start_(host.now()),
      failures_(
          host.counter("metric_failures_total", "Exports of metrics that the collector did not accept.")),
      histograms_(options) {
    send_later();
}

void MetricExport::add(const Story& record) {
    const std::lock_guard lock(mutex_);
    histograms_.add(record);
}

void MetricExport::send_later() {
    // As in Exports::send_later.
    host_.after(interval_, [this] { host_.run([this] { send([this] { send_later(); }); }); });
}

void MetricExport::send(std::function<void()> done) {
    std::string body;
    {
        const std::lock_guard lock(mutex_);
        if (!histograms_.empty()) body = head_ + histograms_.json(start_, host_.now()) + tail_;
    }
    if (body.empty()) return done();
    host_.fetch(
        with_body(request_, std::move(body)),
        Completion<http::Response>([this, done = std::move(done)](const Result<http::Response>& answer) {
            const bool accepted = answer && answer->head.status >= 200 && answer->head.status <= 299;
            if (!accepted) failures_.add();
            std::unique_lock lock(mutex_);
            const bool failed_before = std::exchange(has_failed_, !accepted);
            lock.unlock();
            if (!accepted && !failed_before)
                host_.log(Level::warning, "metrics not exported",
                          {{"reason", answer ? "status " + std::to_string(answer->head.status)
                                             : answer.error().message}});
            if (accepted && failed_before) host_.log(Level::info, "metrics exported again");
            done();
        }));
}

}  // namespace gatehouse::otlp
