// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/exports.hpp"

#include "plugins/observer/otlp/body.hpp"
#include "plugins/observer/otlp/protobuf.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/retry_after.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <random>
#include <utility>

namespace gatehouse::otlp {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_wait{1'000};
constexpr int most_doublings = 5;  // 32 s

// Other statuses mean that the same batch would fail again: https://opentelemetry.io/docs/specs/otlp/,
// "Retryable Response Codes".
bool is_retryable(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

/// The number in a partial success, which may be a string; 0 without one.
std::int64_t rejected_spans(const http::Response& answer) {
    const std::string_view body = answer.body;
    if (answer.head.headers.get("content-type").starts_with(protobuf_type)) return rejected_in_protobuf(body);
    const auto top = read_json(body);
    if (!top) return 0;
    const JsonValue count = (*top)["partialSuccess"]["rejectedSpans"];
    if (const auto number = count.integer()) return *number;
    const std::string text = count.str();
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// A wait between a half of `longest` and `longest`, so that gateways do not come back together.
milliseconds with_jitter(milliseconds longest) {
    thread_local std::minstd_rand random{std::random_device{}()};
    return milliseconds(longest.count() / 2 +
                        std::uniform_int_distribution<std::int64_t>(0, longest.count() / 2)(random));
}

}  // namespace

Exports::Exports(Host& host, http::Request request, std::string head, std::string_view tail,
                 const ExportLimits& limits)
    : host_(host),
      request_(std::move(request)),
      head_(std::move(head)),
      tail_(tail),
      limits_(limits),
      exported_(host.counter("exported_total", "Requests whose spans the collector has accepted.")),
      dropped_(host.counter(
          "dropped_total",
          "Requests whose spans were dropped: the queue was full, the collector refused them, or the "
          "instance ended.",
          {{"reason", {"full", "refused", "ended"}}})),
      failures_(host.counter("failures_total", "Exports that the collector did not accept.")),
      rejected_(host.counter("rejected_spans_total",
                             "Spans that the collector rejected in an export that it accepted.")),
      waiting_records_(host.gauge("waiting", "Requests whose spans wait to be sent.")) {}

Exports::~Exports() {
    dropped_.add(static_cast<double>(waiting_.size()), {"ended"});
    waiting_records_.add(-static_cast<double>(waiting_.size()));
}

void Exports::add(std::string spans) {
    const Lock lock(mutex_);
    if (bytes_ + spans.size() > limits_.waiting_bytes) return dropped_.add(1, {"full"});
    bytes_ += spans.size();
    waiting_.push_back(std::move(spans));
    waiting_records_.add(1);
    if (!is_due_) send_later(limits_.interval, lock);
}

void Exports::flush(Completion<bool> done) {
    Lock lock(mutex_);
    flushing_.emplace(std::move(done));
    if (is_sending_) return;  // sent() continues
    ++turn_;                  // a timer that runs is not valid any more
    send(std::move(lock));
}

void Exports::send_later(milliseconds delay, const Lock&) {
    is_due_ = true;
    // A worker runs the timer, and must not wait for the encoding of a batch.
    host_.after(delay, [this, turn = ++turn_] { host_.run([this, turn] { on_timer(turn); }); });
}

void Exports::on_timer(std::size_t turn) {
    Lock lock(mutex_);
    if (turn == turn_) send(std::move(lock));
}

void Exports::send(Lock lock) {
    if (batch_ == 0) batch_ = std::min(waiting_.size(), limits_.records);
    is_due_ = is_sending_ = batch_ > 0;
    if (batch_ == 0) {
        lock.unlock();
        return finish_flush(true);
    }
    std::string body;
    if (!encoded_) {
        body = head_;
        for (std::size_t i = 0; i < batch_; ++i) body.append(i == 0 ? "" : ",").append(waiting_[i]);
        body += tail_;
    }
    lock.unlock();
    if (!encoded_) encoded_ = with_body(request_, std::move(body));
    host_.fetch(*encoded_, Completion<http::Response>([this](const auto& answer) { sent(answer); }));
}

void Exports::sent(const Result<http::Response>& answer) {
    if (!answer) return retry(answer.error().message, 0);
    const int status = answer->head.status;
    if (status >= 200 && status <= 299) return accepted(*answer);
    const std::string reason = "status " + std::to_string(status);
    if (is_retryable(status)) return retry(reason, retry_after_seconds(answer->head.headers, host_.now()));
    drop_batch(reason);
}

// The collector may have rejected some spans.  They must not be sent again.
void Exports::accepted(const http::Response& answer) {
    if (const std::int64_t rejected = rejected_spans(answer); rejected > 0) {
        rejected_.add(static_cast<double>(rejected));
        host_.log(Level::warning, "spans rejected", {{"count", std::to_string(rejected)}});
    }
    Lock lock(mutex_);
    exported_.add(static_cast<double>(batch_));
    const bool again = std::exchange(has_failed_, false);
    lock.unlock();
    if (again) host_.log(Level::info, "spans exported again");
    end_batch();
}

void Exports::report(const std::string& reason) {
    failures_.add();
    Lock lock(mutex_);
    const bool first = !std::exchange(has_failed_, true);
    lock.unlock();
    if (first) host_.log(Level::warning, "spans not exported", {{"reason", reason}});
}

void Exports::retry(const std::string& reason, int wait_s) {
    report(reason);
    Lock lock(mutex_);
    is_sending_ = false;
    if (flushing_) {
        lock.unlock();
        return finish_flush(false);
    }
    const int doublings = std::min(attempt_++, most_doublings);
    send_later(
        std::max<milliseconds>(with_jitter(first_wait * (1 << doublings)), std::chrono::seconds(wait_s)),
        lock);
}

void Exports::drop_batch(const std::string& reason) {
    report(reason);
    {
        const Lock lock(mutex_);
        dropped_.add(static_cast<double>(batch_), {"refused"});
    }
    end_batch();
}

void Exports::end_batch() {
    Lock lock(mutex_);
    waiting_records_.add(-static_cast<double>(batch_));
    for (; batch_ > 0; --batch_) {
        bytes_ -= waiting_.front().size();
        waiting_.pop_front();
    }
    attempt_ = 0;
    encoded_.reset();
    is_due_ = is_sending_ = false;
    if (flushing_) {
        is_due_ = is_sending_ = true;
        lock.unlock();
        return host_.run([this] { send(Lock(mutex_)); });
    }
    if (!waiting_.empty())
        send_later(waiting_.size() >= limits_.records ? milliseconds(0) : limits_.interval, lock);
}

void Exports::finish_flush(bool complete) {
    Lock lock(mutex_);
    auto done = std::exchange(flushing_, std::nullopt);
    lock.unlock();
    if (done) (*done)(complete);
}

}  // namespace gatehouse::otlp
