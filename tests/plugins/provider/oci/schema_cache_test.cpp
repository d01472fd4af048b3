// SPDX-License-Identifier: Apache-2.0
// Cached schemas, and the limits of the cache.
#include "plugins/provider/oci/schema/cache.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;

namespace {

const SchemaRules tool{.arguments = true};

std::string asked(SchemaCache& cache, const std::string& schema, const SchemaRules& rules = tool) {
    SchemaBudget budget;
    const auto found = cache.acceptable(schema, rules, budget);
    REQUIRE(found);
    return std::string(*found);
}

std::string fresh(const std::string& schema, const SchemaRules& rules = tool) {
    SchemaBudget budget;
    return *acceptable_schema(schema, rules, {}, budget);
}

std::string numbered(int number, std::size_t padding = 0) {
    return R"({"type":"object","properties":{"p":{"const":)" + std::to_string(number) +
           R"(}},"description":")" + std::string(padding, 'x') + "\"}";
}

}  // namespace

TEST_CASE("a cached schema gives the same result as the first time") {
    SchemaCache cache;
    for (const char* schema :
         {"", "{", R"({"type":"object","properties":{}})", R"({"properties":{"a":{"const":1}}})",
          R"({"properties":{"a":{"type":"integer","exclusiveMinimum":1}}})"})
        for (const SchemaRules& rules : {tool, SchemaRules{.arguments = true, .exclusive_bounds = false},
                                         SchemaRules{}, SchemaRules{.exclusive_bounds = false}})
            for (int times = 0; times < 3; ++times) {
                CAPTURE(schema);
                CHECK(asked(cache, schema, rules) == fresh(schema, rules));
            }
    CHECK(cache.entries() == 20);
}

TEST_CASE("the cache stays bounded and correct for any number of schemas") {
    SchemaCache cache;
    for (int number = 0; number < 3'000; ++number) {
        const std::string schema = numbered(number, number % 3 * 1'000);
        REQUIRE(asked(cache, schema) == fresh(schema));
        REQUIRE(asked(cache, numbered(1)) == fresh(numbered(1)));  // the recently used schema stays
        REQUIRE(cache.bytes() <= SchemaCache::max_bytes);
        REQUIRE(cache.entries() <= SchemaCache::max_entries);
    }
    CHECK(cache.entries() > 50);
}

TEST_CASE("a schema that is too large for the cache is rewritten each time") {
    SchemaCache cache;
    const std::string schema = numbered(7, SchemaCache::max_bytes / 4);
    CHECK(asked(cache, schema) == fresh(schema));
    CHECK(asked(cache, schema) == fresh(schema));
    CHECK(cache.entries() == 0);
}

TEST_CASE("a cached schema costs a request's budget as much as a new one") {
    const std::string schema = R"({"type":"object","$defs":{"L":{"description":")" +
                               std::string(20'000, 'x') +
                               R"("}},"properties":{"a":{"$ref":"#/$defs/L"},"b":{"$ref":"#/$defs/L"}}})";
    SchemaCache cache;
    SchemaBudget kept, anew;
    for (int times = 0; times < 1'000; ++times) {
        const auto one = cache.acceptable(schema, tool, kept);
        const auto other = acceptable_schema(schema, tool, {}, anew);
        REQUIRE(bool(one) == bool(other));
        REQUIRE(kept.values == anew.values);
        REQUIRE(kept.bytes == anew.bytes);
        if (one) continue;
        CHECK(one.error().message == other.error().message);
        CHECK(times > 50);
        return;
    }
    FAIL("the budget never ended");
}

TEST_CASE("an invalid schema is an error each time") {
    SchemaCache cache;
    SchemaBudget budget;
    for (int times = 0; times < 2; ++times) {
        const auto found = cache.acceptable(R"({"$ref":"#/nowhere"})", tool, budget);
        REQUIRE(!found);
        CHECK(found.error().message.find("nowhere") != std::string::npos);
    }
    CHECK(cache.entries() == 0);
}
