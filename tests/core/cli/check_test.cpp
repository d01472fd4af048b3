// SPDX-License-Identifier: Apache-2.0
// `gatehouse check` and the messages of a start that fails, as a user meets them.
#include "tests/core/cli/program.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <regex>

using namespace gatehouse::core::test;

TEST_CASE("check says ok and what the file asks for, and leaves no log file behind") {
    const Folder folder;
    const std::string config = folder.file("good.toml", configuration());
    const Outcome checked = run("check -c " + config);
    CHECK(checked.err == "");
    CHECK(checked.status == 0);
    CHECK(checked.out.starts_with(config + ": ok\n"));
    CHECK(contains(checked.out, "greeter (hello)"));
    CHECK_FALSE(fs::exists(folder.path / "gatehouse.log"));
}

TEST_CASE("check of a wrong file has status 2 and says where") {
    const Folder folder;
    const std::string config = folder.file("wrong.toml", configuration("[hook.x]\nuse = \"no_such\"\n"));
    const Outcome checked = run("check -c " + config);
    CHECK(checked.status == 2);
    CHECK(checked.out == "");
    CHECK(checked.err.starts_with(config + ":14:7: there is no hook plugin \"no_such\""));
    CHECK(contains(checked.err, "; searched: "));
    CHECK(checked.err.ends_with("\n    use = \"no_such\"\n          ^\n"));

    const std::string stale = folder.file(
        "stale.toml", configuration("[plugins]\npath = \"" DOORS "\"\n[provider.s]\nuse = \"stale\"\n"));
    CHECK(contains(run("check -c " + stale).err, "/stale.so was built for plugin ABI 0, this gateway has "));
    const std::string log = folder.file("log.toml", configuration());
    std::ofstream(log) << std::regex_replace(configuration(), std::regex("gatehouse.log"),
                                             "no/such/folder.log");
    CHECK(run("check -c " + log).err ==
          log + ":5:8: cannot open the log file " + (folder.path / "no/such/folder.log").string() +
              ": no such file or directory\n    file = \"no/such/folder.log\"\n           ^\n");
    CHECK(run("check -c " + (folder.path / "none.toml").string()).err ==
          (folder.path / "none.toml").string() + ": no such file or directory\n");
}

/// A configuration with nine mistakes and a warning, and correct tables between them.
const std::string wrong = R"([server]
listen = "127.0.0.1:0"
workers = "two"
port = 8050
[plugins]
path = ["none"]
[provider.oci]
use = "ocii"
[provider.greeter]
use = "hello"
greting = "a"
[provider.cloud]
use = "oci"
region = "us-chicago-1"
compartment_id = "env:GATEHOUSE_TEST_UNSET"
[hook.h]
use = "redact"
signer = "x"
[mapper.models]
use = "table"
[mapper.models.models]
hello = "greeter/any"
a = "oci/x"
b = "orcl/x"
c = ["greter/x", "orcl/y"]
[dialect.openai]
use = "openai"
[logs]
level = "info"
)";

TEST_CASE("check shows every mistake in the order of lines, and their number") {
    const Folder folder;
    const std::string config = folder.file("wrong.toml", wrong);
    const Outcome checked = run("check -c " + config);
    CHECK(checked.status == 2);
    CHECK(checked.out == "");
    const std::regex lines("(?:^|\n)" + config + R"((:\d+:\d+: [^\n;(,]*[^\n;(, ]))");
    std::string found;
    for (std::sregex_iterator one(checked.err.begin(), checked.err.end(), lines), none; one != none; ++one)
        found += (*one)[1].str() + "\n";
    CHECK(found ==
          ":3:11: workers must be an integer\n"
          ":4:1: unknown key \"port\" in [server]\n"
          ":6:9: warning: " +
              (folder.path / "none").string() +
              " does not exist\n"
              ":8:7: there is no provider plugin \"ocii\"\n"
              ":11:1: unknown key \"greting\" in [provider.greeter]\n"
              ":15:18: compartment_id: the environment variable GATEHOUSE_TEST_UNSET is not set\n"
              ":18:10: there is no [signer.x]\n"
              ":24:5: a route names the provider \"orcl\"\n"
              ":25:6: a route names the provider \"greter\"\n"
              ":28:2: unknown table [logs]\n");
    CHECK(checked.err.ends_with("\n9 mistakes\n"));
    const Outcome served = run("serve -c " + config);
    CHECK(served.status == 2);
    CHECK(served.err.ends_with("\n9 mistakes\n"));
    CHECK(contains(served.err, config + ":28:2: unknown table [logs]"));
}

TEST_CASE("a route to an unknown provider is reported at its entry, with the lines of the others") {
    const Folder folder;
    const std::string config = folder.file(
        "route.toml", std::regex_replace(
                          configuration(), std::regex(R"(models = \{.*\})"),
                          "[mapper.models.models]\nhello = [\"greeter/a\", \"greter/b\"]\nb = \"greter/c\""));
    CHECK(
        run("check -c " + config).err ==
        config +
            ":11:23: a route names the provider \"greter\", but there is no [provider.greter]; did you mean "
            "\"greeter\"? (there are: greeter; also in line 12)\n"
            "    hello = [\"*********\", \"greter/b\"]\n                          ^\n");
}

