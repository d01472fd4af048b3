// SPDX-License-Identifier: Apache-2.0
// The commands as a user meets them: what is printed where, and the exit status.
#include "core/config/route_options.hpp"
#include "tests/core/cli/program.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <string>

using namespace gatehouse::core::test;

TEST_CASE("hash-key prints the SHA-256 of its argument or of a line of its input") {
    const std::string hash = "sha256:f3abf2a6cc4f00987743db5f544ba345b4899ae31f326d8ee9c4816de153c9e0\n";
    CHECK(run("hash-key sk-test").out == hash);
    CHECK(run("hash-key", "sk-test\n").out == hash);
    CHECK(run("hash-key", "sk-test").out == hash);
    CHECK(run("hash-key", "sk-test\r\nmore\n").out == hash);
}

TEST_CASE("hash-key without a key, or with one too long, is a mistake") {
    const Outcome none = run("hash-key");
    CHECK(none.status == 2);
    CHECK(none.out == "");
    CHECK(none.err == "no key was given; write it as one line to standard input\n");
    CHECK(run("hash-key", "\nsk-test\n").status == 2);
    CHECK(run("hash-key", std::string(5000, 'x')).err == "a key may have at most 4096 bytes\n");
}

TEST_CASE("version says what plugins must be built for") {
    const Outcome version = run("version");
    CHECK(version.status == 0);
    CHECK(std::regex_match(version.out,
                           std::regex(R"(gatehouse \d+\.\d+\.\d+ \(plugin ABI \d+, libstdc\+\+\)\n)")));
    CHECK(run("--version").out == version.out);
}

TEST_CASE("output that cannot be written is an error with status 1") {
    const Folder folder;
    const std::string err = folder.path / "err";
    const int status = std::system(("exec " GATEHOUSE " version >/dev/full 2>" + err).c_str());
    CHECK(WEXITSTATUS(status) == 1);
    CHECK(content_of(err) == "standard output cannot be written, the output is incomplete\n");
}

TEST_CASE("a mistake on the command line has status 2 and a message") {
    const Outcome none = run("");
    CHECK(none.status == 2);
    CHECK(none.out == "");
    CHECK(none.err.starts_with("A subcommand is required\n\n"));
    CHECK(contains(none.err, "\n  serve                       Run the gateway until TERM or INT\n"));
    CHECK(none.err.ends_with("\ngatehouse SUBCOMMAND --help shows the options of a command.\n"));
    const Outcome unknown = run("chekc -c x");
    CHECK(unknown.status == 2);
    CHECK(contains(unknown.err, "there is no command \"chekc\"; did you mean \"check\"?"));
    CHECK(run("serve").status == 2);
    CHECK(contains(run("serve").err, "--config"));
    const Outcome bare = run("keys");
    CHECK(bare.status == 2);
    CHECK(bare.err.starts_with("action is required\n\nList, make, rotate,"));
    CHECK(contains(bare.err, "list, show, create, set, rotate, block, unblock or revoke"));
    CHECK(run("check --frob -c x").status == 2);
    CHECK(run("--help").status == 0);
}

TEST_CASE("explain shows the keys of the core's tables") {
    for (const char* table : {"server", "admin", "upstream", "log", "plugins"})
        CHECK(run(std::string("explain ") + table).status == 0);
    const Outcome server = run("explain server");
    CHECK(contains(server.out,
                   "\n  listen                          string                     \"127.0.0.1:8050\"\n"));
    CHECK(contains(server.out, "\n  max_json_depth                  integer                    200\n"));
    CHECK(contains(run("explain log").out, "One of \"debug\", \"info\", \"warning\", \"error\"."));
}

TEST_CASE("explain shows the keys of a plugin, nested ones too") {
    const Outcome hello = run("explain provider hello");
    CHECK(hello.status == 0);
    CHECK(contains(hello.out, "greeting"));
    CHECK(contains(hello.out, "signer"));
    const Outcome keys = run("explain authenticator api_key");
    CHECK(contains(keys.out, "\n      key                         string                     required\n"));
    CHECK(std::regex_search(keys.out, std::regex(R"(Secret:\s+never\s+printed)")));
}

TEST_CASE("config/gatehouse.toml shows every key of every plugin") {
    const std::string example = content_of(EXAMPLES "/gatehouse.toml");
    const std::regex table(R"x(\n#?\[(\w+)\.\w+\]\n#?use = "(\w+)"\n)x");
    const std::regex key(R"(\n  (\w+) +(boolean|integer|number|string|list of|table of))");
    std::set<std::string> core_of_providers = {"signer", "store"};
    for (const gatehouse::Key& key_of_core : keys_of(gatehouse::core::provider_fields))
        core_of_providers.insert(key_of_core.name);
    const std::sregex_iterator none;
    std::set<std::string> plugins;
    for (std::sregex_iterator one(example.begin(), example.end(), table); one != none; ++one) {
        plugins.insert((*one)[1].str() + " " + (*one)[2].str());
        const Outcome keys = run("explain " + (*one)[1].str() + " " + (*one)[2].str());
        REQUIRE(keys.status == 0);
        const auto begin = static_cast<std::size_t>(one->position());
        const std::size_t end =
            std::next(one) == none ? example.size() : static_cast<std::size_t>(std::next(one)->position());
        const std::string part = example.substr(begin, end - begin);
        for (std::sregex_iterator found(keys.out.begin(), keys.out.end(), key); found != none; ++found) {
            const std::string name = (*found)[1];
            CAPTURE(part.substr(0, 40));
            CAPTURE(name);
            // The core's own keys are shown with one instance.
            bool shown = core_of_providers.contains(name) &&
                         (contains(example, "\n" + name + " = ") || contains(example, "\n#" + name + " = "));
            for (const std::string& form : {"\n" + name + " = ", "\n#" + name + " = ", "{ " + name + " = ",
                                            ", " + name + " = ", "." + name + "]", "." + name + ".\""})
                shown = shown || contains(part, form);
            CHECK(shown);
        }
    }
    CHECK(plugins.size() == 34);
}

