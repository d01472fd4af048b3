// SPDX-License-Identifier: Apache-2.0
// All mistakes of a configuration in one run, in the order of lines, and no consequence of one as another.
#include "core/config/mistakes.hpp"
#include "core/config/admin_rights.hpp"

#include "core/config/named_routes.hpp"
#include "tests/core/config/errors.hpp"

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

Error config_error(std::string text) { return {ErrorKind::bad_config, std::move(text)}; }

/// The mistakes of `text` without the lines of the file that they show.
std::string lines_of(const std::string& text) {
    auto file = ConfigFile::parse(text, "test.toml");
    REQUIRE(file);
    Mistakes mistakes(file->path());
    read_settings(*file, mistakes);
    for (const InstanceConfig& one : instances(*file, mistakes))
        if (one.known != InstanceConfig::Known::name) check(*file, one, keys_of(everything), mistakes);
    std::string lines;
    for (const Mistake& one : mistakes.in_order())
        lines += std::to_string(one.line) + ":" + std::to_string(one.column) + " " +
                 one.message.substr(0, one.message.find_first_of(";(:")) + "\n";
    return lines;
}

}  // namespace

TEST_CASE("a mistake knows its line, its column and its message without the excerpt") {
    Mistakes mistakes("a:1:b.toml");
    auto file = ConfigFile::parse("one = 1\ntwo = 2\n", "a:1:b.toml");
    REQUIRE(file);
    mistakes.add(file->error({.line = 2, .column = 7}, "two must be\n    less"));
    mistakes.add(config_error("a:1:b.toml: no such file or directory"));
    mistakes.add(config_error("out of memory"));
    mistakes.warn(file->error({.line = 1, .column = 1}, "1"));
    const auto all = mistakes.in_order();
    REQUIRE(all.size() == 4);
    CHECK((all[0].warning && all[0].line == 1 && all[0].column == 1 && all[0].message == "1"));
    CHECK(all[0].text == "a:1:b.toml:1:1: warning: 1\n    one = 1\n    ^");
    CHECK((all[1].line == 2 && all[1].column == 7 && all[1].message == "two must be\n    less"));
    CHECK((all[2].line == 0 && all[2].message == "no such file or directory"));
    CHECK((all[3].line == 0 && all[3].message == "out of memory"));
    CHECK(mistakes.count() == 3);
}

TEST_CASE(
    "one error has all mistakes with their number, and its detail the first with the number of others") {
    Mistakes one("t.toml");
    one.add(config_error("t.toml:3:4: wrong\n    x\n    ^"));
    CHECK(one.error().message == "t.toml:3:4: wrong\n    x\n    ^");
    CHECK(one.error().detail == one.error().message);
    one.add(config_error("t.toml:1:4: bad\n    y\n    ^"));
    one.warn(config_error("t.toml:2:4: doubtful\n    z\n    ^"));
    CHECK(one.error().message ==
          "t.toml:1:4: bad\n    y\n    ^\nt.toml:3:4: wrong\n    x\n    ^\n2 mistakes");
    CHECK(one.error().detail == "t.toml:1:4: bad (and 1 more)\n    y\n    ^");
}

TEST_CASE("all mistakes are found, in one table and in several, in the order of lines") {
    CHECK(lines_of("[provider.p]\nuse = \"x\"\ntexd = \"a\"\npass = 3\ncount = 10\nlist = [1, \"a\", 2]\n"
                   "keys = [{ nam = \"a\" }, 4, { name = \"b\", key = \"k\", limit = 101 }]\n"
                   "[server]\nworkers = \"two\"\nlisten = 5\nport = 1\n[signer.s]\nuse = \"a b\"\n"
                   "[upstream]\nattempts = \"env:NONE\"\n[upstream.hosts.\"A\"]\npins = [\"x\"]\n") ==
          "3:1 unknown key \"texd\" in [provider.p]\n"
          "4:8 pass must be a string, not an integer\n"
          "5:9 count must be between 1 and 9, not 10\n"
          "6:9 list[0] must be a string, not an integer\n"
          "6:17 list[2] must be a string, not an integer\n"
          "7:9 keys[0] lacks the key \"key\"\n"
          "7:11 unknown key \"nam\" in keys[0]\n"
          "7:24 keys[1] must be a table, not an integer\n"
          "7:60 keys[2].limit must be between 0 and 100, not 101\n"
          "9:11 workers must be an integer, not a string\n"
          "10:10 listen must be a string, not an integer\n"
          "11:1 unknown key \"port\" in [server] \n"
          "13:7 use must be the name of a plugin, made of letters, digits, \"_\" and \"-\", not \"a b\"\n"
          "15:12 attempts must be an integer, not a string\n");
    CHECK(lines_of(
              "[upstream.hosts.A]\npins = [\"x\"]\nclient_key = \"k\"\n[admin]\nlisten = \"x\"\n"
              "tokens = [{ name = \"a b\", token = \"short\" }]\n[log]\nattributes = [\"a b\", \"c d\"]\n") ==
          "1:1 hosts.A\n2:9 hosts.A.pins[0] must be the SHA-256 of a public key in base64, 44 characters\n"
          "3:14 client_key needs client_certificate too\n"
          "5:10 listen must be HOST\n"
          "6:20 tokens[0].name must be made of letters, digits, \"_\" and \"-\", because the log shows it\n"
          "6:35 tokens[0].token must have at least 22 characters\n"
          "8:15 attributes must be names made of letters, digits, \"_\" and \"-\", not \"a b\"\n"
          "8:22 attributes must be names made of letters, digits, \"_\" and \"-\", not \"c d\"\n");
}

