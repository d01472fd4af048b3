// SPDX-License-Identifier: Apache-2.0
// Names in a limiter's table that match no request.
#include "core/config/limit_names.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse::core;

namespace {

constexpr const char* clients = R"([authenticator.team]
keys = [{ name = "alice", key = "x", groups = ["team:blue"] }, { name = "bob", key = "y" }]
)";
constexpr const char* routes = R"([provider.main]
[provider.spare]
[mapper.table.models]
"gpt-5" = "main/good"
"hidden" = "spare/other"
)";

std::vector<std::string> warnings(const std::string& limiter, const std::string& more = clients,
                                  const std::string& mapper = routes) {
    auto file = ConfigFile::parse(mapper + more + "[limiter.q]\n" + limiter, "test.toml");
    if (!file) return {file.error().message};
    Mistakes mistakes("test.toml");
    const auto all = instances(*file, mistakes);
    const auto one = std::ranges::find(all, "limiter", &InstanceConfig::kind);
    REQUIRE(one != all.end());
    const std::size_t before = mistakes.in_order().size();  // these tables name no plugins
    const KnownRoutes known{.routes = {"main/good", "main/org/model"},
                            .models = {"gpt-5"},
                            .maps_model = [](std::string_view model) { return model.starts_with("free-"); }};
    check_limit_names(*file, all, *one, known, mistakes);
    std::vector<std::string> found;
    for (const Mistake& mistake : mistakes.in_order())
        if (mistake.warning) found.push_back(mistake.message);
    CHECK(mistakes.in_order().size() == before + found.size());
    return found;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("a price of a provider that does not exist, or of a misspelt route, is a warning") {
    CHECK(warnings("prices.\"mian/good\".input = 1\n") ==
          Found{"there is no [provider.mian]; did you mean \"main\"? (there are: main, spare)"});
    CHECK(warnings("prices.\"other/good\".input = 1\n") ==
          Found{"there is no [provider.other] (there are: main, spare)"});
    CHECK(warnings("prices.\"mian/*\".input = 1\n") ==
          Found{"there is no [provider.mian]; did you mean \"main\"? (there are: main, spare)"});
    CHECK(warnings("prices.\"main/goood\".input = 1\n") ==
          Found{"no model of [mapper.table] leads to the route \"main/goood\"; did you mean \"main/good\"?"});
}

TEST_CASE("a price of a route, of a model alone, or of a route that is not configured yet is right") {
    CHECK(
        warnings(
            "[limiter.q.prices]\n\"main/good\".input = 1\n\"main/*\".input = 1\n\"ma*\".input = 1\n\"*\".input = 1\n"
            "good.input = 1\n\"org/model\".input = 1\n\"main/quite-another\".input = 1\n\"spare/other\".input = 1\n")
            .empty());
    // A star may stand for a model with a slash.
    const std::string open = "[provider.main]\n[mapper.table.models]\n\"*\" = \"main/*\"\n";
    CHECK(warnings("prices.\"meta/llama\".input = 1\n", clients, open).empty());
    CHECK(warnings("prices.\"main/unlisted\".input = 1\n", clients, open).empty());
    const std::string inner =
        "[provider.main]\n[mapper.table.models]\n\"llama-*\" = \"main/meta.*-instruct\"\n";
    CHECK(warnings("limits = [{ for = \"route:main/meta.x-instruct\" }]\n", clients, inner).empty());
    CHECK(warnings("prices.\"mian/good\".input = 1\n", clients, open).size() == 1);
}

TEST_CASE("a rule for a route, a model, a client or a group that cannot be is a warning") {
    CHECK(
        warnings("limits = [{ for = \"route:mian/good\" }, { routes = [\"main/good\", \"main/bad\"] }]\n") ==
        Found{"there is no [provider.mian]; did you mean \"main\"? (there are: main, spare)",
              "no model of [mapper.table] leads to the route \"main/bad\"; did you mean \"main/good\"?"});
    CHECK(warnings("budgets = [{ for = \"model:gtp-5\" }, { models = [\"gpt-5\", \"nosuch\"] }]\n") ==
          Found{"[mapper.table] has no model \"gtp-5\"; did you mean \"gpt-5\"?",
                "[mapper.table] has no model \"nosuch\""});
    CHECK(warnings("limits = [{ for = \"key:alcie\" }, { for = \"group:team:bleu\" }]\n") ==
          Found{"no authenticator has the client \"alcie\"; did you mean \"alice\"?",
                "no client has the group \"team:bleu\"; did you mean \"team:blue\"?"});
}

TEST_CASE("a rule that a request can have, or that the file cannot tell, is right") {
    CHECK(
        warnings(
            "limits = [{ for = \"all\" }, { for = \"key:bob\" }, { for = \"key:*\" }, { for = \"key:al*\" }, "
            "{ for = \"group:team:blue\" }, { for = \"model:hidden\" }, { for = \"model:free-one\" }, "
            "{ for = \"model:gtp*\" }, { for = \"route:spare/other\" }, { for = \"route:main/org/model\" }, "
            "{ for = \"route:main/*\", models = [\"*\"], routes = [\"*\"] }]\n")
            .empty());
    const std::string rule = "limits = [{ for = \"key:alcie\" }, { for = \"group:nosuch\" }]\n";
    CHECK(warnings(rule, "").empty());
    CHECK(warnings(rule, std::string(clients) + "[authenticator.tokens]\nissuer = \"x\"\n").empty());
}
