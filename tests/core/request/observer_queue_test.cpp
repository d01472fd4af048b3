// SPDX-License-Identifier: Apache-2.0
// The queue of an observer that is slow, throws, or ends.
#include "tests/core/request/observed.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

TEST_CASE("a slow observer delays no request, and records beyond the queue are dropped and counted") {
    Observed given;
    std::promise<void> go;
    given.watching->wait = &go;
    auto record = std::make_shared<const Story>();
    given.observers[0]->offer(record);
    std::thread slow([&] { given.observers[0]->deliver(); });
    while (!given.watching->busy) std::this_thread::yield();
    for (std::size_t i = 0; i < 5'000; ++i) given.observers[0]->offer(record);
    CHECK(given.counts(R"(gatehouse_observer_dropped_total{observer="watch",reason="queue_full"} 904)"));
    go.set_value();
    slow.join();
    given.watching->wait = nullptr;
    given.observers[0]->deliver();
    CHECK(given.watching->records.size() == 4'097);
    CHECK(given.counts(R"(gatehouse_observer_records_total{observer="watch"} 4097)"));
}

TEST_CASE("an observer that throws loses its records, and they are counted") {
    Observed given;
    given.watching->throws = true;
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.client.answer == "ok.");
    given.observers[0]->deliver();
    CHECK(given.counts(R"(gatehouse_observer_dropped_total{observer="watch",reason="failed"} 1)"));
}

TEST_CASE("records are offered and delivered by many threads at once") {
    Observed given;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 500; ++round)
                given.observers[0]->offer(std::make_shared<const Story>());
        });
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) given.observers[0]->deliver();
        });
    for (auto& thread : threads) thread.join();
    given.observers[0]->deliver();
    CHECK(given.watching->records.size() == 2'000);
}

TEST_CASE("a flush delivers what waits") {
    Observed given;
    given.observers[0]->offer(std::make_shared<const Story>());
    std::promise<void> flushed;
    given.observers[0]->flush([&] { flushed.set_value(); });
    flushed.get_future().wait();
    CHECK(given.watching->records.size() == 1);
    CHECK(given.watching->flushed == 1);
}