TEST_CASE("check --json prints one object with the mistakes and warnings") {
    const Folder folder;
    const std::string config = folder.file("wrong.toml", wrong);
    const Outcome checked = run("check --json -c " + config);
    CHECK(checked.status == 2);
    CHECK(checked.err == "");
    const auto document = nlohmann::json::parse(checked.out);
    CHECK(document["file"] == config);
    REQUIRE(document["findings"].size() == 10);
    CHECK(document["findings"][0] ==
          nlohmann::json({{"severity", "error"},
                          {"line", 3},
                          {"column", 11},
                          {"message", "workers must be an integer, not a string; write it without quotes"}}));
    CHECK(document["findings"][2]["severity"] == "warning");
    CHECK(document["findings"][2]["message"] ==
          (folder.path / "none").string() + " does not exist, so no plugin is found there");

    // A plugin's warning is at its table; a finding about the whole file has no line.
    const std::string hello = R"([provider.cloud]
use = "oci"
region = "us-nowhere-1"
compartment_id = "ocid1.compartment.oc1..a"
)";
    const Outcome good = run("check --json -c " + folder.file("good.toml", configuration(hello)));
    CHECK(good.status == 0);
    CHECK(good.err == "");
    const auto warnings = nlohmann::json::parse(good.out)["findings"];
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0]["severity"] == "warning");
    CHECK(warnings[0]["line"] == 13);
    CHECK(contains(warnings[0]["message"], "region=us-nowhere-1"));
    CHECK_FALSE(fs::exists(folder.path / "gatehouse.log"));
    const Outcome none = run("check --json -c " + (folder.path / "none.toml").string());
    CHECK(none.status == 2);
    CHECK(nlohmann::json::parse(none.out)["findings"] ==
          nlohmann::json::array({{{"severity", "error"},
                                  {"line", nullptr},
                                  {"column", nullptr},
                                  {"message", "no such file or directory"}}}));
    const auto syntax =
        nlohmann::json::parse(run("check --json -c " + folder.file("x.toml", "[server\n")).out);
    REQUIRE(syntax["findings"].size() == 1);
    CHECK(syntax["findings"][0]["line"] == 1);
}

TEST_CASE("no library is loaded if [plugins] has a mistake") {
    const Folder folder;
    for (const std::string key : {"pins = 5\n", "pins = [\"x\"]\n"}) {
        const std::string config =
            folder.file("pins.toml", configuration("[plugins]\n" + key + "[hook.x]\nuse = \"no_such\"\n"));
        const Outcome checked = run("check -c " + config);
        CAPTURE(checked.err);
        CHECK(checked.status == 2);
        CHECK(contains(checked.err, "pins"));
        CHECK(checked.err.starts_with(config + ":14:8: "));
        CHECK_FALSE(contains(checked.err, "no_such"));
    }
}

TEST_CASE("an address that is taken has status 1 and is named") {
    const Folder folder;
    Serving first(folder.file("first.toml", configuration()));
    const fs::path log = folder.path / "gatehouse.log";
    REQUIRE(comes(log, " listening address="));
    std::smatch address;
    const std::string text = content_of(log);
    REQUIRE(std::regex_search(text, address, std::regex(R"(address=(127\.0\.0\.1:\d+))")));
    std::string config = configuration();
    config.replace(config.find("127.0.0.1:0"), 11, address[1].str());
    const Outcome second = run("serve -c " + folder.file("second.toml", config));
    CHECK(second.status == 1);
    const std::string wanted = "second.toml:2:10: [server] listen: cannot listen on \"" + address[1].str() +
                               "\": Address already in use; process " + std::to_string(first.process()) +
                               ", a gateway of this user with the configuration " +
                               (folder.path / "first.toml").string() +
                               ", listens there: stop it, or choose another port\n    listen = \"" +
                               address[1].str() + "\"\n             ^\n";
    CAPTURE(second.err);
    CHECK(second.err.ends_with(wanted));
    first.send(SIGTERM);
    CHECK(first.wait() == 0);
}

TEST_CASE("an address that another program has, or that this host lacks, is reported at its key") {
    const Folder folder;
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(fd, 1) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    auto served = [&](const std::string& listen) {
        return run("serve -c " +
                   folder.file("listen.toml",
                               std::regex_replace(configuration(), std::regex("127.0.0.1:0"), listen)));
    };
    const std::string taken = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    const Outcome other = served(taken);
    CAPTURE(other.err);
    CHECK(other.status == 1);
    CHECK(contains(other.err, "listen.toml:2:10: [server] listen: cannot listen on \"" + taken +
                                  "\": Address already in use; process " + std::to_string(::getpid()) +
                                  " ("));
    CHECK(contains(other.err, ") listens there: stop it, or choose another port\n"));
    ::close(fd);
    const Outcome foreign = served("192.0.2.1:21999");
    CHECK(foreign.status == 1);
    CHECK(
        contains(foreign.err,
                 "listen.toml:2:10: [server] listen: cannot listen on \"192.0.2.1:21999\": Cannot assign "
                 "requested address; no network interface of this host has this address: `ip address` shows "
                 "them, and 0.0.0.0 stands for all\n    listen = "));
}

