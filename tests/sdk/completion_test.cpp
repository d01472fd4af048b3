// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/completion.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace gatehouse;

namespace {
struct Seen {
    std::vector<Result<int>> results;
    int twice = 0;
    Completion<int> completion() {
        return Completion<int>([this](Result<int> result) { results.push_back(std::move(result)); },
                               [this] { ++twice; });
    }
};
}  // namespace

TEST_CASE("a completion resumes once with its argument") {
    Seen seen;
    {
        auto done = seen.completion();
        done(7);
    }
    REQUIRE(seen.results.size() == 1);
    CHECK(*seen.results[0] == 7);
    CHECK(seen.twice == 0);
}

TEST_CASE("a dropped completion resumes with an internal error that says so") {
    Seen seen;
    { auto done = seen.completion(); }
    REQUIRE(seen.results.size() == 1);
    REQUIRE(!seen.results[0]);
    CHECK(seen.results[0].error().kind == ErrorKind::internal);
    CHECK(seen.results[0].error().message == "internal error");
    CHECK(seen.results[0].error().detail == "a plugin dropped its completion");
}

TEST_CASE("a second call is ignored and reported") {
    Seen seen;
    {
        auto done = seen.completion();
        done(1);
        done(2);
        done(Error{});
    }
    CHECK(seen.results.size() == 1);
    CHECK(seen.twice == 2);
    auto silent = Completion<int>([](Result<int>) {});
    silent(1);
    silent(2);
}

TEST_CASE("a moved-from completion does nothing") {
    Seen seen;
    {
        auto first = seen.completion();
        auto second = std::move(first);
        first(1);  // NOLINT: on purpose
        CHECK(seen.results.empty());
        second(2);
    }
    CHECK(seen.results.size() == 1);
    CHECK(seen.twice == 0);
}

TEST_CASE("a completion may be destroyed inside its own call") {
    std::unique_ptr<Completion<int>> owned;
    int resumed = 0;
    const std::string kept_alive(100, 'x');
    owned = std::make_unique<Completion<int>>([&, kept_alive](Result<int> result) {
        owned.reset();
        resumed += *result + static_cast<int>(kept_alive.size());
    });
    (*owned)(1);
    CHECK(resumed == 101);
}

TEST_CASE("a completion may be called on another thread") {
    Seen seen;
    std::thread([done = seen.completion()]() mutable { done(3); }).join();
    REQUIRE(seen.results.size() == 1);
    CHECK(*seen.results[0] == 3);
}
