// SPDX-License-Identifier: Apache-2.0
// Limits of requests, tokens and running requests, and what happens without the store.
#include "tests/plugins/limiter/limited.hpp"

using namespace gatehouse;
using namespace gatehouse::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Table requests(std::int64_t rate, const char* scope = "all") {
    return {{{"for", toml(scope)}, {"requests_per_minute", toml(rate)}}};
}
Table tokens(std::int64_t rate, const char* scope = "all") {
    return {{{"for", toml(scope)}, {"tokens_per_minute", toml(rate)}}};
}
Table running(std::int64_t most) { return {{{"running", toml(most)}}}; }

}  // namespace

TEST_CASE_FIXTURE(Limited, "as many requests pass as the limit has, and then its rate") {
    limits({requests(3, "key:*")});
    for (int i = 0; i < 3; ++i) CHECK(passes());
    const LimitDecision refused = decide();
    REQUIRE(!refused.grant);
    CHECK(refused.refusal.kind == ErrorKind::rate_limited);
    CHECK(refused.refusal.code == "rate_limit_exceeded");
    CHECK(refused.refusal.message == "requests per minute of key \"ci\": 3 of 3 used; try again in 20 s");
    CHECK(refused.refusal.detail == refused.refusal.message);  // the log shows the name of the key
    CHECK(refused.refusal.retry_after_seconds == 21);
    CHECK(refused.standing.retry_after == milliseconds(20'001));
    REQUIRE(refused.standing.requests);
    CHECK(refused.standing.requests->limit == 3);
    CHECK(refused.standing.requests->remaining == 0);
    pass(*refused.standing.retry_after);
    CHECK(passes());
    CHECK_FALSE(passes());
    CHECK(counted("admitted_total") == 4);
    CHECK(counted("refused_total", "rate_limit_exceeded") == 2);
}

TEST_CASE_FIXTURE(Limited, "each client has its own counter, and all clients have one") {
    limits({requests(1, "key:*"), requests(2, "all")});
    CHECK(passes());
    CHECK_FALSE(passes());
    who.name = "ann";
    CHECK(passes());
    who.name = "bob";
    CHECK(refusal().message.starts_with("requests per minute of all clients: 2 of 2 used"));
}

TEST_CASE_FIXTURE(Limited, "a refused request changes no counter") {
    limits({requests(5, "key:*"), requests(1, "group:team:*")});
    CHECK(passes());
    for (int i = 0; i < 9; ++i)
        CHECK(refusal().message.starts_with("requests per minute of group \"team:blue\""));
    who.groups.clear();
    for (int i = 0; i < 4; ++i) CHECK(passes());
    CHECK_FALSE(passes());
}

TEST_CASE_FIXTURE(Limited,
                  "a request that is refused because too many run takes nothing of a rate or a budget") {
    use({{{"limits", tables({requests(5, "key:*"), running(1)})},
          {"budgets", tables({{{{"for", toml("key:*")}, {"amount", toml(0.01)}}}})},
          {"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}}}}}}});
    LimitDecision first = decide();
    REQUIRE(first.grant);
    for (int i = 0; i < 9; ++i) CHECK(refusal().code == "concurrency_limit_exceeded");
    first.grant->settle({});
    const LimitDecision last = decide();
    REQUIRE(last.grant);
    CHECK(last.standing.requests->remaining == 4);
    CHECK(last.standing.headers.get("x-gatehouse-budget-remaining") == "0.0088 USD");
}

TEST_CASE_FIXTURE(Limited, "a rule counts only its clients and models") {
    limits({{{{"for", toml("key:ann")}, {"requests_per_minute", toml(std::int64_t{1})}}},
            {{{"for", toml("model:gpt-*")},
              {"models", Value{std::vector<std::string>{"gpt-5*"}}},
              {"requests_per_minute", toml(std::int64_t{2})}}}});
    CHECK(passes());
    CHECK(passes());
    CHECK(refusal().message.starts_with("requests per minute of model \"gpt-5\": 2 of 2 used"));
    model = "gpt-5-mini";
    CHECK(passes());
    model = "llama";
    for (int i = 0; i < 9; ++i) CHECK(passes());
    who.name = "ann";
    CHECK(passes());
    CHECK_FALSE(passes());
}

TEST_CASE_FIXTURE(Limited, "a client is known by its id, and its name is shown") {
    limits({requests(1, "key:k-7")});
    who = {.name = "shown", .id = "k-7"};
    CHECK(passes());
    CHECK(refusal().message.find("key \"shown\"") != std::string::npos);
    who.id = "k-8";
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "burst_requests is another number than the rate") {
    limits({{{{"requests_per_minute", toml(std::int64_t{60})}, {"burst_requests", toml(std::int64_t{2})}}}});
    CHECK(passes());
    CHECK(passes());
    CHECK_FALSE(passes());
    pass(seconds(1));
    CHECK(passes());
    CHECK_FALSE(passes());
}

TEST_CASE_FIXTURE(Limited, "tokens are reserved by an estimate, and settled by the usage") {
    limits({tokens(1'000)});
    auto first = grant();  // 100 of the prompt, and at most 100
    LimitDecision second = decide();
    REQUIRE(second.standing.tokens);
    CHECK(second.standing.tokens->limit == 1'000);
    CHECK(second.standing.tokens->remaining == 600);
    CHECK(second.standing.tokens->reset == milliseconds(24'001));
    first->settle(bill(100, 20));
    second.grant->settle(bill(100, 400));
    CHECK(decide().standing.tokens->remaining == 1'000 - 120 - 500 - 200);
    CHECK(refusal().message == "tokens per minute of all clients: 820 of 1000 used; try again in 1.2 s");
}

TEST_CASE_FIXTURE(Limited, "a response that is longer than its estimate is paid for by waiting") {
    limits({tokens(1'000)});
    grant()->settle(bill(100, 1'900));
    CHECK(decide().standing.tokens->remaining == 0);
    pass(seconds(60));
    CHECK_FALSE(passes());
    pass(seconds(12));
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited,
                  "a prompt that is larger than the limit is refused for ever, a large max_tokens is not") {
    limits({tokens(1'000)});
    const Error refused = refusal(chat(100, 8'000));
    CHECK(refused.kind == ErrorKind::bad_request);
    CHECK(refused.code == "request_exceeds_limit");
    CHECK(refused.message ==
          "the prompt has about 2129 tokens, more than the 1000 tokens per minute of all clients");
    CHECK(bool(decide(chat(1'000'000)).grant));
}

TEST_CASE_FIXTURE(Limited, "a request that reached no upstream is given back") {
    limits({requests(1)});
    grant()->settle({});
    auto failed = grant();
    failed->settle({.attempts = {{.route = {"oci", "gpt"}, .sent = true}}, .status = 502});
    CHECK_FALSE(passes());
}

TEST_CASE_FIXTURE(Limited, "running requests end with their settlement") {
    limits({running(2), requests(3)});
    auto first = grant(), second = grant();
    const LimitDecision refused = decide();
    REQUIRE(!refused.grant);
    CHECK(refused.refusal.code == "concurrency_limit_exceeded");
    CHECK(refused.refusal.retry_after_seconds == 1);
    CHECK(refused.refusal.message == "running requests of all clients: 2 of 2; try again when one has ended");
    first->settle(bill(1, 1));
    auto third = grant();  // the refused request has not counted as one of three
    third->settle(bill(1, 1));
    CHECK(refusal().code == "rate_limit_exceeded");
    CHECK(refusal().code == "rate_limit_exceeded");  // and keeps no place
}

TEST_CASE_FIXTURE(Limited, "every kind of operation is limited") {
    limits({requests(3)});
    CHECK(bool(decide(EmbeddingRequest{.inputs = {"hello"}}).grant));
    CHECK(bool(decide(RerankRequest{.query = "a", .documents = {"b", "c"}}).grant));
    CHECK(bool(decide(RawRequest{.operation = "moderations", .content_type = "application/json"}).grant));
    CHECK_FALSE(passes());
}

TEST_CASE_FIXTURE(Limited, "a limit in shadow counts and reports, and does not refuse") {
    Table rule = requests(2);
    rule.entries.push_back({"shadow", toml(true)});
    limits({rule});
    for (int i = 0; i < 5; ++i) CHECK(passes());
    CHECK(counted("shadow_refused_total") == 3);
    CHECK_FALSE(decide().standing.requests);
}

TEST_CASE_FIXTURE(Limited, "without its store the limiter refuses, or admits and counts later") {
    store.failure = Error{ErrorKind::unavailable, "away", "connection refused"};
    SUBCASE("refuse") {
        limits({requests(2), running(1)});
        const LimitDecision refused = decide();
        REQUIRE(!refused.grant);
        CHECK(refused.refusal.kind == ErrorKind::unavailable);
        CHECK(refused.refusal.code == "limits_unavailable");
        CHECK(refused.refusal.detail == "the store of the limits failed: connection refused");
        CHECK(refused.refusal.retry_after_seconds == 1);
        store.failure.reset();
        CHECK(passes());
    }
    SUBCASE("allow") {
        use({{{"limits", tables({requests(3)})}, {"on_store_failure", toml("allow")}}});
        for (int i = 0; i < 5; ++i) grant()->settle(bill(1, 1));
        CHECK(counted("settlements_pending") == 5);
        REQUIRE(host.timers.size() == 1);
        host.timers.front()();
        host.timers.pop_front();
        store.failure.reset();
        for (; !host.timers.empty(); host.timers.pop_front()) host.timers.front()();
        CHECK(counted("settlements_pending") == 0);
        CHECK(host.logged ==
              std::vector<std::string>{"cost not stored yet retry=each second", "cost stored again"});
        CHECK_FALSE(passes());
    }
    SUBCASE("local") {
        store.failure.reset();
        use({{{"limits", tables({requests(10)})},
              {"budgets", tables({{{{"amount", toml(0.0060)}}}})},
              {"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}}}}},
              {"on_store_failure", toml("local")},
              {"gateways", toml(std::int64_t{2})}}});
        store.failure = Error{ErrorKind::unavailable, "away"};
        CHECK_FALSE(passes());  // the budget has not been seen
        store.failure.reset();
        CHECK(passes());  // 0.0048 are left
        store.failure = Error{ErrorKind::unavailable, "away"};
        CHECK(passes());  // 0.0012 of its half
        auto cheap = grant();
        CHECK(refusal().code == "rate_limit_exceeded");
        cheap->settle(bill(100, 0));
        CHECK_FALSE(passes());  // 0.0011 are left of its half
        store.failure.reset();
        while (!host.timers.empty()) {
            const auto task = std::move(host.timers.front());
            host.timers.pop_front();
            task();
        }
        CHECK(passes());  // 0.0013 and 0.0012 of 0.0060
        CHECK(passes());
    }
    CHECK(counted("store_failures_total") > 0);
}

TEST_CASE_FIXTURE(Limited, "a slow store gives back what it takes after the timeout") {
    limits({requests(1)});
    store.holds = true;
    const auto decision = ask();
    CHECK_FALSE(decision->has_value());
    REQUIRE(host.timers.size() == 1);
    host.timers.front()();
    REQUIRE(decision->has_value());
    CHECK((***decision).refusal.code == "limits_unavailable");
    store.holds = false;
    store.release();
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "sixty-four threads pass a limit exactly as often as it says") {
    has_threads = true;
    limits({requests(60), requests(1'000, "key:*")});
    std::atomic<int> admitted{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 64; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 10; ++j)
                if (ask()->value()->grant) ++admitted;
        });
    for (auto& thread : threads) thread.join();
    CHECK(admitted == 60);
}

TEST_CASE_FIXTURE(Limited, "mistakes in limits are named at their key") {
    auto limits_error = [&](Table table) { return error({{{"limits", tables({std::move(table)})}}}); };
    CHECK(limits_error({{{"for", toml("all")}}}) ==
          "limits[0]: sets no limit: give requests_per_minute, tokens_per_minute or running");
    CHECK(
        limits_error(requests(1, "team:blue")) ==
        "limits[0].for: expected \"all\", \"key:NAME\", \"group:NAME\", \"model:NAME\" or \"route:PROVIDER/MODEL\"");
    CHECK(limits_error(requests(1, "key:a*b")).starts_with("limits[0].for: must be a name"));
    CHECK(limits_error({{{"running", toml(std::int64_t{1})}, {"burst_requests", toml(std::int64_t{1})}}}) ==
          "limits[0].burst_requests: needs requests_per_minute");
    CHECK(error({{{"limits", tables({requests(1), requests(2)})}}}) ==
          "limits[1]: there is another rule of the same kind with these `for`, `models` and `routes`");
    host.given_store = nullptr;
    CHECK(limits_error(requests(1)) == "store: the limits need a store: name a [store.NAME] of this file");
}

TEST_CASE_FIXTURE(Limited, "tokens beyond the limit of a minute are owed until the rate has paid them") {
    limits({tokens(1'000, "key:*")});
    grant()->settle(bill(100, 199'900));
    CHECK_FALSE(passes());
    pass(std::chrono::minutes(150));
    CHECK_FALSE(passes());
    pass(std::chrono::minutes(51));
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited,
                  "a prompt whose tokens are not known is possible, and takes all of a small limit") {
    limits({tokens(10, "key:*")});
    const RawRequest sound{.operation = "audio/transcriptions", .content_type = "multipart/form-data"};
    CHECK(bool(decide(sound).grant));
    CHECK(refusal(sound).code == "rate_limit_exceeded");
    pass(seconds(60));
    CHECK(bool(decide(sound).grant));
}
