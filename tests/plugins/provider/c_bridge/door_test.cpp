// SPDX-License-Identifier: Apache-2.0
// The C interface: accepted libraries, messages about refused ones, and the promises of
// version 1.
#include "plugins/common/c_door/mistake.hpp"
#include "plugins/provider/c_bridge/library.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>

#undef GATEHOUSE_C_H
#define gatehouse_c_provider gatehouse_c_provider_1
namespace first {
#include "tests/plugins/provider/c_bridge/c_1.h"
}
#undef gatehouse_c_provider

using namespace gatehouse;
using namespace gatehouse::c_bridge;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

// Existing members keep their offsets; new members follow them.
#define STAYS(type, member) static_assert(offsetof(first::type, member) == offsetof(::type, member))
STAYS(gatehouse_c_bytes, data);
STAYS(gatehouse_c_bytes, size);
STAYS(gatehouse_c_host, size);
STAYS(gatehouse_c_host, context);
STAYS(gatehouse_c_host, log);
STAYS(gatehouse_c_host, now);
STAYS(gatehouse_c_out, size);
STAYS(gatehouse_c_out, context);
STAYS(gatehouse_c_out, fail);
STAYS(gatehouse_c_out, request);
STAYS(gatehouse_c_out, emit);
STAYS(gatehouse_c_out, text);
STAYS(gatehouse_c_door, version);
STAYS(gatehouse_c_door, size);
STAYS(gatehouse_c_door, description);
STAYS(gatehouse_c_door, create);
STAYS(gatehouse_c_door, destroy);
STAYS(gatehouse_c_door, begin);
STAYS(gatehouse_c_door, release);
STAYS(gatehouse_c_door, request);
STAYS(gatehouse_c_door, head);
STAYS(gatehouse_c_door, body);
STAYS(gatehouse_c_door, end);
STAYS(gatehouse_c_door, next);
STAYS(gatehouse_c_door, complete);
STAYS(gatehouse_c_door, amend);
static_assert(sizeof(first::gatehouse_c_bytes) == sizeof(gatehouse_c_bytes), "it is passed by value");
static_assert(GATEHOUSE_C_VERSION == 1, "another version needs its own frozen header");

std::string path(const char* name) { return std::string(LIBRARIES) + "/c_" + name + ".so"; }

/// The error of a configuration with a library, or an empty text.
std::string refused(const std::string& library) {
    FakeHost host;
    auto made = create<Provider>(gatehouse_plugin, strings({{"library", library}}), host);
    return made ? "" : made.error().message;
}

std::string answer_of(const char* library) {
    FakeHost host;
    auto provider = create<Provider>(gatehouse_plugin, strings({{"library", path(library)}}), host);
    REQUIRE(provider);
    CHECK(host.logged.front() == "created");
    const auto events = replay(**provider, ChatRequest{}, {});
    REQUIRE(events);
    CHECK(all<Finish>(*events).size() == 1);
    return text(*events);
}

std::string wrong(const gatehouse_c_door& entry, std::size_t bytes = sizeof(gatehouse_c_door)) {
    try {
        (void)enter(entry, bytes);
        return "";
    } catch (const Mistake& mistake) {
        return mistake.what();
    }
}

gatehouse_c_door good_door() {
    gatehouse_c_door entry{};
    entry.magic = GATEHOUSE_C_MAGIC;
    entry.version = GATEHOUSE_C_VERSION;
    entry.size = sizeof entry;
    entry.description = R"({"name":"x","version":"1"})";
    entry.create = [](const gatehouse_c_host*, gatehouse_c_bytes, const gatehouse_c_out*) -> void* {
        return nullptr;
    };
    entry.destroy = entry.release = [](void*) {};
    entry.begin = [](void*, gatehouse_c_bytes, gatehouse_c_bytes, const gatehouse_c_out*) -> void* {
        return nullptr;
    };
    entry.request = entry.end = [](void*, const gatehouse_c_out*) {};
    entry.body = [](void*, gatehouse_c_bytes, const gatehouse_c_out*) {};
    return entry;
}

std::string described(const char* description) {
    gatehouse_c_door entry = good_door();
    entry.description = description;
    return wrong(entry);
}

}  // namespace

TEST_CASE("a library of version 1 is accepted, and a library with more functions than the gateway knows") {
    CHECK(answer_of("first") == "built with version 1");
    CHECK(answer_of("newer") == "built with version 1");
}

