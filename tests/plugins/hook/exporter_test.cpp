// SPDX-License-Identifier: Apache-2.0
// The exporter through its entry point: its records, their batches, and a service that fails.
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Fixture {
    FakeHost host;
    FakeRequest request{.id = "r", .who = {.name = "ci"}};
    Table table = strings({{"url", "https://usage.example/records"}});
    std::unique_ptr<Hook> hook;

    Fixture() {
        host.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'800'000'000'123));
    }
    void set(std::string key, Value value) { table.entries.push_back({std::move(key), std::move(value)}); }
    void pass(const RequestOutcome& outcome, const std::string& authenticator = "") {
        if (!hook) {
            auto made = create<Hook>(gatehouse_plugin, table, host);
            if (!made) FAIL(made.error().message);
            hook = *std::move(made);
        }
        const RequestInfo info{request.id, request.who, request.head, authenticator};
        auto state = hook->begin(info);
        Operation operation = ChatRequest{};
        REQUIRE(state->request(operation));
        CHECK(!state->decides());
        state->done(outcome);
    }
    /// Runs the timers that wait now; the service answers `status`.
    void tick(int status, http::Headers headers = {}) {
        host.answers = {http::Response{{status, std::move(headers)}, ""}};
        auto timers = std::exchange(host.timers, {});
        for (auto& timer : timers) timer();
    }
    std::string body(std::size_t index) const { return host.fetched.at(index).body; }
    static std::size_t lines(const std::string& text) {
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    double counted(const std::string& meter, const std::string& label = "") {
        return host.meters[meter].numbers[label];
    }
};

const RequestOutcome plain{.status = 200, .model = "m"};
const std::string plain_line =
    R"({"time_ms":1800000000123,"request":"r","client":"ci","operation":"chat","model":"m","stream":false,)"
    R"("result":"ok","status":200,"bytes_in":0,"bytes_out":0,"ms":0})"
    "\n";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a record has client, route, tokens, times and outcome") {
    set("key", Value{std::string("sk-own")});
    set("attributes", Value{std::vector<std::string>{"tenant", "absent"}});
    request.who.id = "key-7";
    request.who.groups = {"red", "blue"};
    request.who.attributes = {{"tenant", {"acme"}}, {"private", {"x"}}};
    const Usage usage{.prompt = 10, .completion = 2, .total = 12, .cached = 4, .reasoning = 1};
    pass({.status = 200,
          .stream = true,
          .model = "gpt",
          .provider = "oci",
          .route = "openai.gpt",
          .attempts = 2,
          .usage = &usage,
          .bytes_in = 100,
          .bytes_out = 50,
          .total = std::chrono::microseconds(1'500'900),
          .first_token = std::chrono::milliseconds(300),
          .upstream = std::chrono::milliseconds(1'450)},
         "team");
    CHECK(host.fetched.empty());
    tick(200);
    const http::Request& sent = host.fetched.at(0);
    CHECK(sent.method == "POST");
    CHECK(sent.url == "https://usage.example/records");
    CHECK(sent.headers.get("authorization") == "Bearer sk-own");
    CHECK(sent.headers.get("content-type") == "application/x-ndjson");
    CHECK(sent.total_timeout == std::chrono::seconds(10));
    CHECK(
        sent.body ==
        R"({"time_ms":1800000000123,"request":"r","client":"ci","client_id":"key-7","authenticator":"team",)"
        R"("groups":["red","blue"],"attribute_tenant":["acme"],"operation":"chat","model":"gpt",)"
        R"("stream":true,"result":"ok","status":200,"provider":"oci","route":"openai.gpt","attempts":2,)"
        R"("prompt_tokens":10,"completion_tokens":2,"cached_tokens":4,"reasoning_tokens":1,)"
        R"("bytes_in":100,"bytes_out":50,"ms":1500,"first_token_ms":300,"upstream_ms":1450})"
        "\n");
}

TEST_CASE_FIXTURE(Fixture, "failed requests and clients that left are told apart") {
    const Error error{ErrorKind::rate_limited, "secret \"words\"", {}, "rate_limit_exceeded"};
    pass({.error = &error, .status = 429});
    pass({.client_left = true});
    tick(200);
    CHECK(body(0).find(R"("result":"error","status":429,"code":"rate_limit_exceeded",)") !=
          std::string::npos);
    CHECK(body(0).find(R"("result":"client_left","status":0,)") != std::string::npos);
    CHECK(body(0).find("words") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "records of an interval are one batch, and a full batch is sent at once") {
    set("max_batch", Value{std::int64_t{2}});
    for (int i = 0; i < 5; ++i) pass(plain);
    CHECK(host.timers.size() == 1);
    CHECK(counted("waiting") == 5);
    for (int i = 0; i < 3; ++i) tick(204);
    CHECK(body(0) == plain_line + plain_line);
    CHECK(lines(body(1)) == 2);
    CHECK(lines(body(2)) == 1);
    CHECK(host.timers.empty());
    CHECK(counted("exported_total") == 5);
    CHECK(counted("waiting") == 0);
    pass(plain);
    tick(200);
    CHECK(body(3) == plain_line);
}

TEST_CASE_FIXTURE(Fixture, "a batch is sent again until the service accepts it") {
    pass(plain);
    for (const int status : {500, 503, 429, 408}) tick(status);
    host.answers.clear();
    pass(plain);
    auto timers = std::exchange(host.timers, {});
    for (auto& timer : timers) timer();  // no response
    tick(200);
    CHECK(host.fetched.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) CHECK(body(i) == plain_line);
    CHECK(counted("failures_total") == 5);
    CHECK(counted("dropped_total", "refused") == 0);
    tick(200);
    CHECK(counted("exported_total") == 2);
    CHECK(host.logged ==
          std::vector<std::string>{"records not exported reason=status 500", "records exported again"});
}

TEST_CASE_FIXTURE(Fixture, "a batch that the service refuses is dropped") {
    pass(plain);
    tick(400);
    CHECK(host.timers.empty());
    CHECK(counted("dropped_total", "refused") == 1);
    CHECK(counted("waiting") == 0);
    pass(plain);
    tick(200);
    CHECK(counted("exported_total") == 1);
}

TEST_CASE_FIXTURE(Fixture, "the queue is bounded, and dropped records are counted") {
    set("max_waiting_bytes", Value{std::int64_t{65'536}});
    const int fit = static_cast<int>(65'536 / plain_line.size());
    for (int i = 0; i < fit + 7; ++i) pass(plain);
    CHECK(counted("dropped_total", "full") == 7);
    CHECK(counted("waiting") == fit);
    tick(200);
    pass(plain);
    CHECK(counted("dropped_total", "full") == 7);
    hook.reset();
    CHECK(counted("waiting") == 0);
    CHECK(counted("exported_total") + counted("dropped_total", "ended") == fit + 1);
}

TEST_CASE_FIXTURE(Fixture, "a URL without a scheme is a mistake of the configuration") {
    auto made = create<Hook>(gatehouse_plugin, strings({{"url", "usage.example"}}), host);
    REQUIRE(!made);
    CHECK(made.error().message == "url: expected http:// or https:// at its beginning");
}
