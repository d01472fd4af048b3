// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/exporter/batches.hpp"

#include <gatehouse/retry_after.hpp>

#include <algorithm>

namespace gatehouse::exporter {

using std::chrono::milliseconds;

Batches::Batches(Host& host, http::Request request, const Limits& limits)
    : host_(host),
      request_(std::move(request)),
      limits_(limits),
      exported_(host.counter("exported_total", "Records that the service has accepted.")),
      dropped_(host.counter("dropped_total",
                            "Records that were dropped: the queue was full, the service refused them, or the "
                            "instance ended.",
                            {{"reason", {"full", "refused", "ended"}}})),
      failures_(host.counter("failures_total", "Requests with a batch that the service did not accept.")),
      waiting_lines_(host.gauge("waiting", "Records that wait to be sent.")) {}

Batches::~Batches() {
    dropped_.add(static_cast<double>(waiting_.size()), {"ended"});
    waiting_lines_.add(-static_cast<double>(waiting_.size()));
}

void Batches::add(std::string line) {
    std::unique_lock lock(mutex_);
    if (bytes_ + line.size() > limits_.waiting_bytes) return dropped_.add(1, {"full"});
    bytes_ += line.size();
    waiting_.push_back(std::move(line));
    waiting_lines_.add(1);
    if (is_due_) return;
    is_due_ = true;
    lock.unlock();
    send_later(limits_.interval);
}

void Batches::send_later(milliseconds delay) {
    host_.after(delay, [this] { send(); });
}

void Batches::send() {
    http::Request request = request_;
    {
        const std::lock_guard lock(mutex_);
        if (sending_ == 0) sending_ = std::min(waiting_.size(), limits_.lines);
        for (std::size_t i = 0; i < sending_; ++i) request.body += waiting_[i];
    }
    host_.fetch(std::move(request), Completion<http::Response>([this](auto answer) { sent(answer); }));
}

void Batches::sent(const Result<http::Response>& answer) {
    if (!answer) return retry(answer.error().message, 0);
    const int status = answer->head.status;
    if (status >= 200 && status <= 299) return end_batch(true);
    const std::string reason = "status " + std::to_string(status);
    if (status >= 500 || status == 408 || status == 429)
        return retry(reason, retry_after_seconds(answer->head.headers, host_.now()));
    failed(reason);
    end_batch(false);  // the same lines would be refused again
}

void Batches::failed(const std::string& reason) {
    failures_.add();
    if (!std::exchange(has_failed_, true))
        host_.log(Level::warning, "records not exported", {{"reason", reason}});
}

void Batches::retry(const std::string& reason, int wait_s) {
    failed(reason);
    attempt_ = std::min(attempt_ + 1, 6);
    send_later(std::max<milliseconds>(milliseconds(500) * (1 << attempt_), std::chrono::seconds(wait_s)));
}

void Batches::end_batch(bool accepted) {
    std::unique_lock lock(mutex_);
    const auto count = static_cast<double>(sending_);
    for (; sending_ > 0; --sending_) {
        bytes_ -= waiting_.front().size();
        waiting_.pop_front();
    }
    const std::size_t left = waiting_.size();
    is_due_ = left > 0;
    lock.unlock();
    count_batch(accepted, count);
    if (left > 0) send_later(left >= limits_.lines ? milliseconds(0) : limits_.interval);
}

void Batches::count_batch(bool accepted, double count) {
    waiting_lines_.add(-count);
    attempt_ = 0;
    if (!accepted) return dropped_.add(count, {"refused"});
    exported_.add(count);
    if (std::exchange(has_failed_, false)) host_.log(Level::info, "records exported again");
}

}  // namespace gatehouse::exporter
