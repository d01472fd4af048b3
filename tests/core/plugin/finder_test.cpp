// SPDX-License-Identifier: Apache-2.0
// The search for plugins, and the errors for missing ones.
#include "core/plugin/finder.hpp"

#include "core/plugin/library.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        char name[] = "/tmp/gatehouse-finder-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { fs::remove_all(path); }

    /// Puts the library `door` at `place`.
    void put(const std::string& door, const std::string& place) const {
        fs::create_directories((path / place).parent_path());
        fs::copy_file(fs::path(DOORS) / (door + ".so"), path / place);
    }
    fs::path path;
};

std::string error_of(const Result<FoundPlugin>& found) { return found ? "" : found.error().message; }

}  // namespace

TEST_CASE("a plugin is found in each of the places of a configured folder") {
    for (const char* place : {"provider/good.so", "provider/good/good.so", "good.so"}) {
        const Folder folder;
        folder.put("good", place);
        auto found = Finder({folder.path}, "").find("provider", "good");
        REQUIRE(found);
        CHECK(found->path == folder.path / place);
        CHECK(found->descriptor->name == std::string("good"));
    }
}

TEST_CASE("signers and authenticators share the folder auth") {
    const Folder folder;
    folder.put("signer", "auth/signer.so");
    CHECK(Finder({folder.path}, "").find("signer", "signer"));
    CHECK(error_of(Finder({folder.path}, "").find("authenticator", "signer")) ==
          "\"signer\" is a signer, not an authenticator: use it in [signer.NAME]");
}

TEST_CASE("plugins next to the binary are found, installed and in a build tree") {
    const Folder tree;
    fs::create_directories(tree.path / "bin");
    fs::create_directories(tree.path / "core");
    const fs::path installed = (tree.path / "bin" / RELATIVE_PLUGIN_DIR).lexically_normal();
    const fs::path inside = installed.lexically_relative(tree.path);
    tree.put("good", inside / "provider/good.so");
    tree.put("signer", "plugins/auth/signer/signer.so");
    CHECK(Finder({}, tree.path / "bin").find("provider", "good"));
    CHECK_FALSE(Finder({}, tree.path / "bin").find("signer", "signer"));
    CHECK(Finder({}, tree.path / "core").find("signer", "signer"));
}

TEST_CASE("configured folders are searched before the folder of the binary, and both are listed") {
    const Folder own, tree;
    own.put("good", "good.so");
    fs::create_directories(tree.path / "core");
    tree.put("good", "plugins/provider/good/good.so");
    tree.put("signer", "plugins/auth/signer/signer.so");
    const Finder finder({own.path}, tree.path / "core");
    CHECK(finder.find("provider", "good")->path == own.path / "good.so");
    CHECK(finder.find("signer", "signer"));
}

TEST_CASE("the error for a missing plugin has the nearest name, all names and the folders") {
    const Folder folder;
    folder.put("good", "provider/good.so");
    folder.put("signer", "auth/signer.so");
    const Finder finder({folder.path}, "");
    const std::string where = folder.path.string();
    CHECK(error_of(finder.find("provider", "god")) ==
          "there is no provider plugin \"god\"; did you mean \"good\"? (found: good; searched: " + where +
              ")");
    CHECK(error_of(finder.find("signer", "zzzzzz")) ==
          "there is no signer plugin \"zzzzzz\" (found: signer; searched: " + where + ")");
    CHECK(error_of(finder.find("mapper", "table")) ==
          "there is no mapper plugin \"table\" (none found; searched: " + where + ")");
}

TEST_CASE("a plugin that is refused is not passed over for one further on") {
    const Folder first, second;
    first.put("stale", "good.so");
    second.put("good", "provider/good.so");
    const std::string message = error_of(Finder({first.path, second.path}, "").find("provider", "good"));
    CHECK(message.starts_with((first.path / "good.so").string() + " was built for plugin ABI 0"));
}

TEST_CASE("a library whose file name differs from its plugin name is refused") {
    const Folder folder;
    folder.put("misnamed", "provider/misnamed.so");
    CHECK(error_of(Finder({folder.path}, "").find("provider", "misnamed")) ==
          (folder.path / "provider/misnamed.so").string() +
              " calls itself \"another_name\": rename it to another_name.so");
}

TEST_CASE("the list has every library, the refused ones with the reason") {
    const Folder folder;
    folder.put("good", "provider/good.so");
    folder.put("signer", "auth/signer/signer.so");
    folder.put("stale", "flat.so");
    std::ofstream(folder.path / "mapper.so") << "text";
    std::ofstream(folder.path / "provider" / "notes.txt") << "text";
    const auto all = Finder({folder.path, folder.path}, "").list();
    REQUIRE(all.size() == 4);
    CHECK(all[0].descriptor->name == std::string("good"));
    CHECK(all[1].descriptor->name == std::string("signer"));
    CHECK(all[2].path == folder.path / "flat.so");
    CHECK(all[2].descriptor == nullptr);
    CHECK(all[2].refused.find("plugin ABI 0") != std::string::npos);
    CHECK(all[3].refused == (folder.path / "mapper.so").string() + " is not a shared library");
}

TEST_CASE("missing folders are ignored") {
    const Finder finder({"/nowhere/plugins"}, "");
    CHECK(finder.list().empty());
    CHECK(error_of(finder.find("provider", "good")) ==
          "there is no provider plugin \"good\" (none found; searched: /nowhere/plugins)");
}
