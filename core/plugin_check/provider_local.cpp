// SPDX-License-Identifier: Apache-2.0
// A provider that computes its answers: what it says to each kind of request, to clients
// that are slow or leave, to many at once, and at its end.
#include "core/plugin_check/call_timer.hpp"
#include "core/plugin_check/local_driver.hpp"
#include "core/plugin_check/provider_suites.hpp"
#include "core/plugin_check/samples.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::core::plugin_check {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view run_rule = "local.hpp, LocalProvider::run",
                           emit_rule = "local.hpp, LocalSink::emit";

LocalDriver::Instance make(Check& check, Target& target) {
    auto made = target.make<Provider>(check);
    return made ? std::make_shared<Made<Provider>>(std::move(made)) : nullptr;
}

/// After the client has left.  A Finish and the Usage may slip out, and no more.
void judge_end(Check& check, LocalDriver& simulate, bool returned, std::size_t whole) {
    constexpr std::size_t slips = 3, many = 16, many_looks = 10'000;
    const std::size_t emits = simulate.emits_after_told(), looks = simulate.looks_after_told();
    const bool all_of_it = emits > slips && simulate.events().size() + 1 + emits >= whole;
    if (emits >= many || all_of_it || looks >= many_looks || (!returned && simulate.told()))
        check.error("ignores-gone",
                    "a computation continues after its sink reported that the client has disconnected",
                    emit_rule,
                    returned ? std::to_string(emits) + " events and " + std::to_string(looks) +
                                   " other looks at the sink later"
                             : "it has not returned within the time limit");
    else if (!returned)
        check.warning("never-looks",
                      "a computation does not check its sink and continues after the client has disconnected",
                      run_rule, "it has not returned within the time limit");
    // Other requests would have the same finding.
    if (!returned) check.fact("stuck", "yes");
}

/// Until it has returned; if it does not, that is said, and its client leaves.
bool finished(Check& check, LocalDriver& simulate) {
    const bool returned = simulate.wait();
    if (returned && !simulate.unending()) return true;
    if (simulate.unending())
        check.error("endless", "a computation emits events without end", run_rule);
    else
        check.error(
            "endless", "a computation neither emits anything nor returns", run_rule,
            "for " + limit_text(check.effort()) + "; raise --time-limit if the computation needs more time");
    simulate.leave();
    judge_end(check, simulate, simulate.wait(), LocalClient::never);
    return false;
}

/// A run for a client that is neither slow nor leaves; nothing if it is stuck.
std::shared_ptr<LocalDriver> run_alone(Check& check, const LocalDriver::Instance& instance,
                                       const Operation& operation) {
    auto simulate = LocalDriver::start(check, instance, operation);
    return finished(check, *simulate) ? simulate : nullptr;
}

void answer(Check& check, Target& target, const Sample& sample) {
    const auto instance = make(check, target);
    if (!instance) return;
    check.context(sample.name);
    const auto simulate = run_alone(check, instance, sample.operation);
    if (!simulate) return;
    if (const auto error = simulate->error()) return judge_refusal(check, target, sample, *error);
    // A provider that repeats invalid UTF-8 of its input has not cut a character itself.
    if (simulate->good()) check_events(check, simulate->events(), sample.operation, !sample.odd_bytes);
}

/// The provider's answer to a plain chat.
struct Known {
    Operation operation;
    std::string text;
    std::size_t events = 0;
    bool repeatable = false;  // it says the same again
};

std::optional<Known> known(Check& check, Target& target, const LocalDriver::Instance& instance) {
    check.context("a streamed chat");
    Known known{.operation = plain_chat(target.given().model, true), .text = {}};
    const auto simulate = run_alone(check, instance, known.operation);
    if (!simulate || !simulate->good()) return std::nullopt;
    known.text = simulate->text();
    known.events = simulate->events().size();
    const auto again = run_alone(check, instance, known.operation);
    if (!again) return std::nullopt;
    known.repeatable = again->text() == known.text;
    return known;
}

void compare(Check& check, const Known& known, const LocalDriver& simulate, const char* id, const char* text,
             std::string_view rule) {
    if (!known.repeatable) {
        if (simulate.good()) check_events(check, simulate.events(), known.operation);
    } else if (simulate.text() != known.text) {
        check.error(id, text, rule, difference(known.text, simulate.text()));
    }
}

void leave_run(Check& check, const LocalDriver::Instance& instance, const Known& known) {
    for (std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, known.events / 2}) {
        check.context("the client leaves at event " + std::to_string(at));
        auto simulate = LocalDriver::start(check, instance, known.operation, {.leaves_at = at});
        const bool returned = simulate->wait();
        judge_end(check, *simulate, returned, known.events);
        if (!returned) return;
    }
    for (const milliseconds after : {milliseconds(0), milliseconds(20)}) {
        check.context("the client leaves after " + std::to_string(after.count()) + " ms, while it is slow");
        auto simulate = LocalDriver::start(check, instance, known.operation, {.stalls_at = 1});
        if (after.count() > 0) simulate->wait_for_stall(after);
        simulate->leave();
        const bool returned = simulate->wait();
        judge_end(check, *simulate, returned, known.events);
        if (!returned) return;
    }
}

