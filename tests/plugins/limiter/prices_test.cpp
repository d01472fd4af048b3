// SPDX-License-Identifier: Apache-2.0
// Prices of a file: tables of TOML, and the public list; and which price a route has.
#include "plugins/limiter/quota/price_file.hpp"

#include "tests/plugins/limiter/limited.hpp"

#include <gatehouse/price_list.hpp>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

using namespace gatehouse;
using namespace gatehouse::quota;
using namespace gatehouse::testing;

namespace {

// Entries as the list has them, with the names of its members.
const std::string list = R"({
  "sample_spec": {"input_cost_per_token": 0.0, "litellm_provider": "one of the providers"},
  "gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06,
    "max_input_tokens": 128000, "max_output_tokens": 16384, "max_tokens": 16384, "litellm_provider": "openai", "mode": "chat"},
  "claude-sonnet-4": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07,
    "cache_creation_input_token_cost": 3.75e-06, "input_cost_per_token_above_200k_tokens": 6e-06,
    "output_cost_per_token_above_200k_tokens": 2.25e-05, "cache_creation_input_token_cost_above_200k_tokens": 7.5e-06,
    "litellm_provider": "anthropic"},
  "dashscope/qwen": {"tiered_pricing": [
      {"range": [0, 32000.0], "input_cost_per_token": 3e-07, "output_cost_per_token": 1.5e-06},
      {"range": [32000.0, 128000.0], "input_cost_per_token": 5e-07, "output_cost_per_token": 2.5e-06}]},
  "gpt-audio": {"input_cost_per_token": "2.5e-06", "output_cost_per_token": 1e-05, "input_cost_per_audio_token": 4e-05,
    "output_cost_per_audio_token": 8e-05, "output_cost_per_reasoning_token": 1.2e-05},
  "rerank-v3.5": {"input_cost_per_query": 0.002, "input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "rerank"},
  "gpt-image-1": {"input_cost_per_token": 5e-06, "input_cost_per_image_token": 1e-05, "output_cost_per_image_token": 4e-05},
  "dall-e-3": {"output_cost_per_image": 0.04, "mode": "image_generation"},
  "odd": {"input_cost_per_token": 1.23456789012e-07, "output_cost_per_token": 0.0},
  "whisper-1": {"input_cost_per_second": 0.0001, "mode": "audio_transcription"}
})";

std::map<std::string, PriceOptions> prices_of(const std::string& text) {
    auto prices = read_prices(text);
    if (!prices) FAIL(prices.error().message);
    return std::move(prices->prices);
}
std::string mistake(const std::string& text) {
    const auto prices = read_prices(text);
    REQUIRE(!prices);
    return prices.error().message;
}

Nano cost(const std::string& name, const Usage& usage, std::int64_t images = 0) {
    const auto all = prices_of(list);
    REQUIRE(all.contains(name));
    return RoutePrice(all.at(name), "prices").cost(usage, images);
}

}  // namespace

