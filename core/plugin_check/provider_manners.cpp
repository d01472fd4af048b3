// SPDX-License-Identifier: Apache-2.0
// How a provider behaves when things go otherwise than in order: retries, clients that
// leave, exchanges side by side, many requests at once.
#include "core/plugin_check/provider_parts.hpp"

#include <stdexcept>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

std::string_view half(const Answer& answer) {
    return std::string_view(answer.body).substr(0, answer.body.size() / 2);
}

/// Head and half a body, then nothing more.
void give_half(Check& check, Played& played, const Answer& answer) {
    Kept sink(check);
    check.calls("provider.hpp, Exchange::head", [&] { played.exchange->head(answer.head); });
    check.calls("provider.hpp, Exchange::body", [&] { (void)played.exchange->body(half(answer), sink); });
}

void compare(Check& check, const std::string& wanted, const Played& played, const char* id, const char* text,
             const char* rule) {
    if (!played.threw && played.text() != wanted)
        check.error(id, text, rule, difference(wanted, played.text()));
}

void retry(Check& check, Provider& provider, const Understood& known) {
    constexpr const char* rule = "provider.hpp, Exchange::request";
    check.scene("half of " + known.answer.name + ", then a retry");
    const Answer failed = {.name = "503", .head = {503, {}}, .body = "{\"error\":{\"message\":\"no\"}}"};
    for (const bool by_status : {false, true}) {
        Played played = begin(check, provider, known.operation);
        if (!played.sent) return;
        if (by_status) {
            check.scene("an answer 503, then a retry");
            feed(check, played, failed);
            played.error.reset();
            played.events.clear();
        } else {
            give_half(check, played, known.answer);
        }
        const auto again = ask_again(check, played);
        if (played.threw) return;
        if (!again || !difference(*played.sent, *again).empty()) {
            const std::string what = again ? difference(*played.sent, *again) : "nothing";
            // After a failure a provider may have learned, and says so by amend().
            if (what != "the headers")
                check.error("retry-remembers", "a retry does not start afresh", rule, "request(): " + what);
            if (!again) return;
        }
        played.error.reset();
        feed(check, played, known.answer);
        compare(check, known.text, played, "retry-remembers", "a retry does not start afresh", rule);
    }
}

/// The client leaves at each step; the formatter fails at each event.
void leave(Check& check, Provider& provider, const Understood& known) {
    check.scene("the client leaves");
    for (int step = 0; step < 4; ++step) {
        check.doing("after step " + std::to_string(step));
        Played played = begin(check, provider, known.operation);
        if (!played.sent) return;
        if (step == 1)
            check.calls("provider.hpp, Exchange::head", [&] { played.exchange->head(known.answer.head); });
        if (step == 2) give_half(check, played, known.answer);
        if (step == 3) feed(check, played, known.answer);
        check.calls("provider.hpp, Exchange, destructor", [&] { played.exchange.reset(); });
    }
    struct Broken final : EventSink {
        int left = 0;
        void emit(Event) override {
            if (left-- == 0) throw std::runtime_error("a formatter failed");
        }
    };
    for (int which = 0; which < 10; ++which) {
        check.scene("what takes event " + std::to_string(which) + " throws");
        Broken sink;
        sink.left = which;
        Played played = begin(check, provider, known.operation);
        if (!played.sent) return;
        check.beat();
        try {
            played.exchange->head(known.answer.head);
            (void)played.exchange->body(known.answer.body, sink);
            (void)played.exchange->end(sink);
        } catch (const std::exception&) {
        }
    }
}

/// The answer in two halves, the second one and the end on another thread if so asked.
void give_halves(Check& check, Played& played, const Answer& answer, bool wander,
                 const std::function<void()>& between) {
    Kept sink(check);
    check.calls("provider.hpp, Exchange::head", [&] { played.exchange->head(answer.head); });
    check.calls("provider.hpp, Exchange::body", [&] { (void)played.exchange->body(half(answer), sink); });
    between();
    const std::string_view rest = std::string_view(answer.body).substr(half(answer).size());
    auto finish = [&] {
        check.calls("provider.hpp, Exchange::end", [&] {
            if (!played.exchange->complete() && !played.exchange->body(rest, sink)) return;
            (void)played.exchange->end(sink);
        });
    };
    if (wander)
        std::thread(finish).join();
    else
        finish();
    played.events = std::move(sink.events);
}

