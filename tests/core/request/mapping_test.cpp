// SPDX-License-Identifier: Apache-2.0
// A mapper's view of a request and of its routes.
#include "tests/core/request/given.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace {

struct Watching final : ModelMapper {
    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        if (on_map) on_map(query);
        return std::vector<Route>{{"first", "a"}, {"second", "b"}};
    }
    void moved(const RouteQuery& query, const Route& route) const override {
        moves.push_back(std::string(query.model) + " of " + query.who.name + " to " + route.provider + "/" +
                        route.model);
    }
    bool measures() const override { return wants_measurements; }
    std::vector<ModelInfo> models(const Identity&, const Discovered&) const override { return {}; }
    std::vector<std::string> providers() const override { return {"first", "second"}; }

    std::function<void(const RouteQuery&)> on_map;
    mutable std::vector<std::string> moves;
    bool wants_measurements = false;
};

struct OneMapper {
    Watching watching;
};
struct Mapped : OneMapper, Given {
    Mapped() { mapper = &watching; }
};

const Scripted ok = {.pieces = {"data: ok\n\ndata: FINISH\n\n"}};

}  // namespace

TEST_CASE("a mapper sees model, client, operation, sizes and headers") {
    Mapped given;
    int asked = 0;
    given.watching.on_map = [&](const RouteQuery& query) {
        ++asked;
        CHECK(query.model == "m");
        CHECK(query.who.name == "tester");
        CHECK(query.kind() == "chat");
        CHECK(query.stream());
        CHECK(query.messages() == 1);
        CHECK(query.body_bytes == 20);
        CHECK(query.head.headers.get("authorization") == "in");
        CHECK(!query.tools());
        CHECK(!query.images());
        CHECK(query.estimated_tokens() == 4);
    };
    given.upstream.script = {ok};
    given.send("stream m hello there");
    CHECK(asked == 1);
    CHECK(given.watching.moves.empty());
}

TEST_CASE("a mapper is told if another route than its first has answered") {
    for (const std::string mode : {"", "stream "}) {
        Mapped given;
        given.upstream.script = {{.status = 503}, ok};
        given.send(mode + "m hi");
        CHECK(given.client.answer == "ok.");
        CHECK(given.watching.moves == std::vector<std::string>{"m of tester to second/b"});
    }
}

TEST_CASE("a mapper sees open breakers") {
    Mapped given;
    given.limits.route.failures = 1;
    given.remember().failed("a");
    bool open = false;
    given.watching.on_map = [&](const RouteQuery& query) {
        open = query.healths.of("first", "a").open;
        CHECK(!query.healths.of("first", "other").open);
        CHECK(!query.healths.of("nobody", "a").open);
    };
    given.upstream.script = {ok};
    given.send("m hi");
    CHECK(open);
}

TEST_CASE("routes are measured if the mapper asks for it, and only then") {
    for (const bool wants : {true, false}) {
        Mapped given;
        given.watching.wants_measurements = wants;
        given.upstream.script = {{.pieces = {"data: o\n\n"}, .ends = false}};
        given.send("stream m hi");
        auto load = given.health->loads().find("a");
        REQUIRE(bool(load) == wants);
        if (!wants) continue;
        CHECK(load->running() == 1);
        CHECK(load->first_byte());
        given.listener().on_gone();
        CHECK(load->running() == 0);
        RouteUse one(given.health->loads().use("a")), two(given.health->loads().use("a"));
        CHECK(load->running() == 2);
    }
}

TEST_CASE("a failed route runs no longer when the next one is tried") {
    Mapped given;
    given.watching.wants_measurements = true;
    given.upstream.script = {{.status = 503}, {.pieces = {"data: o\n\n"}, .ends = false}};
    given.send("stream m hi");
    CHECK(given.health->loads().find("a")->running() == 0);
    CHECK(!given.health->loads().find("a")->first_byte());
}

TEST_CASE("the average of first bytes follows new responses, and the number of models is limited") {
    RouteLoads loads;
    {
        RouteUse use(loads.use("a"));
        use.answered(std::chrono::microseconds(1'000));
        use.answered(std::chrono::microseconds(2'000));
    }
    CHECK(loads.find("a")->first_byte() == std::chrono::microseconds(1'200));
    CHECK(!loads.find("b"));
    std::vector<RouteUse> uses;
    for (std::size_t i = 0; i < RouteLoads::most; ++i) uses.emplace_back(loads.use(std::to_string(i)));
    CHECK(!loads.find("a"));  // it made room, because no request uses it
    CHECK(!loads.use("one more"));
    RouteUse nothing(nullptr);
    nothing.answered(std::chrono::microseconds(1));
}