TEST_CASE("the public list has prices of a token") {
    CHECK(cost("gpt-4o", {.prompt = 1'000, .completion = 100, .cached = 400}) == 3'000'000);
    CHECK(cost("claude-sonnet-4",
               {.prompt = 7'100, .completion = 50, .cached = 5'000, .cache_written = 2'000}) == 10'050'000);
    CHECK(cost("claude-sonnet-4", {.prompt = 200'001, .completion = 1'000}) == 1'222'506'000);
    CHECK(cost("claude-sonnet-4", {.prompt = 300'000, .cache_written = 300'000}) == 2'250'000'000);
    CHECK(cost("dashscope/qwen", {.prompt = 32'000, .completion = 10}) == 9'615'000);
    CHECK(cost("dashscope/qwen", {.prompt = 32'001, .completion = 10}) == 16'025'500);
    CHECK(cost("gpt-audio", {.prompt = 300, .completion = 80, .prompt_extra = {R"({"audio_tokens":200})"}}) ==
          9'050'000);
    CHECK(cost("gpt-audio", {.completion = 10, .reasoning = 10}) == 120'000);
    CHECK(cost("rerank-v3.5", {}) == 2'000'000);
    CHECK(cost("gpt-image-1", {.completion = 100, .completion_extra = {R"({"image_tokens":100})"}}) ==
          4'000'000);
    CHECK(cost("dall-e-3", {}, 2) == 80'000'000);
    CHECK(cost("odd", {.prompt = 1'000'000}) == 123'457'000);  // rounded up to six digits
}

TEST_CASE("limits of the public list are those of the price") {
    const auto all = prices_of(list);
    CHECK(all.size() == 8);
    CHECK(all.at("gpt-4o").max_prompt_tokens == 128'000);
    CHECK(all.at("gpt-4o").max_output_tokens == 16'384);
}

TEST_CASE("an entry without a price says why") {
    int unusable = 0;
    each_listed_price(list, [&](const std::string& name, const ListedPrice& price) {
        CHECK(name != "sample_spec");
        if (price.unusable.empty()) return;
        ++unusable;
        CHECK(name == "whisper-1");
        CHECK(price.unusable == "has no price for tokens, requests or images");
    });
    CHECK(unusable == 1);
}

TEST_CASE("an entry of the public list whose price cannot be right is left out, and the others stay") {
    const auto read = read_prices(R"({
  "good": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
  "absurd": {"input_cost_per_token": 3.5, "output_cost_per_token": 1e-06},
  "negative": {"input_cost_per_token": -1e-06, "output_cost_per_token": 1e-06},
  "word": {"input_cost_per_token": "cheap", "output_cost_per_token": 1e-06},
  "list": {"input_cost_per_token": 1e-06, "output_cost_per_token": [1]},
  "tier": {"input_cost_per_token": 1e-06, "input_cost_per_token_above_200k_tokens": 9},
  "tiers": {"tiered_pricing": [{"range": [0, 1000], "input_cost_per_token": 9}]},
  "image": {"output_cost_per_image": 1e7},
  "later": {"input_cost_per_token": null, "output_cost_per_token": 1e-06},
  "seconds": {"input_cost_per_second": 1}
})");
    REQUIRE(read);
    CHECK(read->prices.size() == 2);
    CHECK(read->prices.contains("good"));
    CHECK(read->prices.contains("later"));
    CHECK(read->mistakes[0] == "absurd: input_cost_per_token is not plausible");
    CHECK(read->mistakes[1] == "negative: input_cost_per_token is negative");
    CHECK(read->mistakes[2] == "word: input_cost_per_token is not a number");
    CHECK(read->mistakes.size() == 7);
}

TEST_CASE("a file of TOML has the keys of prices") {
    const auto all = prices_of(R"(["oci/*"]
input = 2
output = 8.0
max_output_tokens = 100
[["oci/*".tiers]]
above_prompt_tokens = 1000
input = 4
output = 12
)");
    REQUIRE(all.contains("oci/*"));
    CHECK(RoutePrice(all.at("oci/*"), "p").cost({.prompt = 2'000, .completion = 1}) == 8'012'000);
    CHECK(all.at("oci/*").max_output_tokens == 100);
    CHECK(prices_of("").empty());
}

TEST_CASE("mistakes in a file have their place") {
    CHECK(mistake("[\"a/b\"]\ninput = 1\noutputs = 2\n") == "line 3, column 11: there is no key \"outputs\"");
    CHECK(mistake("[\"a/b\"]\ninput = 1\n") == "line 1, column 1: the key \"output\" is missing");
    CHECK(mistake("[\"a/b\"]\ninput = \"1\"\noutput = 1\n") == "line 2, column 9: input must be a number");
    CHECK(mistake("x = 1\n") == "line 1, column 5: expected a table with the name of a route");
    CHECK(mistake("[\"a/b\"\n").starts_with("line 1, column "));
    CHECK(mistake("{\"a\": ").find("JSON") != std::string::npos);
}

TEST_CASE("a route has its own price, then that of its model, then the longest prefix") {
    PriceOptions one;
    std::map<std::string, PriceOptions> all;
    double input = 1;
    for (const char* pattern : {"*", "oci/*", "oci/gpt-*", "gpt-4", "oci/gpt-4", "a*"}) {
        one.input = input++;
        all.emplace(pattern, one);
    }
    const PriceTable table(all);
    auto price = [&](const char* provider, const char* model) {
        const RoutePrice* found = table.find({provider, model});
        return found ? found->cost(1'000, 0) / 1'000'000 : 0;
    };
    CHECK(price("oci", "gpt-4") == 5);
    CHECK(price("lab", "gpt-4") == 4);
    CHECK(price("oci", "gpt-5") == 3);
    CHECK(price("oci", "llama") == 2);
    CHECK(price("az", "llama") == 6);
    CHECK(price("lab", "x") == 1);
}

TEST_CASE_FIXTURE(Limited, "a line of the ledger names its prices") {
    const std::string path = "/tmp/gatehouse-named-prices-" + std::to_string(::getpid()) + ".jsonl";
    auto name_with = [&](double input) {
        std::remove(path.c_str());
        use({{{"prices", Value{Table{{{"oci/*", Value{price(input, 10)}}}}}},
              {"ledger_file", toml(path.c_str())}}});
        grant()->settle(bill(100, 7));
        std::ifstream file(path);
        const std::string line(std::istreambuf_iterator<char>(file), {});
        const auto read = read_json(line);
        REQUIRE(read);
        return (*read)["prices"].str();
    };
    const std::string name = name_with(1);
    CHECK(name.size() == 16);
    CHECK(name_with(2) != name);
    CHECK(name_with(1) == name);
    std::remove(path.c_str());
}

TEST_CASE_FIXTURE(Limited, "the log names a price of the public list that was left out") {
    const std::string path = "/tmp/gatehouse-odd-prices-" + std::to_string(::getpid()) + ".json";
    std::ofstream(path) << R"({"good":{"input_cost_per_token":1e-06},"bad":{"input_cost_per_token":7}})";
    use({{{"prices_file", toml(path.c_str())}}});
    CHECK(host.logged ==
          std::vector<std::string>{
              "prices left out file=" + path + " entries=1 first=bad: input_cost_per_token is not plausible",
              "prices read file=" + path + " prices=1"});
    std::remove(path.c_str());
}

TEST_CASE_FIXTURE(Limited, "prices of the configuration precede those of the file") {
    const std::string path = "/tmp/gatehouse-prices-" + std::to_string(::getpid()) + ".json";
    std::ofstream(path) << list;
    routes = {{"backup", "gpt-4o"}};
    const Table rule{{{"for", toml("key:*")}, {"amount", toml(1.0)}}};
    use({{{"budgets", tables({rule})}, {"prices_file", toml(path.c_str())}}});
    CHECK(host.logged == std::vector<std::string>{"prices read file=" + path + " prices=8"});
    CHECK(passes());
    CHECK(limiter->doubt({"backup", "gpt-4o"}, {}).empty());
    CHECK_FALSE(limiter->doubt({"backup", "whisper-1"}, {}).empty());
    use({{{"budgets", tables({rule})},
          {"prices_file", toml(path.c_str())},
          {"prices", Value{Table{{{"backup/gpt-4o", Value{price(0, 0)}}}}}}}});
    CHECK(bool(decide(chat(100, 4'000'000)).grant));
    CHECK(error({{{"prices_file", toml("/nowhere/prices.json")}}}) ==
          "prices_file: cannot read /nowhere/prices.json: No such file or directory");
    std::remove(path.c_str());
}
