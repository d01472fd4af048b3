// SPDX-License-Identifier: Apache-2.0
// Requests that wait for a credential: step by step on a host without threads, then
// concurrently on a host with threads, for TSan.
#include "plugins/auth/oci_signer/credential_cache.hpp"

#include "tests/plugins/auth/scripted_host.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace std::chrono_literals;

namespace {

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;

/// A source whose completions the test calls.
struct ManualSource final : Source {
    struct Script {
        std::vector<Why> asked;
        std::deque<Completion<Credential>> pending;
        std::optional<Credential> first;
        bool watched = false;

        void deliver(const std::string& id, std::optional<Time> expiry, std::optional<Time> renew_at) {
            answer(Credential{id, nullptr, expiry, renew_at, "tenancy t"});
        }
        void answer(Result<Credential> result) {
            auto done = std::move(pending.front());
            pending.pop_front();
            done(std::move(result));
        }
    };
    explicit ManualSource(Script& given) : script(given) {}
    std::optional<Credential> at_once() override { return script.first; }
    void obtain(Why why, Completion<Credential> done) override {
        CHECK(script.pending.empty());
        script.asked.push_back(why);
        script.pending.push_back(std::move(done));
    }
    bool watches() const override { return script.watched; }
    std::string advice() const override { return "Signed by hand."; }
    Script& script;
};

struct Fixture {
    ScriptedHost host;
    ManualSource::Script source;
    std::shared_ptr<CredentialCache> cache;
    std::vector<std::string> got;  // key ids, or "error: detail"
    std::vector<bool> rejections;

