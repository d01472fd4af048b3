// SPDX-License-Identifier: Apache-2.0
// The smallest provider: created through its entry point as the core does, and its size.
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

TEST_CASE("hello greets with the user's last message") {
    ChatRequest request;
    request.messages = {{.role = Role::user, .parts = {Text{"first"}}},
                        {.role = Role::assistant, .parts = {Text{"answer"}}},
                        {.role = Role::user, .parts = {Text{"wor"}, Text{"ld"}}}};
    CHECK(answer_of({}, request) == "Hello, world");
    CHECK(answer_of(Table{{{"greeting", Value{std::string("Salut")}}}}, request) == "Salut, world");
    CHECK(answer_of({}, {}) == "Hello, ");
}

TEST_CASE("its descriptor has its name and its build") {
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

TEST_CASE("hello and its build file have at most 40 lines") {
    int lines = 0;
    for (const char* name : {"hello.cpp", "meson.build"}) {
        std::ifstream file(std::string(HELLO) + "/" + name);
        REQUIRE(file);
        for (std::string line; std::getline(file, line);) ++lines;
    }
    CHECK(lines <= 40);
}