/// A slow client gets the same answer, and does not delay other clients.
void be_slow(Check& check, const LocalDriver::Instance& instance, const Known& known) {
    check.context("the client reads one event every 5 ms");
    if (known.events < 1000) {
        auto slow = LocalDriver::start(check, instance, known.operation, {.takes = milliseconds(5)});
        if (!finished(check, *slow)) return;
        compare(check, known, *slow, "slow-differs", "a slow client gets another answer", emit_rule);
    }
    check.context("the client does not read");
    auto stalled = LocalDriver::start(check, instance, known.operation, {.stalls_at = 0});
    if (!stalled->wait_for_stall()) return;
    check.context("another client, while the first client does not read");
    auto other = LocalDriver::start(check, instance, known.operation);
    if (!other->wait()) {
        check.warning("stalls-others", "while one client is slow, the others wait for it", run_rule,
                      "is something locked during emit()?");
        other->leave();
    }
    stalled->go_on();
    check.context("the client stops reading for a while");
    if (!finished(check, *stalled)) return;
    compare(check, known, *stalled, "slow-differs", "a slow client gets another answer", emit_rule);
    (void)other->wait();
}

/// Several runs of one provider, which meet in the middle of their answers.
void crowd_runs(Check& check, const LocalDriver::Instance& instance, const Known& known) {
    constexpr std::size_t threads = 8;
    check.context("8 requests, one after the other");
    const auto begin = Clock::now();
    std::vector<Known> all(threads, known);
    for (std::size_t i = 0; i < threads; ++i) {
        auto& message = std::get<ChatRequest>(all[i].operation).messages.back();
        message.parts.emplace_back(Text{" (number " + std::to_string(i) + ") says something of its own"});
        const auto alone = run_alone(check, instance, all[i].operation);
        if (!alone) return;
        all[i].text = alone->text();
    }
    check.context("8 requests at once");
    const auto alone = Clock::now() - begin;
    const auto end = Clock::now() + std::max<Clock::duration>(std::chrono::seconds(5), 5 * alone);
    for (std::size_t round = 0; round < check.effort().rounds(40); ++round) {
        std::array<std::shared_ptr<LocalDriver>, threads> simulates;
        for (std::size_t i = 0; i < threads; ++i)
            simulates[i] = LocalDriver::start(check, instance, all[i].operation, {.stalls_at = round % 3});
        // A provider that serializes its runs never has all of them active at the same time.
        auto wait = std::max(milliseconds(20), std::chrono::ceil<milliseconds>(alone));
        for (const auto& simulate : simulates)
            if (!simulate->wait_for_stall(wait)) wait = milliseconds(0);
        for (const auto& simulate : simulates) simulate->go_on();
        for (std::size_t i = 0; i < threads; ++i) {
            if (!finished(check, *simulates[i])) return;
            compare(check, all[i], *simulates[i], "concurrent",
                    "concurrent requests interfere with each other", run_rule);
        }
        if (Clock::now() > end) return;
    }
}

/// The first run has shown that it returns, so that it may be called here.
void grow(Check& check, const LocalDriver::Instance& instance, const Known& known) {
    struct Ignored final : LocalSink {
        bool emit(Event) override { return true; }
        bool sleep(milliseconds) override { return true; }
        bool gone() const override { return false; }
    };
    static Ignored sink;
    check.context("many runs");
    LocalProvider* local = (*instance)->local();
    look_for_leak(check, run_rule, [&] {
        check.calls(run_rule, [&] { (void)local->run(known.operation, static_cast<LocalSink&>(sink)); });
    });
}

/// As after a reload: the last run, whose client has disconnected, destroys the instance.
void go(Check& check, LocalDriver::Instance& instance, const Known& known) {
    check.context("the instance is destroyed after its last run");
    auto simulate = LocalDriver::start(check, instance, known.operation, {.stalls_at = 1});
    simulate->wait_for_stall(milliseconds(100));
    instance.reset();
    simulate->leave();
    const bool returned = simulate->wait();
    judge_end(check, *simulate, returned, known.events);
    // A provider that has kept the sink uses it now.
    std::this_thread::sleep_for(milliseconds(50));
}

template <typename Drive>
Suite with_known_run(std::string name, Drive drive) {
    return {std::move(name), [drive](Check& check, Target& target) {
                auto instance = make(check, target);
                if (!instance) return;
                if (auto plain = known(check, target, instance)) drive(check, instance, *plain);
            }};
}

}  // namespace

bool computes(Check& check, Target& target) {
    const auto provider = target.make<Provider>(check);
    bool local = false;
    if (provider) check.calls("provider.hpp, Provider::local", [&] { local = provider->local() != nullptr; });
    return local;
}

std::vector<Suite> local_provider_suites(const Given& given) {
    std::vector<Suite> parts;
    for (const Sample& sample : samples(given.model)) {
        if (std::holds_alternative<ModelsRequest>(sample.operation)) continue;  // the core does not ask
        parts.push_back(
            {sample.name, [sample](Check& check, Target& target) { answer(check, target, sample); }});
    }
    for (Suite& part :
         std::vector<Suite>{with_known_run("clients that leave", leave_run),
                            with_known_run("slow clients", be_slow), with_known_run("threads", crowd_runs),
                            with_known_run("memory", grow), with_known_run("the last run", go)})
        parts.push_back(std::move(part));
    return parts;
}

}  // namespace gatehouse::core::plugin_check
