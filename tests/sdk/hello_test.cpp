// SPDX-License-Identifier: Apache-2.0
// The tutorial's provider, through its door as the core goes, and its size.
#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <fstream>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {
std::string answer_of(const Table& config, const ChatRequest& request) {
    FakeHost host;
    auto made = gatehouse_plugin.create(FakeConfig(config), host);
    REQUIRE(made);
    auto events = replay(static_cast<Provider&>(**made), request, {});
    REQUIRE(events);
    CHECK(all<Finish>(*events).size() == 1);
    return text(*events);
}
}  // namespace

TEST_CASE("it greets with the user's last words") {
    ChatRequest request;
    request.messages = {{.role = Role::user, .parts = {Text{"first"}}},
                        {.role = Role::assistant, .parts = {Text{"answer"}}},
                        {.role = Role::user, .parts = {Text{"wor"}, Text{"ld"}}}};
    CHECK(answer_of({}, request) == "Hello, world");
    CHECK(answer_of(Table{{{"greeting", Value{std::string("Salut")}}}}, request) == "Salut, world");
    CHECK(answer_of({}, {}) == "Hello, ");
}

TEST_CASE("its door names it, and what it was built with") {
    CHECK(gatehouse_plugin.magic == magic);
    CHECK(gatehouse_plugin.abi == abi);
    CHECK(gatehouse_plugin.layout == layout);
    CHECK(std::string(gatehouse_plugin.toolchain) == toolchain);
    CHECK(std::string(gatehouse_plugin.kind) == "provider/1");
    CHECK(std::string(gatehouse_plugin.name) == "hello");
    const auto keys = gatehouse_plugin.keys();
    REQUIRE(keys.size() == 1);
    CHECK(keys[0].fallback == "\"Hello\"");
}

TEST_CASE("with its build file it has at most 40 lines") {
    int lines = 0;
    for (const char* name : {"hello.cpp", "meson.build"}) {
        std::ifstream file(std::string(HELLO) + "/" + name);
        REQUIRE(file);
        for (std::string line; std::getline(file, line);) ++lines;
    }
    CHECK(lines <= 40);
}
