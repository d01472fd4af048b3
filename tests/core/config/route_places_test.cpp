// SPDX-License-Identifier: Apache-2.0
// The entries of a mapper that name routes, and the entry that a result comes from.
#include "core/config/route_places.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

const std::string text = R"([provider.main]
use = "words"
[provider.backup]
use = "words"
[mapper.models]
use = "table"
unknown = "main/*"
[mapper.models.models]
"fast" = "main/small"
"both" = ["main/large", "backup/large"]
"gpt-*" = "backup/gpt-*"
[[mapper.models.rules]]
models = ["fast"]
routes = [{ to = "backup/tiny", weight = 1 }]
)";

struct Places {
    ConfigFile file = *ConfigFile::parse(text, "test.toml");
    std::vector<RoutePlace> all = [this] {
        const auto configs = *instances(file);
        for (const InstanceConfig& one : configs)
            if (one.kind == "mapper") return route_places(file, one, {"main", "backup"});
        return std::vector<RoutePlace>();
    }();

    std::string of(const std::string& model, const std::vector<Route>& routes) const {
        const RoutePlace* place = place_of(all, model, routes);
        return place ? place->key + ":" + std::to_string(place->line) : "";
    }
};

}  // namespace

TEST_CASE("the entry with the routes of a result is found by its line") {
    const Places places;
    CHECK(places.all.size() == 5);
    CHECK(places.of("fast", {{"main", "small"}}) == "mapper.models.models.fast:9");
    CHECK(places.of("both", {{"backup", "large"}, {"main", "large"}}) == "mapper.models.models.both:10");
    CHECK(places.of("gpt-9", {{"backup", "gpt-9"}}) == "mapper.models.models.\"gpt-*\":11");
    CHECK(places.of("fast", {{"backup", "tiny"}}) == "mapper.models.rules[0]:12");
    CHECK(places.of("new", {{"main", "new"}}) == "mapper.models.unknown:7");
}

TEST_CASE("a result that no entry has is not explained by another entry") {
    const Places places;
    CHECK(places.of("fast", {{"backup", "other"}}).empty());
    CHECK(places.of("both", {{"main", "large"}}).empty());
    CHECK(places.of("both", {}).empty());
}
