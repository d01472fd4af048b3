// SPDX-License-Identifier: Apache-2.0
// The cost of limits for a request: nanoseconds, and under callgrind instructions.  Four scopes with a
// rate or a budget, and counters in this process.  Arguments: requests; 1 for a ledger; 1 for a rate, a rate
// of tokens and a budget of each scope.
#include "plugins/common/store/counters.hpp"

#include <gatehouse/testing.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>

using namespace gatehouse;

extern "C" const Descriptor gatehouse_plugin;

namespace {

/// The counters of a store in this process, as store/memory has them.
struct Counting final : testing::FakeStore {
    void add(std::vector<Count> changes, Completion<Counts> done) override {
        std::unique_lock lock(mutex);
        auto counts = counters.add(changes, std::chrono::system_clock::now());
        lock.unlock();
        done(std::move(counts));
    }
    std::mutex mutex;
    stores::Counters counters{100'000};
};

struct Quiet final : testing::FakeHost {
    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
    Counter& counter(std::string_view, std::string_view, MeterLabels) override { return detail::no_meter(); }
    Gauge& gauge(std::string_view, std::string_view, MeterLabels) override { return detail::no_meter(); }

private:
    void write_log(Level, std::string_view, LogFields) override {}
};

Value table_list(std::vector<Table> list) { return Value{std::move(list)}; }

Table table(bool has_ledger, bool has_all) {
    constexpr std::int64_t most = 1'000'000'000;
    std::vector<Table> limits, budgets;
    for (const char* scope : {"key:*", "group:team:*", "model:gpt-5", "all"}) {
        const Entry whom{"for", Value{std::string(scope)}};
        const bool is_budget = budgets.size() + limits.size() < 2;
        Table limit{{whom, {"requests_per_minute", Value{most}}}};
        if (has_all) limit.entries.push_back({"tokens_per_minute", Value{most}});
        if (has_all || !is_budget) limits.push_back(std::move(limit));
        if (has_all || is_budget) budgets.push_back({{whom, {"amount", Value{9'000'000.0}}}});
    }
    const Table price{{{"input", Value{1.0}}, {"output", Value{10.0}}}};
    Table all{{{"limits", table_list(std::move(limits))},
               {"budgets", table_list(std::move(budgets))},
               {"prices", Value{Table{{{"oci/*", Value{price}}}}}}}};
    if (has_ledger)
        all.entries.push_back({"ledger_file", Value{"/tmp/gatehouse-quota-benchmark-" +
                                                    std::to_string(::getpid()) + ".jsonl"}});
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const int requests = argc > 1 ? std::atoi(argv[1]) : 100'000;
    const bool has_ledger = argc > 2 && std::atoi(argv[2]) != 0,
               has_all = argc > 3 && std::atoi(argv[3]) != 0;
    Quiet host;
    Counting store;
    host.given_store = &store;
    auto limiter = testing::create<Limiter>(gatehouse_plugin, table(has_ledger, has_all), host);
    if (!limiter) return std::fprintf(stderr, "%s\n", limiter.error().message.c_str()), 1;
    const Identity who{.name = "ci", .groups = {"team:blue"}};
    ChatRequest chat{.model = "gpt-5", .messages = {{.parts = {Text{std::string(300, 'x')}}}}};
    chat.sampling.max_tokens = 100;
    const Operation operation = chat;
    const std::vector<Route> routes = {{"oci", "gpt"}};
    const testing::FakeHealths healths;
    const Bill bill{.attempts = {{.route = routes[0],
                                  .usage = Usage{.prompt = 80, .completion = 40},
                                  .sent = true,
                                  .consumed = true}},
                    .status = 200};
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < requests; ++i) {
        std::unique_ptr<Grant> grant;
        (*limiter)->admit({.id = "req_1",
                           .who = who,
                           .authenticator = "team",
                           .model = "gpt-5",
                           .operation = operation,
                           .routes = routes,
                           .healths = healths},
                          Completion<LimitDecision>([&](Result<LimitDecision> made) {
                              if (made) grant = std::move(made->grant);
                          }));
        if (!grant) return 1;
        grant->settle(bill);
        host.timers.clear();
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begun;
    std::printf("%.0f ns for a request with four scopes\n", spent.count() / requests);
}
