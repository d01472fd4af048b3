// SPDX-License-Identifier: Apache-2.0
// A listener may cancel, pause, resume and start transfers in every call.
#include "tests/core/net/client/upstream_fixture.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::testing;

namespace {

const std::string stream_head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

std::string chunk(std::string_view text) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", text.size());
    return size + std::string(text) + "\r\n";
}

}  // namespace

TEST_CASE("cancelling at any moment closes the upstream's connection at once") {
    enum Moment { before_sending, before_the_head, in_on_head, in_on_body, between, while_paused };
    for (const Moment moment :
         {before_sending, before_the_head, in_on_head, in_on_body, between, while_paused}) {
        CAPTURE(moment);
        std::atomic<long> closed_after = -1;
        std::atomic<bool> requested = false;
        ScriptedUpstream server([&](Peer& peer, int) {
            if (peer.request().empty()) return;
            requested = true;
            if (moment > before_the_head) peer.send(stream_head);
            if (moment > in_on_head) peer.send(chunk("hello"));
            if (auto after = peer.closed(); after) closed_after = after->count();
        });
        Bench bench;
        Recorder recorder;
        std::unique_ptr<Transfer> transfer = bench.upstream->start({"GET", server.url()}, recorder);
        auto cancel = [&] { transfer.reset(); };
        if (moment == before_sending) cancel();
        if (moment == before_the_head) {
            CHECK(bench.loop.run_until([&] { return requested.load(); }));
            cancel();
        }
        if (moment == in_on_head) recorder.at_head = cancel;
        if (moment == in_on_body) recorder.at_body = cancel;
        if (moment == between || moment == while_paused) {
            CHECK(bench.loop.run_until([&] { return recorder.pieces == 1; }));
            if (moment == while_paused) transfer->pause();
            bench.loop.run_for(5ms);
            cancel();
        }
        bench.loop.run_until([&] { return !transfer; });
        if (moment == before_sending) {
            bench.loop.run_for(20ms);
            CHECK(server.connections() == 0);
        } else {
            CHECK(bench.loop.run_until([&] { return closed_after >= 0; }));
            CHECK(closed_after < 30'000);  // before any timeout
        }
        CHECK(!recorder.over());
        CHECK(bench.loop.timers() <= 1);  // libcurl's timer, which is not cancelled and fires without effect
        CHECK(bench.loop.watched() == 0);
        CHECK(bench.loop.mistakes == 0);
    }
}

TEST_CASE("a transfer may be destroyed in its last call, and the next started there") {
    ScriptedUpstream good(always(sized("good"))), bad(once("nonsense\r\n"));
    for (int i = 0; i < 3; ++i) {
        Bench bench;
        Recorder first, second, third;
        std::unique_ptr<Transfer> transfer = bench.upstream->start({"GET", bad.url()}, first);
        first.at_error = [&] {
            transfer.reset();
            transfer = bench.upstream->start({"GET", good.url()}, second);
            CHECK(!second.over());
        };
        second.at_end = [&] {
            transfer = bench.upstream->start({"GET", good.url()}, third);
            CHECK(!third.over());
        };
        third.at_head = [&] {
            // Also while libcurl is on the stack.
            second.at_end = nullptr;
            transfer = bench.upstream->start({"GET", good.url()}, first);
            first.error.reset();
        };
        CHECK(bench.loop.run_until([&] { return first.ended; }));
        CHECK(second.body == "good");
        CHECK(third.body == "");
        CHECK(!third.over());
        CHECK(first.body == "good");
    }
}

TEST_CASE("one transfer's call may cancel or pause another") {
    ScriptedUpstream server([](Peer& peer, int) {
        peer.request();
        peer.send(stream_head);
        while (peer.send(chunk("x"))) std::this_thread::sleep_for(1ms);
    });
    Bench bench;
    Recorder a, b, c;
    auto start = [&](Recorder& recorder) { return bench.upstream->start({"GET", server.url()}, recorder); };
    auto one = start(a), two = start(b), three = start(c);
    CHECK(bench.loop.run_until([&] { return a.pieces && b.pieces && c.pieces; }));
    a.at_body = [&] {
        two.reset();
        three->pause();
        a.at_body = nullptr;
    };
    CHECK(bench.loop.run_until([&] { return !a.at_body; }));
    bench.loop.run_for(20ms);
    const int had = b.pieces, paused_at = c.pieces, before = a.pieces;
    bench.loop.run_for(50ms);
    CHECK(b.pieces == had);
    CHECK(c.pieces == paused_at);
    CHECK(bench.loop.run_until([&] { return a.pieces > before; }));
    three->resume();
    CHECK(bench.loop.run_until([&] { return c.pieces > paused_at; }));
}

TEST_CASE("a paused transfer stops the upstream, hardly wakes the loop, and loses no byte") {
    constexpr std::size_t total = 10'000'000;
    std::atomic<std::size_t> before_resume = 0;
    std::atomic<bool> paused_full = false;
    ScriptedUpstream server([&](Peer& peer, int) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(total) + "\r\n\r\n");
        before_resume = peer.flood(total, 300ms);
        paused_full = true;
        std::string rest(total - before_resume, 'x');
        peer.send(rest);
        peer.closed();
    });
    Bench bench;
    Recorder recorder;
    recorder.body.reserve(total);
    auto transfer = bench.upstream->start({"GET", server.url()}, recorder);
    recorder.at_body = [&] {
        recorder.at_body = nullptr;
        transfer->pause();
    };
    CHECK(bench.loop.run_until([&] { return paused_full.load(); }));
    CHECK(before_resume < total);
    CHECK(recorder.body.size() < 50'000);
    bench.loop.wakeups = 0;
    bench.loop.run_for(100ms);
    CHECK(bench.loop.wakeups < 10);
    transfer->resume();
    CHECK(bench.loop.run_until([&] { return recorder.over(); }));
    CHECK(recorder.ended);
    CHECK(recorder.body.size() == total);
    CHECK(recorder.body == std::string(total, 'x'));
}

