// SPDX-License-Identifier: Apache-2.0
// Rules of the table: conditions, weights, conversations and measurements.
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <map>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

Value text(const std::string& one) { return Value{one}; }
Value texts(std::vector<std::string> list) { return Value{std::move(list)}; }
Table route(const std::string& to, std::int64_t weight = 0) {
    Table table{{{"to", text(to)}}};
    if (weight) table.entries.push_back({"weight", Value{weight}});
    return table;
}
Value routes(std::vector<Table> list) { return Value{std::move(list)}; }

/// The model "m" with the routes a/1 and b/2, and these rules.
Table with_rules(std::vector<Table> rules) {
    return {{{"models", Value{Table{{{"m", texts({"a/1", "b/2"})}, {"n*", texts({"a/n*"})}}}}},
             {"rules", Value{std::move(rules)}}}};
}

struct Fixture {
    FakeHost host;
    std::unique_ptr<ModelMapper> mapper;
    FakeHealths healths;
    explicit Fixture(std::vector<Table> rules) {
        auto made = create<ModelMapper>(gatehouse_plugin, with_rules(std::move(rules)), host);
        if (!made) FAIL(made.error().message);
        mapper = *std::move(made);
    }
    std::string map(const ChatRequest& chat, const Identity& who = {"someone"},
                    const http::Headers& headers = {}) const {
        const http::RequestHead head{.headers = headers};
        const Operation operation = chat;
        auto found = mapper->map(
            {.model = chat.model, .who = who, .operation = operation, .head = head, .healths = healths});
        if (!found) return found.error().message;
        std::string list;
        for (const Route& one : *found) list += (list.empty() ? "" : " ") + one.provider + "/" + one.model;
        return list;
    }
    std::string map(const char* model) const { return map(ChatRequest{.model = model}); }
    void move(const ChatRequest& chat, const Route& to) const {
        const Operation operation = chat;
        mapper->moved({.model = chat.model, .who = Identity{"someone"}, .operation = operation}, to);
    }
};

std::string error(std::vector<Table> rules) {
    FakeHost host;
    auto made = create<ModelMapper>(gatehouse_plugin, with_rules(std::move(rules)), host);
    REQUIRE(!made);
    return made.error().message;
}

ChatRequest in_session(const std::string& session) { return {.model = "m", .prompt_cache_key = session}; }

}  // namespace

TEST_CASE("the first rule whose conditions hold gives the routes") {
    auto rule = [](Table when, const std::string& to) {
        return Table{{{"when", Value{std::move(when)}}, {"routes", routes({route(to)})}}};
    };
    const Fixture fixture(
        {rule({{{"client", texts({"ci-*"})}}}, "c/client"), rule({{{"group", texts({"red"})}}}, "c/group"),
         rule({{{"attribute", Value{Table{{{"tenant", texts({"t1", "t2"})}}}}}}}, "c/tenant"),
         rule({{{"header", Value{Table{{{"X-Tier", texts({"gold"})}}}}}}}, "c/header"),
         rule({{{"tools", Value{true}}, {"images", Value{false}}}}, "c/tools"),
         rule({{{"images", Value{true}}}}, "c/images"), rule({{{"stream", Value{true}}}}, "c/stream"),
         rule({{{"kind", texts({"embeddings"})}}}, "c/kind"),
         rule({{{"larger_than", Value{std::int64_t{10}}}}}, "c/large")});
    const Message image{.parts = {Image{.url = "https://a.example/x.png"}}};
    CHECK(fixture.map("m") == "a/1 b/2");
    CHECK(fixture.map({.model = "m"}, {"ci-7"}) == "c/client");
    CHECK(fixture.map({.model = "m"}, {.name = "x", .groups = {"blue", "red"}}) == "c/group");
    CHECK(fixture.map({.model = "m"}, {.name = "x", .attributes = {{"tenant", {"t2"}}}}) == "c/tenant");
    CHECK(fixture.map({.model = "m"}, {.name = "x", .attributes = {{"other", {"t2"}}}}) == "a/1 b/2");
    CHECK(fixture.map({.model = "m"}, {"x"}, {{"x-tier", "gold"}}) == "c/header");
    CHECK(fixture.map({.model = "m"}, {"x"}, {{"x-tier", "tin"}}) == "a/1 b/2");
    CHECK(fixture.map({.model = "m", .tools = {{.name = "f"}}}) == "c/tools");
    CHECK(fixture.map({.model = "m", .messages = {image}, .tools = {{.name = "f"}}}) == "c/images");
    CHECK(fixture.map(ChatRequest{.model = "m", .stream = true}) == "c/stream");
    CHECK(fixture.map({.model = "m", .messages = {{.parts = {Text{std::string(100, 'x')}}}}}) == "c/large");
    CHECK(fixture.map({.model = "m", .messages = {{.parts = {Text{"short"}}}}}) == "a/1 b/2");
    const Operation embed = EmbeddingRequest{.model = "m", .inputs = {"one"}};
    CHECK((*fixture.mapper->map({.model = "m", .operation = embed})).front().model == "kind");
    CHECK(fixture.mapper->providers() == std::vector<std::string>{"a", "b", "c"});
    CHECK(!fixture.mapper->measures());
}