    Fixture() { host.time = noon; }
    ~Fixture() {
        // The pending requests complete while `got` still exists.
        source.pending.clear();
        cache.reset();
    }
    void start(std::chrono::milliseconds wait = 20s) {
        cache =
            std::make_shared<CredentialCache>(std::make_unique<ManualSource>(source), borrowed(host), wait);
        cache->start();
    }
    void start_with(const std::string& id, Time::duration life) {
        source.first = Credential{id, nullptr, noon + life, noon + life / 2, ""};
        start();
    }
    void get() {
        cache->get(Completion<CredentialPointer>([this](Result<CredentialPointer> result) {
            got.push_back(result ? (*result)->key_id : "error: " + result.error().detail);
        }));
    }
    void reject() {
        cache->rejected(Completion<bool>([this](Result<bool> result) { rejections.push_back(*result); }));
    }
    using List = std::vector<std::string>;
};

Error failure(const std::string& detail) { return {ErrorKind::unavailable, "no token", detail}; }

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a credential without expiry is used at once, and the source is not asked again") {
    source.first = Credential{"fixed", nullptr, {}, {}, ""};
    start();
    get();
    host.advance(24h * 365);
    get();
    CHECK(got == List{"fixed", "fixed"});
    CHECK(source.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "requests before the first credential share one attempt and wait for it") {
    start();
    CHECK(source.asked == std::vector<Why>{Why::first});
    get();
    get();
    CHECK(got.empty());
    source.deliver("one", noon + 1h, noon + 30min);
    CHECK(got == List{"one", "one"});
    get();
    CHECK(got.size() == 3);
    CHECK(source.asked.size() == 1);
}

TEST_CASE_FIXTURE(
    Fixture, "a request that waits too long receives an error, and a late credential serves later requests") {
    start(5s);
    get();
    host.advance(4s);
    get();
    host.advance(1s);
    CHECK(got == List{"error: no token arrived within token_wait_ms = 5000"});
    source.deliver("late", noon + 1h, noon + 30min);
    CHECK(got == List{"error: no token arrived within token_wait_ms = 5000", "late"});
    host.advance(1h - 10s);  // the second request's timer does nothing
    CHECK(got.size() == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "a credential is renewed in the background while requests use the old credential") {
    start_with("old", 20min);
    host.advance(9min);
    CHECK(source.asked.empty());
    host.advance(1min);
    CHECK(source.asked == std::vector<Why>{Why::due});
    get();
    host.advance(9min);
    get();
    CHECK(got == List{"old", "old"});
    CHECK(source.asked.size() == 1);
    source.deliver("new", host.time + 20min, host.time + 10min);
    get();
    CHECK(got.back() == "new");
    host.advance(10min);
    CHECK(source.asked == std::vector<Why>{Why::due, Why::due});
}

TEST_CASE_FIXTURE(Fixture,
                  "a failed renewal is retried at growing intervals, and requests use the old token") {
    start_with("old", 20min);
    host.advance(10min);
    source.answer(failure("broken"));
    CHECK(host.logged == List{"warning: token renewal failed, using the old token "
                              "until=Sun, 22 Nov 2026 12:20:00 GMT reason=broken"});
    get();
    CHECK(got == List{"old"});
    CHECK(source.asked.size() == 1);  // not before the end of the pause
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        const auto before = source.asked.size();
        host.advance(pause - 1ms);
        CHECK(source.asked.size() == before);
        host.advance(1ms);
        CHECK(source.asked.size() == before + 1);
        source.answer(failure("broken"));
    }
    CHECK(host.logged.size() == 1);  // a repeated failure is logged once
    host.advance(30s);
    source.deliver("new", host.time + 20min, host.time + 10min);
    get();
    CHECK(got == List{"old", "new"});
    CHECK(host.logged.back() == "info: token obtained expires=Sun, 22 Nov 2026 12:32:01 GMT of=tenancy t");
}

TEST_CASE_FIXTURE(Fixture, "after the old credential expires, requests wait for the running renewal") {
    start_with("old", 20min);
    host.advance(20min - 1s);
    get();
    host.advance(1s);
    get();
    CHECK(got == List{"old"});
    source.deliver("new", host.time + 20min, host.time + 10min);
    CHECK(got == List{"old", "new"});
}

TEST_CASE_FIXTURE(
    Fixture, "after a failure without a valid credential, requests fail at once until the next attempt") {
    start();
    get();
    source.answer(failure("the service is down"));
    get();
    CHECK(got == List{"error: the service is down", "error: the service is down"});
    CHECK(host.logged == List{"error: no token obtained reason=the service is down"});
    CHECK(source.asked.size() == 1);
    host.advance(1s);
    CHECK(source.asked.size() == 2);  // also without a request
    get();
    CHECK(got.size() == 2);
    source.deliver("one", host.time + 1h, host.time + 30min);
    CHECK(got.back() == "one");
}

TEST_CASE_FIXTURE(Fixture, "a new credential that is already expired causes advice to correct the clock") {
    start();
    get();
    source.deliver("stale", noon - 1h, noon - 2h);
    CHECK(got ==
          List{"error: the new token expired on Sun, 22 Nov 2026 11:00:00 GMT, but this machine's clock "
               "shows Sun, 22 Nov 2026 12:00:00 GMT; correct the clock"});
}

TEST_CASE_FIXTURE(Fixture, "all rejected requests share one renewal, also those shortly after it") {
    start_with("old", 20min);
    reject();
    reject();
    get();
    CHECK(source.asked == std::vector<Why>{Why::rejected});
    CHECK(got == List{"old"});
    CHECK(rejections.empty());
    source.deliver("new", noon + 20min, noon + 10min);
    CHECK(rejections == std::vector<bool>{true, true});
    reject();  // for a request that was signed before
    CHECK(rejections == std::vector<bool>{true, true, true});
    CHECK(source.asked.size() == 1);
    host.advance(11s);
    reject();
    CHECK(source.asked.size() == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "after a renewal without a new credential, rejections do not renew again for ten seconds") {
    start_with("old", 20min);
    reject();
    source.deliver("old", noon + 20min, noon + 10min);
    reject();
    CHECK(rejections == std::vector<bool>{false, false});
    host.advance(10s);
    reject();
    CHECK(source.asked.size() == 2);
    source.answer(failure("no"));
    CHECK(rejections == std::vector<bool>{false, false, false});
    get();
    CHECK(got == List{"old"});  // OCI may still accept a valid token
}

TEST_CASE_FIXTURE(Fixture,
                  "a rejection during a file check asks the source again if the files have not changed") {
    source.watched = true;
    start_with("old", 20min);
    host.advance(1s);
    get();
    CHECK(source.asked == std::vector<Why>{Why::look});
    reject();
    source.deliver("old", noon + 20min, noon + 10min);
    CHECK(source.asked == std::vector<Why>{Why::look, Why::rejected});
    CHECK(rejections.empty());
    source.deliver("new", noon + 20min, noon + 10min);
    CHECK(rejections == std::vector<bool>{true});
}

TEST_CASE_FIXTURE(Fixture, "watched files are checked once a second while there are requests") {
    source.watched = true;
    start_with("old", 20min);
    for (int i = 0; i < 100; ++i) {
        get();
        host.advance(50ms);
        if (!source.pending.empty()) source.deliver("old", noon + 20min, noon + 10min);
    }
    CHECK(got.size() == 100);
    CHECK(source.asked == std::vector<Why>(4, Why::look));
    CHECK(host.timers() == 1);  // an unchanged file sets no other alarm
    host.advance(10s);
    CHECK(source.asked.size() == 4);
}

TEST_CASE_FIXTURE(Fixture,
                  "file checks and rejections without a new credential do not postpone the renewal") {
    source.watched = true;
    start_with("old", 20min);
    for (int i = 0; i < 9; ++i) {
        host.advance(1min);
        get();
        source.deliver("old", noon + 20min, host.time + (noon + 20min - host.time) / 2);
    }
    reject();
    source.deliver("old", noon + 20min, noon + 15min);
    host.advance(1min);
    CHECK(source.asked.back() == Why::due);
    source.answer(failure("broken"));
    host.advance(500ms);
    host.time += 600ms;
    get();  // while the alarm is due
    CHECK(source.asked.back() == Why::look);
    host.advance(0s);
    source.deliver("old", noon + 20min, noon + 15min);
    host.advance(1s);
    CHECK(source.asked.back() == Why::due);
}

TEST_CASE_FIXTURE(Fixture, "a clock that is set back does not stop file checks or the renewal") {
    source.watched = true;
    start_with("old", 20min);
    host.time -= 1h;
    get();
    CHECK(source.asked == std::vector<Why>{Why::look});
    source.deliver("old", noon + 20min, noon + 10min);
    host.advance(1h + 9min);
    CHECK(source.asked.size() == 1);
    host.advance(1min);
    CHECK(source.asked == std::vector<Why>{Why::look, Why::due});
}

TEST_CASE_FIXTURE(Fixture, "a dropped completion counts as a failure, and the source is asked again") {
    start();
    get();
    source.pending.clear();
    CHECK(got == List{"error: a plugin dropped its completion"});
    host.advance(1s);
    CHECK(source.asked.size() == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "pending requests complete when the cache is destroyed, and later timers do nothing") {
    start();
    get();
    reject();
    std::weak_ptr<CredentialCache> gone = cache;
    cache.reset();
    source.pending.clear();
    CHECK(gone.expired());
    CHECK(got.size() == 1);
    CHECK(rejections.size() == 1);
    host.advance(1h);
}

TEST_CASE_FIXTURE(Fixture, "advice describes the principal and the state of its token") {
    start();
    CHECK(cache->advice() == "Signed by hand.\nThere is no token yet.");
    source.answer(failure("broken"));
    CHECK(cache->advice() == "Signed by hand.\nThere is no valid token: broken.");
    host.advance(1s);
    source.deliver("one", host.time + 20min, host.time + 10min);
    CHECK(cache->advice() ==
          "Signed by hand.\nThe token is for tenancy t.\nThe token expires on Sun, 22 Nov 2026 12:20:01 GMT, "
          "in "
          "20 minutes by this machine's clock.");
    host.advance(10min);
    source.answer(failure("broken again"));
    CHECK(cache->advice() ==
          "Signed by hand.\nThe token is for tenancy t.\nThe token expires on Sun, 22 Nov 2026 12:20:01 GMT, "
          "in "
          "10 minutes by this machine's clock.\nThe token could not be renewed: broken again.");
    host.time += 11min;
    CHECK(
        cache->advice() ==
        "Signed by hand.\nThe token is for tenancy t.\nThe token expired on Sun, 22 Nov 2026 12:20:01 GMT, 1 "
        "minute ago by this machine's clock.\nThere is no valid token: broken again.");
}

// --- With threads ---------------------------------------------------------------

namespace {

/// Helper threads and timers like the core's, with the real clock.
class ThreadedHost final : public Host {
public:
    ThreadedHost() {
        for (int i = 0; i < 3; ++i) threads_.emplace_back([this] { work(); });
    }
    ~ThreadedHost() {
        {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        ready_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }
    Time now() const override { return std::chrono::system_clock::now(); }
    const Limits& limits() const override { return limits_; }
    void fetch(http::Request, Completion<http::Response>) override {}
    void after(std::chrono::milliseconds delay, std::function<void()> task) override {
        std::lock_guard lock(mutex_);
        tasks_.emplace(std::chrono::steady_clock::now() + delay, std::move(task));
        ready_.notify_one();
    }
    void run(std::function<void()> task) override { after(0ms, std::move(task)); }

private:
    void write_log(Level, std::string_view, LogFields) override {}
    void work() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            if (tasks_.empty()) {
                ready_.wait(lock);
            } else if (tasks_.begin()->first > std::chrono::steady_clock::now()) {
                ready_.wait_until(lock, std::chrono::steady_clock::time_point(tasks_.begin()->first));
            } else {
                auto task = std::move(tasks_.begin()->second);
                tasks_.erase(tasks_.begin());
                lock.unlock();
                task();
                lock.lock();
            }
        }
    }

    Limits limits_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

/// Short-lived tokens; every third attempt fails.  Slow.
struct ShortLived final : Source {
    explicit ShortLived(ThreadedHost& given) : host(given) {}
    void obtain(Why, Completion<Credential> done) override {
        CHECK(!running.exchange(true));
        const int number = ++count;
        auto waiting = std::make_shared<Completion<Credential>>(std::move(done));
        host.after(20ms, [this, number, waiting] {
            running = false;
            if (number % 3 == 0) return (*waiting)(failure("every third"));
            const Time now = host.now();
            (*waiting)(Credential{"t" + std::to_string(number), nullptr, now + 3000ms, now + 50ms, ""});
        });
    }
    bool watches() const override { return true; }
    std::string advice() const override { return "Signed by short-lived tokens."; }
    ThreadedHost& host;
    std::atomic<bool> running = false;
    std::atomic<int> count = 0;
};

}  // namespace

TEST_CASE("every call of many threads completes while tokens expire and renewals fail") {
    std::atomic<int> answers = 0, errors = 0, asked = 0, slow = 0;
    {
        ThreadedHost host;
        auto cache =
            std::make_shared<CredentialCache>(std::make_unique<ShortLived>(host), borrowed(host), 5s);
        cache->start();
        std::vector<std::thread> clients;
        for (int i = 0; i < 4; ++i)
            clients.emplace_back([&, i] {
                for (int k = 0; k < 300; ++k) {
                    ++asked;
                    const auto begin = std::chrono::steady_clock::now();
                    cache->get(Completion<CredentialPointer>([&, begin, k](Result<CredentialPointer> result) {
                        errors += !result;
                        // Only the first requests wait, for the first token.
                        if (k > 100 && std::chrono::steady_clock::now() - begin > 30s) ++slow;
                        ++answers;
                    }));
                    if (k % 50 == i) {
                        ++asked;
                        cache->rejected(Completion<bool>([&](Result<bool>) { ++answers; }));
                    }
                    if (k % 20 == i) CHECK(!cache->advice().empty());
                    std::this_thread::sleep_for(1ms);
                }
            });
        for (std::thread& client : clients) client.join();
        for (int i = 0; i < 60'000 && answers < asked; ++i) std::this_thread::sleep_for(5ms);
    }
    CHECK(answers == asked);
    CHECK(errors == 0);
    CHECK(slow == 0);
}
