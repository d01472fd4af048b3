// SPDX-License-Identifier: Apache-2.0
// Limiters: a decision for each request, refusals that a client can read, and grants that are
// settled after every end of a request, also from sixteen threads.
#include "core/plugin_check/samples.hpp"
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"
#include "core/plugin_check/waiting.hpp"

#include <gatehouse/limiter.hpp>

#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* admit_rule = "limiter.hpp, Limiter::admit";
constexpr const char* settle_rule = "limiter.hpp, Grant::settle";
constexpr const char* progress_rule = "limiter.hpp, Grant::progress";
constexpr const char* decision_rule = "limiter.hpp, LimitDecision";

const Identity limited_client{.name = "check", .groups = {"team:check"}};
const std::vector<Route> limited_routes = {{"first", "model"}, {"second", "other"}};

struct PricedRoutes final : RouteHealths {
    RouteHealth of(std::string_view, std::string_view) const override {
        return {.price = Price{.input = 2'000'000, .output = 8'000'000}};
    }
};
const PricedRoutes priced_routes;

/// The decision; nothing after a reported failure.
std::optional<Result<LimitDecision>> ask_limiter(Check& check, Limiter& limiter, const Operation& operation) {
    const LimitRequest request{.id = "req_check",
                               .who = limited_client,
                               .authenticator = "door",
                               .model = model_of(operation),
                               .operation = operation,
                               .routes = limited_routes,
                               .healths = priced_routes};
    Waiting<LimitDecision> waiting(check, admit_rule);
    if (!check.calls(admit_rule, [&] { limiter.admit(request, waiting.completion()); })) return std::nullopt;
    auto decision = waiting.wait();
    waiting.check_once();
    return decision;
}

void check_state(Check& check, const std::optional<LimitState>& state) {
    if (state && (state->limit < 0 || state->remaining < 0 || state->reset.count() < 0))
        check.error("standing", "a limit, its rest or its time is negative", "standing.hpp, LimitState");
}

/// The grant; null if the request is refused.
std::unique_ptr<Grant> granted(Check& check, const Target& target,
                               std::optional<Result<LimitDecision>> decision) {
    if (!decision) return nullptr;
    if (!*decision) {
        check_error(check, target.confidential(), decision->error(), admit_rule);
        return nullptr;
    }
    LimitDecision& made = **decision;
    check_state(check, made.standing.requests);
    check_state(check, made.standing.tokens);
    check_headers(check, made.standing.headers, decision_rule);
    if (made.max_output_tokens && *made.max_output_tokens <= 0)
        check.error("output-limit", "the limit of the output is not positive", decision_rule);
    if (!made.grant) check_error(check, target.confidential(), made.refusal, decision_rule);
    return std::move(made.grant);
}

/// The ends of a request.
std::vector<Bill> limiter_bills() {
    const Usage usage{.prompt = 3, .completion = 5, .total = 8, .cached = 1};
    const Usage odd{.prompt = -1, .completion = 9'000'000'000'000'000'000, .cached = 7, .reasoning = 9};
    const BilledAttempt good{
        .route = limited_routes[0], .usage = usage, .output_tokens = 5, .sent = true, .consumed = true};
    const BilledAttempt failed{.route = limited_routes[0], .sent = true};
    const BilledAttempt cut{.route = limited_routes[1], .output_tokens = 70, .sent = true, .consumed = true};
    BilledAttempt strange = good;
    strange.usage = odd;
    return {{.attempts = {good}, .status = 200},
            {.attempts = {failed, good}, .status = 200},
            {.attempts = {failed, cut}, .status = 200, .client_left = true},
            {.attempts = {failed}, .status = 502},
            {.attempts = {strange}, .status = 200},
            {}};
}

void limited_requests(Check& check, Target& target) {
    auto limiter = target.make<Limiter>(check);
    if (!limiter) return;
    for (const Sample& sample : samples(target.given().model)) {
        if (std::holds_alternative<ModelsRequest>(sample.operation) ||
            std::holds_alternative<TokenCountRequest>(sample.operation))
            continue;
        check.context(sample.name);
        for (const Bill& bill : limiter_bills()) {
            auto grant = granted(check, target, ask_limiter(check, *limiter, sample.operation));
            if (!grant) break;
            check.fact("understood", "yes");
            check.calls(progress_rule, [&] { (void)grant->progress(256); });
            check.calls(settle_rule, [&] { grant->settle(bill); });
        }
    }
    check.context("doubts");
    check.calls("limiter.hpp, Limiter::doubt",
                [&] { (void)limiter->doubt(limited_routes[0], std::nullopt); });
}

void drive_limiter(Check& check, Target& target) {
    auto limiter = target.make<Limiter>(check);
    if (!limiter) return;
    const Operation chat = plain_chat(target.given().model, true);
    const auto ends = limiter_bills();
    const std::size_t rounds = check.effort().rounds(100);
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < 16; ++thread)
        threads.emplace_back([&, thread] {
            for (std::size_t i = 0; i < rounds; ++i) {
                auto grant = granted(check, target, ask_limiter(check, *limiter, chat));
                if (grant) check.calls(settle_rule, [&] { grant->settle(ends[(thread + i) % ends.size()]); });
            }
        });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::vector<Suite> limiter_suites() { return {{"requests", limited_requests}, {"threads", drive_limiter}}; }

}  // namespace gatehouse::core::plugin_check
