// SPDX-License-Identifier: Apache-2.0
// Keys as TOML to paste: held against the parser and the checker of the core.
#include "core/cli/fragment.hpp"

#include "core/cli/tables.hpp"
#include "core/config/checked_config.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <regex>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

const Key word{.name = "mode", .doc = "How.", .fallback = "\"fast\"", .allowed = {"fast", "slow"}};
const Key secret_key{.name = "token", .required = true, .secret = true, .doc = "The proof."};
const std::vector<Key> every_type = {
    {.name = "flag", .type = ValueType::boolean, .required = true},
    {.name = "count", .type = ValueType::integer, .required = true, .minimum = 3, .maximum = 9},
    {.name = "share", .type = ValueType::number, .required = true},
    {.name = "name", .required = true, .doc = "Who."},
    {.name = "choice", .required = true, .allowed = {"one", "two"}},
    {.name = "list", .type = ValueType::string_list, .required = true},
    {.name = "inside",
     .type = ValueType::table_map,
     .required = true,
     .keys = {secret_key,
              word,
              {.name = "deeper", .type = ValueType::table, .required = true, .keys = {word}}}},
    {.name = "rows", .type = ValueType::table_list, .required = true, .keys = {secret_key}},
    {.name = "single", .type = ValueType::table, .required = true, .keys = {word}},
    {.name = "lists", .type = ValueType::string_list_map, .required = true},
    {.name = "with blank", .type = ValueType::integer, .required = true, .maximum = -5},
    {.name = "left out", .doc = "Optional, without a default."},
    word,
};

Result<CheckedConfig> checked(const std::string& text, const std::vector<Key>& keys) {
    auto file = ConfigFile::parse(text, "test.toml");
    if (!file) return file.error();
    auto all = instances(*file);
    if (!all) return all.error();
    return check(*file, all->front(), keys);
}

}  // namespace

TEST_CASE("a fragment has each key below its doc, defaults commented out") {
    CHECK(toml_fragment("provider.mine", "mine", {word, secret_key}) ==
          "[provider.mine]\nuse = \"mine\"\n"
          "# How. One of \"fast\", \"slow\".\n#mode = \"fast\"\n"
          "# The proof. Secret: never printed; keep it out of the file with env:NAME, file:PATH or\n"
          "# credential:NAME. Required.\n"
          "token = \"env:MINE_TOKEN\"\n");
}

TEST_CASE("the table of a key is checked key by key") {
    const std::vector<Key> keys = {{.name = "when", .type = ValueType::table, .keys = {word}}};
    auto error = [&](const std::string& line) {
        const auto wrong = checked("[provider.mine]\nuse = \"mine\"\n" + line + "\n", keys);
        REQUIRE(!wrong);
        const std::string& text = wrong.error().message;
        return text.substr(0, text.find('\n'));
    };
    CHECK(checked("[provider.mine]\nuse = \"mine\"\nwhen = { mode = \"fast\" }\n", keys));
    CHECK(error("when = 3") == "test.toml:3:8: when must be a table, not an integer");
    CHECK(error("when = { mode = \"slowly\" }").starts_with("test.toml:3:17: when.mode must be one of"));
    CHECK(error("when = { mod = \"fast\" }").starts_with("test.toml:3:10: unknown key \"mod\" in when"));
}

TEST_CASE("tables inside come last, where no key of the table above can fall into them") {
    const std::string text = toml_fragment("provider.mine", "mine", every_type);
    CHECK(text.find("#mode = ") < text.find("[provider.mine.inside.\"REPLACE-ME\"]"));
    CHECK(text.find("\n[provider.mine.inside.\"REPLACE-ME\".deeper]\n") != std::string::npos);
    CHECK(text.find("\n[[provider.mine.rows]]\n") != std::string::npos);
    CHECK(text.find("\n[provider.mine.single]\n") != std::string::npos);
    CHECK(text.find("\n\"with blank\" = -5\n") != std::string::npos);
    CHECK(text.find("\n#\"left out\" = \"REPLACE-ME\"\n") != std::string::npos);
}

TEST_CASE("a fragment of every type passes the checker, and so do its comments without their sign") {
    for (const char* name : {"MINE_INSIDE_TOKEN", "MINE_ROWS_TOKEN", "MINE_TOKEN"}) ::setenv(name, "x", 1);
    const std::string text = toml_fragment("provider.mine", "mine", every_type);
    auto as_it_is = checked(text, every_type);
    CHECK_MESSAGE(bool(as_it_is), (as_it_is ? "" : as_it_is.error().message));
    auto all = checked(std::regex_replace(text, std::regex("(^|\n)#(?! )"), "$1"), every_type);
    CHECK_MESSAGE(bool(all), (all ? "" : all.error().message));
    if (all) CHECK(all->table().entries.size() == every_type.size());
}

TEST_CASE("a plugin's own words cannot leave their comment") {
    const std::vector<Key> hostile = {
        {.name = "a", .doc = "First.\n[server]\r\nworkers = 1\x7F", .fallback = "1\n[log]\nlevel = 2"}};
    const std::string text = toml_fragment("hook.mine", "mine", hostile);
    CHECK(text == "[hook.mine]\nuse = \"mine\"\n# First. [server] workers = 1\n#a = \"REPLACE-ME\"\n");
}

TEST_CASE("long texts are wrapped, words that are longer than a line are not cut") {
    CHECK(wrapped("one two three", "# ", 9) == "# one two\n# three\n");
    CHECK(wrapped("  one\n\n two ", "  ", 20) == "  one two\n");
    CHECK(wrapped("abcdefghij k", "", 5) == "abcdefghij\nk\n");
    CHECK(wrapped(" \n", "# ") == "");
}

TEST_CASE("remarks on a key in addition to its doc") {
    CHECK(remarks({.name = "a", .minimum = 1}) == "At least 1.");
    CHECK(remarks({.name = "a", .maximum = 1}) == "At most 1.");
    CHECK(remarks({.name = "a", .minimum = 0, .maximum = 1}) == "Between 0 and 1.");
    CHECK(remarks({.name = "a", .type = ValueType::table_map, .allowed = {"discover"}}) ==
          "Or, instead of the tables, \"discover\".");
}
