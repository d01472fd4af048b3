// SPDX-License-Identifier: Apache-2.0
// The events that wait for replies: their order, errors, and replies from another thread.
#include "plugins/hook/process/held_events.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::process;

namespace {

std::string texts(const std::vector<Event>& events) {
    std::string all;
    for (const Event& event : events)
        all += std::holds_alternative<TextDelta>(event) ? std::get<TextDelta>(event).text : "|";
    return all;
}

}  // namespace

TEST_CASE("events pass in their order, each after the replies before it") {
    HeldEvents held;
    CHECK(held.empty());
    const auto first = held.add_place(), second = held.add_place();
    held.add(Finish{});
    CHECK_FALSE(held.empty());
    CHECK(held.take().empty());
    held.fill(second, TextDelta{"b"});
    CHECK(held.take().empty());
    std::optional<Result<void>> out;
    held.wait(testing::into(out));
    CHECK_FALSE(out);
    held.fill(first, TextDelta{"a"});
    REQUIRE(out);
    CHECK(*out);
    CHECK(texts(held.take()) == "ab|");
    CHECK(held.empty());
    const auto third = held.add_place();
    held.fill(third, std::nullopt);
    out.reset();
    held.wait(testing::into(out));
    CHECK((out && *out));
    CHECK(held.take().empty());
    CHECK(held.empty());
}

TEST_CASE("the first error ends the response, whatever waits") {
    HeldEvents held;
    (void)held.add_place();
    std::optional<Result<void>> out;
    held.wait(testing::into(out));
    held.fail(Error{ErrorKind::forbidden, "first"});
    held.fail(Error{ErrorKind::forbidden, "second"});
    REQUIRE((out && !*out));
    CHECK(out->error().message == "first");
    CHECK_FALSE(held.empty());
    held.wait(testing::into(out));
    CHECK(out->error().message == "first");
}

TEST_CASE("replies arrive on another thread") {
    HeldEvents held;
    std::string all;
    for (int round = 0; round < 200; ++round) {
        const auto place = held.add_place();
        std::thread other([&] { held.fill(place, TextDelta{"x"}); });
        std::atomic<bool> completed{false};
        held.wait(Completion<void>([&](const Result<void>& result) { completed = bool(result); }));
        other.join();
        CHECK(completed);
        all += texts(held.take());
    }
    CHECK(all == std::string(200, 'x'));
}
