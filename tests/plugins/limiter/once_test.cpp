// SPDX-License-Identifier: Apache-2.0
// Costs are counted once, whatever happens to the answers of the store and to the instance that waits for
// them.
#include "tests/plugins/limiter/limited.hpp"

#include "plugins/limiter/quota/tickets.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

/// A shared store whose answers to changes do not always arrive.
struct Lossy final : FakeStore {
    enum class Answer { arrives, is_lost, is_too_late } answer = Answer::arrives;
    int changes = 0;

    Lossy() { is_shared = true; }
    void add(std::vector<Count> list, Completion<Counts> done) override {
        ++changes;
        if (answer == Answer::arrives) return FakeStore::add(std::move(list), std::move(done));
        FakeStore::add(std::move(list), Completion<Counts>([](const auto&) {}));
        // The core drops the answers of instances that have ended.
        if (answer == Answer::is_too_late) return done.dismiss();
        done(Error{ErrorKind::unavailable, "no response"});
    }
};

struct Lost : Limited {
    Lossy lossy;

    Lost() {
        host.given_store = quiet.given_store = &lossy;
        start();
    }
    /// A new instance, as after a reload.
    void start(const char* policy = "refuse") {
        budgets({{{{"for", toml("key:*")}, {"amount", toml(0.01)}, {"cut_streams", toml(true)}}}},
                {{{"on_store_failure", toml(policy)}}});
    }
    /// The rest of the budget, as a request sees it.
    std::string rest() {
        LimitDecision decision = decide();
        REQUIRE(decision.grant);
        const std::string text(decision.standing.headers.get("x-gatehouse-budget-remaining"));
        decision.grant->settle({});  // nothing was sent
        return text;
    }
};

// The rest that rest() shows is without its own reservation of 0.0012.
const std::string full = "0.0088 USD", less_one = "0.00863 USD", less_reserved = "0.0076 USD";

}  // namespace

TEST_CASE_FIXTURE(Lost, "a cost whose answer was lost is counted once") {
    auto running = grant();
    lossy.answer = Lossy::Answer::is_lost;
    running->settle(bill(100, 7));
    CHECK(counted("settlements_pending") == 1);
    run_timers();
    CHECK(counted("settlements_pending") == 1);
    lossy.answer = Lossy::Answer::arrives;
    run_timers();
    CHECK(counted("settlements_pending") == 0);
    CHECK(rest() == less_one);
}

TEST_CASE_FIXTURE(Lost, "a cost that did not reach the store is counted when it is back") {
    auto running = grant();
    lossy.failure = Error{ErrorKind::unavailable, "away"};
    running->settle(bill(100, 7));
    run_timers();
    lossy.failure.reset();
    run_timers();
    CHECK(rest() == less_one);
}

TEST_CASE_FIXTURE(Lost, "many costs with lost answers are counted once each") {
    std::vector<std::unique_ptr<Grant>> running;
    for (int i = 0; i < 8; ++i) running.push_back(grant());
    for (std::size_t i = 0; i < running.size(); ++i) {
        lossy.answer = i % 3 == 0 ? Lossy::Answer::is_lost : Lossy::Answer::arrives;
        lossy.failure = i % 3 == 1 ? std::optional(Error{ErrorKind::unavailable, "away"}) : std::nullopt;
        running[i]->settle(bill(100, 7));
    }
    lossy.answer = Lossy::Answer::arrives;
    lossy.failure.reset();
    run_timers();
    CHECK(counted("settlements_pending") == 0);
    CHECK(rest() == "0.00744 USD");  // 8 times 0.00017
}

TEST_CASE_FIXTURE(Lost, "a reservation whose answer was lost is given back") {
    lossy.answer = Lossy::Answer::is_lost;
    CHECK(refusal().code == "limits_unavailable");
    lossy.answer = Lossy::Answer::arrives;
    CHECK(rest() == less_reserved);
    run_timers();
    CHECK(rest() == full);
    // A reservation that did not reach the store is not given back.
    lossy.failure = Error{ErrorKind::unavailable, "away"};
    CHECK(refusal().code == "limits_unavailable");
    lossy.failure.reset();
    run_timers();
    CHECK(rest() == full);
    CHECK(counted("settlements_pending") == 0);
    // No cost has waited.
    CHECK(
        std::ranges::none_of(host.logged, [](const std::string& line) { return line.starts_with("cost "); }));
}

