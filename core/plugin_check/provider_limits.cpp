// SPDX-License-Identifier: Apache-2.0
// Limits: amendments, memory, endless responses.
#include "core/plugin_check/provider_suites.hpp"

#include <malloc.h>

#include <ctime>

namespace gatehouse::core::plugin_check {

namespace {

std::size_t in_use() {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

void leak(Check& check, Target& target) {
    auto provider = target.make<Provider>(check);
    if (!provider) return;
    const auto known = understood(check, *provider, target.given());
    if (!known) return;
    check.context("many exchanges");
    look_for_leak(check, "provider.hpp, Exchange",
                  [&] { (void)simulate(check, *provider, known->operation, known->answer); });
}

/// The same failure again and again: amend() must give up, and each time ask differently.
void amend(Check& check, Target& target) {
    constexpr const char* rule = "provider.hpp, Exchange::amend";
    auto provider = target.make<Provider>(check);
    if (!provider) return;
    std::vector<Answer> failures = {{.name = "no connection", .head = {0, {}}, .body = {}}};
    for (int status : {400, 401, 404, 429, 500, 503})
        for (Answer& one : error_answers(status)) failures.push_back(std::move(one));
    for (const Answer& failure : failures) {
        check.context("failing again and again with " + failure.name);
        const Operation operation = operation_of("stream", target.given().model);
        DriverResult driven = begin(check, *provider, operation);
        for (int round = 0; driven.sent && !driven.threw; ++round) {
            if (failure.head.status == 0)
                driven.error = Error{ErrorKind::unavailable, "the upstream cannot be reached"};
            else
                feed(check, driven, failure);
            if (!driven.error) break;
            bool again = false;
            if (!check.calls(rule, [&] { again = driven.exchange->amend(*driven.error); }) || !again) break;
            if (round == 64) {
                check.warning("amend-endless", "amend() never gives up", rule);
                break;
            }
            driven.error.reset();
            const auto other = ask_again(check, driven);
            if (other && difference(*driven.sent, *other).empty()) {
                check.error("amend-same",
                            "amend() says that request() would ask differently, and it does not", rule);
                break;
            }
            if (!other) break;
            driven.sent = other;
        }
    }
}

/// An answer without end: what is kept of it must be bounded.
void flood(Check& check, Target& target) {
    constexpr std::size_t piece_bytes = 64 * 1024, all_bytes = 32 * 1024 * 1024, allowed = 6 * 1024 * 1024;
    const Limits limits{
        .max_json_depth = 200, .max_event_bytes = 256 * 1024, .max_answer_bytes = 1024 * 1024};
    auto provider = target.make<Provider>(check, limits);
    if (!provider) return;
    const std::string piece(piece_bytes, 'x');
    struct Form {
        const char *name, *type, *begin;
    };
    for (const Form& form :
         {Form{"a line of a stream", "text/event-stream", "data: "},
          Form{"a JSON string", "application/json", "{\"choices\":[{\"message\":{\"content\":\""},
          Form{"a plain text", "text/plain", ""}})
        for (const char* word : {"chat", "stream", "embed", "models"}) {
            check.context(std::string(word) + ", answered with " + form.name + " without end");
            const Operation operation = operation_of(word, target.given().model);
            DriverResult driven = begin(check, *provider, operation);
            if (!driven.sent) continue;
            struct Ignored final : EventSink {
                void emit(Event) override {}
            } sink;
            const std::size_t before = in_use();
            bool ended = false;
            auto give = [&](std::string_view bytes) {
                std::optional<Result<void>> ok;
                if (!check.calls("provider.hpp, Exchange::body",
                                 [&] { ok.emplace(driven.exchange->body(bytes, sink)); }) ||
                    !*ok)
                    ended = true;
            };
            check.calls("provider.hpp, Exchange::head", [&] {
                driven.exchange->head({200, {{"content-type", form.type}}});
            });
            give(form.begin);
            for (std::size_t given = 0; !ended && given < all_bytes; given += piece.size()) give(piece);
            const std::size_t after = in_use();
            if (!ended && after > before + allowed)
                check.error("unbounded", "an answer without end is kept without bound", "host.hpp, Limits",
                            std::to_string((after - before) / 1024) + " KiB kept, the limit is 1024");
        }
}

}  // namespace

void look_for_leak(Check& check, std::string_view rule, const std::function<void()>& once) {
    if (check.effort().slow) return;  // memcheck sees it better
    constexpr std::size_t rounds = 1000;
    const std::clock_t end = std::clock() + 20 * CLOCKS_PER_SEC;
    std::size_t before = 0;
    for (std::size_t round = 0; round < 2 * rounds; ++round) {
        if (round == rounds) before = in_use();
        once();
        if (std::clock() > end) return;  // it takes long, and so not often
    }
    if (const std::size_t after = in_use(); after > before + 16 * rounds)
        check.warning("leak", "memory grows with each request", rule,
                      std::to_string((after - before) / rounds) + " bytes each");
}

std::vector<Suite> limit_suites(const Given&) {
    return {{"memory", leak}, {"amendments", amend}, {"answers without end", flood}};
}

}  // namespace gatehouse::core::plugin_check
