// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/process/program.hpp"

#include <poll.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gatehouse::process {

namespace {

using Clock = std::chrono::steady_clock;

// A process that had a call, or has run for a while, is replaced at once.  Others are replaced later and
// later.
constexpr std::chrono::milliseconds first_pause{50}, longest_pause{5'000};
constexpr std::chrono::seconds early{1};

Error unavailable(std::string reason) { return {ErrorKind::unavailable, std::move(reason)}; }

/// Returns after `time`, or at a call of wake().
void pause(std::chrono::milliseconds time, Wake& wake) {
    pollfd file = {wake.descriptor(), POLLIN, 0};
    if (::poll(&file, 1, static_cast<int>(time.count())) > 0) wake.clear();
}

}  // namespace

Program::Program(Options options, Host& host)
    : options_(std::move(options)),
      host_(host),
      restarts_(host.counter("restarts_total", "Processes that were started after one had ended.")) {
    std::promise<void> started;
    auto result = started.get_future();
    thread_ = std::thread([this, started = std::move(started)]() mutable { serve(std::move(started)); });
    try {
        result.get();
    } catch (...) {
        thread_.join();
        throw;
    }
}

Program::~Program() {
    wake_.stop();
    thread_.join();
}

void Program::ask(std::string line, std::uint64_t process, Done done) {
    std::string reason;
    {
        const std::lock_guard lock(mutex_);
        if (process != 0 && process != number_)
            reason = "has ended during the request";
        else if (!accepts_)
            reason = "is not running";
        else if (waiting_bytes_ + line.size() > options_.most_waiting_bytes)
            reason = "is too slow: too many calls wait";
        if (reason.empty()) {
            waiting_bytes_ += line.size();
            calls_.push_back({std::move(line), process, std::move(done)});
        }
    }
    if (!reason.empty()) return done(unavailable(std::move(reason)));
    wake_.wake();
}

void Program::serve(std::promise<void> started) {
    try {
        start();
        started.set_value();
    } catch (...) {
        process_.reset();
        return started.set_exception(std::current_exception());
    }
    std::chrono::milliseconds wait{};
    while (!wake_.stops()) {
        const auto begin = Clock::now();
        const bool was_useful = process_ && (serve_calls() || Clock::now() - begin > early);
        wait = was_useful ? std::chrono::milliseconds() : std::clamp(2 * wait, first_pause, longest_pause);
        if (wait > first_pause) refuse_waiting();
        for (const auto end = Clock::now() + wait; Clock::now() < end && !wake_.stops();)
            pause(std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()), wake_);
        if (!wake_.stops()) start_again();
    }
    process_.reset();
}

/// Throws the exception of `begin`, or a std::runtime_error.
void Program::start() {
    auto process = Process::start(options_.command);
    if (!process) throw std::runtime_error("does not start: " + process.error().message);
    process_ = *std::move(process);
    options_.begin([this](const std::string& line) {
        auto reply = process_->ask(line, options_.start_limit, wake_);
        if (!reply) throw std::runtime_error(reply.error().message);
        return *std::move(reply);
    });
    const std::lock_guard lock(mutex_);
    number_ = ++last_number_;
    accepts_ = true;
}

void Program::start_again() {
    try {
        start();
        restarts_.add(1);
        host_.log(Level::info, "program started again");
    } catch (const std::exception& error) {
        process_.reset();
        if (wake_.stops()) return;
        host_.log(Level::error, "program not started again", {{"reason", error.what()}});
        refuse_waiting();
    }
}

/// Until the process ends, or the program stops.  Returns whether the process has had a call.
bool Program::serve_calls() {
    bool is_useful = false;
    while (!wake_.stops()) {
        auto call = next();
        if (!call) {
            if (auto ok = process_->idle(wake_); !ok) {
                lost(ok.error().message);
                break;
            }
            continue;
        }
        is_useful = true;
        auto line = process_->ask(call->line, options_.limit, wake_);
        if (wake_.stops()) break;
        if (line) {
            call->done(Reply{*std::move(line), number_});
            continue;
        }
        lost(line.error().message);
        call->done(unavailable(line.error().message));
        break;
    }
    return is_useful;
}

/// The next call that this process can answer.
std::optional<Program::Call> Program::next() {
    const std::lock_guard lock(mutex_);
    if (calls_.empty()) return std::nullopt;
    Call call = std::move(calls_.front());
    calls_.pop_front();
    waiting_bytes_ -= call.line.size();
    return call;
}

/// The process is of no use.  Calls that need its state have failed with it.
void Program::lost(const std::string& reason) {
    process_.reset();
    host_.log(Level::warning, "program ended, starting it again", {{"reason", reason}});
    std::deque<Call> failed;
    {
        const std::lock_guard lock(mutex_);
        const auto stays = std::stable_partition(calls_.begin(), calls_.end(),
                                                 [](const Call& call) { return call.process == 0; });
        std::move(stays, calls_.end(), std::back_inserter(failed));
        calls_.erase(stays, calls_.end());
        for (const Call& call : failed) waiting_bytes_ -= call.line.size();
        number_ = 0;
    }
    for (const Call& call : failed) call.done(unavailable("has ended during the request"));
}

/// Until the program runs again, calls fail at once.
void Program::refuse_waiting() {
    std::deque<Call> failed;
    {
        const std::lock_guard lock(mutex_);
        accepts_ = false;
        failed.swap(calls_);
        waiting_bytes_ = 0;
    }
    for (const Call& call : failed) call.done(unavailable("is not running"));
}

}  // namespace gatehouse::process