TEST_CASE("a file that is not such a library is refused by its path") {
    const std::string folder = LIBRARIES;
    CHECK(refused("") == "library: library must be the path of a library");
    CHECK(refused(folder + "/nothing.so") == "library: " + folder + "/nothing.so does not exist");
    CHECK(refused(folder) == "library: " + folder + " is a directory, not a library");
    const auto text = std::filesystem::temp_directory_path() / "gatehouse-c-door-text.so";
    std::ofstream(text) << "no library";
    CHECK(refused(text) == "library: " + text.string() + " is not a shared library");
    std::filesystem::copy_file(path("first"), text, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(text, 4096);
    CHECK(refused(text) ==
          "library: " + text.string() + " is cut short: it has only 4096 bytes; copy it again");
    std::filesystem::remove(text);
    CHECK(refused(path("no_door")) ==
          "library: " + path("no_door") +
              " has no symbol gatehouse_c_provider, or hides it: see gatehouse/c.h, "
              "and link without the SDK's version script");
    CHECK(refused(path("function")) ==
          "library: " + path("function") +
              " has no gatehouse_c_door: its gatehouse_c_provider is not an object");
}

TEST_CASE("an invalid entry point is refused with advice") {
    CHECK(wrong(good_door()) == "");
    gatehouse_c_door entry = good_door();
    entry.magic = 7;
    CHECK(wrong(entry) == "has a gatehouse_c_provider with a bad magic: it is not a gatehouse_c_door");
    CHECK(wrong(good_door(), 8) ==
          "has a gatehouse_c_provider with a bad magic: it is not a gatehouse_c_door");
    entry = good_door();
    entry.version = 2;
    CHECK(wrong(entry) ==
          "was built for version 2 of the C interface, this gateway has 1; rebuild it with the "
          "gatehouse/c.h of this gateway");
    const std::string size = "has a wrong size in its gatehouse_c_door: it must be sizeof(gatehouse_c_door)";
    entry = good_door();
    entry.size = 64;
    CHECK(wrong(entry) == size);
    entry.size = sizeof entry + 1;
    CHECK(wrong(entry) == size);
    entry = good_door();
    entry.release = nullptr;
    CHECK(wrong(entry) == "has no release in its gatehouse_c_door");
    entry.description = nullptr;
    CHECK(wrong(entry) == "has no description in its gatehouse_c_door");
}

TEST_CASE("a description that cannot be used is refused at its member") {
    auto keys = [](const std::string& key) {
        return described((R"({"name":"x","version":"1","keys":[)" + key + "]}").c_str());
    };
    CHECK(described("") == "cannot be used: its description, of 0 bytes, is not valid JSON");
    CHECK(described("[1]") == "cannot be used: its description is not a JSON object");
    CHECK(described(R"({"version":"1"})") == "cannot be used: its description lacks \"name\"");
    CHECK(described(R"({"name":1,"version":"1"})") ==
          "cannot be used: \"name\" of its description must be a string");
    CHECK(described(R"({"name":"a b","version":"1"})")
              .starts_with("cannot be used: \"name\" of its description must be made of"));
    CHECK(described(R"({"name":"x","version":"1","nmae":2})") ==
          "cannot be used: its description has a member \"nmae\" that this gateway does not know");
    CHECK(described(R"({"name":"x","version":"1","operations":["chat","sing"]})") ==
          "cannot be used: \"operations\" of its description must be made of chat, embed, rerank and models, "
          "not "
          "\"sing\"");
    CHECK(keys("") == "");
    CHECK(keys("3") == "cannot be used: keys[0] is not a JSON object");
    CHECK(keys(R"({"name":"a"})") == "cannot be used: keys[0] lacks \"doc\"");
    CHECK(keys(R"({"name":"a","doc":"","type":"float"})") ==
          "cannot be used: \"type\" of keys[0] must be one of string, integer, number, boolean, string_list");
    CHECK(keys(R"({"name":"a","doc":"","type":"integer","minimum":3,"default":2})") ==
          "cannot be used: \"default\" of keys[0] must be an integer of at least 3");
    CHECK(keys(R"({"name":"a","doc":"","type":"integer","minimum":3,"maximum":2})") ==
          "cannot be used: \"minimum\" of keys[0] must be at most the maximum");
    CHECK(keys(R"({"name":"a","doc":"","allowed":["b"],"default":"c"})") ==
          "cannot be used: \"default\" of keys[0] must be one of the words in \"allowed\"");
    CHECK(keys(R"({"name":"a","doc":"","required":true,"default":"c"})") ==
          "cannot be used: keys[0] is required and has a default");
    CHECK(keys(R"({"name":"a","doc":""},{"name":"a","doc":""})") ==
          "cannot be used: its description has two keys \"a\"");
}
