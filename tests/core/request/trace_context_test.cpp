// SPDX-License-Identifier: Apache-2.0
#include "core/request/trace_context.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

Trace read(const std::string& parent, const std::string& state = "") {
    http::Headers headers = {{"traceparent", parent}};
    if (!state.empty()) headers.add("tracestate", state);
    return trace_of(headers);
}
bool is_valid(const std::string& parent) { return read(parent).id.valid(); }

}  // namespace

TEST_CASE("a valid traceparent is read") {
    const Trace trace = read(good, "vendor=1");
    CHECK(trace.id.hex() == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(trace.parent.hex() == "00f067aa0ba902b7");
    CHECK(trace.parent_sampled);
    CHECK_FALSE(trace.random);
    CHECK(trace.state == "vendor=1");
    CHECK(read(good.substr(0, 53) + "02").random);
    CHECK_FALSE(read(good.substr(0, 53) + "fe").parent_sampled);
    CHECK(read(" " + good + "\t").id.valid());
}

TEST_CASE("an invalid traceparent counts as missing, and so does its tracestate") {
    CHECK_FALSE(is_valid(""));
    CHECK_FALSE(is_valid(good + "-"));
    CHECK_FALSE(is_valid(good + "-01"));
    CHECK_FALSE(is_valid("ff" + good.substr(2)));
    CHECK_FALSE(is_valid("cc" + good.substr(2) + "later"));
    CHECK_FALSE(is_valid("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
    CHECK_FALSE(is_valid("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
    CHECK_FALSE(is_valid(good + "," + good));
    CHECK_FALSE(is_valid("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"));
    CHECK_FALSE(is_valid(std::string(100'000, '0')));
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(i);
        CHECK_FALSE(is_valid(good.substr(0, i)));
        for (const char wrong : {'G', 'A', ' ', '\r', '\0', '+', '\xff'}) {
            std::string changed = good;
            changed[i] = wrong;
            if (i > 0 || wrong != ' ') CHECK_FALSE(is_valid(changed));
        }
    }
    CHECK(read("wrong", "vendor=1").state.empty());
}

TEST_CASE("a later version is read as far as version 00 goes") {
    CHECK(is_valid("cc" + good.substr(2)));
    CHECK(is_valid("01" + good.substr(2) + "-later"));
    CHECK(trace_parent(read("cc" + good.substr(2) + "-later"), {1}, true) ==
          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01");
}

TEST_CASE("a repeated traceparent counts as missing") {
    CHECK_FALSE(trace_of({{"traceparent", good}, {"TraceParent", good}}).id.valid());
}

TEST_CASE("the members of all tracestate fields are joined in their order") {
    const Trace trace = trace_of({{"tracestate", "a=1"}, {"traceparent", good}, {"tracestate", "b@c=2 ,"}});
    CHECK(trace.state == "a=1,b@c=2 ,");
}

TEST_CASE("an invalid tracestate is dropped as a whole") {
    for (const std::string wrong :
         {"a", "=1", "A=1", "a=", "a=1=2", "a b=1", "a@b@c=1", "a=\x01", "a=caf\xc3\xa9", ",", " "})
        CHECK_MESSAGE(read(good, wrong).state.empty(), wrong);
    CHECK(read(good, "a=" + std::string(510, 'x')).state.empty());
    std::string many = "a=1";
    for (int i = 0; i < 31; ++i) many += ",a" + std::to_string(i) + "=1";
    CHECK(read(good, many).state == many);
    CHECK(read(good, many + ",last=1").state.empty());
    CHECK(read(good, "a=" + std::string(256, 'x')).state.size() == 258);
    CHECK(read(good, "a=" + std::string(257, 'x')).state.empty());
}

TEST_CASE("a new trace has random ids, and says so") {
    std::set<std::string> ids;
    for (int i = 0; i < 1'000; ++i) {
        const Trace trace = new_trace();
        REQUIRE(trace.id.valid());
        REQUIRE(trace.span.valid());
        CHECK_FALSE(trace.parent.valid());
        ids.insert(trace.id.hex());
        ids.insert(trace.span.hex());
    }
    CHECK(ids.size() == 2'000);
    const Trace trace = new_trace();
    CHECK(trace_parent(trace, trace.span, true) == "00-" + trace.id.hex() + "-" + trace.span.hex() + "-03");
    CHECK(trace_parent(trace, trace.span, false).ends_with("-02"));
}
