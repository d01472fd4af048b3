// SPDX-License-Identifier: Apache-2.0
// Which libraries are refused, and in which words.
#include "core/plugin/library.hpp"
#include "core/plugin/library_copy.hpp"

#include <gatehouse/layout.hpp>

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

namespace fs = std::filesystem;

fs::path library(const std::string& name) { return fs::path(DOORS) / (name + ".so"); }

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
    auto plugin = load(library("good"));
    REQUIRE(plugin);
    CHECK((*plugin)->name == std::string("good"));
    CHECK((*plugin)->version == std::string("1.2.3"));
    CHECK(kind_of(**plugin) == "provider");
    auto keys = declared_keys(**plugin);
    REQUIRE(keys);
    CHECK(keys->at(0).name == "greeting");
    CHECK(*load(library("good")) == *plugin);  // once more: the same one
}

TEST_CASE("a library that does not fit is refused, with what to do about it") {
    const std::string rebuild = "; rebuild it against the SDK of this gateway";
    CHECK(refusal(library("foreign")) ==
          "is not a Gatehouse plugin: bad magic in its ELF note, or in symbol gatehouse_plugin");
    CHECK(refusal(library("stale")) ==
          "was built for plugin ABI 0, this gateway has " + std::to_string(abi) + rebuild);
    CHECK(refusal(library("other_layout")) ==
          "was built against other headers of plugin ABI " + std::to_string(abi) + rebuild);
    CHECK(refusal(library("other_library")) ==
          "was built with libc++, this gateway with libstdc++; rebuild it with the same standard library");
    CHECK(refusal(library("other_kind")) ==
          "is of the kind teapot/1, which this gateway does not know" + rebuild);
    CHECK(refusal(library("other_revision")) ==
          "is of the kind provider/2, which this gateway does not know" + rebuild);
    CHECK(refusal(library("no_keys")) ==
          "has an incomplete gatehouse_plugin; let the macro GATEHOUSE_PLUGIN make it");
    CHECK(refusal(library("no_entry_point")) ==
          "is not a Gatehouse plugin: it has no symbol gatehouse_plugin; a plugin's source ends in "
          "GATEHOUSE_PLUGIN(...)");
    CHECK(refusal(library("no_note")) ==
          "has no section .note.gatehouse; let the macro GATEHOUSE_PLUGIN make it");
    CHECK(refusal(library("other_note")) ==
          "is of the kind provider/1, but its ELF note says signer/1; let the macro GATEHOUSE_PLUGIN "
          "make both");
}

TEST_CASE("no code of a refused library runs") {
    CHECK(refusal(library("aborting")).starts_with("was built for plugin ABI 0"));
}

TEST_CASE("a library is loaded only if its digest is that of its pin") {
    const fs::path good = library("good");
    const std::string wrong = "provider/good=sha256:" + std::string(64, 'a');
    auto refusal_with = [&](const std::vector<std::string>& pins) {
        auto plugin = load(good, *PluginPins::parse(pins));
        return plugin ? std::string() : plugin.error().message;
    };
    const std::string message = refusal_with({wrong});
    const std::string start = good.string() + " has another SHA-256 than its pin: write \"";
    REQUIRE(message.starts_with(start));
    const std::string right = message.substr(start.size(), wrong.size());
    CHECK(message == start + right + "\" in [plugins] pins, if the new file is yours");
    CHECK(refusal_with({right}) == "");
    CHECK(refusal_with({}) == "");
    CHECK(refusal_with({"signer/good=sha256:" + std::string(64, 'a')}) ==
          good.string() + " is not pinned: add \"" + right + "\" to [plugins] pins, if the file is yours");
}

TEST_CASE("a copy runs on after its file has changed, and the new file is loaded in addition") {
    const TempFolder folder;
    const std::string first = content_of(library("good"));
    const fs::path file = folder.file("good.so", first);
    auto before = load(file, {}, Loading::copy);
    REQUIRE(before);
    CHECK(*load(file, {}, Loading::copy) == *before);
    CHECK(digest_of(**before).size() == 64);
    CHECK(replaced_by(**before) == nullptr);
    Dl_info info{};
    REQUIRE(::dladdr(*before, &info));
    CHECK(std::string(info.dli_fname) == file.string());

    folder.file("good.so", std::string(first.size(), '\0'));  // in place, as cp does
    CHECK((*before)->name == std::string("good"));
    CHECK(declared_keys(**before));
    CHECK_FALSE(load(file, {}, Loading::copy));

    folder.file("good.so", first + "another digest");
    auto after = load(file, {}, Loading::copy);
    REQUIRE(after);
    CHECK(*after != *before);
    CHECK(replaced_by(**after) == *before);
    CHECK(digest_of(**after) != digest_of(**before));
    folder.file("good.so", first);
    CHECK(*load(file, {}, Loading::copy) == *before);
}

