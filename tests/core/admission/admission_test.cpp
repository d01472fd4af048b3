// SPDX-License-Identifier: Apache-2.0
// Admission: running and queued requests and their order.  First on one thread with a loop that
// the test runs, then with several threads, for ThreadSanitizer.
#include "core/admission/admission.hpp"

#include "core/net/memory_budget.hpp"

#include "tests/core/fakes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <optional>
#include <random>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;
using fakes::FakeLoop;

namespace {

/// A request that records its events in a common list.
struct Guest final : AdmissionWaiter {
    Guest(Admission& admission, Loop& loop, std::string who, std::string& d)
        : name(std::move(who)), diary(d) {
        auto got = admission.enter(name.substr(0, 1), loop, *this);
        if (got) place = *std::move(got);
        if (!got)
            on_refused(got.error());
        else if (!place.waits())
            on_admitted();
    }
    void on_admitted() override { diary += name + " "; }
    void on_refused(Error error) override {
        place.leave();
        CHECK(error.kind == ErrorKind::unavailable);
        CHECK(error.retry_after_seconds == 1);
        diary += name + ":" + error.detail + " ";
    }
    std::string name;
    std::string& diary;
    Admission::Slot place;
};

struct Fixture {
    explicit Fixture(AdmissionLimits limits) { admission.set_limits(limits); }
    std::unique_ptr<Guest> comes(const std::string& name) {
        return std::make_unique<Guest>(admission, loop, name, diary);
    }
    std::string happened() {
        loop.run();
        return std::exchange(diary, {});
    }
    bool shows(const std::string& line) const {
        return metrics.text().find("\n" + line + "\n") != std::string::npos;
    }

    Metrics metrics;
    FakeLoop loop;
    Admission admission{metrics};
    std::string diary;
};

}  // namespace

TEST_CASE("requests up to the limit run, further requests are queued, and each end admits one") {
    Fixture fixture({.max_concurrent_requests = 2});
    auto a = fixture.comes("a1"), b = fixture.comes("a2"), c = fixture.comes("a3"), d = fixture.comes("a4");
    CHECK(fixture.happened() == "a1 a2 ");
    CHECK(fixture.shows("gatehouse_requests_queued 2"));
    b.reset();
    CHECK(fixture.happened() == "a3 ");
    a.reset();
    c.reset();
    CHECK(fixture.happened() == "a4 ");
    d.reset();
    CHECK(fixture.shows("gatehouse_requests_queued 0"));
    CHECK(fixture.shows("gatehouse_queue_wait_seconds_count 2"));
    auto e = fixture.comes("a5");
    CHECK(fixture.happened() == "a5 ");
    CHECK(fixture.loop.timers() == 0);
}

TEST_CASE("clients take turns, however many requests each client has queued") {
    Fixture fixture({.max_concurrent_requests = 1});
    auto running = fixture.comes("x");
    std::vector<std::unique_ptr<Guest>> waiting;
    for (const char* name : {"a1", "a2", "a3", "a4", "b1", "c1", "c2"}) waiting.push_back(fixture.comes(name));
    CHECK(fixture.happened() == "x ");
    running.reset();
    std::string order;
    for (int i = 0; i < 7; ++i) {
        const std::string next = fixture.happened();
        order += next;
        std::erase_if(waiting, [&](const auto& guest) { return guest->name + " " == next; });
    }
    CHECK(order == "a1 b1 c1 a2 c2 a3 a4 ");
    CHECK(waiting.empty());
}

TEST_CASE("a client's queue is bounded and does not block another client's queue") {
    Fixture fixture({.max_concurrent_requests = 1, .max_queued = 2});
    auto running = fixture.comes("x");
    auto a = fixture.comes("a1"), b = fixture.comes("a2"), c = fixture.comes("a3"), d = fixture.comes("b1");
    CHECK(fixture.happened() == "x a3:max_concurrent_requests and max_queued ");
    CHECK(fixture.shows("gatehouse_requests_refused_total{reason=\"queue_full\"} 1"));
    running.reset();
    CHECK(fixture.happened() == "a1 ");
}

TEST_CASE("requests above the limit are rejected at once if max_queued is 0") {
    for (const AdmissionLimits& limits :
         {AdmissionLimits{.max_concurrent_requests = 1, .max_queued = 0},
          AdmissionLimits{.max_concurrent_requests = 1, .queue_timeout = 0ms}}) {
        Fixture fixture(limits);
        auto a = fixture.comes("a1"), b = fixture.comes("a2");
        CHECK(fixture.happened() == "a1 a2:max_concurrent_requests and max_queued ");
    }
}

