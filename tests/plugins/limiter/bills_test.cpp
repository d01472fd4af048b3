// SPDX-License-Identifier: Apache-2.0
// Golden bills: costs to the nano-unit, computed by hand from published prices.  One dollar for a million
// tokens is 1000 nano-dollars for a token.
#include "plugins/limiter/quota/prices.hpp"
#include "plugins/limiter/quota/taken.hpp"

#include "tests/plugins/limiter/limited.hpp"

using namespace gatehouse;
using namespace gatehouse::quota;
using gatehouse::testing::Limited;

namespace {

PriceOptions price(double input, std::optional<double> cached, double output) {
    PriceOptions options;
    options.input = input;
    options.cached_input = cached;
    options.output = output;
    return options;
}

const PriceOptions gpt_4o = price(2.50, 1.25, 10.00), gpt_4o_mini = price(0.15, 0.075, 0.60),
                   gpt_41 = price(2.00, 0.50, 8.00), gpt_5 = price(1.25, 0.125, 10.00),
                   gpt_5_nano = price(0.05, 0.005, 0.40), flash_8b = price(0.0375, {}, 0.15),
                   small_embedding = price(0.02, {}, 0);

PriceOptions with(PriceOptions options, const std::function<void(PriceOptions&)>& change) {
    change(options);
    return options;
}
TierOptions tier(std::int64_t above, const PriceOptions& prices) {
    TierOptions options = prices;
    options.above_prompt_tokens = above;
    return options;
}

const PriceOptions sonnet = with(price(3.00, 0.30, 15.00), [](PriceOptions& one) {
    one.cache_write_input = 3.75;
    PriceOptions long_context = price(6.00, 0.60, 22.50);
    long_context.cache_write_input = 7.50;
    one.tiers = {tier(200'000, long_context)};
});
const PriceOptions gemini_pro = with(price(1.25, 0.31, 10.00), [](PriceOptions& one) {
    one.tiers = {tier(200'000, price(2.50, 0.625, 15.00))};
});
const PriceOptions two_tiers = with(price(1, {}, 1), [](PriceOptions& one) {
    one.tiers = {tier(200, price(3, {}, 3)), tier(100, price(2, {}, 2))};  // in any order
});
const PriceOptions audio =
    with(gpt_4o, [](PriceOptions& one) { one.audio_input = 40, one.audio_output = 80; });

const PriceOptions images =
    with(price(5, {}, 10), [](PriceOptions& one) { one.image_input = 8, one.image_output = 40; });

JsonText details(int audio_tokens) {
    return {"{\"audio_tokens\":" + std::to_string(audio_tokens) + ",\"text_tokens\":1}"};
}

struct GoldenBill {
    const char* name;
    PriceOptions price;
    Usage usage;
    Nano cost;
};

const std::vector<GoldenBill> bills = {
    {"plain", gpt_4o, {.prompt = 1'000, .completion = 500}, 7'500'000},
    {"cached", gpt_4o, {.prompt = 1'000, .completion = 100, .cached = 400}, 3'000'000},
    {"small", gpt_4o_mini, {.prompt = 9, .completion = 12}, 8'550},
    {"one token", gpt_4o_mini, {.prompt = 1}, 150},
    {"all cached", gpt_4o_mini, {.prompt = 2'048, .completion = 10, .cached = 2'048}, 159'600},
    {"half a nano is rounded up", flash_8b, {.prompt = 1}, 38},
    {"two halves are one", flash_8b, {.prompt = 2}, 75},
    {"rounded once, at the end", flash_8b, {.prompt = 3, .completion = 1}, 263},
    {"gpt-4.1", gpt_41, {.prompt = 1'234, .completion = 567}, 7'004'000},
    {"gpt-4.1, cached", gpt_41, {.prompt = 1'234, .completion = 567, .cached = 1'000}, 5'504'000},
    {"reasoning is part of the response",
     gpt_41,
     {.prompt = 100, .completion = 2'000, .reasoning = 1'800},
     16'200'000},
    {"reasoning with a price of its own",
     with(gpt_41, [](PriceOptions& one) { one.reasoning_output = 4.00; }),
     {.prompt = 100, .completion = 2'000, .reasoning = 1'800},
     9'000'000},
    {"sonnet", sonnet, {.prompt = 1'000, .completion = 200}, 6'000'000},
    {"read from and written to the cache",
     sonnet,
     {.prompt = 7'100, .completion = 50, .cached = 5'000, .cache_written = 2'000},
     10'050'000},
    {"only written to the cache",
     sonnet,
     {.prompt = 4'000, .completion = 1, .cache_written = 4'000},
     15'015'000},
    {"just below the tier", sonnet, {.prompt = 200'000, .completion = 1'000}, 615'000'000},
    {"above it all prices change", sonnet, {.prompt = 200'001, .completion = 1'000}, 1'222'506'000},
    {"a cached long prompt", sonnet, {.prompt = 300'000, .cached = 150'000}, 990'000'000},
    {"gemini, long", gemini_pro, {.prompt = 250'000, .completion = 2'000}, 655'000'000},
    {"first of two tiers", two_tiers, {.prompt = 150, .completion = 10}, 320'000},
    {"second of two tiers", two_tiers, {.prompt = 201}, 603'000},
    {"embeddings", small_embedding, {.prompt = 8'191}, 163'820},
    {"a ranking costs by request",
     with(price(0, {}, 0), [](PriceOptions& one) { one.per_request = 0.002; }),
     {},
     2'000'000},
    {"request and tokens",
     with(price(1, {}, 1), [](PriceOptions& one) { one.per_request = 0.001; }),
     {.prompt = 10},
     1'010'000},
    {"sound in and out",
     audio,
     {.prompt = 300, .completion = 80, .prompt_extra = details(200), .completion_extra = details(50)},
     12'550'000},
    {"sound without a price of its own", gpt_4o, {.prompt = 300, .prompt_extra = details(200)}, 750'000},
    {"images in and out",
     images,
     {.prompt = 300,
      .completion = 1'100,
      .prompt_extra = {R"({"image_tokens":200})"},
      .completion_extra = {R"({"image_tokens":1000})"}},
     43'100'000},
    {"images without a price of their own",
     gpt_4o,
     {.prompt = 300, .prompt_extra = {R"({"image_tokens":200})"}},
     750'000},
    {"all parts at once",
     audio,
     {.prompt = 100,
      .completion = 100,
      .cached = 10,
      .reasoning = 30,
      .cache_written = 20,
      .prompt_extra = details(30),
      .completion_extra = details(40)},
     5'162'500},
    {"parts that exceed their sum",
     audio,
     {.prompt = 10, .completion = 5, .cached = 8, .prompt_extra = details(9)},
     140'000},
    {"a free model", price(0, {}, 0), {.prompt = 1'000, .completion = 1'000}, 0},
    {"more cached than sent", gpt_4o, {.prompt = 100, .cached = 150}, 125'000},
    {"a negative number", gpt_4o, {.prompt = -5, .completion = 10}, 100'000},
    {"an absurd number", gpt_4o, {.prompt = 10, .completion = 9'000'000'000'000'000'000}, 25'000},
    {"three choices", gpt_4o, {.prompt = 10, .completion = 30}, 325'000},
    {"a million each", gpt_5_nano, {.prompt = 1'000'000, .completion = 1'000'000}, 450'000'000},
    {"gpt-5, cached", gpt_5, {.prompt = 130, .completion = 7, .cached = 128}, 88'500},
    {"one cached token", gpt_5_nano, {.prompt = 1, .cached = 1}, 5},
    {"the lowest price", price(0.000001, {}, 0), {.prompt = 1}, 1},
    {"the lowest price for a thousand", price(0.000001, {}, 0), {.prompt = 1'000}, 1},
    {"and for one more", price(0.000001, {}, 0), {.prompt = 1'001}, 2},
    {"the highest price is bounded", price(1'000'000, {}, 1'000'000), {.prompt = 900'000'000'000}, most_nano},
};

/// The plan of a request without limits.
Plan plan_of(const LimitRequest& request, const Prices& prices) {
    const Options options;
    const Rules rules(options);
    return Plan(request, std::make_shared<TrafficClass>(request, rules, prices, 0, nullptr), options, 0);
}

}  // namespace

TEST_CASE("golden bills") {
    CHECK(bills.size() == 42);
    for (const GoldenBill& bill : bills) {
        INFO(bill.name);
        CHECK(RoutePrice(bill.price, "prices").cost(bill.usage) == bill.cost);
    }
}

TEST_CASE(
    "golden bills of requests: each attempt that reported or streamed tokens is paid at its own price") {
    const Prices prices({{"a/gpt-4o", gpt_4o}, {"b/*", gpt_41}, {"b/mini*", gpt_4o_mini}});
    const std::vector<Route> routes = {{"a", "gpt-4o"}, {"b", "gpt-4.1"}, {"b", "mini-1"}, {"c", "free"}};
    const Operation operation = Limited::chat();
    const Identity who{.name = "ci"};
    const gatehouse::testing::FakeHealths healths;
    const LimitRequest request{
        .id = "r", .who = who, .operation = operation, .routes = routes, .healths = healths};
    const Plan plan = plan_of(request, prices);
    CHECK(plan.estimate().prompt == 100);

    auto attempt = [&](std::size_t route, std::optional<Usage> usage, bool consumed = true,
                       std::int64_t output = 0) {
        return BilledAttempt{routes[route], usage, output, true, consumed};
    };
    auto cost = [&](std::vector<BilledAttempt> attempts) {
        Actual sum;
        for (const BilledAttempt& one : attempts) sum.add(actual_of(plan, one, Habits()));
        return sum.cost;
    };
    const Usage usage{.prompt = 1'000, .completion = 500};
    CHECK(cost({attempt(0, usage)}) == 7'500'000);
    CHECK(cost({attempt(1, {}, false), attempt(0, usage)}) == 7'500'000);
    CHECK(cost({attempt(1, Usage{.prompt = 10}, false), attempt(2, Usage{.prompt = 9, .completion = 12})}) ==
          28'550);
    CHECK(cost({attempt(0, {}, true, 70)}) == 950'000);  // cancelled: 100 and 70 tokens
    CHECK(cost({attempt(0, {}, true, 70), attempt(1, usage)}) == 6'950'000);
    CHECK(cost({attempt(0, Usage{}, true, 70)}) == 0);  // an explicit zero is not an absent usage
    CHECK(cost({attempt(3, usage)}) == 0);
    CHECK(cost({}) == 0);
}

TEST_CASE("no split of a request into parts costs more than its highest cost") {
    const PricedParts all{true, true, true, true};
    for (const GoldenBill& bill : bills) {
        INFO(bill.name);
        const RoutePrice price(bill.price, "prices");
        if (bill.usage.prompt < 0 || bill.usage.completion > 1'000'000'000) continue;
        const Nano most = price.highest_cost(bill.usage.prompt, bill.usage.completion, all);
        CHECK(price.cost(bill.usage) <= most);
        // A shorter prompt may be in another tier.
        for (const std::int64_t prompt : {std::int64_t{0}, bill.usage.prompt / 2, bill.usage.prompt})
            for (const std::int64_t part : {std::int64_t{0}, prompt / 3, prompt}) {
                Usage usage{.prompt = prompt, .completion = bill.usage.completion, .cached = prompt - part};
                usage.cache_written = part / 2;
                usage.reasoning = bill.usage.completion / 2;
                usage.prompt_extra = details(static_cast<int>(part / 2));
                CHECK(price.cost(usage) <= most);
            }
    }
}

TEST_CASE("an attempt without usage is estimated by the habits of its route") {
    const Prices prices(std::map<std::string, PriceOptions>{{"a/gpt-4o", gpt_4o}});
    const std::vector<Route> routes = {{"a", "gpt-4o"}};
    ChatRequest chat = Limited::chat(4'000);
    const Identity who{.name = "ci"};
    const gatehouse::testing::FakeHealths healths;
    auto plan_for = [&](const Operation& operation) {
        return plan_of({.id = "r", .who = who, .operation = operation, .routes = routes, .healths = healths},
                       prices);
    };
    const Plan plan = plan_for(chat);
    Habits habits;
    const BilledAttempt left{routes[0], {}, 100, true, true};
    CHECK(actual_of(plan, left, habits).completion == 100);
    // This upstream counts one token for two bytes of the response, and reasons without showing it.
    const Usage usage{.prompt = 150, .completion = 900, .reasoning = 500};
    for (int i = 0; i < 500; ++i)
        habits.learn({routes[0], usage, 200, true, true}, plan.estimate(), std::chrono::seconds(9));
    const Actual after = actual_of(plan, left, habits);
    CHECK(after.prompt == 150);
    CHECK(after.completion == 700);  // 200 of text and 500 of reasoning
    CHECK(after.estimated);
    // An upstream that shows its reasoning hides nothing.
    Habits open;
    for (int i = 0; i < 500; ++i)
        open.learn({routes[0], usage, 880, true, true}, plan.estimate(), std::chrono::seconds(9));
    CHECK(actual_of(plan, left, open).completion == 102);
    // The estimate is at most the longest response.
    CHECK(actual_of(plan_for(Limited::chat(300)), left, habits).completion == 300);
    // Without a history a client that asks for reasoning and leaves before a token pays its likely share.
    const BilledAttempt silent{routes[0], {}, 0, true, true};
    CHECK(actual_of(plan, silent, Habits()).completion == 0);
    chat.reasoning_effort = "high";
    CHECK(actual_of(plan_for(chat), silent, Habits()).completion == 1'000);
    // With one, it pays the tokens that the upstream generates in this time, at most the usual reasoning.
    CHECK(actual_of(plan, silent, habits, {.time = std::chrono::seconds(2)}).completion == 200);
    CHECK(actual_of(plan, silent, habits, {.time = std::chrono::seconds(60)}).completion == 500);
    // A response that does not stream shows nothing before its end.
    CHECK(actual_of(plan, silent, habits, {.whole = true, .time = std::chrono::seconds(8)}).completion ==
          800);
    CHECK(actual_of(plan, silent, habits, {.whole = true, .time = std::chrono::hours(1)}).completion ==
          4'000);
    CHECK(actual_of(plan, silent, Habits(), {.whole = true}).completion == 1'000);
}

TEST_CASE("the longest response that money pays for costs at most that money") {
    for (const GoldenBill& bill : bills) {
        INFO(bill.name);
        const RoutePrice price(bill.price, "prices");
        for (const std::int64_t prompt : {0, 1, 99, 201, 250'000}) {
            for (const Nano money : {Nano{1'000}, Nano{2'000'000'000}, Nano{123'456'789}}) {
                const std::int64_t output = price.affordable_output(prompt, money, {});
                if (output > 0) CHECK(price.highest_cost(prompt, output, {}) <= money);
            }
        }
    }
}

TEST_CASE("amounts of money are exact") {
    CHECK(decimal_text(0) == "0.00");
    CHECK(decimal_text(1) == "0.000000001");
    CHECK(decimal_text(1'500'000'000) == "1.50");
    CHECK(decimal_text(-1'234'567'891) == "-1.234567891");
    CHECK(decimal_text(most_nano) == "9007199.254740992");
    Nano amount = 0;
    for (const double good : {0.1, 0.3, 500.0, 0.000000001, 1'234.56, 9'000'000.0})
        CHECK(read_amount(good, amount));
    CHECK(amount == 9'000'000'000'000'000);
    for (const double bad : {-0.1, 0.0000000001, 1e10}) CHECK_FALSE(read_amount(bad, amount));
}