TEST_CASE("a pin holds for the bytes of the copy") {
    const TempFolder folder;
    const std::string content = content_of(library("good"));
    const fs::path file = folder.file("good.so", content);
    auto plugin = load(file, {}, Loading::copy);
    REQUIRE(plugin);
    const auto pins = PluginPins::parse({"provider/good=sha256:" + digest_of(**plugin)});
    CHECK(load(file, *pins, Loading::copy));
    folder.file("good.so", content + "x");
    CHECK_FALSE(load(file, *pins, Loading::copy));
    const auto others = PluginPins::parse({"provider/good=sha256:" + std::string(64, 'a')});
    folder.file("good.so", content);
    CHECK_FALSE(load(file, *others, Loading::copy));
}

TEST_CASE("messages about a copy name the file") {
    for (const char* name : {"undefined", "foreign", "no_note"}) {
        auto plugin = load(library(name), {}, Loading::copy);
        REQUIRE_FALSE(plugin);
        CHECK(plugin.error().message == load(library(name)).error().message);
    }
}

TEST_CASE("a library that finds others by its own folder is loaded from its file") {
    CHECK(LibraryCopy(library("good")).is_copy());
    const LibraryCopy other(library("own_folder"));
    CHECK_FALSE(other.is_copy());
    CHECK(other.path() == library("own_folder"));
    CHECK(load(library("own_folder"), {}, Loading::copy));
}

TEST_CASE("a copy has the bytes of its file") {
    const LibraryCopy copy(library("good"));
    CHECK(content_of(copy.path()) == content_of(library("good")));
    CHECK(copy.digest() == sha256_of_file(library("good")));
    CHECK_FALSE(LibraryCopy("/nowhere/good.so").is_copy());
}

TEST_CASE("a pin of another form is refused with the right form") {
    for (const std::string& pin :
         std::vector<std::string>{"", "provider/good", "good=sha256:" + std::string(64, 'a'),
                                  "provider/good=sha256:" + std::string(63, 'a'),
                                  "provider/good=sha256:" + std::string(64, 'g')}) {
        auto pins = PluginPins::parse({pin});
        REQUIRE_FALSE(pins);
        CHECK(pins.error().message ==
              "\"" + pin + "\" is not a pin: write \"KIND/NAME=sha256:\" and 64 hexadecimal digits");
    }
}

TEST_CASE("a library that the linker refuses is refused in the linker's words") {
    const std::string why = refusal(library("undefined"));
    CHECK(why.starts_with("cannot be loaded: "));
    CHECK(why.find("undefined symbol") != std::string::npos);
    CHECK(why.find("undefined_function") != std::string::npos);
}

TEST_CASE("a plugin that cannot say its keys is refused when asked") {
    auto plugin = load(library("throwing_keys"));
    REQUIRE(plugin);
    auto keys = declared_keys(**plugin);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().message == "the plugin cannot say which keys it has: throwing_keys: no keys today");
}

TEST_CASE("a file that is not a library is rejected with the reason") {
    const TempFolder folder;
    CHECK(refusal(folder.path / "nothing.so") == "does not exist");
    CHECK(refusal(folder.path) == "is a directory, not a library");
    CHECK(refusal(folder.file("empty.so", "")) == "is empty");
    CHECK(refusal(folder.file("text.so", "#!/bin/sh\nexit 0\n")) == "is not a shared library");
    CHECK(refusal(folder.file("short.so",
                              "\x7f"
                              "ELF")) == "is not a shared library");
    CHECK(refusal(folder.file("long.so",
                              "\x7f"
                              "ELF" +
                                  std::string(4096, '\xff')))
              .starts_with("cannot be loaded: "));
    CHECK(refusal("/dev/null") == "is not a file");
}

TEST_CASE("a symbolic link is followed, and a dangling link is rejected") {
    const TempFolder folder;
    fs::create_symlink(library("good"), folder.path / "good.so");
    CHECK(refusal(folder.path / "good.so") == "");
    fs::create_symlink("/nowhere/good.so", folder.path / "dangling.so");
    CHECK(refusal(folder.path / "dangling.so") ==
          "is a symbolic link to /nowhere/good.so, which does not exist");
}

TEST_CASE("a library that was cut short is refused instead of ending the process") {
    const TempFolder folder;
    const std::string whole = content_of(library("good"));
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
    std::string other = content_of(library("good"));
    other[4] = other[4] == 1 ? 2 : 1;  // EI_CLASS: 32 bits for 64
    CHECK(refusal(folder.file("other.so", other)).find("wrong ELF class") != std::string::npos);
}
