// SPDX-License-Identifier: Apache-2.0
// Observers: records of every kind of end, also with odd numbers and texts, from sixteen threads, and the end
// of the instance.
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/waiting.hpp"

#include <gatehouse/observer.hpp>

#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

using std::chrono::microseconds;

constexpr const char* samples_rule = "observer.hpp, Observer::samples";
constexpr const char* wants_rule = "observer.hpp, Observer::wants";
constexpr const char* finished_rule = "observer.hpp, Observer::finished";
constexpr const char* flush_rule = "observer.hpp, Observer::flush";

const Trace child{.id = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736},
                  .span = {1},
                  .parent = {0x00f067aa0ba902b7},
                  .parent_sampled = true,
                  .state = "vendor=1"};
const Trace root{.id = {1, 2}, .span = {3}, .random = true};

StoryAttempt observed_attempt() {
    return {.span = {7},
            .route = {"first", "model"},
            .plugin = "words",
            .endpoint = "https://upstream.example",
            .why = "first",
            .status = 200,
            .upstream_id = "up_1",
            .begin = microseconds(100),
            .end = microseconds(2'000),
            .sent = microseconds(200),
            .answered = microseconds(900),
            .first_output = microseconds(1'000),
            .usage = Usage{.prompt = 3, .completion = 5, .total = 8},
            .finished = {FinishReason::stop}};
}

Story observed_record(const Trace& trace) {
    return {.trace = trace,
            .sampled = trace.parent_sampled,
            .id = "req_check",
            .start = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)),
            .total = microseconds(2'500),
            .waited = microseconds(1'800),
            .method = "POST",
            .path = "/v1/chat/completions",
            .peer = "192.0.2.7",
            .endpoint = "/v1/chat/completions",
            .dialect = "plain",
            .client = "check",
            .groups = {"team:check"},
            .operation = "chat",
            .model = "model",
            .route = {"first", "model"},
            .status = 200,
            .outcome = "ok",
            .upstream_requests = 1,
            .usage = Usage{.prompt = 3, .completion = 5, .total = 8},
            .cost = Cost{.nano = 1'500'000, .currency = "USD"},
            .stages = {{"authenticate", microseconds(0), microseconds(50)}},
            .attempts = {observed_attempt()}};
}

/// The ends of a request.
std::vector<Story> observed_records() {
    std::vector<Story> all = {observed_record(child), observed_record(root), {}};
    Story failed = observed_record(root);
    failed.status = 502;
    failed.outcome = "failed";
    failed.error = ErrorKind::upstream;
    failed.attempts[0].error = ErrorKind::upstream;
    failed.attempts[0].usage.reset();
    failed.attempts.resize(32, failed.attempts[0]);
    all.push_back(failed);
    Story left = observed_record(child);
    left.status = 0;
    left.outcome = "left";
    left.attempts[0].cancelled = true;
    all.push_back(left);
    Story refused{
        .trace = root, .id = "req_check", .method = "GET", .path = "/", .status = 401, .outcome = "failed"};
    refused.error = ErrorKind::unauthenticated;
    all.push_back(refused);
    Story odd = observed_record(root);
    odd.path = "/\xff\"\\\n" + std::string(190, 'x');
    odd.user_agent = "\xc3";
    odd.usage = Usage{.prompt = -1, .completion = 9'000'000'000'000'000'000};
    odd.attempts[0].end = microseconds(-5);
    odd.attempts[0].endpoint = "https://";
    all.push_back(odd);
    return all;
}

void give_record(Check& check, Observer& observer, const Story& record) {
    check.calls(samples_rule, [&] { (void)observer.samples(record.trace); });
    bool wanted = false;
    check.calls(wants_rule, [&] { wanted = observer.wants(record); });
    if (!wanted) return;
    check.fact("understood", "yes");
    check.calls(finished_rule, [&] { observer.finished({std::make_shared<const Story>(record)}); });
}

void end_observer(Check& check, Observer& observer) {
    Waiting<bool> waiting(check, flush_rule);
    if (!check.calls(flush_rule, [&] { observer.flush(waiting.completion()); })) return;
    (void)waiting.wait(true);
    waiting.check_once();
}

void observed_requests(Check& check, Target& target) {
    auto observer = target.make<Observer>(check);
    if (!observer) return;
    check.context("the record of a request");
    for (const Story& record : observed_records()) give_record(check, *observer, record);
    check.context("no records");
    check.calls(finished_rule, [&] { observer->finished({}); });
    check.context("the instance ends");
    end_observer(check, *observer);
}

void unused_observer(Check& check, Target& target) {
    auto observer = target.make<Observer>(check);
    if (!observer) return;
    check.context("the instance ends without a record");
    end_observer(check, *observer);
}

// finished() is called by one thread at a time, the other members by all.
void drive_observer(Check& check, Target& target) {
    auto observer = target.make<Observer>(check);
    if (!observer) return;
    const auto records = observed_records();
    const std::size_t rounds = check.effort().rounds(100);
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < 16; ++thread)
        threads.emplace_back([&, thread] {
            for (std::size_t i = 0; i < rounds; ++i) {
                const Story& record = records[(thread + i) % records.size()];
                if (thread == 0) {
                    give_record(check, *observer, record);
                    continue;
                }
                check.calls(samples_rule, [&] { (void)observer->samples(record.trace); });
                check.calls(wants_rule, [&] { (void)observer->wants(record); });
            }
        });
    for (std::thread& thread : threads) thread.join();
    end_observer(check, *observer);
}

}  // namespace

std::vector<Suite> observer_suites() {
    return {{"records", observed_requests}, {"an early end", unused_observer}, {"threads", drive_observer}};
}

}  // namespace gatehouse::core::plugin_check