TEST_CASE("names in the table of a limiter that match no request are warnings at their place") {
    const Folder folder;
    const std::string file = folder.file("g.toml", configuration(R"([limiter.q]
use = "quota"
budgets = [{ for = "model:helo", amount = 1.0 }]
[limiter.q.prices."greter/any"]
input = 1
output = 2
)"));
    const Outcome checked = run("check -c " + file);
    CHECK(checked.status == 0);
    CHECK(contains(checked.err, "[mapper.models] has no model \"helo\"; did you mean \"hello\"?"));
    CHECK(contains(checked.err,
                   "there is no [provider.greter]; did you mean \"greeter\"? (there are: greeter)"));
}

TEST_CASE("check warns of a port that another program has, but not of its own gateway") {
    const Folder folder;
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(fd, 1) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const std::string listen = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    std::string text = configuration();
    text.replace(text.find("127.0.0.1:0"), 11, listen);
    const std::string config = folder.file("port.toml", text);
    const Outcome taken = run("check -c " + config);
    CHECK(taken.status == 0);
    CAPTURE(taken.err);
    CHECK(taken.err.starts_with(config + ":2:10: warning: [server] listen: cannot listen on \"" + listen +
                                "\": Address already in use; process " + std::to_string(::getpid()) + " ("));
    CHECK(contains(taken.err,
                   ") listens there: stop it, or choose another port\n    listen = \"" + listen + "\"\n"));
    ::close(fd);
    CHECK(run("check -c " + config).err == "");
    Serving own(config);
    REQUIRE(comes(folder.path / "gatehouse.log", " listening address="));
    CHECK(run("check -c " + config).err == "");
    // The next configuration of a running gateway.
    CHECK(run("check -c " + folder.file("next.toml", text)).err == "");
    own.send(SIGTERM);
    CHECK(own.wait() == 0);
}

TEST_CASE("check warns of a signer that is not used, and of an admin API without an address") {
    const Folder folder;
    const std::string text = configuration(
        "[signer.spare]\nuse = \"bearer\"\nkey = \"sk-4711\"\n"
        "[observer.desk]\nuse = \"console\"\n");
    const auto warned = [&](const std::string& config) {
        return run("check -c " + folder.file("c.toml", config));
    };
    const Outcome checked = warned(text);
    CAPTURE(checked.err);
    CHECK(checked.status == 0);
    CHECK(checked.err.find(
              "warning: no provider and no hook uses this signer: add signer = \"spare\" to the table "
              "that needs it\n") != std::string::npos);
    CHECK(
        checked.err.find("warning: [observer.desk] needs the admin API, which has no address: add listen to "
                         "[admin]\n") != std::string::npos);
    const std::string listens =
        "[admin]\nlisten = \"127.0.0.1:0\"\ntokens = [{ name = \"a\", token = \"0123456789abcdef0123456789abcdef\" }]\n";
    CHECK(warned(text + listens).err.find("needs the admin API") == std::string::npos);
}

TEST_CASE("a warning of a secret or of a plugin is a finding of check, and explain request leaves it out") {
    const Folder folder;
    const std::string team =
        "[authenticator.team]\nuse = \"api_key\"\nkeys = [{ name = \"a\", key = \"'sk-12345678901234567890'\", models = "
        "[\"helo\"] }]\n";
    const std::string config = folder.file("warned.toml", configuration(team));
    fs::permissions(config, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
    const Outcome checked = run("check -c " + config);
    CHECK(checked.status == 0);
    const std::string line =
        "    keys = [{ name = \"a\", key = \"*************************\", models = [\"helo\"] }]\n";
    CHECK(
        checked.err ==
        config + ":15:29: warning: users other than its owner may read " + config +
            ", which contains a secret: `chmod 600` it\n" + line + std::string(32, ' ') + "^\n" + config +
            ":15:29: warning: the secret is probably wrong: it has a quote at its begin or end, which counts as a "
            "part of it: remove the quotes (`docker --env-file` keeps them)\n" +
            line + std::string(32, ' ') + "^\n" + config +
            ":15:68: warning: [mapper.models] has no model \"helo\"; did you mean \"hello\"?\n" + line +
            std::string(71, ' ') + "^\n");
    const std::string request = folder.file("request.json", R"({"model":"hello","messages":[]})");
    CHECK(run("explain request " + request + " -c " + config).err == "");
}
