// SPDX-License-Identifier: Apache-2.0
// A bounded queue of lines that are sent in batches, one batch at a time.  A batch is sent
// again until the service accepts or refuses it.  Lines that do not fit meanwhile are dropped.  [any thread]
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/http.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace gatehouse::exporter {

struct Limits {
    std::size_t lines = 500;                    // in a batch
    std::size_t waiting_bytes = 8'388'608;      // all lines that have not been sent
    std::chrono::milliseconds interval{5'000};  // from the first line until its batch is sent
};

/// REQUIRES: `host` outlives it.  The host drops its tasks with the instance.
class Batches {
public:
    /// `request` is sent with a batch as its body.
    Batches(Host& host, http::Request request, const Limits& limits);
    /// Counts the lines that have not been sent as dropped.
    ~Batches();

    /// Adds a complete line, with its line end.  Never waits.
    void add(std::string line);

private:
    void send_later(std::chrono::milliseconds delay);
    void send();
    void sent(const Result<http::Response>& answer);
    void failed(const std::string& reason);
    void retry(const std::string& reason, int wait_s);
    void end_batch(bool accepted);
    void count_batch(bool accepted, double count);

    Host& host_;
    const http::Request request_;
    const Limits limits_;
    Counter &exported_, &dropped_, &failures_;
    Gauge& waiting_lines_;

    std::mutex mutex_;  // guards the next four members
    std::deque<std::string> waiting_;
    std::size_t bytes_ = 0;    // the size of waiting_
    std::size_t sending_ = 0;  // the first lines of waiting_, which are in the batch
    bool is_due_ = false;      // a timer or a request runs

    // Only the timer or request that runs uses these.
    int attempt_ = 0;          // failures of the batch
    bool has_failed_ = false;  // the log has a warning since the last success
};

}  // namespace gatehouse::exporter
