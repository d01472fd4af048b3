// SPDX-License-Identifier: Apache-2.0
// A thread's notes name its running plugin calls to other threads, and calls that do not return are found.
#include "core/plugin/call_note.hpp"
#include "core/plugin/crash_line.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/origins.hpp"
#include "core/plugin/slow_calls.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

/// The notes of this thread, as another thread reads them.
CallSlot::Calls mine() {
    CallSlot::Calls calls;
    REQUIRE(gatehouse::core::detail::call_slot->read(calls));
    return calls;
}

std::string text(const std::array<char, 49>& noted) { return noted.data(); }

std::string line_of(const CrashLine& line) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    line.write_to(ends[1]);
    ::close(ends[1]);
    std::string all(8192, '\0');
    all.resize(static_cast<std::size_t>(::read(ends[0], all.data(), all.size())));
    ::close(ends[0]);
    return all;
}

}  // namespace

TEST_CASE("a note names the call, the calls inside of it, and their request") {
    (void)guard({"outer", "Exchange::body", "req_1"}, [] {
        (void)guard({"inner", "HookState::event"}, [] {
            const auto calls = mine();
            REQUIRE(calls.count == 2);
            CHECK(text(calls.calls[0].instance) == "outer");
            CHECK(calls.calls[0].member == std::string("Exchange::body"));
            CHECK(text(calls.calls[1].instance) == "inner");
            CHECK(text(calls.calls[1].request_id) == "req_1");
            CHECK(noted_request() == "req_1");
        });
        CHECK(mine().count == 1);
    });
    CHECK(mine().count == 0);
    CHECK(noted_request().empty());
}

TEST_CASE("a note of the request names it for calls that do not know it") {
    const RequestNote note("req_2");
    (void)guard({"hook", "HookState::request"}, [] { CHECK(text(mine().calls[0].request_id) == "req_2"); });
}

TEST_CASE("an exception ends its note and is counted for its instance") {
    (void)take_plugin_failures();
    (void)guard({"thrower", "Exchange::end"}, [] { throw std::runtime_error("x"); });
    (void)guard({"thrower", "Exchange::end"}, [] { return std::unique_ptr<int>(); });
    CHECK(mine().count == 0);
    CHECK(take_plugin_failures() == std::vector<std::pair<std::string, std::size_t>>{{"thrower", 2}});
    CHECK(take_plugin_failures().empty());
}

TEST_CASE("names of any length are noted, long ones cut") {
    for (std::size_t size = 0; size < 70; ++size) {
        const std::string name =
            std::string("abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01234567")
                .substr(0, size);
        const CallNote note({name, "member", name});
        CHECK(text(mine().calls[0].instance) == name.substr(0, 48));
        CHECK(text(mine().calls[0].request_id) == name.substr(0, 48));
    }
}

TEST_CASE("calls deeper than the notes are counted and end in order") {
    std::vector<std::unique_ptr<CallNote>> notes;
    for (int i = 0; i < 12; ++i) notes.push_back(std::make_unique<CallNote>(PluginCall("p")));
    CHECK(mine().count == CallSlot::max_depth);
    while (!notes.empty()) notes.pop_back();
    CHECK(mine().count == 0);
}

TEST_CASE("a call is found once if enough looks see the same call, and not if it returns") {
    SlowCalls slow(3);
    for (int i = 0; i < 10; ++i) {
        const CallNote quick({"quick", "Exchange::body"});
        CHECK(slow.look().empty());
    }
    const CallNote note({"rogue", "Exchange::end", "req_3"});
    for (int i = 0; i < 3; ++i) CHECK(slow.look().empty());
    const auto found = slow.look();
    REQUIRE(found.size() == 1);
    CHECK(text(found[0].instance) == "rogue");
    CHECK(text(found[0].request_id) == "req_3");
    CHECK(found[0].member == std::string("Exchange::end"));
    CHECK(slow.look().empty());
    REQUIRE(SlowCalls::running().size() == 1);
}

