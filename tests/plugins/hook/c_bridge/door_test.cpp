// SPDX-License-Identifier: Apache-2.0
// The C interface for hooks: accepted libraries, messages about refused ones, and the promises
// of version 1.
#include "plugins/common/c_door/mistake.hpp"
#include "tests/plugins/hook/c_bridge/script.hpp"

#include <doctest/doctest.h>

#include <cstddef>

#undef GATEHOUSE_C_H
#undef GATEHOUSE_C_HOOK_H
#define gatehouse_c_provider gatehouse_c_provider_1
#define gatehouse_c_hook gatehouse_c_hook_1
namespace first {
#include "tests/plugins/hook/c_bridge/c_hook_1.h"
}
#undef gatehouse_c_provider
#undef gatehouse_c_hook

using namespace gatehouse;
using namespace gatehouse::test;

extern "C" const Descriptor gatehouse_plugin;

namespace {

// Existing members keep their offsets; new members follow them.
#define HOOK_STAYS(type, member) static_assert(offsetof(first::type, member) == offsetof(::type, member))
HOOK_STAYS(gatehouse_c_hook_out, size);
HOOK_STAYS(gatehouse_c_hook_out, context);
HOOK_STAYS(gatehouse_c_hook_out, fail);
HOOK_STAYS(gatehouse_c_hook_out, answer);
HOOK_STAYS(gatehouse_c_hook_out, text);
HOOK_STAYS(gatehouse_c_hook_door, version);
HOOK_STAYS(gatehouse_c_hook_door, size);
HOOK_STAYS(gatehouse_c_hook_door, description);
HOOK_STAYS(gatehouse_c_hook_door, create);
HOOK_STAYS(gatehouse_c_hook_door, destroy);
HOOK_STAYS(gatehouse_c_hook_door, begin);
HOOK_STAYS(gatehouse_c_hook_door, release);
HOOK_STAYS(gatehouse_c_hook_door, request);
HOOK_STAYS(gatehouse_c_hook_door, attempt);
HOOK_STAYS(gatehouse_c_hook_door, text);
HOOK_STAYS(gatehouse_c_hook_door, flush);
HOOK_STAYS(gatehouse_c_hook_door, done);
static_assert(GATEHOUSE_C_HOOK_VERSION == 1, "another version needs its own frozen header");

std::string path(const char* name) { return std::string(LIBRARIES) + "/c_hook_" + name + ".so"; }

std::string refused(const std::string& library, const char* key = nullptr, const char* value = "") {
    testing::FakeHost host;
    Table table = testing::strings({{"library", library}});
    if (key)
        table.entries.push_back({"settings", Value{Table{{{key, Value{std::vector<std::string>{value}}}}}}});
    auto made = testing::create<Hook>(gatehouse_plugin, table, host);
    return made ? "" : made.error().message;
}

std::string wrong(const gatehouse_c_hook_door& door, std::size_t bytes = sizeof(gatehouse_c_hook_door)) {
    try {
        (void)enter(door, bytes);
        return "";
    } catch (const c_bridge::Mistake& mistake) {
        return mistake.what();
    }
}

}  // namespace

TEST_CASE("a hook of version 1 is accepted, and a hook with more functions than the gateway knows") {
    for (const char* name : {"first", "newer"}) {
        testing::FakeHost host;
        testing::FakeRequest request;
        auto hook =
            testing::create<Hook>(gatehouse_plugin, testing::strings({{"library", path(name)}}), host);
        REQUIRE(hook);
        CHECK(host.logged.front() == "created");
        auto state = (*hook)->begin(request.info());
        Operation operation = ChatRequest{};
        REQUIRE(state->request(operation));
        REQUIRE(state->decides());
        std::optional<Result<Verdict>> verdict;
        state->decide(operation, testing::into(verdict));
        REQUIRE(verdict);
        REQUIRE(*verdict);
        CHECK(lines((**verdict).events) == Lines{"text built with version 1", "finish stop"});
    }
}

TEST_CASE("a file that is not a library with a hook is refused by its path") {
    const std::string folder = LIBRARIES;
    CHECK(refused("") == "library: library must be the path of a library");
    CHECK(refused(folder + "/nothing.so") == "library: " + folder + "/nothing.so does not exist");
    CHECK(refused(folder) == "library: " + folder + " is a directory, not a library");
    CHECK(refused(QUILL) == std::string("library: ") + QUILL +
                                " has no symbol gatehouse_c_hook, or hides it: see gatehouse/c_hook.h, and "
                                "link without the SDK's version script");
}

TEST_CASE("an invalid entry point of a hook is refused with advice") {
    CHECK(wrong(entry) == "");
    gatehouse_c_hook_door door = entry;
    door.magic = 7;
    CHECK(wrong(door) == "has a gatehouse_c_hook with a bad magic: it is not a gatehouse_c_hook_door");
    CHECK(wrong(entry, 8) == "has a gatehouse_c_hook with a bad magic: it is not a gatehouse_c_hook_door");
    door = entry;
    door.version = 2;
    CHECK(wrong(door) ==
          "was built for version 2 of the C interface for hooks, this gateway has 1; rebuild it with the "
          "gatehouse/c_hook.h of this gateway");
    const std::string size =
        "has a wrong size in its gatehouse_c_hook_door: it must be sizeof(gatehouse_c_hook_door)";
    door = entry;
    door.size = 64;
    CHECK(wrong(door) == size);
    door.size = sizeof door + 1;
    CHECK(wrong(door) == size);
    door = entry;
    door.release = nullptr;
    CHECK(wrong(door) == "has no release in its gatehouse_c_hook_door");
    door = entry;
    door.flush = nullptr;
    CHECK(wrong(door) == "has only one of text and flush in its gatehouse_c_hook_door: set both or neither");
    door = entry;
    door.description = R"({"name":"x","version":"1","operations":["chat"]})";
    CHECK(wrong(door) ==
          "cannot be used: its description has a member \"operations\" that this gateway does not know");
}

TEST_CASE("settings of a hook are what the library describes") {
    const std::string word = "word must have 1 to 63 ASCII characters, and its first one only once";
    CHECK(refused(WORDS) == "settings: settings lack the key \"word\": The forbidden word.");
    CHECK(refused(WORDS, "word", "") == "settings.word: " + word);
    CHECK(refused(WORDS, "word", "a\"b") == "settings.word: " + word);
    CHECK(refused(WORDS, "word", "caf\xC3\xA9") == "settings.word: " + word);
    CHECK(refused(WORDS, "word", "tut") == "settings.word: " + word);
    CHECK(refused(WORDS, "word", "tulip") == "");
    CHECK(refused(WORDS, "wrod", "x") == "settings.wrod: words has no setting \"wrod\" (allowed: word)");
}
