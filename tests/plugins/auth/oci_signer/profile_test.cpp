// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/oci_signer/profile.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using oci::ProfileFile;

namespace {
std::string value(std::string_view text, std::string_view profile, std::string_view key) {
    auto file = ProfileFile::parse(text);
    if (!file) return file.error().message;
    const oci::Profile* found = file->find(profile);
    if (!found) return "(no profile)";
    const auto entry = found->find(key);
    return entry == found->end() ? "(no key)" : entry->second;
}
}  // namespace

TEST_CASE("a value is the trimmed text after the first equals sign") {
    CHECK(value("[DEFAULT]\nuser=a", "DEFAULT", "user") == "a");
    CHECK(value("[DEFAULT]\n  user \t=  a b  \n", "DEFAULT", "user") == "a b");
    CHECK(value("[DEFAULT]\npass_phrase=a=b==\n", "DEFAULT", "pass_phrase") == "a=b==");
    CHECK(value("[DEFAULT]\npass_phrase=50%(x)s\"q\" # no comment\n", "DEFAULT", "pass_phrase") ==
          "50%(x)s\"q\" # no comment");
    CHECK(value("[DEFAULT]\nuser=\n", "DEFAULT", "user") == "");
    CHECK(value("[DEFAULT]\nUser=a\n", "DEFAULT", "user") == "a");
}

TEST_CASE("comments, empty lines, CRLF and a byte order mark are understood") {
    const std::string_view text =
        "\xEF\xBB\xBF# made by hand\r\n\r\n[DEFAULT]\r\n;user=no\r\n #user=no\r\nuser=yes\r\n";
    CHECK(value(text, "DEFAULT", "user") == "yes");
}

TEST_CASE("names of profiles are case-sensitive and may have blanks") {
    const std::string_view text = "[default]\nuser=small\n[ My Work ]\nuser=mine\n";
    CHECK(value(text, "default", "user") == "small");
    CHECK(value(text, "DEFAULT", "user") == "(no key)");
    CHECK(value(text, "My Work", "user") == "mine");
    CHECK(value(text, "my work", "user") == "(no profile)");
}

TEST_CASE("repeated profiles are merged, and a later value wins") {
    const std::string_view text = "[A]\nuser=1\nregion=r\n[B]\nuser=2\n[A]\nuser=3\n";
    CHECK(value(text, "A", "user") == "3");
    CHECK(value(text, "A", "region") == "r");
    auto file = ProfileFile::parse(text);
    REQUIRE(file);
    CHECK(file->names() == std::vector<std::string>{"A", "B"});
}

TEST_CASE("an empty file has an empty DEFAULT") {
    CHECK(value("", "DEFAULT", "user") == "(no key)");
    CHECK(value("", "A", "user") == "(no profile)");
}

TEST_CASE("an error has the number of the line and does not quote it") {
    CHECK(value("[A]\nuser=1\nhunter2\n", "A", "user") == "line 3: expected key = value or [profile]");
    CHECK(value("\n\n[A\n", "A", "user") == "line 3: the profile's name is not closed by ]");
    CHECK(value("[]\n", "A", "user") == "line 1: a profile without a name");
    CHECK(value("user=1\n[A]", "A", "user") == "line 1: a key before the first [profile]");
    CHECK(value("[A]\n=hunter2\n", "A", "user") == "line 2: a value without a key");
}