TEST_CASE("a request that waits longer than queue_timeout is rejected and removed from the queue") {
    Fixture fixture({.max_concurrent_requests = 1, .queue_timeout = 50ms});
    auto a = fixture.comes("a1"), b = fixture.comes("a2");
    fixture.loop.advance(30ms);
    auto c = fixture.comes("a3");
    fixture.loop.advance(30ms);
    CHECK(fixture.happened() == "a1 a2:queue_timeout_ms ");
    CHECK(fixture.shows("gatehouse_requests_refused_total{reason=\"queue_timeout\"} 1"));
    a.reset();
    CHECK(fixture.happened() == "a3 ");
}

TEST_CASE("a request that leaves the queue is not admitted, and its unused slot goes to the next request") {
    Fixture fixture({.max_concurrent_requests = 1});
    auto a = fixture.comes("a1"), b = fixture.comes("a2"), c = fixture.comes("a3"), d = fixture.comes("a4");
    CHECK(fixture.happened() == "a1 ");
    b.reset();  // while it waits
    a.reset();  // a3 has the slot now, but is not called yet
    c.reset();
    CHECK(fixture.happened() == "a4 ");
    d.reset();
    CHECK(fixture.shows("gatehouse_requests_queued 0"));
    auto e = fixture.comes("a5");
    CHECK(fixture.happened() == "a5 ");
}

TEST_CASE("new limits apply at once, also to queued requests") {
    Fixture fixture({.max_concurrent_requests = 1});
    auto a = fixture.comes("a1"), b = fixture.comes("a2"), c = fixture.comes("a3");
    fixture.admission.set_limits({.max_concurrent_requests = 3});
    CHECK(fixture.happened() == "a1 a2 a3 ");
    fixture.admission.set_limits({.max_concurrent_requests = 1});
    auto d = fixture.comes("a4");
    a.reset();
    b.reset();
    CHECK(fixture.happened() == "");
    c.reset();
    CHECK(fixture.happened() == "a4 ");
}

TEST_CASE("no waiter is called after close()") {
    Fixture fixture({.max_concurrent_requests = 1});
    auto a = fixture.comes("a1"), b = fixture.comes("a2");
    CHECK(fixture.happened() == "a1 ");
    fixture.admission.close();
    a.reset();
    CHECK(fixture.happened() == "");
}

TEST_CASE("memory is counted per reservation, and requests above the limit are rejected") {
    MemoryBudget memory;
    memory.set_limit(100);
    {
        Reservation a(&memory), b(&memory), nowhere;
        a.set(60);
        b.set(30);
        a.set(50);
        nowhere.set(1'000);
        CHECK(memory.held() == 80);
        CHECK_FALSE(b.try_add(21));
        CHECK(memory.held() == 80);
        CHECK(b.try_add(20));
        CHECK(memory.full());
        CHECK_FALSE(b.try_add(0));  // fails even for 0 bytes, so a new request is rejected
        b.set(0);
        a.set(400);  // the running request continues
        CHECK(memory.held() == 400);
    }
    CHECK(memory.held() == 0);
}

TEST_CASE("slots are neither lost nor given twice under concurrent use") {
    Metrics metrics;
    Admission admission(metrics);
    admission.set_limits({.max_concurrent_requests = 3, .max_queued = 1'000, .queue_timeout = 2ms});
    std::atomic<int> running{0}, most{0}, served{0};
    struct Visit final : AdmissionWaiter {
        std::atomic<int>* running = nullptr;
        std::atomic<int>* most = nullptr;
        bool runs = false, refused = false;
        Admission::Slot place;
        void on_admitted() override {
            runs = true;
            const int now = ++*running;
            int seen = *most;
            while (now > seen && !most->compare_exchange_weak(seen, now)) {
            }
        }
        void on_refused(Error) override { refused = true; }
        void end() {
            if (std::exchange(runs, false)) --*running;
            place.leave();
        }
    };
    std::array<FakeLoop, 4>
        loops;  // must outlive all requests, because a loop may have a posted call for an ended request
    auto work = [&](unsigned which) {
        FakeLoop& loop = loops[which];
        std::minstd_rand random(which + 1);
        std::array<std::optional<Visit>, 8> visits;
        for (int step = 0; step < 4'000; ++step) {
            auto& visit = visits[random() % visits.size()];
            if (visit) {
                served += visit->runs;
                visit->end();
                visit.reset();
            } else {
                visit.emplace();
                visit->running = &running;
                visit->most = &most;
                auto place = admission.enter(std::to_string(random() % 3), loop, *visit);
                if (place) visit->place = *std::move(place);
                if (place && !visit->place.waits()) visit->on_admitted();
            }
            if (step % 16 == 0) loop.advance(1ms);
            loop.run();
        }
        for (auto& visit : visits)
            if (visit) visit->end();
        visits = {};
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 4; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
    CHECK(running == 0);
    CHECK(most <= 3);
    CHECK(served > 0);
    std::string diary;
    FakeLoop& loop = loops[0];
    Guest a(admission, loop, "a1", diary), b(admission, loop, "a2", diary), c(admission, loop, "a3", diary),
        d(admission, loop, "a4", diary);
    CHECK(diary == "a1 a2 a3 ");
}
