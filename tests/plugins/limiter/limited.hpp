// SPDX-License-Identifier: Apache-2.0
// limiter/quota over a store in memory whose clock the test moves.
#pragma once

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

extern "C" const gatehouse::Descriptor gatehouse_plugin;

namespace gatehouse::testing {

inline Value toml(const char* text) { return Value{std::string(text)}; }
inline Value toml(std::int64_t number) { return Value{number}; }
inline Value toml(double number) { return Value{number}; }
inline Value toml(bool flag) { return Value{flag}; }
inline Value tables(std::vector<Table> list) { return Value{std::move(list)}; }

/// For tests with threads: it counts and logs nothing.
struct QuietHost final : FakeHost {
    Counter& counter(std::string_view, std::string_view, MeterLabels) override { return detail::no_meter(); }
    Gauge& gauge(std::string_view, std::string_view, MeterLabels) override { return detail::no_meter(); }

private:
    void write_log(Level, std::string_view, LogFields) override {}
};

struct Limited {
    FakeHost host;
    QuietHost quiet;
    bool has_threads = false;
    FakeStore store;
    FakeHealths healths;
    std::unique_ptr<Limiter> limiter;
    Identity who{.name = "ci", .groups = {"team:blue"}};
    std::vector<Route> routes = {{"oci", "gpt"}};
    std::string model = "gpt-5";

    Limited() {
        // 2026-11-15 12:00:00 UTC, a Sunday.
        host.time = std::chrono::system_clock::time_point(std::chrono::seconds(1'794'744'000));
        host.given_store = quiet.given_store = &store;
        quiet.time = host.time;
        // An earlier process has used the store.
        store.add({{.key = {.space = "limits", .id = "store"},
                    .amount = 1,
                    .keep_for = std::chrono::hours(99'999)}},
                  Completion<Counts>([](const auto&) {}));
    }

    void use(Table table) {
        Host& chosen = has_threads ? static_cast<Host&>(quiet) : host;
        auto made = create<Limiter>(gatehouse_plugin, std::move(table), chosen);
        if (!made) FAIL(made.error().message);
        limiter = *std::move(made);
    }
    void run_timers() {
        for (int left = 50; left > 0 && !host.timers.empty(); --left) {
            const auto task = std::move(host.timers.front());
            host.timers.pop_front();
            task();
        }
    }
    void limits(std::vector<Table> list) { use({{{"limits", tables(std::move(list))}}}); }
    /// Budgets with 1.00 for a million tokens of the prompt, and 10.00 of the response.
    void budgets(std::vector<Table> list, Table more = {}) {
        more.entries.push_back({"budgets", tables(std::move(list))});
        more.entries.push_back({"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}}}}});
        use(std::move(more));
    }
    /// The longest prompt has 200 tokens, so that a reservation is a round number.
    static Table price(double input, double output) {
        return {{{"input", toml(input)},
                 {"output", toml(output)},
                 {"max_prompt_tokens", toml(std::int64_t{200})}}};
    }
    std::string error(Table table) {
        auto made = create<Limiter>(gatehouse_plugin, std::move(table), host);
        REQUIRE(!made);
        return made.error().message;
    }
    void pass(std::chrono::milliseconds time) {
        host.time += time;
        store.time += time;
    }

    /// A chat whose prompt has an estimate of 100 tokens, if it has 362 bytes.
    static ChatRequest chat(std::optional<std::int64_t> max_tokens = 100, std::size_t bytes = 362) {
        ChatRequest request{.model = "gpt-5", .messages = {{.parts = {Text{std::string(bytes, 'x')}}}}};
        request.sampling.max_tokens = max_tokens;
        return request;
    }
    std::shared_ptr<std::optional<Result<LimitDecision>>> ask(Operation operation = chat()) {
        auto out = std::make_shared<std::optional<Result<LimitDecision>>>();
        const LimitRequest request{.id = "req_1",
                                   .who = who,
                                   .authenticator = "team",
                                   .model = model,
                                   .operation = operation,
                                   .routes = routes,
                                   .healths = healths};
        limiter->admit(request, Completion<LimitDecision>(
                                    [out](Result<LimitDecision> made) { out->emplace(std::move(made)); }));
        return out;
    }
    LimitDecision decide(Operation operation = chat()) {
        const auto out = ask(std::move(operation));
        if (!out->has_value() || !**out) FAIL("no decision");
        return std::move(***out);
    }
    std::unique_ptr<Grant> grant(Operation operation = chat()) {
        LimitDecision decision = decide(std::move(operation));
        if (!decision.grant) FAIL(decision.refusal.message);
        return std::move(decision.grant);
    }
    Error refusal(Operation operation = chat()) {
        LimitDecision decision = decide(std::move(operation));
        REQUIRE(!decision.grant);
        return decision.refusal;
    }
    bool passes() { return bool(decide().grant); }

    static Bill bill(std::int64_t prompt, std::int64_t completion) {
        return {.attempts = {{.route = {"oci", "gpt"},
                              .usage = Usage{.prompt = prompt, .completion = completion},
                              .sent = true,
                              .consumed = true}},
                .status = 200};
    }
    double counted(const std::string& meter, const std::string& label = {}) {
        return host.meters[meter].numbers[label];
    }
};

}  // namespace gatehouse::testing
