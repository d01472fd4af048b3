// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/schema.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace gatehouse;

namespace {

struct Item {
    std::string name;
    std::int64_t weight = 3;
};

struct Options {
    std::string region;
    std::int64_t retries = 2;
    double factor = 0.5;
    bool on = true;
    std::vector<std::string> tags = {"a"};
    std::optional<std::string> comment = {};
    std::string token;
    std::optional<std::string> phrase = {};
    std::string mode = "fast";
    std::vector<Item> items = {};
    std::map<std::string, Item> by_name = {};
    Item single = {.name = "nobody"};
    std::map<std::string, std::vector<std::string>> lists = {};
    std::vector<std::pair<std::string, std::vector<std::string>>> ordered = {};
};

const Fields<Item> item_fields = {
    required("name", &Item::name, "Its name."),
    optional("weight", &Item::weight, "Its weight."),
};
const Fields<Options> fields = {
    required("region", &Options::region, "The region."),
    ranged("retries", &Options::retries, 0, 10, "How often."),
    optional("factor", &Options::factor, "A factor."),
    optional("on", &Options::on, "A switch."),
    optional("tags", &Options::tags, "Some tags."),
    optional("comment", &Options::comment, "A comment."),
    secret("token", &Options::token, "A token."),
    secret("phrase", &Options::phrase, "A phrase."),
    choice("mode", &Options::mode, {"fast", "slow"}, "A mode."),
    tables("items", &Options::items, item_fields, "Some items."),
    table_map("by_name", &Options::by_name, item_fields, "Items by name."),
    one_table("single", &Options::single, item_fields, "One item."),
    string_lists("lists", &Options::lists, "Lists."),
    string_lists("ordered", &Options::ordered, "Lists in order."),
};

Key key(std::string_view name) {
    for (Key& one : keys_of(fields))
        if (one.name == name) return one;
    FAIL("no such key");
    return {};
}

}  // namespace

TEST_CASE("a key has its type, whether it is required, and its default as TOML") {
    CHECK(key("region").type == ValueType::string);
    CHECK(key("region").required);
    CHECK(key("retries").type == ValueType::integer);
    CHECK(key("retries").minimum == 0);
    CHECK(key("retries").maximum == 10);
    CHECK(key("retries").fallback == "2");
    CHECK(key("factor").type == ValueType::number);
    CHECK(key("factor").fallback == "0.5");
    CHECK(key("on").type == ValueType::boolean);
    CHECK(key("on").fallback == "true");
    CHECK(key("tags").type == ValueType::string_list);
    CHECK(key("tags").fallback == "[\"a\"]");
    CHECK(key("comment").fallback == "");
    CHECK(!key("comment").required);
    CHECK(key("mode").allowed == std::vector<std::string>{"fast", "slow"});
    CHECK(key("mode").fallback == "\"fast\"");
    CHECK(key("items").type == ValueType::table_list);
    CHECK(key("items").keys.size() == 2);
    CHECK(key("by_name").type == ValueType::table_map);
    CHECK(key("single").type == ValueType::table);
    CHECK(key("single").keys.size() == 2);
    CHECK(key("lists").type == ValueType::string_list_map);
    CHECK(key("ordered").type == ValueType::string_list_map);
}

TEST_CASE("a secret has no default, and may be optional") {
    CHECK(key("token").secret);
    CHECK(key("token").required);
    CHECK(key("token").fallback == "");
    CHECK(key("phrase").secret);
    CHECK(!key("phrase").required);
}

TEST_CASE("values of the table are filled in, other members keep their defaults") {
    const Table item{{{"name", Value{std::string("n")}}}};
    const std::vector<std::string> two = {"x", "y"}, one = {"z"};
    const Table table{{{"region", Value{std::string("r")}},
                       {"factor", Value{2.5}},
                       {"tags", Value{two}},
                       {"phrase", Value{std::string("p")}},
                       {"items", Value{std::vector<Table>{item, item}}},
                       {"by_name", Value{Table{{{"k", Value{item}}}}}},
                       {"lists", Value{Table{{{"b", Value{two}}, {"a", Value{one}}}}}},
                       {"ordered", Value{Table{{{"b", Value{two}}, {"a", Value{one}}}}}}}};
    CHECK(read(fields, Table{}).single.name == "nobody");
    CHECK(read(fields, Table{{{"single", Value{item}}}}).single.name == "n");
    const Options options = read(fields, table);
    CHECK(options.region == "r");
    CHECK(options.retries == 2);
    CHECK(options.factor == 2.5);
    CHECK(options.on);
    CHECK(options.tags == two);
    CHECK(!options.comment);
    CHECK(options.phrase == "p");
    CHECK(options.mode == "fast");
    REQUIRE(options.items.size() == 2);
    CHECK(options.items[1].name == "n");
    CHECK(options.items[1].weight == 3);
    CHECK(options.by_name.at("k").name == "n");
    CHECK(options.lists.at("a") == one);
    REQUIRE(options.ordered.size() == 2);
    CHECK(options.ordered[0].first == "b");
    CHECK(options.ordered[0].second == two);
}

TEST_CASE("a number may be written as an integer") {
    CHECK(read(fields, Table{{{"factor", Value{std::int64_t(3)}}}}).factor == 3.0);
}

TEST_CASE("a value of another type than declared throws instead of being misread") {
    CHECK_THROWS_AS(read(fields, Table{{{"region", Value{true}}}}), std::runtime_error);
    CHECK_THROWS_AS(read(fields, Table{{{"factor", Value{std::string("1")}}}}), std::runtime_error);
    CHECK_THROWS_AS(read(fields, Table{{{"items", Value{true}}}}), std::runtime_error);
    CHECK_THROWS_AS(read(fields, Table{{{"by_name", Value{Table{{{"k", Value{true}}}}}}}}),
                    std::runtime_error);
    CHECK_THROWS_AS(read(fields, Table{{{"lists", Value{Table{{{"k", Value{true}}}}}}}}), std::runtime_error);
}

TEST_CASE("values are written as TOML") {
    CHECK(to_toml(Value{std::int64_t(-3)}) == "-3");
    CHECK(to_toml(Value{false}) == "false");
    CHECK(to_toml(Value{1.0}) == "1.0");
    CHECK(to_toml(Value{0.1}) == "0.1");
    CHECK(to_toml(Value{0.123456789}) == "0.123456789");
    CHECK(to_toml(Value{1e100}) == "1e+100");
    CHECK(to_toml(Value{std::nan("")}) == "nan");
    CHECK(to_toml(Value{-HUGE_VAL}) == "-inf");
    CHECK(to_toml(Value{std::string("a\"b\\\n\t\x7Fü")}) == "\"a\\\"b\\\\\\n\\u0009\\u007Fü\"");
    CHECK(to_toml(Value{std::vector<std::string>{"a", "b"}}) == "[\"a\", \"b\"]");
    CHECK(to_toml(Value{std::vector<std::string>{}}) == "[]");
}