TEST_CASE("a slow call is found although quick calls begin inside of it") {
    SlowCalls slow(3);
    const CallNote note({"rogue", "Exchange::end"});
    for (int i = 0; i < 3; ++i) {
        const CallNote inside({"hook", "HookState::event"});
        CHECK(slow.look().empty());
    }
    const CallNote inside({"hook", "HookState::event"});
    const auto found = slow.look();
    REQUIRE(found.size() == 1);
    CHECK(text(found[0].instance) == "rogue");
}

TEST_CASE("the innermost of two slow calls is found") {
    SlowCalls slow(1);
    const CallNote outer({"outer", "Exchange::end"});
    const CallNote inner({"inner", "HookState::event"});
    CHECK(slow.look().empty());
    const auto found = slow.look();
    REQUIRE(found.size() == 1);
    CHECK(text(found[0].instance) == "inner");
    CHECK(slow.look().empty());
}

TEST_CASE("a call that may block is never slow") {
    SlowCalls slow(0);
    PluginCall call("local", "LocalProvider::run");
    call.may_block = true;
    const CallNote note(call);
    CHECK(slow.look().empty());
}

TEST_CASE("notes are read while their thread writes them, and never half") {
    std::atomic<bool> stop{false};
    std::atomic<const CallSlot*> slot{nullptr};
    std::thread writer([&] {
        const std::string names[] = {std::string(40, 'a'), std::string(40, 'b')};
        for (std::size_t i = 0; !stop; ++i) {
            const CallNote note({names[i % 2], "member", names[i % 2]});
            slot = gatehouse::core::detail::call_slot;
        }
    });
    CallSlot::Calls calls;
    int read = 0;
    while (read < 1000) {
        const CallSlot* its = slot;
        if (!its || !its->read(calls) || calls.count == 0) continue;
        ++read;
        const std::string name = text(calls.calls[0].instance);
        if (name != std::string(40, name[0]) || text(calls.calls[0].request_id) != name)
            FAIL("half a note: " << name);
    }
    stop = true;
    writer.join();
}

TEST_CASE("a thread that ends gives its notes to the next thread") {
    const std::size_t before = call_slots().size();
    for (int i = 0; i < 5; ++i) std::thread([] { const CallNote note({"p", "m"}); }).join();
    CHECK(call_slots().size() <= before + 1);
}

TEST_CASE("an instance's library and an address's library are known") {
    note_instance("mine", "/x/old.so");
    note_instance("mine", "/x/new.so");
    CHECK(library_of("mine") == "/x/new.so");
    CHECK(library_of("nobody").empty());
    note_libraries();
    const Place place = place_of(reinterpret_cast<const void*>(&take_plugin_failures));
    CHECK(place.library == "gatehouse");
    CHECK(place.offset > 0);
    CHECK(place_of(nullptr).library.empty());
}

TEST_CASE("a line about a crash has the form of the log's lines") {
    CrashLine text(false, "rogue", "plugin crashed the process");
    text.field("call", "Exchange::end").begin("frames").text("a.so+").hex(0x1a2b).text(" ").hex(0).end();
    const std::string plain = line_of(text);
    CHECK(plain.substr(24) ==
          " error rogue plugin crashed the process call=\"Exchange::end\" frames=\"a.so+0x1a2b 0x0\"\n");
    CHECK(plain[10] == 'T');
    CHECK(plain[23] == 'Z');
    CrashLine json(true, "ro\"gue\n", "m");
    json.field("library", "/x\\y");
    const std::string object = line_of(json);
    CHECK(object.starts_with("{\"time\":\"20"));
    CHECK(object.ends_with(
        "\",\"level\":\"error\",\"instance\":\"ro?gue?\",\"message\":\"m\",\"library\":\"/x?y\"}\n"));
    CrashLine full(true, "p", "m");
    full.field("frames", std::string(10'000, 'x'));
    CHECK(line_of(full).ends_with("x\"}\n"));
}
