// SPDX-License-Identifier: Apache-2.0
// Sends the histograms to the collector at an interval.  A failed export is not repeated, because the next
// one has all numbers.  All members: [any thread].
#pragma once

#include "plugins/observer/otlp/histograms.hpp"

#include <gatehouse/host.hpp>

#include <functional>
#include <mutex>
#include <string>

namespace gatehouse::otlp {

/// REQUIRES: `host` and `options` outlive it.  The host drops its tasks with the instance.
class MetricExport {
public:
    /// `request` is sent with `head`, metrics and `tail` as its body.
    MetricExport(Host& host, const Options& options, http::Request request, std::string head,
                 std::string_view tail);

    void add(const Story& record);
    /// Sends the numbers now.  `done` is called when the collector has answered, or has not.
    void send(std::function<void()> done);

private:
    void send_later();

    Host& host_;
    const http::Request request_;
    const std::string head_, tail_;
    const std::chrono::milliseconds interval_;
    const std::chrono::system_clock::time_point start_;
    Counter& failures_;
    std::mutex mutex_;  // guards the members below
    Histograms histograms_;
    bool has_failed_ = false;  // the log has a warning since the last success
};

}  // namespace gatehouse::otlp
