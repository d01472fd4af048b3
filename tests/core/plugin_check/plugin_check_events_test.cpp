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
std::string found(const std::vector<Event>& events) {
    int pipe[2];
    REQUIRE(::pipe2(pipe, O_NONBLOCK | O_CLOEXEC) == 0);
    Pulse pulse;
    Check check(pipe[1], pulse, {});
    check_events(check, events, ChatRequest{}, true);
    char buffer[16384];
    const ssize_t size = ::read(pipe[0], buffer, sizeof buffer);
    ::close(pipe[0]);
    ::close(pipe[1]);
    Record record;
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