TEST_CASE_FIXTURE(Lost, "a request that was admitted without the store's answer is counted once") {
    start("allow");
    lossy.answer = Lossy::Answer::is_lost;
    auto running = grant();
    lossy.answer = Lossy::Answer::arrives;
    running->settle(bill(100, 7));
    run_timers();
    CHECK(rest() == less_one);
}

TEST_CASE_FIXTURE(Lost, "a reservation whose instance ended before the answer is given back") {
    lossy.answer = Lossy::Answer::is_too_late;
    (void)ask();
    lossy.answer = Lossy::Answer::arrives;
    auto before = std::move(limiter);
    start();
    host.timers.pop_front();  // that of the request, which has ended
    before.reset();
    run_timers();
    CHECK(rest() == full);
}

TEST_CASE_FIXTURE(Lost, "money for a stream whose answer was lost is given back") {
    ChatRequest stream = chat(900);
    stream.stream = true;
    auto running = grant(stream);
    lossy.answer = Lossy::Answer::is_lost;
    CHECK(running->progress(256));
    lossy.answer = Lossy::Answer::arrives;
    running->settle(bill(100, 7));
    running.reset();
    run_timers();
    CHECK(rest() == less_one);
}

TEST_CASE_FIXTURE(Lost, "a cost is counted once if its instance ends before the answer") {
    auto running = grant();
    lossy.answer = Lossy::Answer::is_too_late;
    running->settle(bill(100, 7));
    running.reset();
    auto before = std::move(limiter);
    start();
    before.reset();
    lossy.answer = Lossy::Answer::arrives;
    run_timers();
    CHECK(counted("settlements_lost_total") == 0);
    CHECK(rest() == less_one);
}

TEST_CASE_FIXTURE(Lost, "a rejected reload leaves the costs that wait to the running instance") {
    auto first = grant(), second = grant(), third = grant();
    lossy.failure = Error{ErrorKind::unavailable, "away"};
    first->settle(bill(100, 7));
    auto running = std::move(limiter);
    start();  // a reload makes an instance, which sends from now on
    second->settle(bill(100, 7));
    lossy.answer = Lossy::Answer::is_too_late;
    lossy.failure.reset();
    third->settle(bill(100, 7));
    lossy.answer = Lossy::Answer::arrives;
    limiter.reset();  // the reload is rejected
    // The core drops the timers of the rejected instance; the first is that of the running one.
    host.timers.resize(1);
    limiter = std::move(running);
    CHECK(counted("settlements_lost_total") == 0);
    run_timers();
    CHECK(counted("settlements_pending") == 0);
    CHECK(rest() == "0.00829 USD");  // three times 0.00017
}

TEST_CASE_FIXTURE(Lost, "after the end of the last instance costs that wait are lost, and counted as lost") {
    auto running = grant();
    lossy.failure = Error{ErrorKind::unavailable, "away"};
    running->settle(bill(100, 7));
    running.reset();
    host.timers.clear();
    limiter.reset();
    CHECK(counted("settlements_lost_total") == 1);
}

TEST_CASE_FIXTURE(Lost, "a store in the process is asked for no tickets of reservations") {
    lossy.is_shared = false;
    start();
    auto running = grant();
    CHECK(lossy.size().records == 2);  // the budget, and the number of the store
    lossy.is_shared = true;
    start();
    auto other = grant();
    CHECK(lossy.size().records == 3);
    other->settle(bill(100, 7));
    CHECK(lossy.size().records == 3);  // the ticket is used again
}

TEST_CASE("a ticket is used again for an hour only, because a store forgets its counter after a day") {
    using namespace gatehouse::quota;
    Tickets tickets("gateway");
    const Moment begin = Moment() + std::chrono::hours(1'000);
    const Ticket first = tickets.take(begin);
    tickets.give_back(first, true, begin);
    const Ticket again = tickets.take(begin + std::chrono::minutes(59));
    CHECK(again.id == first.id);
    CHECK(again.uses == 1);
    tickets.give_back(again, true, begin + std::chrono::minutes(59));
    CHECK(tickets.take(begin + std::chrono::hours(25)).id != first.id);
    CHECK(tickets.take(begin - std::chrono::hours(1)).id != first.id);
}
