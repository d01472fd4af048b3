// SPDX-License-Identifier: Apache-2.0
// For tests of the flow: a loop that runs when told to, a client that keeps what
// it is sent, an upstream with scripted responses, and plugin instances made of lambdas.
// One thread.
#pragma once

#include "core/observe/log.hpp"
#include "core/request/request_flow.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <map>

namespace gatehouse::core::fakes {

using std::chrono::milliseconds;

class FakeLoop final : public Loop {
public:
    void post(std::function<void()> task) override {
        std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    TimerId after(milliseconds delay, std::function<void()> task) override {
        timers_.emplace(++last_timer_, Timer{now_ + delay, std::move(task)});
        return last_timer_;
    }
    void cancel(TimerId timer) override { timers_.erase(timer); }
    void watch(int, bool, bool, Watcher&) override {}
    bool watch_edges(int, EdgeWatcher&) override { return false; }
    void unwatch(int) override {}

    /// Runs what was posted, then the timers that are due now, until there is nothing left.
    void run() {
        while (step()) {
        }
    }
    /// Runs one task or timer; returns false without one.
    bool step() {
        std::function<void()> task;
        {
            std::lock_guard lock(mutex_);
            if (!tasks_.empty()) {
                task = std::move(tasks_.front());
                tasks_.pop_front();
            }
        }
        if (!task)
            for (auto timer = timers_.begin(); timer != timers_.end(); ++timer)
                if (timer->second.due <= now_) {
                    task = std::move(timer->second.task);
                    timers_.erase(timer);
                    break;
                }
        if (task) task();
        return bool(task);
    }
    /// Lets time pass for timers; the steady clock of the flow does not move with it.
    void advance(milliseconds by) {
        now_ += by;
        run();
    }
    std::size_t timers() const { return timers_.size(); }

private:
    struct Timer {
        milliseconds due;
        std::function<void()> task;
    };
    std::mutex mutex_;
    std::deque<std::function<void()>> tasks_;
    std::map<TimerId, Timer> timers_;
    TimerId last_timer_ = 0;
    milliseconds now_{0};
};

class FakeClient final : public Client {
public:
    explicit FakeClient(Loop& loop) : loop_(loop) {}

    http::RequestHead request;
    std::string body;
    http::ResponseHead answer_head;
    std::string answer;     // without the request id in an error
    bool names_id = false;  // an error had the request id
    bool begun = false, ended = false, aborted = false, half_close = false, slow = false;
    bool leaves = false;  // as soon as it is sent something
    std::weak_ptr<RequestListener> listener;

    const http::RequestHead& head() const override { return request; }
    Loop& loop() override { return loop_; }
    void read_body(std::size_t limit) override {
        auto to = listener.lock();
        if (body.size() > limit) return to->on_body_error({ErrorKind::too_large, "the body is too large"});
        to->on_body(body);
    }
    void respond(http::Response response) override {
        begin(response.head);
        add(response.body);
        ended = true;
    }
    void begin(const http::ResponseHead& head) override {
        REQUIRE(!begun);
        begun = true;
        answer_head = head;
    }
    bool write(std::string_view bytes) override {
        REQUIRE(begun);
        REQUIRE(!ended);
        add(bytes);
        if (leaves) listener.lock()->on_gone();
        return !slow;
    }
    void end() override {
        REQUIRE(!ended);
        ended = true;
    }
    void abort() override { aborted = true; }
    bool half_closed() const override { return half_close; }
    std::uint64_t bytes_received() const override { return body.size(); }
    std::uint64_t bytes_sent() const override { return sent_; }

private:
    void add(std::string_view bytes) {
        sent_ += bytes.size();
        answer += bytes;
        const std::string id = " (request id " + std::string(answer_head.headers.get("x-request-id")) + ")";
        if (const std::size_t at = answer.find(id); at != answer.npos) {
            answer.erase(at, id.size());
            names_id = true;
        }
    }

    std::uint64_t sent_ = 0;
    Loop& loop_;
};

/// One scripted answer; an error instead of a status of 0.
struct Scripted {
    int status = 200;
    std::vector<std::string> pieces = {};
    bool ends = true;                  // false: silent after the last piece
    std::optional<Error> breaks = {};  // after the pieces
    http::Headers headers = {};
    bool permanent = false;  // the error
};

class FakeUpstream final : public HttpClient {
public:
    explicit FakeUpstream(Loop& loop) : loop_(loop) {}

    std::deque<Scripted> script;
    std::vector<http::Request> requests;
    std::vector<RouteTimeouts> timeouts;  // one per request
    int running = 0, paused = 0, resumed = 0;

    std::unique_ptr<Transfer> start(http::Request request, const RouteTimeouts& limits,
                                    TransferListener& listener) override {
        requests.push_back(std::move(request));
        timeouts.push_back(limits);
        REQUIRE(!script.empty());
        auto played = std::make_unique<Played>(*this, listener);
        play(std::move(script.front()), played->alive);
        script.pop_front();
        return played;
    }
    void configure(const HttpClientSettings&) override {}
    const HttpClientSettings& settings() const override { return settings_; }

private:
    struct Played final : Transfer {
        Played(FakeUpstream& u, TransferListener& l)
            : upstream(u), alive(std::make_shared<TransferListener*>(&l)) {
            ++upstream.running;
        }
        ~Played() override { --upstream.running; }
        void pause() override { ++upstream.paused; }
        void resume() override { ++upstream.resumed; }
        FakeUpstream& upstream;
        std::shared_ptr<TransferListener*> alive;
    };

    // Each step is a task of its own, as on a real loop; a destroyed transfer hears nothing.
    void play(Scripted answer, std::weak_ptr<TransferListener*> to) {
        auto step = [&](std::function<void(TransferListener&)> call) {
            loop_.post([to, call = std::move(call)] {
                if (auto alive = to.lock()) call(**alive);
            });
        };
        if (answer.status)
            step([head = http::ResponseHead{answer.status, answer.headers}](TransferListener& l) {
                l.on_head(head);
            });
        for (std::string& piece : answer.pieces)
            loop_.post([to, piece = std::move(piece)] {
                if (auto alive = to.lock()) (*alive)->on_body(piece);
                if (auto alive = to.lock()) (*alive)->on_waiting();
            });
        if (answer.breaks)
            step([error = *answer.breaks, permanent = answer.permanent](TransferListener& l) {
                l.on_error({error, TransferFault::other, permanent});
            });
        else if (answer.ends)
            step([](TransferListener& l) { l.on_end(); });
    }

    Loop& loop_;
    HttpClientSettings settings_;
};

}  // namespace gatehouse::core::fakes
