// SPDX-License-Identifier: Apache-2.0
// A bounded queue of spans that are sent to a collector in batches, one batch at a time.  A batch is sent
// again until the collector has accepted or refused it, or is away too long.  Spans that do not fit meanwhile
// are dropped. All members: [any thread].
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/http.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::otlp {

struct ExportLimits {
    std::size_t records = 512;              // in a batch
    std::size_t waiting_bytes = 8'388'608;  // all spans that have not been sent
    std::chrono::milliseconds interval{2'000};
};

/// REQUIRES: `host` outlives it.  The host drops its tasks with the instance.
class Exports {
public:
    /// `request` is sent with `head`, spans and `tail` as its body.
    Exports(Host& host, http::Request request, std::string head, std::string_view tail,
            const ExportLimits& limits);
    /// Counts the records that have not been sent as dropped.
    ~Exports();
    Exports(const Exports&) = delete;
    Exports& operator=(const Exports&) = delete;

    /// Adds the spans of a record.  Never waits.
    void add(std::string spans);

    /// Sends what waits at once, one time only.  Completes with true if the collector has accepted all of it.
    void flush(Completion<bool> done);

private:
    using Lock = std::unique_lock<std::mutex>;
    void send_later(std::chrono::milliseconds delay, const Lock&);
    void on_timer(std::size_t turn);
    void send(Lock lock);
    void sent(const Result<http::Response>& answer);
    void accepted(const http::Response& answer);
    void retry(const std::string& reason, int wait_s);
    void drop_batch(const std::string& reason);
    void report(const std::string& reason);
    void end_batch();
    void finish_flush(bool complete);

    Host& host_;
    const http::Request request_;
    const std::string head_;
    const std::string tail_;
    const ExportLimits limits_;
    Counter &exported_, &dropped_, &failures_, &rejected_;
    Gauge& waiting_records_;

    std::optional<http::Request> encoded_;  // the batch, also for its next attempt; of the call that sends

    std::mutex mutex_;  // guards all members below
    std::deque<std::string> waiting_;
    std::size_t bytes_ = 0;    // the size of waiting_
    std::size_t batch_ = 0;    // the first records of waiting_, which are in the batch
    std::size_t turn_ = 0;     // the number of the valid timer
    bool is_due_ = false;      // a timer or a request runs
    bool is_sending_ = false;  // a request runs
    int attempt_ = 0;          // failures of the batch
    bool has_failed_ = false;  // the log has a warning since the last success
    std::optional<Completion<bool>> flushing_;
};

}  // namespace gatehouse::otlp