TEST_CASE("a right that no admin resource knows is a warning at its place") {
    auto file = ConfigFile::parse(
        "[admin]\ntokens = [\n  { name = \"ops\", token = \"t\", may = [\"raed\", \"keys\"] },\n  { name = \"b\" }, 7]\n",
        "t.toml");
    REQUIRE(file);
    Mistakes mistakes("t.toml");
    check_rights(*file, {"keys", "read"}, mistakes);
    const auto all = mistakes.in_order();
    REQUIRE(all.size() == 1);
    CHECK((all[0].warning && all[0].line == 3 && all[0].column == 39));
    CHECK(
        all[0].message ==
        "no resource of the admin API needs the right \"raed\"; did you mean \"read\"? (there are: keys, read)");
}

TEST_CASE("every missing variable is reported, in core keys and in a plugin's own") {
    const Variable unset("GATEHOUSE_TEST_UNSET", nullptr);
    CHECK(
        lines_of(
            "[provider.p]\nuse = \"x\"\nsigner = \"env:GATEHOUSE_TEST_UNSET\"\n"
            "text = \"env:GATEHOUSE_TEST_UNSET\"\npass = \"env:GATEHOUSE_TEST_UNSET\"\n"
            "routes = { a = [\"env:GATEHOUSE_TEST_UNSET\"] }\n[log]\nfile = \"env:GATEHOUSE_TEST_UNSET\"\n") ==
        "3:10 signer\n4:8 text\n5:8 pass\n6:17 routes.a[0]\n8:8 file\n");
}

TEST_CASE("the consequences of a mistake are not further mistakes") {
    const std::string p = "use = \"x\"\ntext = \"t\"\npass = \"p\"\n";
    // The misspelled key is the missing one.
    CHECK(lines_of("[provider.p]\nuse = \"x\"\ntxet = \"t\"\npass = \"p\"\n") ==
          "3:1 unknown key \"txet\" in [provider.p]\n");
    CHECK(lines_of("[provider.p]\nuze = \"x\"\ntext = \"t\"\n") ==
          "2:1 unknown key \"uze\" in [provider.p]\n");
    // A table with a mistake is there for those that name it.
    CHECK(lines_of("[provider.p]\nsigner = \"s\"\n" + p + "[signer.s]\nuse = 3\n") ==
          "7:7 use must be a string, not an integer\n");
    CHECK(lines_of("[provider.p]\nsigner = \"s\"\n" + p + "[singer.s]\n" + p) ==
          "6:2 unknown table [singer]\n");
    CHECK(lines_of("[provider.p]\nsigner = \"a b\"\n" + p + "[signer.\"a b\"]\n" + p) ==
          "6:9 the name of an instance is made of letters, digits, \"_\" and \"-\", not \"a b\"\n");
    // The default address is not compared if [server] has a mistake.
    CHECK(lines_of("[server]\nlisten = 1\n[admin]\nlisten = \"127.0.0.1:8050\"\n") ==
          "2:10 listen must be a string, not an integer\n");
}

TEST_CASE("a file of mistakes only is not read to its end") {
    std::string text = "[server]\n";
    for (int i = 0; i < 200; ++i) text += "key_" + std::to_string(i) + " = 1\n";
    const std::string all = error_of(text);
    CHECK(all.ends_with("\n100 mistakes, and maybe more"));
    CHECK(all.find("\"key_99\"") != all.npos);
    CHECK(all.find("\"key_100\"") == all.npos);
}

TEST_CASE("the entries of a mapper's table that name a provider are found, whatever its keys are") {
    const Variable set("GATEHOUSE_TEST_ROUTE", "oic/c");
    auto file = ConfigFile::parse(
        "[mapper.m]\nuse = \"oic\"\nunknown = \"oic\"\n[mapper.m.models]\na = [\"oci/a\", \"oic/b\"]\n"
        "\"oic/x\" = \"oicx/y\"\nd = \"env:GATEHOUSE_TEST_ROUTE\"\n[[mapper.m.rules]]\nto = { p = \"oic/z\" }\n",
        "test.toml");
    REQUIRE(file);
    auto all = instances(*file);
    REQUIRE(all);
    std::string places;
    for (const SourceLocation& one : places_naming(*file, all->front(), "oic"))
        places += std::to_string(one.line) + ":" + std::to_string(one.column) + " ";
    CHECK(places == "3:11 5:15 7:5 9:12 ");
}
