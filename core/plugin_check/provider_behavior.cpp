// SPDX-License-Identifier: Apache-2.0
// The behavior of a provider in unusual situations: retries, clients that disconnect,
// concurrent exchanges, many requests at once.
#include "core/plugin_check/provider_suites.hpp"

#include <stdexcept>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

std::string_view half(const Answer& answer) {
    return std::string_view(answer.body).substr(0, answer.body.size() / 2);
}

/// Head and half a body, then nothing more.
void give_half(Check& check, DriverResult& driven, const Answer& answer) {
    Kept sink(check);
    check.calls("provider.hpp, Exchange::head", [&] { driven.exchange->head(answer.head); });
    check.calls("provider.hpp, Exchange::body", [&] { (void)driven.exchange->body(half(answer), sink); });
}

void compare(Check& check, const std::string& wanted, const DriverResult& driven, const char* id,
             const char* text, const char* rule) {
    if (!driven.threw && driven.text() != wanted)
        check.error(id, text, rule, difference(wanted, driven.text()));
}

void retry(Check& check, Provider& provider, const Understood& known) {
    constexpr const char* rule = "provider.hpp, Exchange::request";
    check.context("half of " + known.answer.name + ", then a retry");
    const Answer failed = {.name = "503", .head = {503, {}}, .body = "{\"error\":{\"message\":\"no\"}}"};
    for (const bool by_status : {false, true}) {
        DriverResult driven = begin(check, provider, known.operation);
        if (!driven.sent) return;
        if (by_status) {
            check.context("an answer 503, then a retry");
            feed(check, driven, failed);
            driven.error.reset();
            driven.events.clear();
        } else {
            give_half(check, driven, known.answer);
        }
        const auto again = ask_again(check, driven);
        if (driven.threw) return;
        if (!again || !difference(*driven.sent, *again).empty()) {
            const std::string what = again ? difference(*driven.sent, *again) : "nothing";
            // After a failure a provider may have learned, and says so by amend().
            if (what != "the headers")
                check.error("retry-remembers", "a retry keeps state of the previous attempt", rule,
                            "request(): " + what);
            if (!again) return;
        }
        driven.error.reset();
        feed(check, driven, known.answer);
        compare(check, known.text, driven, "retry-remembers", "a retry keeps state of the previous attempt",
                rule);
    }
}

/// The client leaves at each step; the formatter fails at each event.
void leave_exchange(Check& check, Provider& provider, const Understood& known) {
    check.context("the client leaves");
    for (int step = 0; step < 4; ++step) {
        check.doing("after step " + std::to_string(step));
        DriverResult driven = begin(check, provider, known.operation);
        if (!driven.sent) return;
        if (step == 1)
            check.calls("provider.hpp, Exchange::head", [&] { driven.exchange->head(known.answer.head); });
        if (step == 2) give_half(check, driven, known.answer);
        if (step == 3) feed(check, driven, known.answer);
        check.calls("provider.hpp, Exchange, destructor", [&] { driven.exchange.reset(); });
    }
    struct Broken final : EventSink {
        int left = 0;
        void emit(Event) override {
            if (left-- == 0) throw std::runtime_error("a formatter failed");
        }
    };
    for (int which = 0; which < 10; ++which) {
        check.context("the sink throws at event " + std::to_string(which));
        Broken sink;
        sink.left = which;
        DriverResult driven = begin(check, provider, known.operation);
        if (!driven.sent) return;
        check.beat();
        try {
            driven.exchange->head(known.answer.head);
            (void)driven.exchange->body(known.answer.body, sink);
            (void)driven.exchange->end(sink);
        } catch (const std::exception&) {
        }
    }
}

/// The answer in two halves, the second one and the end on another thread if so asked.
void give_halves(Check& check, DriverResult& driven, const Answer& answer, bool wander,
                 const std::function<void()>& between) {
    Kept sink(check);
    check.calls("provider.hpp, Exchange::head", [&] { driven.exchange->head(answer.head); });
    check.calls("provider.hpp, Exchange::body", [&] { (void)driven.exchange->body(half(answer), sink); });
    between();
    const std::string_view rest = std::string_view(answer.body).substr(half(answer).size());
    auto finish = [&] {
        check.calls("provider.hpp, Exchange::end", [&] {
            if (!driven.exchange->complete() && !driven.exchange->body(rest, sink)) return;
            (void)driven.exchange->end(sink);
        });
    };
    if (wander)
        std::thread(finish).join();
    else
        finish();
    driven.events = std::move(sink.events);
}

