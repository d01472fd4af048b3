// SPDX-License-Identifier: Apache-2.0
// For tests of stores: calls that wait for their completion, and the rules that every store
// must keep, driven by 16 threads.
#pragma once

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

namespace gatehouse::testing {

class WaitingStore {
public:
    explicit WaitingStore(Store& store) : store_(&store) {}

    using Records = std::vector<std::optional<Record>>;
    Result<Records> all(std::vector<StoreKey> keys, std::size_t max_bytes = 1'000'000'000) {
        return wait<Records>(
            [&](Completion<Records> done) { store_->get(std::move(keys), max_bytes, std::move(done)); });
    }
    std::optional<Record> get(StoreKey key) {
        auto found = all(std::vector{std::move(key)});
        if (!found) FAIL(found.error().message);
        return found->at(0);
    }
    std::string body(StoreKey key) {
        const auto found = get(std::move(key));
        return found ? found->body : "nothing";
    }
    Result<std::uint64_t> put(Put document) {
        return wait<std::uint64_t>(
            [&](Completion<std::uint64_t> done) { store_->put(std::move(document), std::move(done)); });
    }
    std::uint64_t put(StoreKey key, std::string body) {
        auto version = put(Put{.key = std::move(key), .body = std::move(body), .keep_for = hour});
        if (!version) FAIL(version.error().message);
        return *version;
    }
    Result<bool> erase(StoreKey key) {
        return wait<bool>([&](Completion<bool> done) { store_->erase(std::move(key), std::move(done)); });
    }
    Result<Counts> add(std::vector<Count> changes) {
        return wait<Counts>(
            [&](Completion<Counts> done) { store_->add(std::move(changes), std::move(done)); });
    }
    /// The value of a counter.
    std::int64_t count(StoreKey key) {
        auto counts = add({{.key = std::move(key), .amount = 0, .keep_for = hour}});
        if (!counts) FAIL(counts.error().message);
        return counts->values.at(0);
    }

    static constexpr std::chrono::milliseconds hour = std::chrono::hours(1);

private:
    template <typename T, typename Start>
    Result<T> wait(Start&& start) {
        auto promise = std::make_shared<std::promise<Result<T>>>();
        auto future = promise->get_future();
        start(Completion<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
        return future.get();
    }

    Store* store_;
};

inline void in_threads(int count, const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
}

/// 600 calls at once pass a limit of 60 exactly 60 times.
inline void check_limit_under_threads(Store& store) {
    std::atomic<int> admitted{0};
    in_threads(16, [&](int) {
        WaitingStore mine(store);
        for (int i = 0; i < 600 / 16 + 1; ++i) {
            auto counts =
                mine.add({{.key = {"ann", "requests", "minute"},
                           .amount = 1,
                           .keep_for = WaitingStore::hour,
                           .limit = 60},
                          {.key = {"", "requests", "all"}, .amount = 1, .keep_for = WaitingStore::hour}});
            if (counts && counts->added) ++admitted;
        }
    });
    CHECK(admitted == 60);
    WaitingStore mine(store);
    CHECK(mine.count({"ann", "requests", "minute"}) == 60);
    CHECK(mine.count({"", "requests", "all"}) == 60);
}

/// A counter that drains is a token bucket.  `pass` lets time pass by the store's clock.
inline void check_drain(Store& store, const std::function<void(std::chrono::milliseconds)>& pass) {
    using std::chrono::milliseconds;
    constexpr std::int64_t micro = 1'000'000;
    WaitingStore mine(store);
    // 60 requests in two seconds.
    auto add = [&](std::int64_t requests) {
        auto counts =
            mine.add({{.key = {"", "limits", "drains"},
                       .amount = requests * micro,
                       .keep_for = milliseconds(4'000),
                       .limit = 60 * micro,
                       .drain = {.amount = 60 * micro, .time = milliseconds(2'000)}},
                      {.key = {"", "limits", "admitted"}, .amount = 1, .keep_for = WaitingStore::hour}});
        if (!counts) FAIL(counts.error().message);
        return *counts;
    };
    CHECK(add(60).added);
    const Counts full = add(60);
    CHECK_FALSE(full.added);
    CHECK(full.values.at(0) <= 60 * micro);
    CHECK(full.values.at(1) == 1);
    pass(milliseconds(1'000));
    const Counts half = add(0);
    CHECK(half.values.at(0) <= 30 * micro);
    CHECK(add(30).added);
    pass(milliseconds(2'000));
    CHECK(add(0).values.at(0) == 0);
    CHECK(add(1).added);
    CHECK(add(-5).values.at(0) == 0);  // not below 0
    CHECK(add(-1).added);
    CHECK(mine.count({"", "limits", "admitted"}) == 7);
}

/// Threads that append to one document by compare-and-set lose nothing, and those with a document of
/// their own always read what they wrote last.
inline void check_documents_under_threads(Store& store, int rounds) {
    const StoreKey shared{"ann", "conversation", "shared"};
    std::atomic<bool> wrong{false};
    in_threads(16, [&](int thread) {
        WaitingStore mine(store);
        const StoreKey own{"owner" + std::to_string(thread), "response", "own"};
        for (int i = 0; i < rounds; ++i) {
            const std::string body = std::to_string(i);
            mine.put(own, body);
            if (mine.body(own) != body) wrong = true;
            for (bool done = false; !done;) {
                const auto now = mine.get(shared);
                done = bool(mine.put({.key = shared,
                                      .body = (now ? now->body : "") + ".",
                                      .keep_for = WaitingStore::hour,
                                      .expected = now ? now->version : 0}));
            }
        }
        auto erased = mine.erase(own);
        if (!erased || !*erased || mine.get(own)) wrong = true;
    });
    CHECK_FALSE(wrong);
    CHECK(WaitingStore(store).body(shared) == std::string(static_cast<std::size_t>(16 * rounds), '.'));
}

}  // namespace gatehouse::testing
