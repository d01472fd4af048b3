// SPDX-License-Identifier: Apache-2.0
// Hooks: all events come out complete and in order, at the latest at the end.
#include "core/plugin_check/events.hpp"
#include "core/plugin_check/samples.hpp"
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"
#include "core/plugin_check/waiting.hpp"

#include <gatehouse/hook.hpp>

#include <algorithm>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* event_rule = "hook.hpp, HookState::event";
constexpr const char* hook_end_rule = "hook.hpp, HookState::end";
constexpr const char* request_rule = "hook.hpp, HookState::request";
constexpr const char* decide_rule = "hook.hpp, HookState::decide";
constexpr const char* hook_wait_rule = "hook.hpp, HookState::wait";
constexpr const char* hook_resume_rule = "hook.hpp, HookState::resume";
constexpr const char* attempt_rule = "hook.hpp, HookState::attempt";
constexpr const char* response_rule = "hook.hpp, HookState::response";
constexpr const char* done_rule = "hook.hpp, HookState::done";

/// The client of all requests.  A log line with its credential is reported.
constexpr int max_waits = 1'000;
const Identity hook_client{"check"};
const http::RequestHead head{.method = "POST",
                             .path = "/v1/chat/completions",
                             .headers = {{"authorization", "Bearer " + std::string(prompt_mark)},
                                         {"content-type", "application/json"}},
                             .peer = "192.0.2.7"};
const RequestInfo info{"req_check", hook_client, head};

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
    if (check.calls("hook.hpp, Hook::begin", [&] { state = hook.begin(info); }) && !state)
        check.error("state-null", "begin() returns nothing", "hook.hpp, Hook::begin");
    return state;
}

/// The hook's treatment of a request before any attempt.
struct Asked {
    bool goes_on = false;  // false: refused, answered by the hook, or failed
    std::optional<Error> refusal = {};
};

Asked decide(Check& check, HookState& state, Operation& operation) {
    Waiting<Verdict> waiting(check, decide_rule);
    if (!check.calls(decide_rule, [&] { state.decide(operation, waiting.completion()); })) return {};
    const auto verdict = waiting.wait();
    waiting.check_once();
    if (!verdict) return {};
    if (!*verdict) return {.refusal = verdict->error()};
    if ((*verdict)->answers) check_events(check, (*verdict)->events, operation);
    return {.goes_on = !(*verdict)->answers};
}

Asked ask(Check& check, HookState& state, Operation& operation) {
    std::optional<Result<void>> ok;
    bool decides = false;
    if (!check.calls(request_rule, [&] {
            ok.emplace(state.request(operation));
            if (*ok) decides = state.decides();
        }))
        return {};
    if (!*ok) return {.refusal = ok->error()};
    return decides ? decide(check, state, operation) : Asked{.goes_on = true};
}

void give(Check& check, HookState& state, const std::vector<Event>& events, KeptEvents& out) {
    for (const Event& event : events)
        if (!check.calls(event_rule, [&] { state.event(event, out); })) return;
}

void respond(Check& check, HookState& state) {
    http::Headers headers;
    check.calls(response_rule, [&] { state.response(headers); });
    check_headers(check, headers, response_rule);
}

/// The core's part in the waits of a hook.  Returns false if the hook refuses the response or fails.
bool settle(Check& check, HookState& state, KeptEvents& out) {
    for (int turns = 0; turns < max_waits; ++turns) {
        bool waits = false;
        if (!check.calls(hook_wait_rule, [&] { waits = state.waits(); })) return false;
        if (!waits) return true;
        Waiting<void> waiting(check, hook_wait_rule);
        if (!check.calls(hook_wait_rule, [&] { state.wait(waiting.completion()); })) return false;
        const auto result = waiting.wait();
        waiting.check_once();
        if (!result || !*result) return false;
        if (!check.calls(hook_resume_rule, [&] { state.resume(out); })) return false;
    }
    check.error("waits-forever", "the hook still waits after many completions", hook_wait_rule);
    return false;
}

/// All of one request, in the core's order; what came out.  Nothing if no attempt followed.
std::optional<std::vector<Event>> pass(Check& check, Hook& hook, Operation operation,
                                       const std::vector<Event>& events,
                                       bool after_a_failed_attempt = false) {
    auto state = begin(check, hook);
    if (!state || !ask(check, *state, operation).goes_on) return std::nullopt;
    KeptEvents out, void_of;
    if (after_a_failed_attempt) {
        check.calls(attempt_rule, [&] { state->attempt({"first", "model", 1}); });
        give(check, *state, {events.begin(), events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2)},
             void_of);
    }
    check.calls(attempt_rule, [&] { state->attempt({"second", "model", after_a_failed_attempt ? 2 : 1}); });
    give(check, *state, events, out);
    if (settle(check, *state, out)) check.calls(hook_end_rule, [&] { state->end(out); });
    const bool passes = settle(check, *state, out);
    respond(check, *state);
    const Usage usage{.prompt = 3, .completion = 5, .total = 8};
    check.calls(done_rule, [&] {
        state->done({.status = 200,
                     .model = "model",
                     .provider = "second",
                     .route = "model",
                     .attempts = 1,
                     .usage = &usage,
                     .total = std::chrono::seconds(1)});
    });
    if (!passes) return std::nullopt;
    return std::move(out.events);
}