/// Exchanges side by side, and one that wanders from thread to thread.
void mingle(Check& check, Provider& provider, const Understood& known) {
    constexpr const char* others = "an exchange hears of another one's answer";
    check.scene("an exchange alone");
    Played alone = begin(check, provider, known.operation);
    if (!alone.sent) return;
    give_halves(check, alone, known.answer, false, [] {});
    const std::string wanted = alone.text();

    check.scene("two exchanges take turns");
    Played one = begin(check, provider, known.operation), two = begin(check, provider, known.operation);
    if (!one.sent || !two.sent) return;
    give_halves(check, one, known.answer, false, [&] { feed(check, two, known.answer); });
    compare(check, known.text, two, "shared-state", others, "provider.hpp, Exchange");
    compare(check, wanted, one, "shared-state", others, "provider.hpp, Exchange");

    check.scene("an exchange goes from thread to thread");
    Played wanderer = begin(check, provider, known.operation);
    if (!wanderer.sent) return;
    give_halves(check, wanderer, known.answer, true, [] {});
    compare(check, wanted, wanderer, "thread-bound",
            "an exchange fails when its calls come from several threads, one after the other",
            "provider.hpp, Threads");
}

void crowd(Check& check, Provider& provider, const Understood& known) {
    check.scene("8 threads at once, " + known.answer.name);
    constexpr int threads = 8;
    const Cut cut{Cut::How::in_two, known.answer.body.size() / 2 + 1};
    std::vector<std::string> wanted(2 * threads);
    std::vector<Operation> operations;
    for (int i = 0; i < threads; ++i) {
        Operation operation = known.operation;
        if (auto* chat = std::get_if<ChatRequest>(&operation))
            chat->messages.back().parts.emplace_back(Text{" (number " + std::to_string(i) + ")"});
        operations.push_back(std::move(operation));
        const Played alone = play(check, provider, operations.back(), known.answer, cut);
        wanted[2 * static_cast<std::size_t>(i)] = alone.text();
        wanted[2 * static_cast<std::size_t>(i) + 1] = alone.sent ? alone.sent->url + alone.sent->body : "";
    }
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&, i] {
            const auto at = 2 * static_cast<std::size_t>(i);
            for (std::size_t round = 0; round < check.effort().rounds(125); ++round) {
                const Played played =
                    play(check, provider, operations[static_cast<std::size_t>(i)], known.answer, cut);
                if (played.threw) return;
                const std::string sent = played.sent ? played.sent->url + played.sent->body : "";
                if (sent != wanted[at + 1])
                    check.error("concurrent", "requests at once get into each other's way",
                                "provider.hpp, Threads", difference(wanted[at + 1], sent));
                else if (played.text() != wanted[at])
                    check.error("concurrent", "requests at once get into each other's way",
                                "provider.hpp, Threads", difference(wanted[at], played.text()));
            }
        });
    for (std::thread& thread : running) thread.join();
}

template <typename Drive>
Part with_known(std::string name, Drive drive) {
    return {std::move(name), [drive](Check& check, Subject& subject) {
                auto provider = subject.make<Provider>(check);
                if (!provider) return;
                check.scene("an answer that is understood is looked for");
                if (auto known = understood(check, *provider, subject.given()); known && !known->alone)
                    drive(check, *provider, *known);
                else if (known)
                    crowd(check, *provider, *known);
            }};
}

}  // namespace

std::vector<Part> manner_parts(const Given&) {
    return {with_known("retries", retry), with_known("clients that leave", leave),
            with_known("exchanges", mingle), with_known("threads", crowd)};
}

std::vector<Part> provider_parts(const Given& given) {
    std::vector<Part> all;
    for (auto make : {request_parts, answer_parts, failure_parts, manner_parts, limit_parts})
        for (Part& part : make(given)) all.push_back(std::move(part));
    return all;
}

}  // namespace gatehouse::core::plugin_check
