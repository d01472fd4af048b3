// SPDX-License-Identifier: Apache-2.0
// Budgets: what is reserved, what a request costs in the end, and what near an end happens.
#include "tests/plugins/limiter/limited.hpp"

#include <random>

using namespace gatehouse;
using namespace gatehouse::testing;
using std::chrono::hours;

namespace {

Table budget(double amount, const char* scope = "key:*", std::vector<Entry> more = {}) {
    Table table{{{"for", toml(scope)}, {"amount", toml(amount)}}};
    table.entries.insert(table.entries.end(), more.begin(), more.end());
    return table;
}

/// The rest, as the header shows it.
std::string rest(const LimitDecision& decision) {
    return std::string(decision.standing.headers.get("x-gatehouse-budget-remaining"));
}

}  // namespace

// A chat of the fixture has 100 tokens in its prompt and at most 100 in its response: likely 0.0011, at most
// 0.0012 with prices of 1 and 10 for a million tokens.

TEST_CASE_FIXTURE(Limited, "a hard budget reserves the highest cost, and keeps the actual one") {
    budgets({budget(0.01)});
    LimitDecision first = decide();
    CHECK(rest(first) == "0.0088 USD");
    first.grant->settle(bill(100, 7));
    CHECK(rest(decide()) == "0.00863 USD");
    CHECK(counted("cost_total") == doctest::Approx(0.00017));
}

TEST_CASE_FIXTURE(Limited, "a soft budget reserves the likely cost") {
    budgets({budget(0.01, "key:*", {{"hard", toml(false)}})});
    CHECK(rest(decide()) == "0.0089 USD");
}

TEST_CASE_FIXTURE(Limited, "a spent budget refuses with its window, and renews") {
    budgets({budget(0.0025, "key:*", {{"per", toml("month")}})}, {{{"time_zone", toml("Europe/Berlin")}}});
    CHECK(passes());
    CHECK(passes());
    const LimitDecision refused = decide();
    REQUIRE(!refused.grant);
    CHECK(refused.refusal.kind == ErrorKind::rate_limited);
    CHECK(refused.refusal.code == "insufficient_quota");
    CHECK(refused.refusal.retry_after_seconds == 0);
    CHECK_FALSE(refused.standing.retry_after);
    CHECK(
        refused.refusal.message ==
        "the budget of key \"ci\" for this month does not cover this request, which may cost up to 0.0012 USD: 0.0024 of 0.0025 USD are used or "
        "reserved; it renews at 2026-11-30T23:00:00Z");
    CHECK(rest(refused) == "0.0001 USD");
    pass(hours(24 * 15 + 10) + std::chrono::minutes(59));
    CHECK_FALSE(passes());
    CHECK(refusal().retry_after_seconds == 60);
    pass(std::chrono::minutes(1));
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "a budget of a group and one of each client hold together") {
    budgets({budget(0.0025, "group:team:blue"), budget(0.0015, "key:*", {{"per", toml("day")}})});
    CHECK(passes());
    CHECK(refusal().message.find("key \"ci\" for this day") != std::string::npos);
    who.name = "ann";
    CHECK(passes());
    who.name = "bob";
    CHECK(refusal().message.find("group \"team:blue\" for this month") != std::string::npos);
    who.groups.clear();
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "another amount of a budget or a rate keeps what was used") {
    auto with = [&](double amount, std::int64_t rate) {
        budgets({budget(amount)},
                {{{"limits", tables({{{{"for", toml("key:*")}, {"requests_per_minute", toml(rate)}}}})}}});
    };
    with(0.0025, 3);
    for (int i = 0; i < 2; ++i) CHECK(passes());
    CHECK_FALSE(passes());
    const auto before = std::move(limiter);
    with(0.01, 3);
    LimitDecision third = decide();
    CHECK(rest(third) == "0.0064 USD");
    CHECK(third.standing.requests->remaining == 0);
    CHECK_FALSE(passes());
    const auto again = std::move(limiter);
    with(0.003, 30);
    CHECK(refusal().message.find("0.0036 of 0.003 USD are used") != std::string::npos);
}

