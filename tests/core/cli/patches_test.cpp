// SPDX-License-Identifier: Apache-2.0
// Files of clients with the gateway in them: nothing of the user's is lost, and a second time changes
// nothing.
#include "core/cli/patches.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

const Members json_members = Members::parse(R"({"env": {"URL": "http://x", "NAME": "m"}, "model": "g/m"})");
const Members toml_members = Members::parse(
    R"({"model": "m", "model_provider": "g", "model_providers": {"g": {"name": "G", "base_url": "http://x/v1"}}})");
const Members yaml_members = Members::parse(
    R"({"name": "g", "schema": "v1", "models": [{"name": "g", "model": "m", "roles": ["chat"]}]})");

}  // namespace

TEST_CASE("an empty JSON file gets the members") {
    CHECK(*patched_json("", Members::parse(R"({"a": {"b": 1}})")) == "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n");
}

TEST_CASE("members of a JSON file stay, in their order, and a value is replaced") {
    const std::string before = R"({"z": [1], "env": {"URL": "old", "OTHER": "1"}, "a": null})";
    const auto after = patched_json(before, json_members);
    CHECK(Members::parse(*after) ==
          Members::parse(
              R"({"z":[1],"env":{"URL":"http://x","OTHER":"1","NAME":"m"},"a":null,"model":"g/m"})"));
    CHECK(*patched_json(*after, json_members) == *after);
}

TEST_CASE("JSON with comments is read, and other text is refused") {
    CHECK(patched_json("// mine\n{\"a\": 1}", json_members));
    CHECK(patched_json("{a: 1}", json_members).error().message == "it is not a JSON object");
    CHECK_FALSE(patched_json("[]", json_members));
}

TEST_CASE("an empty TOML file gets keys and tables") {
    CHECK(
        *patched_toml("", toml_members) ==
        "model = \"m\"\nmodel_provider = \"g\"\n\n[model_providers.g]\nname = \"G\"\nbase_url = \"http://x/v1\"\n");
}

TEST_CASE("comments, tables and other keys of a TOML file stay") {
    const std::string before =
        "# mine\nmodel = \"old\"  # a note\napproval = \"never\"\n\n[mcp.one]\nargs = [\n  \"a\",\n]\n\n"
        "[model_providers.g]\nname = \"old\"\nextra = 1\n\n[profiles.p]\nmodel = \"p\"\n";
    const auto after = patched_toml(before, toml_members);
    REQUIRE(after);
    CHECK(
        *after ==
        "model = \"m\"\nmodel_provider = \"g\"\n# mine\napproval = \"never\"\n\n[mcp.one]\nargs = [\n  \"a\",\n]\n\n"
        "[profiles.p]\nmodel = \"p\"\n\n[model_providers.g]\nextra = 1\nname = \"G\"\nbase_url = \"http://x/v1\"\n");
    CHECK(patched_toml(*after, toml_members));
}

TEST_CASE("TOML that is not valid, or is written in a rare way, is refused and not broken") {
    CHECK(patched_toml("model = ", toml_members).error().message == "it is not valid TOML");
    CHECK(patched_toml("model_providers = { g = { name = \"old\" }, h = { name = \"h\" } }\n", toml_members)
              .error()
              .message == "its tables are written in a way that cannot be changed safely");
}

TEST_CASE("an empty YAML file gets the scalars and the list") {
    CHECK(*patched_yaml("", yaml_members) ==
          "name: \"g\"\nschema: \"v1\"\nmodels:\n  - name: \"g\"\n    model: \"m\"\n    roles: [\"chat\"]\n");
}

TEST_CASE("entries and comments of a YAML file stay, and the entry of the same name is replaced") {
    const std::string before =
        "name: mine\nmodels:\n  # first\n  - name: other\n    model: o\n\n  - model: old\n    name: \"g\"  # note\n"
        "    nested:\n      - a\n  - name: third\nrules:\n  - x\n";
    const auto after = patched_yaml(before, yaml_members);
    REQUIRE(after);
    CHECK(
        *after ==
        "name: mine\nmodels:\n  - name: \"g\"\n    model: \"m\"\n    roles: [\"chat\"]\n  # first\n  - name: other\n"
        "    model: o\n\n  - name: third\nrules:\n  - x\n");
    CHECK(*patched_yaml(*after, yaml_members) == *after);
}

TEST_CASE("YAML lists without indentation, empty lists and missing lists") {
    CHECK(*patched_yaml("models:\n- name: a\nx: 1\n", yaml_members) ==
          "models:\n- name: \"g\"\n  model: \"m\"\n  roles: [\"chat\"]\n- name: a\nx: 1\n");
    CHECK(*patched_yaml("models: []\nx: 1\n", yaml_members) ==
          "models:\n  - name: \"g\"\n    model: \"m\"\n    roles: [\"chat\"]\nx: 1\n");
    CHECK(*patched_yaml("x: 1\n", yaml_members) ==
          "x: 1\nmodels:\n  - name: \"g\"\n    model: \"m\"\n    roles: [\"chat\"]\n");
    CHECK(patched_yaml("models: [{name: a}]\n", yaml_members).error().message ==
          "the list models is written in one line");
}