/// Whether the hook refuses because its service cannot be reached; there is no network here.
bool misses_network(const Error& refusal) {
    return refusal.kind == ErrorKind::unavailable || refusal.kind == ErrorKind::upstream ||
           refusal.kind == ErrorKind::timeout;
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
        const auto [goes_on, refusal] = ask(check, *state, operation);
        if (refusal) {
            check_error(check, target.confidential(), *refusal, request_rule);
            if (sample.usual && !misses_network(*refusal))
                check.warning("refuses", "the hook rejects even a plain chat", request_rule, shown(*refusal));
        } else if (operation.index() != sample.operation.index()) {
            check.error("operation", "a hook changes the kind of a request", request_rule);
        }
        respond(check, *state);
        const Error failed{ErrorKind::upstream, "the upstream failed"};
        const Error* error = refusal ? &*refusal : &failed;
        check.calls(done_rule, [&] { state->done({.error = error, .status = 502, .model = "model"}); });
    }
    check.context("a request that ends before it began");
    if (auto state = begin(check, *hook)) check.calls(done_rule, [&] { state->done({}); });
    if (auto state = begin(check, *hook)) state.reset();
}

/// The client leaves while the hook waits.  The state lives until the completion is settled.
void leave(Check& check, Target& target) {
    auto hook = target.make<Hook>(check);
    if (!hook) return;
    check.context("the client leaves while the hook decides");
    const Error left{ErrorKind::unavailable, "client disconnected"};
    for (int i = 0; i < 10; ++i) {
        auto state = begin(check, *hook);
        if (!state) return;
        Operation operation = plain_chat(target.given().model, true);
        bool decides = false;
        check.calls(request_rule, [&] { decides = state->request(operation) && state->decides(); });
        if (!decides) return;
        Waiting<Verdict> waiting(check, decide_rule);
        check.calls(decide_rule, [&] { state->decide(operation, waiting.completion()); });
        check.calls(done_rule, [&] { state->done({.error = &left, .client_left = true}); });
        (void)waiting.wait(true);
        waiting.check_once();
    }
}

void events(Check& check, Target& target) {
    auto hook = target.make<Hook>(check);
    if (!hook) return;
    const Operation chat = plain_chat(target.given().model, true);
    const std::string text = "It scatters caf\u00e9, write to a@b.example or 4111 1111 1111 1111.";
    check.context("an answer");
    const auto passed = pass(check, *hook, chat, answer(text, false));
    const std::vector<Event> whole = passed.value_or(std::vector<Event>{});
    if (whole.empty())
        return passed
                   ? check.note("nothing-passes", "the hook emitted no event of the response", hook_end_rule)
                   : check.note(
                         "nothing-asked",
                         "the hook refuses or answers the request of the check, so its events are not checked",
                         "sdk/CHECKS.md");
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
    if (bytes && described(*bytes) != described(whole))
        check.warning("cut-dependent", "the events that come out depend on how the text is cut", event_rule,
                      difference(described(whole), described(*bytes)));
    check.context("an answer after a failed attempt");
    const auto again = pass(check, *hook, chat, answer(text, false), true);
    if (again && described(*again) != described(whole))
        check.error("attempt-remembers", "the events of a failed attempt affect the next attempt",
                    "hook.hpp, HookState::attempt", difference(described(whole), described(*again)));
    check.context("an empty answer");
    (void)pass(check, *hook, chat, {});
    check.context("embeddings");
    const Operation embed = EmbeddingRequest{.model = "m", .inputs = {"one"}};
    const std::vector<Event> vectors = {Embedding{0, {0.5F}}, Usage{.prompt = 1, .total = 1}};
    if (const auto out = pass(check, *hook, embed, vectors); out && described(*out) != described(vectors))
        check.warning("events-lost", "the hook changes embeddings", event_rule);
    check.context("a count of tokens");
    if (const auto out = pass(check, *hook, TokenCountRequest{}, {TokenCount{7}});
        out && count<TokenCount>(*out) != 1)
        check.warning("events-lost", "the hook drops a count of tokens", event_rule);
    check.context("an unknown operation");
    if (const auto out = pass(check, *hook, RawRequest{}, {RawBytes{"text/plain", "a"}});
        out && count<RawBytes>(*out) == 0)
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
            const auto wanted = pass(check, *hook, chat, given);
            for (std::size_t round = 0; wanted && round < check.effort().rounds(125); ++round) {
                const auto got = pass(check, *hook, chat, given);
                if (got && described(*got) != described(*wanted))
                    check.error("concurrent", "concurrent requests interfere with each other",
                                "hook.hpp, first lines", difference(described(*wanted), described(*got)));
            }
        });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::vector<Suite> hook_suites() {
    return {{"requests", requests}, {"early ends", leave}, {"events", events}, {"threads", run_at_once}};
}

}  // namespace gatehouse::core::plugin_check
