// SPDX-License-Identifier: Apache-2.0
// Names of models that no request can have, and routes that a list has twice.
#include "core/config/model_names.hpp"

#include "core/config/named_routes.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace gatehouse::core;

namespace {

using Found = std::vector<std::string>;
using All = std::vector<InstanceConfig>;

const std::string routes = R"([provider.main]
use = "words"
[mapper.table]
use = "table"
[mapper.table.models]
"gpt-5" = "main/good"
)";

/// The warnings of `look` with their places.
Found warnings(const std::string& text,
               const std::function<void(const ConfigFile&, const All&, Mistakes&)>& look) {
    const auto file = ConfigFile::parse(text, "test.toml");
    if (!file) return {file.error().message};
    Mistakes mistakes("test.toml");
    const auto all = instances(*file, mistakes);
    look(*file, all, mistakes);
    CHECK(mistakes.empty());
    Found found;
    for (const Mistake& one : mistakes.in_order())
        found.push_back(std::to_string(one.line) + ":" + std::to_string(one.column) + " " + one.message);
    return found;
}

Found of_tables(const std::string& tables) {
    const KnownRoutes known{.routes = {"main/good"},
                            .models = {"gpt-5"},
                            .maps_model = [](std::string_view model) { return model.starts_with("free-"); }};
    return warnings(routes + tables, [&](const ConfigFile& file, const All& all, Mistakes& mistakes) {
        check_model_names(file, all, known, mistakes);
    });
}

Found of_routes(const std::string& mapper) {
    return warnings("[provider.main]\nuse = \"w\"\n[mapper.m]\nuse = \"t\"\n" + mapper,
                    [](const ConfigFile& file, const All& all, Mistakes& mistakes) {
                        for (const InstanceConfig& one : all)
                            if (one.kind == "mapper") check_repeated_routes(file, one, {"main"}, mistakes);
                    });
}

}  // namespace

TEST_CASE("a model of a client that the mapper does not have is a warning at its name") {
    CHECK(of_tables("[authenticator.a]\nuse = \"api_key\"\nkeys = [{ name = \"ci\", models = [\"gpt-5\", "
                    "\"gpt5\"] }]\n") ==
          Found{"9:43 [mapper.table] has no model \"gpt5\"; did you mean \"gpt-5\"?"});
    CHECK(of_tables("[authenticator.a]\nuse = \"jwt\"\nmodels = [\"nosuch\"]\n") ==
          Found{"9:11 [mapper.table] has no model \"nosuch\""});
    CHECK(of_tables("[authenticator.a]\nuse = \"jwt\"\nmodels = [\"free-1\", \"gpt5*\", \"*\", \"gpt-5\"]\n")
              .empty());
    CHECK(of_tables("[authenticator.a]\nuse = \"external\"\nmodels = \"/models\"\n").empty());
}

TEST_CASE("a model of stored objects that the mapper does not have is a warning at its name") {
    CHECK(of_tables("[dialect.openai]\nuse = \"openai\"\nstored_objects = \"gpt5\"\n") ==
          Found{"9:18 [mapper.table] has no model \"gpt5\"; did you mean \"gpt-5\"?"});
    for (const std::string value : {"\"gpt-5\"", "\"free-1\"", "\"\"", "7"})
        CHECK(of_tables("[dialect.openai]\nuse = \"openai\"\nstored_objects = " + value + "\n").empty());
}

TEST_CASE("the warnings about names in a table are bounded") {
    std::string models;
    for (int i = 0; i < 50; ++i) models += "\"no-such-" + std::to_string(i) + "\", ";
    const Found found = of_tables("[authenticator.a]\nuse = \"jwt\"\nmodels = [" + models + "]\n");
    REQUIRE(found.size() == 21);
    CHECK(found[0] == "7:1 and 30 more names that match no request");
}

TEST_CASE("a route that a list has twice is a warning at the second one") {
    CHECK(
        of_routes("[mapper.m.models]\n\"llama\" = [\"main/good\", \"main/good\"]\n") ==
        Found{
            "6:25 the list has the route \"main/good\" twice: remove one; [upstream] attempts sets the number "
            "of attempts"});
    CHECK(of_routes("[[mapper.m.rules]]\nroutes = [{ to = \"main/a\", weight = 1 }, { to = \"main/a\" }]\n")
              .size() == 1);
    CHECK(of_routes("[mapper.m.models]\n\"a\" = [\"main/a\", \"main/b\"]\n\"b\" = [\"main/a\"]\n"
                    "\"c\" = [\"x\", \"x\"]\n")
              .empty());
}
