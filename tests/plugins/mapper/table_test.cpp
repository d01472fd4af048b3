// SPDX-License-Identifier: Apache-2.0
// The mapper as the core sees it: through its entry point.
#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

using Lists = std::vector<std::pair<std::string, std::vector<std::string>>>;
const Identity someone{"someone"};

Table config(const Lists& lists, const std::string& unknown = "") {
    Table models;
    for (const auto& [name, routes] : lists) models.entries.push_back({name, Value{routes}});
    Table table;
    table.entries.push_back({"models", Value{models}});
    if (!unknown.empty()) table.entries.push_back({"unknown", Value{unknown}});
    return table;
}

std::unique_ptr<ModelMapper> mapper(const Lists& lists, const std::string& unknown = "") {
    FakeHost host;
    host.time = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
    auto made = gatehouse_plugin.create(FakeConfig(config(lists, unknown)), host);
    if (!made) FAIL(made.error().message);
    return std::unique_ptr<ModelMapper>(static_cast<ModelMapper*>(made->release()));
}

std::string error(const Lists& lists, const std::string& unknown = "") {
    FakeHost host;
    auto made = gatehouse_plugin.create(FakeConfig(config(lists, unknown)), host);
    REQUIRE(!made);
    return made.error().message;
}

/// "provider model, provider model", or the error's message.
std::string map(const ModelMapper& mapper, std::string_view name) {
    auto routes = mapper.map({.model = name, .who = someone});
    if (!routes) return routes.error().message;
    std::string text;
    for (const Route& route : *routes)
        text += (text.empty() ? "" : ", ") + route.provider + " " + route.model;
    return text;
}

}  // namespace

TEST_CASE("a name gives its routes in order, split at the first slash") {
    auto table = mapper({{"gpt-5", {"oci/openai.gpt-4.1"}},
                         {"openai/gpt-5", {"oci/openai.gpt-4.1", "backup/org/model/x"}},
                         {"Grüße", {"a/b"}}});
    CHECK(map(*table, "gpt-5") == "oci openai.gpt-4.1");
    CHECK(map(*table, "openai/gpt-5") == "oci openai.gpt-4.1, backup org/model/x");
    CHECK(map(*table, "Grüße") == "a b");
}

TEST_CASE("an unknown name is OpenAI's error") {
    auto table = mapper({{"gpt-5", {"oci/x"}}});
    for (const char* name : {"gpt-6", "GPT-5", "gpt-5 ", "gpt", "gpt-55"}) {
        auto routes = table->map({.model = name, .who = someone});
        REQUIRE(!routes);
        CHECK(routes.error().kind == ErrorKind::not_found);
        CHECK(routes.error().code == "model_not_found");
        CHECK(routes.error().param == "model");
        CHECK(routes.error().message ==
              "The model '" + std::string(name) + "' does not exist or you do not have access to it.");
    }
    CHECK(map(*table, "") == "The model '' does not exist or you do not have access to it.");
}

TEST_CASE("a name in an error is bounded, whole characters, and without control characters") {
    auto table = mapper({{"gpt-5", {"oci/x"}}});
    CHECK(map(*table, "a\r\nb\x7F") == "The model 'a??b?' does not exist or you do not have access to it.");
    CHECK(map(*table, std::string(1'000'000, 'x')) ==
          "The model '" + std::string(100, 'x') + "…' does not exist or you do not have access to it.");
    std::string umlauts = "x";
    for (int i = 0; i < 100; ++i) umlauts += "ü";
    CHECK(map(*table, umlauts) ==
          "The model '" + umlauts.substr(0, 99) + "…' does not exist or you do not have access to it.");
    CHECK(map(*table, std::string(300, '\xBF')).size() < 200);
}

TEST_CASE("a star stands for one character or more, on the right for the same") {
    auto table = mapper({{"oci/*", {"oci/*"}},
                         {"llama-*", {"oci/meta.llama-*-instruct", "local/one"}},
                         {"all-*", {"b/fixed"}}});
    CHECK(map(*table, "oci/cohere.command-a") == "oci cohere.command-a");
    CHECK(map(*table, "oci/a/b*c") == "oci a/b*c");
    CHECK(map(*table, "llama-3.3-70b") == "oci meta.llama-3.3-70b-instruct, local one");
    CHECK(map(*table, "all-x") == "b fixed");
    CHECK(map(*table, "oci/").starts_with("The model 'oci/' does not exist"));
    CHECK(map(*table, "oci").starts_with("The model 'oci' does not exist"));
}

TEST_CASE("an exact name wins, then the longest prefix, wherever they stand") {
    for (const bool reversed : {false, true}) {
        Lists lists = {{"*", {"all/*"}}, {"a/*", {"short/*"}}, {"a/b/*", {"long/*"}}, {"a/b/c", {"exact/x"}}};
        if (reversed) std::reverse(lists.begin(), lists.end());
        auto table = mapper(lists);
        CHECK(map(*table, "a/b/c") == "exact x");
        CHECK(map(*table, "a/b/cd") == "long cd");
        CHECK(map(*table, "a/b") == "short b");
        CHECK(map(*table, "other") == "all other");
    }
}

