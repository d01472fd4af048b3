// SPDX-License-Identifier: Apache-2.0
// A configuration as operators may see it: no secret, and no text that may be one.
#include "core/config/masked.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

const std::vector<Key> declared = {{.name = "use"},
                                   {.name = "base_url"},
                                   {.name = "retries", .type = ValueType::integer},
                                   {.name = "api_key", .secret = true},
                                   {.name = "words", .type = ValueType::string_list},
                                   {.name = "headers", .type = ValueType::string_list_map},
                                   {.name = "keys",
                                    .type = ValueType::table_list,
                                    .keys = {{.name = "name"}, {.name = "key", .secret = true}}},
                                   {.name = "models",
                                    .type = ValueType::table_map,
                                    .keys = {{.name = "context", .type = ValueType::integer}}}};

/// Each key of the table as "name = value".
std::vector<std::string> shown(const std::string& content, const std::vector<Key>* keys = &declared) {
    auto file = ConfigFile::parse("[provider.a]\n" + content, "a.toml");
    REQUIRE(file);
    std::vector<std::string> lines;
    for (const MaskedTable& table : masked(*file, [&](const std::string&) { return keys; })) {
        CHECK(table.title == "[provider.a]");
        for (const MaskedKey& key : table.keys) lines.push_back(key.name + " = " + key.value);
    }
    return lines;
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("declared values are shown, and declared secrets are masked") {
    CHECK(shown("use = \"x\"\nretries = 3\napi_key = \"sk-secret\"\nwords = [\"a\", \"b\"]\n") ==
          Lines{"use = \"x\"", "retries = 3", "api_key = •••", "words = [\"a\", \"b\"]"});
    CHECK(shown("keys = [{ name = \"ci\", key = \"sk-secret\" }, { name = \"dev\", key = \"env:DEV\" }]\n") ==
          Lines{"keys[0].name = \"ci\"", "keys[0].key = •••", "keys[1].name = \"dev\"",
                "keys[1].key = \"env:DEV\""});
    CHECK(shown("models.\"m-1\".context = 5\n") == Lines{"models.m-1.context = 5"});
}

TEST_CASE("nothing of an unknown key or table is shown") {
    CHECK(shown("apikey = \"sk-secret\"\nnumber = 7\n") == Lines{"apikey = •••", "number = •••"});
    CHECK(shown("use = \"x\"\nretries = 3\n", nullptr) == Lines{"use = •••", "retries = •••"});
    CHECK(shown("odd = { deep = [{ api_key = \"sk-secret\" }] }\n") == Lines{"odd.deep[0].api_key = •••"});
    CHECK(shown("models.m.api_key = \"sk-secret\"\n") == Lines{"models.m.api_key = •••"});
}

TEST_CASE("a free name that sounds secret hides its value") {
    CHECK(
        shown("headers = { Authorization = \"Bearer sk-secret\", x-team = \"red\", X-Api-Key = \"k\" }\n") ==
        Lines{"headers.Authorization = •••", "headers.x-team = \"red\"", "headers.X-Api-Key = •••"});
}

TEST_CASE("a reference is shown without its default") {
    CHECK(shown("api_key = \"env:KEY:-sk-secret\"\nbase_url = \"env:URL:-http://a\"\n") ==
          Lines{"api_key = \"env:KEY:-•••\"", "base_url = \"env:URL:-•••\""});
    CHECK(shown("api_key = \"file:/run/key\"\n") == Lines{"api_key = \"file:/run/key\""});
}

TEST_CASE("a URL loses its user and its query") {
    CHECK(without_credentials("https://user:sk-secret@host/path?key=sk-secret#x") ==
          "https://•••@host/path?•••");
    CHECK(without_credentials("https://host/path#sk-secret") == "https://host/path#•••");
    CHECK(without_credentials("https://host/a@b") == "https://host/a@b");
    CHECK(without_credentials("plain ? text") == "plain ? text");
    CHECK(shown("base_url = \"http://u:sk-secret@h/?k=sk-secret\"\nwords = [\"http://u:p@h\"]\n") ==
          Lines{"base_url = \"http://•••@h/?•••\"", "words = [\"http://•••@h\"]"});
}
