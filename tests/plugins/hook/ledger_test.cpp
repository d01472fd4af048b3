// SPDX-License-Identifier: Apache-2.0
// The ledger through its entry point: a line for each request, and its cost.
#include "tests/plugins/auth/scripted_host.hpp"
#include "tests/plugins/auth/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

Value text(const std::string& one) { return Value{one}; }

struct Fixture {
    ScriptedHost host;
    TemporaryFolder folder;
    FakeRequest request{.who = {.name = "ci", .id = "key-7"}};
    Fixture() {
        host.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'800'000'000'123));
    }

    Table table(std::vector<Table> prices) const {
        return {
            {{"file", text((folder.path / "ledger.jsonl").string())}, {"prices", Value{std::move(prices)}}}};
    }
    std::string line(std::vector<Table> prices, const RequestOutcome& outcome) {
        auto hook = create<Hook>(gatehouse_plugin, table(std::move(prices)), host);
        if (!hook) FAIL(hook.error().message);
        auto state = (*hook)->begin(request.info());
        CHECK(!state->decides());
        state->done(outcome);
        return folder.read("ledger.jsonl");
    }
};

const Table price{{{"route", text("oci/*")},
                   {"input", Value{2.0}},
                   {"output", Value{8.0}},
                   {"cached", Value{0.5}},
                   {"cache_written", Value{2.5}}}};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a line has route, tokens and cost") {
    const Usage usage{
        .prompt = 1'000, .completion = 100, .total = 1'100, .cached = 400, .cache_written = 200};
    CHECK(line({price}, {.status = 200,
                         .model = "gpt",
                         .provider = "oci",
                         .route = "openai.gpt",
                         .attempts = 2,
                         .usage = &usage,
                         .total = std::chrono::milliseconds(1'500)}) ==
          R"({"time_ms":1800000000123,"request":"req_test","client":"key-7","model":"gpt","status":200,)"
          R"("route":"oci/openai.gpt","attempts":2,"prompt_tokens":1000,"completion_tokens":100,)"
          R"("cached_tokens":400,"cost":"0.002300000","currency":"USD","ms":1500})"
          "\n");
}

TEST_CASE_FIXTURE(Fixture, "a route without a price is marked, and a request without usage has no tokens") {
    const Usage usage{.prompt = 1, .completion = 1, .total = 2};
    const std::string unpriced =
        line({price}, {.status = 200, .provider = "backup", .route = "x", .attempts = 1, .usage = &usage});
    CHECK(unpriced.find(R"("completion_tokens":1,"unpriced":true,)") != std::string::npos);
    std::filesystem::remove(folder.path / "ledger.jsonl");
    CHECK(line({}, {.status = 404, .model = "m"}) ==
          R"({"time_ms":1800000000123,"request":"req_test","client":"key-7","model":"m","status":404,"ms":0})"
          "\n");
}

TEST_CASE_FIXTURE(Fixture, "mistakes in the configuration are named at their key") {
    auto error = [&](Table config) {
        auto made = create<Hook>(gatehouse_plugin, std::move(config), host);
        REQUIRE(!made);
        return made.error().message;
    };
    CHECK(
        error(table({{{{"route", text("a*b")}, {"input", Value{1.0}}, {"output", Value{1.0}}}}})) ==
        "prices[0].route: must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    CHECK(error(table({price, {{{"route", text("b/*")}, {"input", Value{1.0}}, {"output", Value{-1.0}}}}})) ==
          "prices[1].output: a price must not be negative");
    CHECK(error(strings({{"file", "ledger.jsonl"}})) ==
          "file: cannot write to ledger.jsonl: the path is relative; give an absolute path");
}