TEST_CASE_FIXTURE(Limited, "the admin API shows the number that refuses") {
    budgets({budget(0.0025)});
    auto shown = [&] {
        const auto out = call_admin(*limiter->admin(), {.method = "GET"});
        REQUIRE(out->has_value());
        REQUIRE(**out);
        return (**out)->body;
    };
    auto first = grant();
    CHECK(shown().find(R"("used":"0.0012","remaining":"0.0013")") != std::string::npos);
    auto second = grant();
    CHECK(refusal().message.find(": 0.0024 of 0.0025 USD are used") != std::string::npos);
    CHECK(shown().find(R"("used":"0.0024","remaining":"0.0001")") != std::string::npos);
    second->settle(bill(100, 7));
    CHECK(shown().find(R"("used":"0.00137","remaining":"0.00113")") != std::string::npos);
    CHECK(refusal().message.find(": 0.00137 of 0.0025 USD are used") != std::string::npos);
    first->settle({});
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "near its end a budget may shorten responses") {
    budgets({budget(0.02, "key:*", {{"near_limit", toml("shorten")}})});
    LimitDecision first = decide(chat(1'500));  // 0.0152
    CHECK_FALSE(first.max_output_tokens);
    LimitDecision second = decide(chat(1'500));
    REQUIRE(second.grant);
    // 0.0048 are left, and 0.0002 of it may be the prompt.
    CHECK(second.max_output_tokens == 459);
    CHECK(second.standing.headers.get("x-gatehouse-shortened") == "459");
    CHECK(counted("shortened_total") == 1);
    CHECK_FALSE(bool(decide(chat(1'500)).grant));
    second.grant->settle(bill(100, 459));
    CHECK_FALSE(bool(decide(chat(1'500)).grant));  // fewer than shorten_min_tokens
    first.grant->settle(bill(100, 10));
    CHECK(bool(decide(chat(1'300)).grant));
}

TEST_CASE_FIXTURE(Limited, "without a limit of the client the price or the default has one") {
    Table known = price(1, 10);
    known.entries.push_back({"max_output_tokens", toml(std::int64_t{1'000})});
    use({{{"budgets", tables({budget(1)})}, {"prices", Value{Table{{{"oci/*", Value{known}}}}}}}});
    CHECK(rest(decide(chat({}))) == "0.9898 USD");
    CHECK(rest(decide(chat(50'000))) == "0.9796 USD");
    budgets({budget(1, "key:*", {{"per", toml("day")}})});
    CHECK(rest(decide(chat({}))) == "0.95884 USD");
    ChatRequest three = chat();
    three.sampling.n = 3;
    CHECK(rest(decide(three)) == "0.95564 USD");
}

TEST_CASE_FIXTURE(
    Limited, "the larger of two limits of output counts, and each response that the upstream generates") {
    budgets({budget(1)});
    ChatRequest both = chat(1'000);
    both.sampling.max_completion_tokens = 1;
    CHECK(rest(decide(both)) == "0.9898 USD");
    ChatRequest texts = chat(100);
    texts.completion = TextCompletion{.prompts = {R"(["a","b","c"])"}, .best_of = 4};
    texts.sampling.n = 2;
    const std::string twelve = rest(decide(texts));
    texts.completion = TextCompletion{.prompts = {"[1,2,3]"}};
    texts.sampling.n = 12;
    CHECK(twelve.substr(0, 6) == "0.9776");
    CHECK(rest(decide(texts)).substr(0, 6) == "0.9654");
}

TEST_CASE_FIXTURE(Limited, "a fallback that is dearer is reserved, and the route that answered is paid") {
    routes = {{"oci", "gpt"}, {"dear", "x"}};
    use({{{"budgets", tables({budget(1)})},
          {"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}, {"dear/*", Value{price(10, 100)}}}}}}}});
    LimitDecision first = decide();
    CHECK(rest(first) == "0.988 USD");
    Bill both = bill(100, 10);
    both.attempts.insert(both.attempts.begin(), {.route = {"dear", "x"}, .sent = true});
    first.grant->settle(both);
    CHECK(rest(decide()) == "0.9878 USD");
}

TEST_CASE_FIXTURE(Limited, "a route without a price is refused, or costs nothing") {
    routes = {{"oci", "gpt"}, {"lab", "x"}};
    budgets({budget(1)});
    const Error refused = refusal();
    CHECK(refused.kind == ErrorKind::bad_request);
    CHECK(refused.code == "model_not_priced");
    CHECK(refused.message == "the model 'gpt-5' has no price, and a budget of this client needs one");
    CHECK(refused.detail == "no price for the route lab/x");
    CHECK(limiter->doubt({"lab", "x"}, {}) ==
          "the route \"lab/x\" has no price: requests that a budget counts are refused");
    CHECK(limiter->doubt({"lab", "x"}, Price{}).empty());
    CHECK(limiter->doubt({"oci", "x"}, {}).empty());
    healths.routes["lab/x"] = {.price = Price{.input = 1'000'000, .output = 10'000'000}};
    CHECK(passes());
    healths.routes.clear();
    budgets({budget(1)}, {{{"unpriced", toml("free")}}});
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "a free model passes a spent budget") {
    budgets({budget(0.0012)});
    CHECK(passes());
    CHECK_FALSE(passes());
    use({{{"budgets", tables({budget(0.0012)})}, {"prices", Value{Table{{{"oci/*", Value{price(0, 0)}}}}}}}});
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "a response without usage costs its prompt and the text that arrived") {
    budgets({budget(1)});
    Bill cut = bill(0, 0);
    cut.attempts[0].usage.reset();
    cut.attempts[0].output_tokens = 30;
    cut.client_left = true;
    grant()->settle(cut);
    CHECK(rest(decide()) == "0.9984 USD");  // 0.0004, and a reservation of 0.0012
    CHECK(counted("estimated_total") == 1);
    cut.attempts[0].consumed = false;
    grant()->settle(cut);
    CHECK(counted("cost_total") == doctest::Approx(0.0004));
}

TEST_CASE_FIXTURE(Limited, "the log warns once when a budget is nearly spent, and not of a reservation") {
    budgets({budget(0.002, "key:ci", {{"warn_at", toml(std::int64_t{50})}})});
    auto running = grant();  // reserves 0.0012
    CHECK(host.logged.empty());
    running->settle(bill(100, 7));
    CHECK(host.logged.empty());
    grant()->settle(bill(100, 100));
    CHECK(host.logged ==
          std::vector<std::string>{
              "budget nearly spent budget=key \"ci\" per=month used=0.00127 amount=0.002 currency=USD"});
    CHECK(counted("budget_warnings_total") == 1);
}

TEST_CASE_FIXTURE(Limited, "a request for a stored object passes a spent budget, and costs nothing") {
    budgets({budget(0.0013)});
    grant()->settle(bill(100, 110));
    CHECK(refusal().code == "insufficient_quota");
    const RawRequest stored{
        .operation = "files", .model = "gpt-5", .stored = true, .method = "DELETE", .path = "/file-1"};
    auto passed = grant(stored);
    REQUIRE(passed);
    Bill without_usage = bill(0, 0);
    without_usage.attempts[0].usage.reset();
    passed->settle(without_usage);
    CHECK(passed->cost()->nano == 0);
    CHECK_FALSE(passed->cost()->estimated);
    CHECK(counted("estimated_total") == 0);
}

TEST_CASE_FIXTURE(Limited, "sixty-four clients do not exceed a hard budget, and spend nearly all of it") {
    has_threads = true;
    budgets({budget(1.0)});
    std::atomic<std::int64_t> spent{0};  // in 1e-6
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 64; ++i)
        threads.emplace_back([&, i] {
            std::mt19937 random(i);
            for (int failures = 0; failures < 3;) {
                const auto limit = static_cast<std::int64_t>(100 + random() % 800);
                const auto decision = ask(chat(limit));
                Grant* grant = decision->value()->grant.get();
                if (!grant) {
                    ++failures;
                    continue;
                }
                const auto completion =
                    static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
                Bill end = bill(100, completion);
                if (random() % 3 == 0) {  // the client leaves
                    end.attempts[0].usage.reset();
                    end.attempts[0].output_tokens = completion;
                    end.client_left = true;
                }
                spent += 100 + 10 * completion;
                grant->settle(end);
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(spent <= 1'000'000);
    CHECK(spent >= 980'000);
}

TEST_CASE_FIXTURE(Limited, "mistakes in budgets and prices are named at their key") {
    auto budget_error = [&](Table table, Table more = {}) {
        more.entries.push_back({"budgets", tables({std::move(table)})});
        return error(std::move(more));
    };
    CHECK(
        budget_error(budget(0)) ==
        "budgets[0].amount: expected more than 0 and at most 9007199.25, with at most nine digits after the point");
    CHECK(budget_error(budget(1e9)).starts_with("budgets[0].amount: expected"));
    CHECK(
        budget_error(budget(1), {{{"time_zone", toml("Europe/Atlantis")}}}) ==
        "time_zone: there is no time zone \"Europe/Atlantis\" in /usr/share/zoneinfo/; expected a name such as "
        "\"Europe/Berlin\" or \"UTC\"");
    CHECK(budget_error(budget(1), {{{"time_zone", toml("../../etc/passwd")}}})
              .starts_with("time_zone: there is no"));
    auto price_error = [&](const char* route, Table table) {
        return error({{{"prices", Value{Table{{{route, Value{std::move(table)}}}}}}}});
    };
    CHECK(price_error("a*b", price(1, 1)).starts_with("prices.\"a*b\": must be a name"));
    CHECK(price_error("a/b", price(-1, 1)) == "prices.\"a/b\".input: a price must not be negative");
    CHECK(price_error("a/b", price(1, 0.0000001)) ==
          "prices.\"a/b\".output: a price must have at most six digits after the point");
}

TEST_CASE_FIXTURE(Limited, "a stream reserves more while it runs, and ends when the budget is spent") {
    budgets({budget(0.05, "key:*", {{"cut_streams", toml(true)}})});
    ChatRequest stream = chat(4'000);
    stream.stream = true;
    LimitDecision first = decide(stream);
    CHECK(rest(first) == "0.0399 USD");  // 100 and 1000 tokens
    auto first_grant = std::move(first.grant);
    CHECK(first_grant->progress(256));
    CHECK(rest(decide(stream)) == "0.0298 USD");
    CHECK(first_grant->progress(768));  // needs 1280 tokens: 1000 more
    CHECK(rest(decide(stream)) == "0.0097 USD");
    CHECK(first_grant->progress(1'280));
    CHECK_FALSE(first_grant->progress(1'536));  // 0.0097 are less than 1000 tokens
    CHECK(counted("cut_streams_total") == 1);
    first_grant->settle(bill(100, 1'540));
    CHECK(rest(decide(chat())) == "0.0131 USD");
    CHECK(bool(decide(chat(800)).grant));  // not a stream: the highest cost
}

TEST_CASE_FIXTURE(Limited, "money that comes after the end of a stream is given back") {
    budgets({budget(0.05, "key:*", {{"cut_streams", toml(true)}})});
    ChatRequest stream = chat(4'000);
    stream.stream = true;
    auto grant = std::move(decide(stream).grant);
    store.holds = true;
    CHECK(grant->progress(768));
    CHECK(grant->progress(1'024));  // one question at a time
    CHECK(store.waiting() == 1);
    grant->settle(bill(100, 0));
    store.holds = false;
    store.release();
    store.release();
    CHECK(rest(decide()) == "0.0487 USD");
}
