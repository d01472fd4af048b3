// SPDX-License-Identifier: Apache-2.0
// The findings of plugin-check for the events of one response, without a plugin.
#include "core/plugin_check/events.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::core::plugin_check;

namespace {

/// The ids of what is found, in order, a blank behind each.
std::string found(const std::vector<Event>& events, const Operation& operation = ChatRequest{}) {
    int pipe[2];
    REQUIRE(::pipe2(pipe, O_NONBLOCK | O_CLOEXEC) == 0);
    Pulse pulse;
    Check check(pipe[1], pulse, {});
    check_events(check, events, operation, true);
    char buffer[16384];
    const ssize_t size = ::read(pipe[0], buffer, sizeof buffer);
    ::close(pipe[0]);
    ::close(pipe[1]);
    core::plugin_check::Record record;
    decode({buffer, size > 0 ? static_cast<std::size_t>(size) : 0}, record);
    std::string ids;
    for (const Finding& finding : record.findings) ids += finding.id + " ";
    return ids;
}

std::string found_of_call(std::string arguments, FinishReason reason) {
    ToolCallDelta call;
    call.id = "call_1";
    call.name = "f";
    call.arguments = std::move(arguments);
    return found({call, Finish{reason}});
}

}  // namespace

TEST_CASE("the arguments of a call may be broken where the answer was cut for its length, and only there") {
    CHECK(found_of_call(R"({"a":1})", FinishReason::tool_calls) == "");
    CHECK(found_of_call(R"({"a":)", FinishReason::length) == "");
    CHECK(found_of_call("", FinishReason::tool_calls) == "");
    for (FinishReason other : {FinishReason::tool_calls, FinishReason::stop, FinishReason::content_filter})
        CHECK(found_of_call(R"({"a":)", other) == "tool-arguments ");
}

TEST_CASE("events out of order are found") {
    CHECK(found({TextDelta{"a"}, Finish{FinishReason::stop}}) == "");
    CHECK(found({}) == "finish-missing ");
    CHECK(found({TextDelta{"a"}}) == "finish-missing ");
    CHECK(found({Finish{FinishReason::stop}, TextDelta{"a"}}) == "after-finish ");
    CHECK(found({Finish{FinishReason::stop}, Finish{FinishReason::stop}}) == "finish-twice ");
    CHECK(found({Usage{}, Finish{FinishReason::stop}}) == "usage-order ");
    CHECK(found({Finish{FinishReason::stop}, Usage{}, Usage{}}) == "usage-twice ");
}

TEST_CASE("blocks and thoughts belong to a chat, before its finish, and a block is an object") {
    const Finish stop{FinishReason::stop};
    CHECK(found({ReasoningDelta{"a"}, ThoughtEnd{}, BlockEnd{}, OtherBlock{.json = {"{}"}}, stop}) == "");
    CHECK(found({OtherBlock{.json = {"[]"}}, stop}) == "block ");
    CHECK(found({stop, BlockEnd{}}) == "after-finish ");
    CHECK(found({ToolCallDelta{.id = "1", .name = "f", .arguments = "not {", .custom = true}, stop}) == "");
}

TEST_CASE("a count of tokens is one event, and no other request has it") {
    CHECK(found({TokenCount{7}}, TokenCountRequest{}) == "");
    CHECK(found({}, TokenCountRequest{}) == "token-count ");
    CHECK(found({TokenCount{7}, TokenCount{7}}, TokenCountRequest{}) == "token-count ");
    CHECK(found({TokenCount{-1}}, TokenCountRequest{}) == "token-count ");
    CHECK(found({TokenCount{7}, Finish{}}) == "event-kind ");
}

TEST_CASE("bytes belong to an unknown operation only") {
    CHECK(found({RawBytes{"text/plain", "a"}, RawBytes{"", "b"}}, RawRequest{}) == "");
    CHECK(found({RawBytes{"text/plain", "a"}, Finish{}}) == "event-kind ");
}
