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

TEST_CASE_FIXTURE(Fixture, "without the key there is no admin resource") {
    auto hook = create<Hook>(gatehouse_plugin, table({price}), host);
    REQUIRE(hook);
    CHECK(!(*hook)->admin());
}

TEST_CASE_FIXTURE(Fixture, "the admin resource shows sums by client and route, and begins new ones") {
    Table config = table({price});
    config.entries.push_back({"resource", text("spent")});
    auto hook = create<Hook>(gatehouse_plugin, std::move(config), host);
    REQUIRE(hook);
    AdminResource* resource = (*hook)->admin();
    REQUIRE(resource);
    CHECK(resource->name() == "spent");
    const Usage usage{.prompt = 1'000, .completion = 100, .total = 1'100};
    const FakeRequest other{.who = {.name = "a b"}};
    for (int i = 0; i < 2; ++i)
        (*hook)
            ->begin(request.info())
            ->done({.status = 200, .provider = "oci", .route = "gpt", .attempts = 1, .usage = &usage});
    (*hook)
        ->begin(other.info())
        ->done({.status = 200, .provider = "x", .route = "y", .attempts = 1, .usage = &usage});
    (*hook)->begin(other.info())->done({.status = 404});
    auto body = [&](AdminRequest asked) {
        const auto answer = call_admin(*resource, std::move(asked));
        if (!answer->has_value()) FAIL("not completed");
        return **answer ? (**answer)->body : (**answer).error().message;
    };
    CHECK(
        body({}) ==
        R"({"since_ms":1800000000123,"currency":"USD","sums":[)"
        R"({"client":"a b","route":"","requests":1,"prompt_tokens":0,"completion_tokens":0,"cost":"0.000000000","unpriced_requests":0},)"
        R"({"client":"a b","route":"x/y","requests":1,"prompt_tokens":1000,"completion_tokens":100,"cost":"0.000000000","unpriced_requests":1},)"
        R"({"client":"key-7","route":"oci/gpt","requests":2,"prompt_tokens":2000,"completion_tokens":200,"cost":"0.005600000","unpriced_requests":0}]})");
    CHECK(body({.query = "client=key-7"}).find("a b") == std::string::npos);
    CHECK(body({.query = "client=a%20b"}).find("key-7") == std::string::npos);
    CHECK(body({.query = "client=a%2"}) == "client is not percent-encoded correctly");
    CHECK(body({.query = "who=a"}) == "the only parameter of the query is client");
    CHECK(body({.path = "/x"}) == "the sums have no parts");
    CHECK(body({.method = "POST"}) == "the resource has no such method");
    host.time += std::chrono::seconds(1);
    CHECK(body({.method = "DELETE"}).empty());
    CHECK(body({}) == R"({"since_ms":1800000001123,"currency":"USD","sums":[]})");
}

TEST_CASE_FIXTURE(Fixture, "the number of sums is bounded") {
    Table config = table({});
    config.entries.push_back({"resource", text("spent")});
    auto hook = create<Hook>(gatehouse_plugin, std::move(config), host);
    REQUIRE(hook);
    for (int i = 0; i < 1'200; ++i) {
        const FakeRequest one{.who = {.name = "client " + std::to_string(i)}};
        (*hook)->begin(one.info())->done({.status = 200, .provider = "x", .route = "y", .attempts = 1});
    }
    const auto answer = call_admin(*(*hook)->admin(), {.query = "client=other"});
    REQUIRE(answer->has_value());
    CHECK((***answer).body.find(R"("client":"other","route":"other","requests":200,)") != std::string::npos);
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