TEST_CASE("pause and resume in any order and from any call deliver every byte once") {
    std::string whole;
    for (int i = 0; i < 20'000; ++i) whole += std::to_string(i) + ",";
    ScriptedUpstream server([&](Peer& peer, int) {
        while (!peer.request().empty()) {
            peer.send(stream_head);
            for (std::size_t at = 0; at < whole.size(); at += 997) peer.send(chunk(whole.substr(at, 997)));
            peer.send("0\r\n\r\n");
        }
    });
    Bench bench;
    for (int mode = 0; mode < 6; ++mode) {
        CAPTURE(mode);
        Recorder recorder;
        auto transfer = bench.upstream->start({"GET", server.url()}, recorder);
        std::minstd_rand random(static_cast<unsigned>(mode));
        if (mode == 0) transfer->pause();  // before the head: applies from there on
        if (mode == 1) recorder.at_head = [&] { transfer->pause(); };
        if (mode >= 2)
            recorder.at_body = [&] {
                transfer->pause();
                if (mode == 2) transfer->resume();
                if (mode == 3) bench.loop.post([&] { transfer->resume(); });
                if (mode == 4)
                    bench.loop.after(std::chrono::milliseconds(random() % 2), [&] { transfer->resume(); });
                if (mode == 5) {
                    transfer->resume();
                    transfer->pause();
                    bench.loop.post([&] {
                        transfer->resume();
                        transfer->pause();
                        transfer->resume();
                    });
                }
            };
        if (mode < 2) {
            CHECK(bench.loop.run_until([&] { return recorder.heads == 1; }));
            bench.loop.run_for(20ms);
            CHECK(recorder.pieces == 0);
            transfer->resume();
        }
        CHECK(bench.loop.run_until([&] { return recorder.over(); }));
        CHECK(recorder.ended);
        CHECK(recorder.body == whole);
    }
    CHECK(server.connections() == 1);
    CHECK(bench.loop.mistakes == 0);
}

TEST_CASE("an upstream that ends while its transfer is paused is heard of after the resume") {
    for (const bool broken : {false, true}) {
        CAPTURE(broken);
        ScriptedUpstream server([&](Peer& peer, int) {
            peer.request();
            peer.send(stream_head + chunk("hello"));
            std::this_thread::sleep_for(20ms);
            if (!broken) peer.send("0\r\n\r\n");
        });
        Bench bench;
        Recorder recorder;
        auto transfer = bench.upstream->start({"GET", server.url()}, recorder);
        recorder.at_body = [&] { transfer->pause(); };
        CHECK(bench.loop.run_until([&] { return recorder.pieces > 0; }));
        bench.loop.wakeups = 0;
        bench.loop.run_for(60ms);
        CHECK(bench.loop.wakeups < 10);
        CHECK(!recorder.over());
        transfer->resume();
        CHECK(bench.loop.run_until([&] { return recorder.over(); }));
        CHECK(recorder.ended == !broken);
    }
}

TEST_CASE("time in which we paused is not the upstream's silence") {
    std::atomic<bool> resumed = false;
    ScriptedUpstream server([&](Peer& peer, int) {
        peer.request();
        peer.send(stream_head + chunk("hello"));
        while (!resumed) std::this_thread::sleep_for(1ms);
        peer.send(chunk("again"));
        peer.closed();
    });
    HttpClientSettings settings;
    settings.timeouts.idle = 1s;
    Bench bench(settings);
    Recorder recorder;
    auto transfer = bench.upstream->start({"GET", server.url()}, recorder);
    recorder.at_body = [&] {
        if (recorder.body == "hello") transfer->pause();
    };
    CHECK(bench.loop.run_until([&] { return recorder.body == "hello"; }));
    bench.loop.run_for(1500ms);
    CHECK(!recorder.over());
    transfer->resume();
    resumed = true;
    CHECK(bench.loop.run_until([&] { return recorder.body == "helloagain" || recorder.over(); }));
    CHECK(recorder.body == "helloagain");
    const auto start = Clock::now();
    CHECK(bench.loop.run_until([&] { return recorder.over(); }));
    REQUIRE(recorder.error);
    CHECK(recorder.error->kind == ErrorKind::timeout);
    CHECK(Clock::now() - start > 500ms);
}

TEST_CASE("a transfer tells that it waits for more, also behind a pause") {
    for (const bool pauses : {false, true}) {
        std::atomic<bool> goes_on = false;
        ScriptedUpstream server([&](Peer& peer, int) {
            peer.request();
            peer.send(stream_head + chunk("hello"));
            while (!goes_on) std::this_thread::sleep_for(1ms);
            peer.send(chunk("again") + "0\r\n\r\n");
        });
        Bench bench;
        Recorder recorder;
        auto transfer = bench.upstream->start({"GET", server.url()}, recorder);
        recorder.at_body = [&] {
            if (pauses && recorder.body == "hello") transfer->pause();
        };
        CHECK(bench.loop.run_until([&] { return recorder.body == "hello"; }));
        if (pauses) transfer->resume();
        CHECK(bench.loop.run_until([&] { return recorder.waits_behind == 5; }));
        goes_on = true;
        CHECK(bench.loop.run_until([&] { return recorder.over(); }));
        CHECK(recorder.ended);
        CHECK(recorder.calls_after_the_end == 0);
    }
}

TEST_CASE("two hundred transfers at once, cancelled at random, never mix their texts") {
    ScriptedUpstream server([](Peer& peer, int) {
        for (;;) {
            const std::string request = peer.request();
            if (request.empty()) return;
            const std::string name = request.substr(request.find("\r\n\r\n") + 4);
            peer.send(stream_head);
            for (int i = 0; i < 20; ++i)
                if (!peer.send(chunk(name))) return;
            peer.send("0\r\n\r\n");
        }
    });
    Bench bench;
    std::minstd_rand random(7);
    for (int round = 0; round < 5; ++round) {
        std::vector<std::unique_ptr<Recorder>> recorders;
        std::vector<std::unique_ptr<Transfer>> transfers(200);
        std::size_t over = 0, cancelled = 0;
        for (std::size_t i = 0; i < transfers.size(); ++i) {
            recorders.push_back(std::make_unique<Recorder>());
            Recorder& recorder = *recorders.back();
            http::Request request{"POST", server.url()};
            request.body = "<" + std::to_string(round) + ":" + std::to_string(i) + ">";
            recorder.at_end = [&] { ++over; };
            if (random() % 3 == 0) {
                auto cancel = [&, i] {
                    if (!transfers[i]) return;
                    transfers[i].reset();
                    ++cancelled;
                };
                switch (random() % 4) {
                    case 0: recorder.at_head = cancel; break;
                    case 1: recorder.at_body = cancel; break;
                    case 2:
                        bench.loop.after(std::chrono::milliseconds(random() % 20), [&, cancel, i] {
                            if (!recorders[i]->over()) cancel();
                        });
                        break;
                    case 3:
                        recorder.at_body = [&, i] {
                            transfers[i]->pause();
                            bench.loop.post([&, i] { transfers[i]->resume(); });
                        };
                        break;
                }
            }
            transfers[i] = bench.upstream->start(std::move(request), recorder);
        }
        CHECK(bench.loop.run_until([&] { return over + cancelled == transfers.size(); }));
        bench.loop.run_for(25ms);
        for (std::size_t i = 0; i < transfers.size(); ++i) {
            const std::string name = "<" + std::to_string(round) + ":" + std::to_string(i) + ">";
            std::string whole;
            for (int n = 0; n < 20; ++n) whole += name;
            const std::string& got = recorders[i]->body;
            const bool right = recorders[i]->ended ? got == whole : whole.starts_with(got);
            if (!right || recorders[i]->calls_after_the_end) CHECK_MESSAGE(right, name << " got " << got);
        }
    }
    CHECK(bench.loop.mistakes == 0);
}

TEST_CASE("transfers that outlive their upstream are harmless") {
    ScriptedUpstream server([](Peer& peer, int) {
        peer.request();
        peer.send(stream_head);
        peer.closed();
    });
    std::unique_ptr<Transfer> running, waiting;
    Recorder a, b;
    TestLoop loop;
    auto upstream = make_tested_upstream(loop);
    running = upstream->start({"GET", server.url()}, a);
    CHECK(loop.run_until([&] { return a.heads == 1; }));
    waiting = upstream->start({"GET", server.url()}, b);
    upstream.reset();
    running->pause();
    running->resume();
    running.reset();
    loop.run_for(10ms);
    CHECK(!a.over());
    CHECK(!b.over());
    CHECK(loop.watched() == 0);
    CHECK(loop.timers() == 0);
    CHECK(loop.mistakes == 0);
}
