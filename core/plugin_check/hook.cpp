// SPDX-License-Identifier: Apache-2.0
// Hooks: all events come out complete and in order, at the latest at the end.
#include "core/plugin_check/events.hpp"
#include "core/plugin_check/samples.hpp"
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"

#include <gatehouse/hook.hpp>

#include <algorithm>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* event_rule = "hook.hpp, HookState::event";
constexpr const char* hook_end_rule = "hook.hpp, HookState::end";

struct KeptEvents final : EventSink {
    void emit(Event event) override { events.push_back(std::move(event)); }
    std::vector<Event> events;
};

std::vector<Event> answer(const std::string& text, bool by_byte) {
    std::vector<Event> events = {AnswerInfo{.created = 1700000000}, ReasoningDelta{"thinking"}};
    if (by_byte)
        for (char c : text) events.emplace_back(TextDelta{std::string(1, c)});
    else
        events.emplace_back(TextDelta{text});
    events.insert(events.end(), {Event(ToolCallDelta{.index = 0, .id = "call_1", .name = "weather"}),
                                 Event(ToolCallDelta{.index = 0, .arguments = "{\"place\":"}),
                                 Event(ToolCallDelta{.index = 0, .arguments = "\"Oslo\"}"}),
                                 Event(Finish{FinishReason::tool_calls}),
                                 Event(Usage{.prompt = 3, .completion = 5, .total = 8})});
    return events;
}

std::unique_ptr<HookState> begin(Check& check, Hook& hook) {
    std::unique_ptr<HookState> state;
    if (check.calls("hook.hpp, Hook::begin", [&] { state = hook.begin({"check"}); }) && !state)
        check.error("state-null", "begin() returns nothing", "hook.hpp, Hook::begin");
    return state;
}

void give(Check& check, HookState& state, const std::vector<Event>& events, KeptEvents& out) {
    for (const Event& event : events)
        if (!check.calls(event_rule, [&] { state.event(event, out); })) return;
}

/// All of one request, in the core's order; what came out.
std::vector<Event> pass(Check& check, Hook& hook, Operation operation, const std::vector<Event>& events,
                        bool after_a_failed_attempt = false) {
    auto state = begin(check, hook);
    if (!state) return {};
    std::optional<Result<void>> ok;
    if (!check.calls("hook.hpp, HookState::request", [&] { ok.emplace(state->request(operation)); }) || !*ok)
        return {};
    KeptEvents out, void_of;
    if (after_a_failed_attempt) {
        check.calls("hook.hpp, HookState::attempt", [&] { state->attempt(); });
        give(check, *state, {events.begin(), events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2)},
             void_of);
    }
    check.calls("hook.hpp, HookState::attempt", [&] { state->attempt(); });
    give(check, *state, events, out);
    check.calls(hook_end_rule, [&] { state->end(out); });
    check.calls("hook.hpp, HookState::done", [&] { state->done(nullptr); });
    return std::move(out.events);
}

template <typename T>
std::size_t count(const std::vector<Event>& events) {
    return static_cast<std::size_t>(
        std::ranges::count_if(events, [](const Event& one) { return std::holds_alternative<T>(one); }));
}

void requests(Check& check, Target& target) {
    auto hook = target.make<Hook>(check);
    if (!hook) return;
    for (const Sample& sample : samples(target.given().model)) {
        check.context(sample.name);
        auto state = begin(check, *hook);
        if (!state) return;
        Operation operation = sample.operation;
        std::optional<Result<void>> ok;
        if (!check.calls("hook.hpp, HookState::request", [&] { ok.emplace(state->request(operation)); }))
            continue;
        if (!*ok) {
            check_error(check, target.confidential(), ok->error(), "hook.hpp, HookState::request");
            if (sample.usual)
                check.warning("refuses", "the hook rejects even a plain chat", "hook.hpp, HookState::request",
                              shown(ok->error()));
        } else if (operation.index() != sample.operation.index()) {
            check.error("operation", "a hook changes the kind of a request", "hook.hpp, HookState::request");
        }
        const Error failed{ErrorKind::upstream, "the upstream failed"};
        check.calls("hook.hpp, HookState::done", [&] { state->done(*ok ? &failed : &ok->error()); });
    }
    check.context("a request that ends before it began");
    if (auto state = begin(check, *hook))
        check.calls("hook.hpp, HookState::done", [&] { state->done(nullptr); });
    if (auto state = begin(check, *hook)) state.reset();
}

