// SPDX-License-Identifier: Apache-2.0
// A host with a manual clock.  A test responds to its fetches: at once by a function, or
// later by reply().  One thread.
#pragma once

#include <gatehouse/testing.hpp>

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

class ScriptedHost final : public gatehouse::Host {
public:
    using Response = gatehouse::http::Response;
    using Request = gatehouse::http::Request;
    using milliseconds = std::chrono::milliseconds;

    gatehouse::Limits given_limits{};
    std::chrono::system_clock::time_point time{};
    /// Responds to fetches at once; while it is null, they wait in `pending`.
    std::function<gatehouse::Result<Response>(const Request&)> answer;
    std::vector<Request> fetched;
    std::list<std::pair<Request, gatehouse::Completion<Response>>> pending;
    /// While it is set, helper tasks wait in `tasks`.
    bool busy = false;
    std::list<std::function<void()>> tasks;
    std::map<std::string, gatehouse::testing::FakeHost::FakeMeter> meters;
    std::vector<std::string> logged;  // "warning: message key=value key=value"

    /// Advances the clock; timers fire in order.
    void advance(std::chrono::system_clock::duration by) {
        const auto until = time + by;
        for (;;) {
            auto next = std::min_element(timers_.begin(), timers_.end(),
                                         [](const auto& a, const auto& b) { return a.first < b.first; });
            if (next == timers_.end() || next->first > until) break;
            time = std::max(time, next->first);
            auto task = std::move(next->second);
            timers_.erase(next);
            task();
        }
        time = until;
    }
    std::size_t timers() const { return timers_.size(); }

    /// Responds to the oldest pending fetch.
    void reply(gatehouse::Result<Response> response) {
        auto first = std::move(pending.front());
        pending.pop_front();
        first.second(std::move(response));
    }
    void work() {
        busy = false;
        while (!tasks.empty()) {
            auto task = std::move(tasks.front());
            tasks.pop_front();
            task();
        }
    }
    bool has_logged(const std::string& part) const {
        return std::any_of(logged.begin(), logged.end(),
                           [&](const std::string& line) { return line.find(part) != std::string::npos; });
    }

    std::chrono::system_clock::time_point now() const override { return time; }
    const gatehouse::Limits& limits() const override { return given_limits; }
    void fetch(Request request, gatehouse::Completion<Response> done) override {
        fetched.push_back(request);
        if (answer) return done(answer(request));
        pending.emplace_back(std::move(request), std::move(done));
    }
    void after(milliseconds delay, std::function<void()> task) override {
        timers_.emplace_back(time + delay, std::move(task));
    }
    gatehouse::Counter& counter(std::string_view name, std::string_view, gatehouse::MeterLabels) override {
        return meters[std::string(name)];
    }
    void run(std::function<void()> task) override {
        if (busy) return tasks.push_back(std::move(task));
        task();
    }

private:
    void write_log(gatehouse::Level level, std::string_view message, LogFields fields) override {
        static const char* const names[] = {"debug: ", "info: ", "warning: ", "error: "};
        std::string line = names[static_cast<int>(level)] + std::string(message);
        for (const auto& [name, value] : fields) line.append(" ").append(name).append("=").append(value);
        logged.push_back(std::move(line));
    }

    std::list<std::pair<std::chrono::system_clock::time_point, std::function<void()>>> timers_;
};

/// A shared pointer to `host`, which does not own it.
inline std::shared_ptr<gatehouse::Host> borrowed(gatehouse::Host& host) {
    return {std::shared_ptr<void>(), &host};
}

inline ScriptedHost::Response response(int status, std::string body = "") {
    return {{.status = status}, std::move(body)};
}
inline gatehouse::Error refused_connection() {
    return {gatehouse::ErrorKind::upstream, "the upstream cannot be reached: connection refused"};
}