TEST_CASE("explain without arguments lists what there is") {
    const Outcome all = run("explain");
    CHECK(all.status == 0);
    CHECK(contains(all.out, "[server]"));
    CHECK(contains(all.out, "hello"));
    CHECK(contains(run("explain mapper").out, "table"));
}

TEST_CASE("explain of something unknown names the nearest") {
    const Outcome kind = run("explain provide");
    CHECK(kind.status == 2);
    CHECK(contains(kind.err, "there is no table or kind \"provide\"; did you mean \"provider\"?"));
    const Outcome plugin = run("explain provider helo");
    CHECK(plugin.status == 2);
    CHECK(contains(plugin.err, "there is no provider plugin \"helo\"; did you mean \"hello\"?"));
}

TEST_CASE("plugins lists what is found, and what is refused with the reason") {
    const Outcome all = run("plugins --path " DOORS);
    CHECK(all.status == 0);
    CHECK(
        std::regex_search(all.out, std::regex(R"(\nprovider +hello +\d+\.\d+\.\d+ +\d+ +/.*/hello\.so\n)")));
    CHECK(std::regex_search(all.out, std::regex(R"(\nRefused:\n)")));
    CHECK(contains(all.out, "/stale.so was built for plugin ABI 0"));
}

TEST_CASE("plugins lists unused plugins, missing folders, and what to do") {
    const Folder folder;
    fs::copy_file(DOORS "/good.so", folder.path / "good.so");
    const Outcome all =
        run("plugins --path " DOORS " --path " + folder.path.string() + " --path /no/such/folder");
    CHECK(all.status == 0);
    CHECK(contains(all.out, "/misnamed.so calls itself another_name: rename it to another_name.so\n"));
    CHECK(contains(all.out,
                   "  " + folder.path.string() +
                       "/good.so is hidden by another provider good: remove one of them, or change the "
                       "order of [plugins] path\n"));
    CHECK(contains(all.out, "\nMissing folders:\n  /no/such/folder is not a readable folder; "));
    CHECK(all.out.ends_with("\nThis is " + run("version").out.substr(0, run("version").out.size() - 1) +
                            ".\n"));
}

TEST_CASE("the configuration may come from the environment") {
    const Folder folder;
    ::setenv("GATEHOUSE_CONFIG", folder.file("good.toml", configuration()).c_str(), 1);
    CHECK(run("check").status == 0);
    ::unsetenv("GATEHOUSE_CONFIG");
}

TEST_CASE("serve says where it listens and ends well on TERM and on INT") {
    for (int signal : {SIGTERM, SIGINT}) {
        const Folder folder;
        Serving serving(folder.file("good.toml", configuration()));
        const fs::path log = folder.path / "gatehouse.log";
        REQUIRE(comes(log, " listening address=127.0.0.1:"));
        CHECK_FALSE(contains(content_of(log), "address=127.0.0.1:0\n"));
        const std::string version = run("version").out.substr(10);  // after "gatehouse "
        CHECK(contains(content_of(log), " version=" + version.substr(0, version.find(' ')) + "\n"));
        serving.send(signal);
        CHECK(serving.wait() == 0);
        CHECK(contains(content_of(log), " stopped\n"));
    }
}

TEST_CASE("HUP reopens the log, reloads the configuration and ends no request") {
    const Folder folder;
    Serving serving(folder.file("good.toml", configuration()));
    const fs::path log = folder.path / "gatehouse.log", old = folder.path / "old.log";
    REQUIRE(comes(log, " listening "));
    fs::rename(log, old);
    serving.send(SIGHUP);
    CHECK(comes(log, " reloaded "));
    serving.send(SIGTERM);
    CHECK(serving.wait() == 0);
    CHECK(contains(content_of(log), " stopped\n"));
    CHECK_FALSE(contains(content_of(old), " stopped\n"));
}

TEST_CASE("USR1 reopens the log and does nothing else") {
    const Folder folder;
    const std::string config = folder.file("good.toml", configuration());
    Serving serving(config);
    const fs::path log = folder.path / "gatehouse.log", old = folder.path / "old.log";
    REQUIRE(comes(log, " listening "));
    folder.file("good.toml", "[half");
    fs::rename(log, old);
    serving.send(SIGUSR1);
    for (int i = 0; i < 6000 && !fs::exists(log); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    REQUIRE(fs::exists(log));
    serving.send(SIGTERM);
    CHECK(serving.wait() == 0);
    CHECK(contains(content_of(log), " stopped\n"));
    for (const fs::path& file : {log, old}) CHECK_FALSE(contains(content_of(file), "reload"));
}

TEST_CASE("a gateway that drains reopens its log on USR1") {
    const Folder folder;
    std::string config = configuration();
    config.insert(config.find("[log]"), "drain_delay_ms = 3600000\n");
    Serving serving(folder.file("good.toml", config));
    const fs::path log = folder.path / "gatehouse.log", old = folder.path / "old.log";
    REQUIRE(comes(log, " listening "));
    serving.send(SIGTERM);
    REQUIRE(comes(log, " draining "));
    fs::rename(log, old);
    serving.send(SIGUSR1);
    for (int i = 0; i < 6000 && !fs::exists(log); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(fs::exists(log));
    serving.send(SIGTERM);
    CHECK(serving.wait() == 1);
}