TEST_CASE("a rule may hold for some models, and fills a star") {
    const Fixture fixture({{{{"models", texts({"n*", "fast-*"})}, {"routes", routes({route("c/x-*")})}}}});
    CHECK(fixture.map("m") == "a/1 b/2");
    CHECK(fixture.map("n7") == "c/x-7");
    CHECK(fixture.map("fast-1") == "c/x-1");
    CHECK(fixture.map("fast-").starts_with("The model 'fast-' does not exist"));
    CHECK(fixture.map("").starts_with("The model '' does not exist"));
}

TEST_CASE("weights divide requests, and the other routes follow") {
    const Fixture fixture({{{{"routes", routes({route("a/1", 3), route("b/2", 1), route("c/3")})}}}});
    std::map<std::string, int> count;
    for (int i = 0; i < 4'000; ++i) ++count[fixture.map("m")];
    CHECK(count.size() == 2);
    CHECK(count["a/1 b/2 c/3"] > 2'850);
    CHECK(count["a/1 b/2 c/3"] < 3'150);
}

TEST_CASE("a conversation stays on its route, by prompt_cache_key, header or user") {
    const Fixture fixture(
        {{{{"routes", routes({route("a/1", 1), route("b/2", 1)})}, {"sticky", Value{true}}}}});
    std::map<std::string, int> count;
    for (int i = 0; i < 1'000; ++i) {
        const std::string session = "s" + std::to_string(i);
        const std::string where = fixture.map(in_session(session));
        for (int turn = 0; turn < 3; ++turn) CHECK(fixture.map(in_session(session)) == where);
        CHECK(fixture.map({.model = "m"}, {"someone"}, {{"x-session-id", session}}) == where);
        CHECK(fixture.map({.model = "m", .user = session}) == where);
        ++count[where];
    }
    CHECK(count["a/1 b/2"] > 400);
    CHECK(count["b/2 a/1"] > 400);
    std::map<std::string, int> without;
    for (int i = 0; i < 200; ++i) ++without[fixture.map("m")];
    CHECK(without.size() == 2);
}

TEST_CASE("another instance chooses the same route for a conversation, as after a reload") {
    const std::vector<Table> rules = {
        {{{"routes", routes({route("a/1", 1), route("b/2", 1)})}, {"sticky", Value{true}}}}};
    const Fixture one(rules), two(rules);
    for (int i = 0; i < 100; ++i) {
        const auto chat = in_session("s" + std::to_string(i));
        CHECK(one.map(chat) == two.map(chat));
    }
}

TEST_CASE("a conversation moves with a failure, stays there, and returns after a long pause") {
    Fixture fixture({{{{"sticky", Value{true}}}}});
    CHECK(fixture.map(in_session("s")) == "a/1 b/2");
    fixture.move(in_session("s"), {"b", "2"});
    CHECK(fixture.map(in_session("s")) == "b/2 a/1");
    CHECK(fixture.map(in_session("other")) == "a/1 b/2");
    CHECK(fixture.map({.model = "m", .prompt_cache_key = "s"}, {"somebody else"}) == "a/1 b/2");
    fixture.host.time += std::chrono::minutes(59);
    CHECK(fixture.map(in_session("s")) == "b/2 a/1");
    fixture.host.time += std::chrono::minutes(61);
    CHECK(fixture.map(in_session("s")) == "a/1 b/2");
    fixture.move(in_session("s"), {"b", "2"});
    fixture.move(in_session("s"), {"a", "1"});
    CHECK(fixture.map(in_session("s")) == "a/1 b/2");
    fixture.move({.model = "m"}, {"b", "2"});  // no session: nothing to remember
    CHECK(fixture.map("m") == "a/1 b/2");
}

TEST_CASE("conversations are forgotten if there are too many") {
    Fixture fixture({{{{"sticky", Value{true}}}}});
    fixture.move(in_session("first"), {"b", "2"});
    for (int i = 0; i < 100'001; ++i) fixture.move(in_session(std::to_string(i)), {"b", "2"});
    CHECK(fixture.map(in_session("first")) == "a/1 b/2");
    CHECK(fixture.map(in_session("100000")) == "b/2 a/1");
}

TEST_CASE("the fastest or the least busy route is first, an open breaker last") {
    Fixture fastest({{{{"prefer", text("fastest")}}}});
    Fixture busy({{{{"prefer", text("least_busy")}}}});
    CHECK(fastest.mapper->measures());
    CHECK(fastest.map("m") == "a/1 b/2");
    for (Fixture* fixture : {&fastest, &busy}) {
        fixture->healths.routes = {{"a/1", {.running = 2, .first_byte = std::chrono::milliseconds(300)}},
                                   {"b/2", {.running = 1, .first_byte = std::chrono::milliseconds(200)}}};
        CHECK(fixture->map("m") == "b/2 a/1");
        fixture->healths.routes["b/2"].open = true;
        CHECK(fixture->map("m") == "a/1 b/2");
    }
}

TEST_CASE("the cheapest route for the request is first") {
    Fixture fixture({{{{"prefer", text("cheapest")}}}});
    CHECK(!fixture.mapper->measures());
    fixture.healths.routes = {{"a/1", {.price = Price{.input = 1'000'000, .output = 9'000'000}}},
                              {"b/2", {.price = Price{.input = 2'000'000, .output = 2'000'000}}}};
    CHECK(fixture.map("m") == "b/2 a/1");
    // 16,000 tokens of the prompt and, because of the limit, 512 of the response.
    ChatRequest chat{.model = "m",
                     .messages = {{.role = Role::user, .parts = {Text{std::string(64'000, 'x')}}}}};
    chat.sampling.max_tokens = 512;
    CHECK(fixture.map(chat) == "a/1 b/2");
    fixture.healths.routes["a/1"].open = true;
    CHECK(fixture.map(chat) == "b/2 a/1");
    CHECK(fixture.host.logged.empty());
}

TEST_CASE("a free route is the cheapest, and a route without a price follows those with one") {
    Fixture fixture({{{{"prefer", text("cheapest")}}}});
    CHECK(fixture.map("m") == "a/1 b/2");
    fixture.healths.routes["b/2"].price = Price{.input = 1'000'000'000'000, .output = 1'000'000'000'000};
    CHECK(fixture.map("m") == "b/2 a/1");
    fixture.healths.routes["b/2"].open = true;
    CHECK(fixture.map("m") == "a/1 b/2");
    fixture.healths.routes = {{"a/1", {.price = Price{.input = 1, .output = 1}}},
                              {"b/2", {.price = Price{}}}};
    CHECK(fixture.map("m") == "b/2 a/1");
    CHECK(fixture.host.logged ==
          std::vector<std::string>{"route without a price comes after those with one route=a/1",
                                   "route without a price comes after those with one route=b/2"});
}

TEST_CASE("the likely length of a response depends on its limit") {
    auto likely = [](std::optional<std::int64_t> limit) {
        ChatRequest chat;
        chat.sampling.max_tokens = limit;
        const Operation operation = chat;
        return RouteQuery{.model = "m", .operation = operation}.likely_output_tokens();
    };
    CHECK(likely({}) == 1'024);
    CHECK(likely(64'000) == 16'000);
    CHECK(likely(1'000) == 512);
    CHECK(likely(100) == 100);
    CHECK(likely(0) == 0);
    CHECK(likely(-5) == 0);
    const Operation embeddings = EmbeddingRequest{.model = "m", .inputs = {"x"}};
    CHECK(RouteQuery{.model = "m", .operation = embeddings}.likely_output_tokens() == 0);
}

TEST_CASE("mistakes in rules are named with their place") {
    const Value yes{true};
    CHECK(error({{{}}}) == "rules[0]: the rule changes nothing; give routes, sticky or prefer");
    CHECK(error({{{{"models", texts({})}, {"sticky", yes}}}}) ==
          "rules[0].models: no models; the rule would never hold");
    CHECK(
        error({{{{"models", texts({"a*b"})}, {"sticky", yes}}}}) ==
        "rules[0].models[0]: must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    CHECK(
        error({{{{"when", Value{Table{{{"client", texts({"a", "*b"})}}}}}, {"sticky", yes}}}}) ==
        "rules[0].when.client[1]: must be a name, or a prefix with a star at its end; \"*\" alone matches every "
        "name");
    CHECK(error({{{{"when", Value{Table{{{"header", Value{Table{{{"x-a", texts({""})}}}}}}}}},
                   {"sticky", yes}}}})
              .starts_with("rules[0].when.header.\"x-a\"[0]: must be a name"));
    CHECK(error({{{{"when", Value{Table{{{"larger_than", Value{std::int64_t{0}}}}}}}, {"sticky", yes}}}}) ==
          "rules[0].when.larger_than: expected at least 1 token");
    CHECK(error({{{{"sticky", yes}, {"prefer", text("fastest")}}}}) ==
          "rules[0].prefer: prefer moves conversations, and sticky keeps them; remove one of the two");
    CHECK(error({{{{"routes", routes({route("a/1", 2)})}, {"prefer", text("fastest")}}}}) ==
          "rules[0].routes[0].weight: a weight has no effect with prefer; remove one of the two");
    CHECK(error({{{{"routes", routes({route("a/1"), route("b")})}}}}) ==
          "rules[0].routes[1].to: the route \"b\" has no slash: expected \"provider/model\"");
    CHECK(error({{{{"models", texts({"m"})}, {"routes", routes({route("a/*")})}}}}) ==
          "rules[0].routes[0].to: the route \"a/*\" has a *, but its name does not");
    CHECK(
        error({{{{"models", texts({"n*"})}, {"sticky", yes}}},
               {{{"models", texts({"n1", "n2*"})}, {"sticky", yes}}}}) ==
        "rules[1]: the rule is never reached, because rules[0] holds for all its models without a condition");
}

TEST_CASE("a rule without routes needs names that the table maps") {
    const Value yes{true};
    auto rule = [&](std::vector<std::string> names) {
        return Table{{{"models", texts(names)}, {"sticky", yes}}};
    };
    const std::string rest = ": correct the name, or give the rule routes";
    CHECK(
        error({rule({"m"}), rule({"n1", "k"})}) ==
        "rules[1].models[1]: the rule has no routes, and neither `models` nor `unknown` of the mapper has one "
        "for \"k\"" +
            rest);
    CHECK(error({rule({"k*"})}).starts_with("rules[0].models[0]: the rule has no routes"));
    CHECK(error({rule({"m*"})}).starts_with("rules[0].models[0]: the rule has no routes"));
    const Fixture known({rule({"m"}), rule({"n1"}), rule({"n2*"}), rule({"*"})});
    const Fixture own({{{{"models", texts({"k"})}, {"routes", routes({route("c/3")})}}}});
    CHECK(own.map("k") == "c/3");
}
