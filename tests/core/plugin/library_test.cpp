// SPDX-License-Identifier: Apache-2.0
// Which libraries are refused, and in which words.
#include "core/plugin/library.hpp"

#include <gatehouse/layout.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

namespace fs = std::filesystem;

fs::path door(const std::string& name) { return fs::path(DOORS) / (name + ".so"); }

/// Why `path` is refused, without its name in front.
std::string refusal(const fs::path& path) {
    auto plugin = load(path);
    if (plugin) return "";
    const std::string message = plugin.error().message, name = path.string();
    CHECK(message.starts_with(name + " "));
    CHECK(plugin.error().kind == ErrorKind::bad_config);
    return message.substr(std::min(message.size(), name.size() + 1));
}

struct TempFolder {
    TempFolder() {
        char name[] = "/tmp/gatehouse-library-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~TempFolder() { fs::remove_all(path); }
    fs::path file(const std::string& name, const std::string& content) const {
        std::ofstream(path / name, std::ios::binary) << content;
        return path / name;
    }
    fs::path path;
};

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a good library is loaded and says what it is") {
    auto plugin = load(door("good"));
    REQUIRE(plugin);
    CHECK((*plugin)->name == std::string("good"));
    CHECK((*plugin)->version == std::string("1.2.3"));
    CHECK(kind_of(**plugin) == "provider");
    auto keys = declared_keys(**plugin);
    REQUIRE(keys);
    CHECK(keys->at(0).name == "greeting");
    CHECK(*load(door("good")) == *plugin);  // once more: the same one
}

TEST_CASE("a library with another door is refused, with what to do about it") {
    const std::string rebuild = "; rebuild it against the SDK of this gateway";
    CHECK(refusal(door("foreign")) == "is no Gatehouse plugin: its gatehouse_plugin begins otherwise");
    CHECK(refusal(door("stale")) ==
          "was built for plugin ABI 0, this gateway has " + std::to_string(abi) + rebuild);
    CHECK(refusal(door("other_layout")) ==
          "was built against other headers of plugin ABI " + std::to_string(abi) + rebuild);
    CHECK(refusal(door("other_library")) ==
          "was built with libc++, this gateway with libstdc++; rebuild it with the same standard library");
    CHECK(refusal(door("other_kind")) ==
          "is of the kind teapot/1, which this gateway does not know" + rebuild);
    CHECK(refusal(door("other_revision")) ==
          "is of the kind provider/2, which this gateway does not know" + rebuild);
    CHECK(refusal(door("no_keys")) ==
          "has an incomplete gatehouse_plugin; let the macro GATEHOUSE_PLUGIN make it");
    CHECK(refusal(door("no_door")) ==
          "is no Gatehouse plugin: it has no symbol gatehouse_plugin; a plugin's source ends in "
          "GATEHOUSE_PLUGIN(...)");
}

TEST_CASE("a library that the linker refuses is refused in the linker's words") {
    const std::string why = refusal(door("undefined"));
    CHECK(why.starts_with("cannot be loaded: "));
    CHECK(why.find("undefined symbol") != std::string::npos);
    CHECK(why.find("nobody_has_this") != std::string::npos);
}

TEST_CASE("a plugin that cannot say its keys is refused when asked") {
    auto plugin = load(door("throwing_keys"));
    REQUIRE(plugin);
    auto keys = declared_keys(**plugin);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().message == "the plugin cannot say which keys it has: throwing_keys: no keys today");
}

TEST_CASE("what is no library is refused for what it is") {
    const TempFolder folder;
    CHECK(refusal(folder.path / "nothing.so") == "is not there");
    CHECK(refusal(folder.path) == "is a directory, not a library");
    CHECK(refusal(folder.file("empty.so", "")) == "is empty");
    CHECK(refusal(folder.file("text.so", "#!/bin/sh\nexit 0\n")) == "is no shared library");
    CHECK(refusal(folder.file("short.so",
                              "\x7f"
                              "ELF")) == "is no shared library");
    CHECK(refusal(folder.file("long.so",
                              "\x7f"
                              "ELF" +
                                  std::string(4096, '\xff')))
              .starts_with("cannot be loaded: "));
    CHECK(refusal("/dev/null") == "is not a file");
}

TEST_CASE("a symbolic link is followed, one that leads nowhere is refused") {
    const TempFolder folder;
    fs::create_symlink(door("good"), folder.path / "good.so");
    CHECK(refusal(folder.path / "good.so") == "");
    fs::create_symlink("/nowhere/good.so", folder.path / "dangling.so");
    CHECK(refusal(folder.path / "dangling.so") ==
          "is a symbolic link to /nowhere/good.so, which is not there");
}

TEST_CASE("a library that was cut short is refused instead of ending the process") {
    const TempFolder folder;
    const std::string whole = content_of(door("good"));
    REQUIRE(whole.size() > 4096);
    int cut = 0;
    for (std::size_t size : {std::size_t(64), std::size_t(200), std::size_t(2000), whole.size() / 4}) {
        const std::string why = refusal(folder.file("cut.so", whole.substr(0, size)));
        CHECK(why == "is cut short: it has only " + std::to_string(size) + " bytes; copy it again");
        ++cut;
    }
    CHECK(cut == 4);
}

TEST_CASE("a library for another machine is refused in the linker's words") {
    const TempFolder folder;
    std::string other = content_of(door("good"));
    other[4] = other[4] == 1 ? 2 : 1;  // EI_CLASS: 32 bits for 64
    CHECK(refusal(folder.file("other.so", other)).find("wrong ELF class") != std::string::npos);
}
