// SPDX-License-Identifier: Apache-2.0
// The files whose content is a value of a configuration, and how the places are named.
#include "core/config/references.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace gatehouse::core;

namespace {

std::string references(const std::string& text) {
    const auto file = ConfigFile::parse(text, "/etc/gatehouse/a.toml");
    REQUIRE(file);
    std::string out;
    for (const FileReference& one : file_references(*file)) out += one.key + " = " + one.file.string() + "\n";
    return out;
}

}  // namespace

TEST_CASE("references are named by their place, entries of a list by their name") {
    ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
    ::setenv("GATEHOUSE_TEST_SET", "file:/not/this", 1);
    CHECK(references(
              "[authenticator.team]\n"
              "keys = [{ name = \"a \\\"b\", key = \"file:/k/a\" }, { name = \"c\", key = \"sk-literal\" }]\n"
              "[provider.p]\n"
              "api_key = \"env:GATEHOUSE_TEST_UNSET:-file:p.key\"\n"
              "other = \"env:GATEHOUSE_TEST_SET:-file:/no\"\n"
              "list = [\"x\", \"credential:one\"]\n"
              "rows = [{ key = \"file:/k/row\" }]\n"
              "[provider.p.headers]\n\"x-y z\" = \"credential:two\"\n"
              "[[admin.tokens]]\nname = \"ops\"\ntoken = \"file:/k/ops\"\n"
              "[log]\nfile = \"/var/log/x\"\n") ==
          "[authenticator.team] keys \"a \\\"b\" = /k/a\n"
          "[provider.p] api_key = /etc/gatehouse/p.key\n"
          "[provider.p] list[1] = /run/credentials/x/one\n"
          "[provider.p] rows[0].key = /k/row\n"
          "[provider.p] headers.\"x-y z\" = /run/credentials/x/two\n"
          "[admin] tokens \"ops\" = /k/ops\n");
    ::unsetenv("GATEHOUSE_TEST_SET");
    ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("references that cannot be resolved are left out") {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    CHECK(references("[a]\nx = \"credential:one\"\ny = \"file:\"\nz = 1\n").empty());
}