/// Concurrent exchanges, and an exchange that moves between threads.
void mingle(Check& check, Provider& provider, const Understood& known) {
    constexpr const char* others = "an exchange receives events of another exchange's response";
    check.context("an exchange alone");
    DriverResult alone = begin(check, provider, known.operation);
    if (!alone.sent) return;
    give_halves(check, alone, known.answer, false, [] {});
    const std::string wanted = alone.text();

    check.context("two exchanges take turns");
    DriverResult one = begin(check, provider, known.operation), two = begin(check, provider, known.operation);
    if (!one.sent || !two.sent) return;
    give_halves(check, one, known.answer, false, [&] { feed(check, two, known.answer); });
    compare(check, known.text, two, "shared-state", others, "provider.hpp, Exchange");
    compare(check, wanted, one, "shared-state", others, "provider.hpp, Exchange");

    check.context("an exchange is called on changing threads");
    DriverResult wanderer = begin(check, provider, known.operation);
    if (!wanderer.sent) return;
    give_halves(check, wanderer, known.answer, true, [] {});
    compare(check, wanted, wanderer, "thread-bound",
            "an exchange fails when its calls come from several threads, one after the other",
            "provider.hpp, Threads");
}

void crowd_exchanges(Check& check, Provider& provider, const Understood& known) {
    check.context("8 threads at once, " + known.answer.name);
    constexpr int threads = 8;
    const Cut cut{Cut::How::in_two, known.answer.body.size() / 2 + 1};
    std::vector<std::string> wanted(2 * threads);
    std::vector<Operation> operations;
    for (int i = 0; i < threads; ++i) {
        Operation operation = known.operation;
        if (auto* chat = std::get_if<ChatRequest>(&operation))
            chat->messages.back().parts.emplace_back(Text{" (number " + std::to_string(i) + ")"});
        operations.push_back(std::move(operation));
        const DriverResult alone = simulate(check, provider, operations.back(), known.answer, cut);
        wanted[2 * static_cast<std::size_t>(i)] = alone.text();
        wanted[2 * static_cast<std::size_t>(i) + 1] = alone.sent ? alone.sent->url + alone.sent->body : "";
    }
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&, i] {
            const auto at = 2 * static_cast<std::size_t>(i);
            for (std::size_t round = 0; round < check.effort().rounds(125); ++round) {
                const DriverResult driven =
                    simulate(check, provider, operations[static_cast<std::size_t>(i)], known.answer, cut);
                if (driven.threw) return;
                const std::string sent = driven.sent ? driven.sent->url + driven.sent->body : "";
                if (sent != wanted[at + 1])
                    check.error("concurrent", "concurrent requests interfere with each other",
                                "provider.hpp, Threads", difference(wanted[at + 1], sent));
                else if (driven.text() != wanted[at])
                    check.error("concurrent", "concurrent requests interfere with each other",
                                "provider.hpp, Threads", difference(wanted[at], driven.text()));
            }
        });
    for (std::thread& thread : running) thread.join();
}

template <typename Drive>
Suite with_known_answer(std::string name, Drive drive) {
    return {std::move(name), [drive](Check& check, Target& target) {
                auto provider = target.make<Provider>(check);
                if (!provider) return;
                check.context("searching for a response that the plugin understands");
                if (auto known = understood(check, *provider, target.given()); known && !known->alone)
                    drive(check, *provider, *known);
                else if (known)
                    crowd_exchanges(check, *provider, *known);
            }};
}

}  // namespace

std::vector<Suite> behavior_suites(const Given&) {
    return {with_known_answer("retries", retry), with_known_answer("clients that leave", leave_exchange),
            with_known_answer("exchanges", mingle), with_known_answer("threads", crowd_exchanges)};
}

std::vector<Suite> provider_suites(const Given& given) {
    std::vector<Suite> all;
    for (auto make : {request_suites, answer_suites, failure_suites, behavior_suites, limit_suites})
        for (Suite& part : make(given)) all.push_back(std::move(part));
    return all;
}

}  // namespace gatehouse::core::plugin_check
