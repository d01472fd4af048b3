// SPDX-License-Identifier: Apache-2.0
// Files that cannot be read, and the excerpts of lines in errors.
#include "core/config/file.hpp"
#include "core/config/excerpt.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace gatehouse::core;

namespace {

std::string read_error(const std::filesystem::path& path) {
    auto file = ConfigFile::read(path);
    return file ? "" : file.error().message;
}

std::string parse_error(const std::string& text) {
    auto file = ConfigFile::parse(text, "test.toml");
    return file ? "" : file.error().message;
}

struct TempFolder {
    TempFolder() {
        char name[] = "/tmp/gatehouse-file-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~TempFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

}  // namespace

TEST_CASE("a missing file, a folder and a huge file are rejected by name") {
    const TempFolder folder;
    const std::string name = folder.path / "gatehouse.toml";
    CHECK(read_error(name) == name + ": no such file or directory");
    CHECK(read_error(folder.path) == folder.path.string() + ": is a directory, not a file");
    std::ofstream(name) << std::string(4 * 1024 * 1024 + 1, '#');
    CHECK(read_error(name) == name + ": is larger than 4194304 bytes");
    CHECK(read_error("/dev/zero") == "/dev/zero: is larger than 4194304 bytes");
    CHECK(read_error("") == ": no such file or directory");
}

TEST_CASE("a file that may not be read is refused by name") {
    if (::geteuid() == 0) return;  // root may read everything
    const TempFolder folder;
    const std::string name = folder.path / "gatehouse.toml";
    std::ofstream(name) << "";
    ::chmod(name.c_str(), 0);
    CHECK(read_error(name) == name + ": permission denied");
}

TEST_CASE("an empty file and one with a byte order mark are read") {
    CHECK(parse_error("") == "");
    CHECK(parse_error("# nothing\n") == "");
    CHECK(parse_error("\xEF\xBB\xBF[server]\r\nworkers = 1\r\n") == "");
}

TEST_CASE("NUL bytes and broken UTF-8 are found with their place") {
    CHECK(parse_error(std::string("a = 1\nb = \0", 11)) ==
          "test.toml:2:5: a NUL byte; a configuration is text in UTF-8\n    b = ?\n        ^");
    CHECK(parse_error("a = \"\xFF\"") ==
          "test.toml:1:5: not valid TOML: encountered invalid utf-8 sequence\n    a = \"*\"\n        ^");
}

TEST_CASE("relative paths in a file count from its folder") {
    auto file = ConfigFile::parse("", "some/folder/gatehouse.toml");
    REQUIRE(file);
    CHECK(file->resolve("key.pem") == "some/folder/key.pem");
    CHECK(file->resolve("/key.pem") == "/key.pem");
    CHECK(ConfigFile::parse("", "gatehouse.toml")->resolve("key.pem") == "key.pem");
}

TEST_CASE("an error without a place names the file only") {
    CHECK(ConfigFile::parse("a = 1", "test.toml")->error({}, "wrong").message == "test.toml: wrong");
}

TEST_CASE("the caret stands under its character behind tabs and letters of several bytes") {
    CHECK(excerpt("\tä = \t5", {.line = 1, .column = 7}) == "\n    \tä = \t5\n    \t    \t^");
    CHECK(excerpt("a\nb\nc = 1", {.line = 3, .column = 5}) == "\n    c = 1\n        ^");
}

TEST_CASE("a place outside of the text gives no line, one behind a line its end") {
    CHECK(excerpt("a = 1", {.line = 2, .column = 1}) == "");
    CHECK(excerpt("a = 1", {}) == "");
    CHECK(excerpt("a = 1", {.line = 1, .column = 99}) == "\n    a = 1\n         ^");
}

TEST_CASE("a very long line is shown only around the caret are shown") {
    const std::string line = "a = [" + std::string(1000, ' ') + "1" + std::string(1000, ' ') + "]";
    const std::string shown = excerpt(line, {.line = 1, .column = 1006});
    CHECK(shown == "\n    ..." + std::string(100, ' ') + "1" + std::string(59, ' ') + "...\n    " +
                       std::string(103, ' ') + "^");
}

TEST_CASE("control characters of a line do not reach the terminal") {
    CHECK(excerpt("a\x1b[31m = 1 \x7f", {.line = 1, .column = 1}) == "\n    a?[31m = 1 ?\n    ^");
}

TEST_CASE("control characters that the parser saw do not reach the terminal") {
    const std::string error = parse_error("a = t\x1b[31m");
    CHECK(error.find('\x1b') == std::string::npos);
    CHECK(error.starts_with(
        "test.toml:1:6: not valid TOML: error while parsing boolean: expected 'true', saw 't?'"));
}

TEST_CASE("a string without a closing quote is called so") {
    CHECK(
        parse_error("use = \"hello\nb = 1") ==
        "test.toml:1:13: not valid TOML: the string has no closing quote in its line, or contains a control "
        "character\n    use = \"hello\n                ^");
}

TEST_CASE("names are shown, and the values around them are not") {
    const std::string text = "keys = [{ name = \"alice\", key = \"sk-secret\", use = \"b\" }]";
    CHECK(excerpt(text, {.line = 1, .column = 1})
              .starts_with("\n    keys = [{ name = \"alice\", key = \"*********\", use = \"b\" }]\n"));
    CHECK(excerpt("name = [\"a\"]", {.line = 1, .column = 1}) == "\n    name = [\"*\"]\n    ^");
    CHECK(excerpt("name \"secret\"", {.line = 1, .column = 1}) == "\n    name \"******\"\n    ^");
    CHECK(excerpt("name = secret, key = \"secret\"", {.line = 1, .column = 1}) ==
          "\n    name = ******, key = \"******\"\n    ^");
}

TEST_CASE("rights, groups, models and routes are shown, and no list in them or after them") {
    CHECK(excerpt("may = [\"read\", \"kyes\"]", {.line = 1, .column = 8}) ==
          "\n    may = [\"read\", \"kyes\"]\n           ^");
    const std::string text =
        "keys = [{ groups = [\"blue\", [\"x\"]], key = \"secret\", models = [\"m\"] }, \"secret\"]";
    CHECK(
        excerpt(text, {.line = 1, .column = 1})
            .starts_with(
                "\n    keys = [{ groups = [\"blue\", [\"*\"]], key = \"******\", models = [\"m\"] }, \"******\"]\n"));
    // The end of a harmless list is missing, so that a key with a secret seems to be in it.
    for (const std::string open :
         {"keys = [{ groups = [\"x\", key = \"sk-live\" }]", "models = [\"a\", \"b\"\nkey = \"sk-live\"",
          "keys = [{ groups = [\"x\" }, \"sk-live\""})
        for (std::uint32_t line = 1; line <= 2; ++line)
            CHECK(excerpt(open, {.line = line, .column = 1}).find("sk-live") == std::string::npos);
    const std::string lines = "groups = [\n  \"blue\",\n]\nkey = [\"secret\"]";
    CHECK(excerpt(lines, {.line = 2, .column = 3}) == "\n      \"blue\",\n      ^");
    CHECK(excerpt(lines, {.line = 4, .column = 1}) == "\n    key = [\"******\"]\n    ^");
}

TEST_CASE("a line in the middle of a long string is masked") {
    const std::string text = "key = \"\"\"\nSECRET = SECRET\n\"\"\"\nb = 1";
    CHECK(excerpt(text, {.line = 2, .column = 1}) == "\n    ***************\n    ^");
    CHECK(excerpt(text, {.line = 4, .column = 5}) == "\n    b = 1\n        ^");
}