void events(Check& check, Target& target) {
    auto hook = target.make<Hook>(check);
    if (!hook) return;
    const Operation chat = plain_chat(target.given().model, true);
    const std::string text = "It scatters caf\u00e9, write to a@b.example or 4111 1111 1111 1111.";
    check.context("an answer");
    const auto whole = pass(check, *hook, chat, answer(text, false));
    if (whole.empty())
        return check.note("nothing-passes", "the hook emitted no event of the response", hook_end_rule);
    if (count<Finish>(whole) == 0)
        check.error("finish-lost", "the hook does not emit the Finish of a response", hook_end_rule);
    else
        check_events(check, whole, chat);
    if (count<Usage>(whole) == 0)
        check.error("usage-lost", "the hook does not emit the Usage of a response", hook_end_rule);
    if (count<ToolCallDelta>(whole) == 0)
        check.warning("events-lost", "tool calls never come out", hook_end_rule);
    if (text_of(whole).empty())
        check.error("text-lost", "the hook does not emit the text of a response, not even masked",
                    hook_end_rule);

    check.context("an answer, byte by byte");
    const auto bytes = pass(check, *hook, chat, answer(text, true));
    if (described(bytes) != described(whole))
        check.warning("cut-dependent", "the events that come out depend on how the text is cut", event_rule,
                      difference(described(whole), described(bytes)));
    check.context("an answer after a failed attempt");
    const auto again = pass(check, *hook, chat, answer(text, false), true);
    if (described(again) != described(whole))
        check.error("attempt-remembers", "the events of a failed attempt affect the next attempt",
                    "hook.hpp, HookState::attempt", difference(described(whole), described(again)));
    check.context("an empty answer");
    (void)pass(check, *hook, chat, {});
    check.context("embeddings");
    const Operation embed = EmbeddingRequest{.model = "m", .inputs = {"one"}};
    const std::vector<Event> vectors = {Embedding{0, {0.5F}}, Usage{.prompt = 1, .total = 1}};
    if (described(pass(check, *hook, embed, vectors)) != described(vectors))
        check.warning("events-lost", "the hook changes embeddings", event_rule);
    check.context("a count of tokens");
    if (count<TokenCount>(pass(check, *hook, TokenCountRequest{}, {TokenCount{7}})) != 1)
        check.warning("events-lost", "the hook drops a count of tokens", event_rule);
    check.context("an unknown operation");
    if (count<RawBytes>(pass(check, *hook, RawRequest{}, {RawBytes{"text/plain", "a"}})) == 0)
        check.warning("events-lost", "the hook drops the bytes of an unknown operation", event_rule);
}

void run_at_once(Check& check, Target& target) {
    auto hook = target.make<Hook>(check);
    if (!hook) return;
    check.context("8 threads at once");
    const Operation chat = plain_chat(target.given().model, true);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            const auto given = answer("This is the answer of thread " + std::to_string(i) + ".", true);
            const std::string wanted = described(pass(check, *hook, chat, given));
            for (std::size_t round = 0; round < check.effort().rounds(125); ++round)
                if (const std::string got = described(pass(check, *hook, chat, given)); got != wanted)
                    check.error("concurrent", "concurrent requests interfere with each other",
                                "hook.hpp, first lines", difference(wanted, got));
        });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::vector<Suite> hook_suites() {
    return {{"requests", requests}, {"events", events}, {"threads", run_at_once}};
}

}  // namespace gatehouse::core::plugin_check
