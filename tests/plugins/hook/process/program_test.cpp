// SPDX-License-Identifier: Apache-2.0
// A program under test is a shell script: replies, ends, restarts and the queue of calls.
#include "plugins/hook/process/program.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <future>

using namespace gatehouse;
using namespace gatehouse::process;

namespace {

using std::chrono::milliseconds;

Program::Options options(const std::string& script, milliseconds limit = milliseconds(300'000)) {
    return {.command = {.words = {"/bin/sh", "-c", script},
                        .environment = {"PATH=/usr/bin:/bin"},
                        .longest_line = 1000},
            .begin =
                [](const Program::Ask& ask) {
                    if (ask("start\n") != "ready") throw std::runtime_error("is not ready");
                },
            .start_limit = milliseconds(300'000),
            .limit = limit,
            .most_waiting_bytes = 100};
}

// Replies to each line with itself, and with its process.
const std::string echo =
    R"(while read -r line; do case "$line" in start) echo ready;; die) kill -9 $$;; leave) exit 3;; hang) exec sleep 600;; long) printf '%01001d\n' 1;; two) printf 'a\nb\n';; *) echo "$line";; esac; done)";

std::string ask(Program& program, const std::string& line, std::uint64_t process = 0) {
    std::promise<std::string> promise;
    program.ask(line + "\n", process, [&](Result<Reply> reply) {
        promise.set_value(reply ? reply->line + "@" + std::to_string(reply->process) : reply.error().message);
    });
    return promise.get_future().get();
}

std::string refusal(Program::Options options) {
    testing::FakeHost host;
    try {
        Program program(std::move(options), host);
    } catch (const std::exception& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a program replies to each line, and a process that ends is started again") {
    testing::FakeHost host;
    Program program(options(echo), host);
    CHECK(ask(program, "a") == "a@1");
    CHECK(ask(program, "b", 1) == "b@1");
    CHECK(ask(program, "die") == "was ended by signal 9 (Killed)");
    CHECK(ask(program, "c", 1) == "has ended during the request");
    CHECK(ask(program, "d") == "d@2");
    CHECK(ask(program, "leave") == "ended with status 3");
    CHECK(ask(program, "e") == "e@3");
    CHECK(ask(program, "long") == "replied with more than 1000 bytes");
    CHECK(ask(program, "f") == "f@4");
    CHECK(ask(program, "two") == "replied with more than one line");
    CHECK(ask(program, "g") == "g@5");
    CHECK(ask(program, std::string(101, 'x')) == "is too slow: too many calls wait");
}

TEST_CASE("a call without a reply ends its process, and the calls behind it go to the next one") {
    testing::FakeHost host;
    Program program(options(echo, milliseconds(300)), host);
    std::promise<std::string> hung, next, same;
    const auto into = [](std::promise<std::string>& promise) {
        return [&promise](Result<Reply> reply) {
            promise.set_value(reply ? reply->line + "@" + std::to_string(reply->process)
                                    : reply.error().message);
        };
    };
    program.ask("hang\n", 0, into(hung));
    program.ask("next\n", 0, into(next));
    program.ask("same\n", 1, into(same));
    CHECK(hung.get_future().get() == "did not reply within 300 ms");
    CHECK(next.get_future().get() == "next@2");
    CHECK(same.get_future().get() == "has ended during the request");
}

TEST_CASE("a program that does not start is refused in words") {
    auto missing = options("");
    missing.command.words = {"/no/such/program"};
    CHECK(refusal(missing) == "does not start: No such file or directory");
    missing.command.words = {"no-such-program-in-path"};
    CHECK(refusal(missing) == "does not start: No such file or directory");
    CHECK(refusal(options("exit 4")) == "ended with status 4");
    CHECK(refusal(options("read -r line; echo hello")) == "is not ready");
    CHECK(refusal(options("exec 0<&- 1>&-; sleep 600")) == "closed its input and output");
    auto silent = options("sleep 600");
    silent.start_limit = milliseconds(100);
    CHECK(refusal(silent) == "did not reply within 100 ms");
    auto small = options("read -r line; ulimit -v");
    small.command.memory_mb = 512;
    small.begin = [](const Program::Ask& ask) { throw std::runtime_error(ask("start\n")); };
    CHECK(refusal(small) == "524288");
}

TEST_CASE("calls of many threads all end, while processes end too") {
    testing::FakeHost host;
    auto given = options(echo);
    given.most_waiting_bytes = 1'000'000;
    Program program(given, host);
    std::atomic<int> replies{0}, errors{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n < 100; ++n)
                program.ask(n % 25 == i ? "die\n" : "x\n", 0,
                            [&](const Result<Reply>& reply) { ++(reply ? replies : errors); });
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(ask(program, "last").starts_with("last@"));
    CHECK(replies + errors == 400);
    CHECK(errors == 16);
}