TEST_CASE("unknown names may go somewhere, unchanged") {
    auto table = mapper({{"gpt-5", {"oci/openai.gpt-4.1"}}}, "oci/*");
    CHECK(map(*table, "gpt-5") == "oci openai.gpt-4.1");
    CHECK(map(*table, "meta/llama") == "oci meta/llama");
    CHECK(map(*table, "").starts_with("The model '' does not exist"));
    CHECK(map(*mapper({}, "oci/fixed"), "any") == "oci fixed");
    CHECK(map(*mapper({}, "oci/x.*"), "any") == "oci x.any");
}

TEST_CASE("the models are the exact names in the order of the file") {
    auto table = mapper({{"zebra", {"b/x", "a/y"}}, {"oci/*", {"oci/*"}}, {"ant", {"a/z"}}}, "c/*");
    const auto models = table->models(someone, {});
    REQUIRE(models.size() == 2);
    CHECK(models[0].id == "zebra");
    CHECK(models[0].owned_by == "b");
    CHECK(models[0].created == 1'700'000'000);
    CHECK(models[1].id == "ant");
    CHECK(models[1].owned_by == "a");
    CHECK(table->providers() == std::vector<std::string>{"b", "a", "oci", "c"});
}

TEST_CASE("the lists of providers describe exact names, and add the models that match a pattern") {
    const auto list = [](std::vector<ModelInfo> models) {
        return std::make_shared<const std::vector<ModelInfo>>(std::move(models));
    };
    Discovered discovered;
    discovered["oci"] = list({{.id = "meta.llama", .owned_by = "meta", .created = 7, .context_window = 128},
                              {.id = "xai.grok", .owned_by = "xai"},
                              {.id = "xai.mini", .owned_by = "xai"}});
    discovered["lab"] = list({{.id = "grok", .owned_by = "lab"}});
    auto ids = [&](const ModelMapper& table) {
        std::string text;
        for (const ModelInfo& model : table.models(someone, discovered))
            text += (text.empty() ? "" : " ") + model.id + ":" + model.owned_by;
        return text;
    };

    auto exact = mapper({{"best", {"oci/meta.llama", "lab/x"}}, {"mine", {"oci/own"}}});
    const auto models = exact->models(someone, discovered);
    REQUIRE(models.size() == 2);
    CHECK(models[0].id == "best");
    CHECK(models[0].owned_by == "meta");
    CHECK(models[0].created == 7);
    CHECK(models[0].context_window == 128);
    CHECK(models[1].owned_by == "oci");

    CHECK(ids(*mapper({{"oci/*", {"oci/*"}}})) == "oci/meta.llama:meta oci/xai.grok:xai oci/xai.mini:xai");
    CHECK(ids(*mapper({{"*", {"lab/*", "oci/xai.*"}}})) == "grok:lab mini:xai");
    CHECK(ids(*mapper({{"a", {"x/y"}}}, "oci/*")) == "a:x meta.llama:meta xai.grok:xai xai.mini:xai");
    // A name is listed once, and only where asking for it leads to that model.
    CHECK(ids(*mapper({{"xai.grok", {"b/c"}}, {"xai.m*", {"b/m*"}}, {"*", {"oci/*"}}})) ==
          "xai.grok:b meta.llama:meta");
    CHECK(ids(*mapper({{"*", {"oci/fixed"}}})).empty());
    CHECK(ids(*mapper({{"*", {"elsewhere/*"}}})).empty());
}

TEST_CASE("a wrong table is reported at its entry") {
    CHECK(error({}) == "models: no models; every request would fail; give \"name\" = \"provider/model\"");
    CHECK(error({{"a", {"oci"}}}) ==
          "models.\"a\": the route \"oci\" has no slash: expected \"provider/model\"");
    CHECK(error({{"a", {"x/y", ""}}}) ==
          "models.\"a\"[1]: the route \"\" has no slash: expected \"provider/model\"");
    CHECK(error({{"a", {"/x"}}}) == "models.\"a\": the route \"/x\" names no provider before its slash");
    CHECK(error({{"a", {"x/"}}}) == "models.\"a\": the route \"x/\" names no model after its slash");
    CHECK(error({{"a", {"x/*"}}}) == "models.\"a\": the route \"x/*\" has a *, but its name does not");
    CHECK(error({{"a*", {"x/*y*"}}}) == "models.\"a*\": the route \"x/*y*\" has more than one *");
    CHECK(error({{"a*", {"x*/y"}}}) ==
          "models.\"a*\": the route \"x*/y\" has a * in its provider; a * is only allowed in the model");
    CHECK(
        error({{"*a", {"x/y"}}}) ==
        "models.\"*a\": must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    CHECK(
        error({{"a**", {"x/y"}}}) ==
        "models.\"a**\": must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    CHECK(error({{"", {"x/y"}}}) ==
          "models.\"\": must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    CHECK(error({{"a", {}}}) == "models.\"a\": an empty list: expected at least one \"provider/model\"");
    CHECK(error({}, "eror") == "unknown: the route \"eror\" has no slash: expected \"provider/model\"");
    CHECK(error({{"*", {"x/*"}}}, "oci/*") ==
          "unknown: no name is unknown if there is a name \"*\"; remove one of the two");
}
