// SPDX-License-Identifier: Apache-2.0
// The output of `gatehouse reload`, and when a watched file counts as changed.
#include "core/config/diff.hpp"
#include "core/config/watch.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

std::vector<std::string> changes(const std::string& before, const std::string& after) {
    auto old = ConfigFile::parse(before, "a.toml");
    auto now = ConfigFile::parse(after, "a.toml");
    REQUIRE(old);
    REQUIRE(now);
    return difference(*old, *now);
}
using Lines = std::vector<std::string>;

struct Scratch {
    Scratch() {
        char name[] = "/tmp/gatehouse-watch-test-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~Scratch() { std::filesystem::remove_all(folder); }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(folder / name) << content;
    }
    std::filesystem::path folder;
};

}  // namespace

TEST_CASE("the difference for other users shows no value of a mapper") {
    const auto old =
        ConfigFile::parse("[mapper.m]\nuse = \"x\"\nmodels = { a = \"p/old\", b = \"p/b\" }\n", "a.toml");
    const auto now =
        ConfigFile::parse("[mapper.m]\nuse = \"x\"\nmodels = { a = \"p/new\", c = \"p/c\" }\n", "a.toml");
    REQUIRE(old);
    REQUIRE(now);
    for (const std::string& line : difference(*old, *now, false)) CHECK(line.find("p/") == line.npos);
    CHECK(difference(*old, *now, false).size() == 3);
}

TEST_CASE("instances and keys that come, go and change are named") {
    CHECK(changes("[provider.a]\nuse = \"x\"\n[hook.h]\nuse = \"y\"\n", "[provider.b]\nuse = \"x\"\n") ==
          Lines{"- [provider.a]", "- [hook.h]", "+ [provider.b]"});
    CHECK(changes("[server]\nlisten = \"a\"\nworkers = 1\n", "[server]\nworkers = 2\nwatch = true\n") ==
          Lines{"- [server] listen", "~ [server] workers", "+ [server] watch"});
    CHECK(changes("[provider.a]\nuse = \"x\"\nmodels.m.drop = [\"a\"]\n",
                  "[provider.a]\nuse = \"x\"\nmodels.m.drop = [\"b\"]\n") ==
          Lines{"~ [provider.a] models.m.drop"});
}

TEST_CASE("routes are shown with where they lead, other values never") {
    CHECK(changes("[mapper.m.models]\n\"a/b\" = \"p/1\"\nc = \"p/2\"\n",
                  "[mapper.m.models]\n\"a/b\" = [\"p/1\", \"q/1\"]\nd = \"p/3\"\n") ==
          Lines{"- [mapper.m] models.c (was 'p/2')",
                "~ [mapper.m] models.\"a/b\" = [ 'p/1', 'q/1' ] (was 'p/1')",
                "+ [mapper.m] models.d = 'p/3'"});
    CHECK(changes("[signer.s]\nkey = \"secret-1\"\n", "[signer.s]\nkey = \"secret-2\"\n") ==
          Lines{"~ [signer.s] key"});
}

TEST_CASE("entries of a list that have names are named, and nothing else of them is shown") {
    auto keys = [](const std::string& list) { return "[authenticator.team]\nkeys = [" + list + "]\n"; };
    const std::string one = "{ name = \"agent-1\", key = \"SECRET-1\" }",
                      two = "{ name = \"agent-2\", key = \"k\" }",
                      changed = "{ name = \"agent-1\", key = \"SECRET-2\" }",
                      quoted = "{ name = 'a \"b', key = \"k\" }";
    CHECK(changes(keys(one), keys(two)) ==
          Lines{"- [authenticator.team] keys \"agent-1\"", "+ [authenticator.team] keys \"agent-2\""});
    CHECK(changes(keys(one + "," + two), keys(changed + "," + two)) ==
          Lines{"~ [authenticator.team] keys \"agent-1\""});
    CHECK(changes(keys(one), keys(one + "," + quoted)) == Lines{"+ [authenticator.team] keys \"a \\\"b\""});
    CHECK(changes(keys(""), keys(one)) == Lines{"+ [authenticator.team] keys \"agent-1\""});
    CHECK(changes("[[admin.tokens]]\nname = \"ops\"\ntoken = \"t\"\n", "[admin]\ntokens = []\n") ==
          Lines{"- [admin] tokens \"ops\""});
    // Their order, and lists without names, or with one name twice.
    CHECK(changes(keys(one + "," + two), keys(two + "," + one)) == Lines{"~ [authenticator.team] keys"});
    CHECK(changes(keys(one), keys(one + ",{ key = \"k\" }")) == Lines{"~ [authenticator.team] keys"});
    CHECK(changes(keys(one), keys(one + "," + one)) == Lines{"~ [authenticator.team] keys"});
}

TEST_CASE("comments, order and spelling do not count as changes") {
    CHECK(changes("[a]\nx = 1\n[server]\ny = \"z\" # w\n", "[server]\n\"y\" = 'z'\n[a]\nx = 1\n").empty());
    CHECK(changes("", "").empty());
}

TEST_CASE("a file counts as changed once, when it has been written") {
    const Scratch scratch;
    scratch.write("a", "1");
    FileWatch watch(scratch.folder / "a");
    CHECK_FALSE(watch.changed());
    scratch.write("a", "12");
    CHECK_FALSE(watch.changed());  // another program may still be writing
    CHECK(watch.changed());
    CHECK_FALSE(watch.changed());

    scratch.write("b", "12");  // another file takes its place
    std::filesystem::rename(scratch.folder / "b", scratch.folder / "a");
    CHECK_FALSE(watch.changed());
    CHECK(watch.changed());

    std::filesystem::remove(scratch.folder / "a");
    CHECK_FALSE(watch.changed());
    CHECK_FALSE(watch.changed());
    scratch.write("a", "123");
    CHECK_FALSE(watch.changed());
    CHECK(watch.changed());
}
