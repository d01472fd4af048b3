// SPDX-License-Identifier: Apache-2.0
// Who runs, who waits, and who is next: first alone with a loop that runs when told
// to, then with several threads, for ThreadSanitizer.
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

/// A request that writes into a common diary what becomes of it.
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

struct Scene {
    explicit Scene(AdmissionLimits limits) { admission.set_limits(limits); }
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

TEST_CASE("as many run as may, the others wait, and each end lets one in") {
    Scene scene({.max_concurrent_requests = 2});
    auto a = scene.comes("a1"), b = scene.comes("a2"), c = scene.comes("a3"), d = scene.comes("a4");
    CHECK(scene.happened() == "a1 a2 ");
    CHECK(scene.shows("gatehouse_requests_queued 2"));
    b.reset();
    CHECK(scene.happened() == "a3 ");
    a.reset();
    c.reset();
    CHECK(scene.happened() == "a4 ");
    d.reset();
    CHECK(scene.shows("gatehouse_requests_queued 0"));
    CHECK(scene.shows("gatehouse_queue_wait_seconds_count 2"));
    auto e = scene.comes("a5");
    CHECK(scene.happened() == "a5 ");
    CHECK(scene.loop.timers() == 0);
}

TEST_CASE("clients take turns, however many requests one of them has waiting") {
    Scene scene({.max_concurrent_requests = 1});
    auto running = scene.comes("x");
    std::vector<std::unique_ptr<Guest>> waiting;
    for (const char* name : {"a1", "a2", "a3", "a4", "b1", "c1", "c2"}) waiting.push_back(scene.comes(name));
    CHECK(scene.happened() == "x ");
    running.reset();
    std::string order;
    for (int i = 0; i < 7; ++i) {
        const std::string next = scene.happened();
        order += next;
        std::erase_if(waiting, [&](const auto& guest) { return guest->name + " " == next; });
    }
    CHECK(order == "a1 b1 c1 a2 c2 a3 a4 ");
    CHECK(waiting.empty());
}

TEST_CASE("a client's line is short, and not in the way of another's") {
    Scene scene({.max_concurrent_requests = 1, .max_queued = 2});
    auto running = scene.comes("x");
    auto a = scene.comes("a1"), b = scene.comes("a2"), c = scene.comes("a3"), d = scene.comes("b1");
    CHECK(scene.happened() == "x a3:max_concurrent_requests and max_queued ");
    CHECK(scene.shows("gatehouse_requests_refused_total{reason=\"queue_full\"} 1"));
    running.reset();
    CHECK(scene.happened() == "a1 ");
}

TEST_CASE("nobody waits where there is no queue") {
    for (const AdmissionLimits& limits :
         {AdmissionLimits{.max_concurrent_requests = 1, .max_queued = 0},
          AdmissionLimits{.max_concurrent_requests = 1, .queue_timeout = 0ms}}) {
        Scene scene(limits);
        auto a = scene.comes("a1"), b = scene.comes("a2");
        CHECK(scene.happened() == "a1 a2:max_concurrent_requests and max_queued ");
    }
}

TEST_CASE("who has waited too long is refused, and is not in the line any more") {
    Scene scene({.max_concurrent_requests = 1, .queue_timeout = 50ms});
    auto a = scene.comes("a1"), b = scene.comes("a2");
    scene.loop.advance(30ms);
    auto c = scene.comes("a3");
    scene.loop.advance(30ms);
    CHECK(scene.happened() == "a1 a2:queue_timeout_ms ");
    CHECK(scene.shows("gatehouse_requests_refused_total{reason=\"queue_timeout\"} 1"));
    a.reset();
    CHECK(scene.happened() == "a3 ");
}

TEST_CASE("who leaves the queue is not let in, and a place that came too late goes on") {
    Scene scene({.max_concurrent_requests = 1});
    auto a = scene.comes("a1"), b = scene.comes("a2"), c = scene.comes("a3"), d = scene.comes("a4");
    CHECK(scene.happened() == "a1 ");
    b.reset();  // while it waits
    a.reset();  // a3 has the place now, and does not know it yet
    c.reset();
    CHECK(scene.happened() == "a4 ");
    d.reset();
    CHECK(scene.shows("gatehouse_requests_queued 0"));
    auto e = scene.comes("a5");
    CHECK(scene.happened() == "a5 ");
}

TEST_CASE("other limits hold at once, also for those who wait") {
    Scene scene({.max_concurrent_requests = 1});
    auto a = scene.comes("a1"), b = scene.comes("a2"), c = scene.comes("a3");
    scene.admission.set_limits({.max_concurrent_requests = 3});
    CHECK(scene.happened() == "a1 a2 a3 ");
    scene.admission.set_limits({.max_concurrent_requests = 1});
    auto d = scene.comes("a4");
    a.reset();
    b.reset();
    CHECK(scene.happened() == "");
    c.reset();
    CHECK(scene.happened() == "a4 ");
}

TEST_CASE("after the end nobody is told anything") {
    Scene scene({.max_concurrent_requests = 1});
    auto a = scene.comes("a1"), b = scene.comes("a2");
    CHECK(scene.happened() == "a1 ");
    scene.admission.close();
    a.reset();
    CHECK(scene.happened() == "");
}

TEST_CASE("what is held is counted where it is held, and refused past the limit") {
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
        CHECK_FALSE(b.try_add(0));  // not even nothing, which is how a new request is refused
        b.set(0);
        a.set(400);  // what runs goes on
        CHECK(memory.held() == 400);
    }
    CHECK(memory.held() == 0);
}

TEST_CASE("places are neither lost nor given twice, whatever happens at the same time") {
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
    std::array<FakeLoop, 4> loops;  // until all have ended: one may be told what it no longer wants to know
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
