// SPDX-License-Identifier: Apache-2.0
// The order of a request's attempts: each route of a list gets its turn, and a failure that does not
// pass is not repeated.
#include "tests/core/request/given.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;
using std::chrono::milliseconds;

namespace {

/// A model's name is the list of its routes, "moves+a"; those of "b" and "c" lead to the second provider.
class Lists final : public ModelMapper {
public:
    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        std::vector<Route> routes;
        for (std::size_t at = 0, end; at <= query.model.size(); at = end + 1) {
            end = std::min(query.model.find('+', at), query.model.size());
            std::string name(query.model.substr(at, end - at));
            routes.push_back({name == "b" || name == "c" ? "second" : "first", name});
        }
        return routes;
    }
    std::vector<ModelInfo> models(const Identity&, const Discovered&) const override { return {}; }
    std::vector<std::string> providers() const override { return {"first", "second"}; }
};

const Error untrusted{ErrorKind::upstream, "the certificate of the upstream is not accepted"};

struct Turns {
    Given given;
    Lists lists;

    explicit Turns(std::deque<Scripted> script, std::int64_t attempts = 3) {
        given.mapper = &lists;
        given.settings.upstream.attempts = attempts;
        given.upstream.script = std::move(script);
    }
    /// The upstream requests, such as "a b".
    std::string asked(const std::string& model) {
        given.send(model + " hi");
        for (int i = 0; i < 20; ++i) given.loop.advance(milliseconds(2'000));
        std::string text;
        for (const http::Request& request : given.upstream.requests) {
            const std::string_view url = request.url;
            if (!text.empty()) text += ' ';
            if (url.starts_with("http://elsewhere")) text += "other:";
            text += url.substr(url.rfind('/') + 1);
        }
        return text;
    }
};

std::deque<Scripted> failing(std::size_t times) { return std::deque<Scripted>(times, {.status = 500}); }
Scripted ok() { return good({"data: ok\n\ndata: FINISH\n\n"}); }
Scripted broken(bool permanent) { return {.status = 0, .breaks = untrusted, .permanent = permanent}; }

}  // namespace

TEST_CASE("each route of a list gets its turn, although a route before it has several endpoints") {
    Turns turns({{.status = 500}, {.status = 500}, {.status = 500}, ok()});
    CHECK(turns.asked("moves+b+c") == "moves other:moves b c");
    CHECK(turns.given.client.answer == "ok.");
}

TEST_CASE("attempts limits all requests except the first of each route") {
    CHECK(Turns(failing(9)).asked("a") == "a a a");
    CHECK(Turns(failing(9)).asked("a+b") == "a b a");
    CHECK(Turns(failing(9)).asked("a+b+c") == "a b c");
    CHECK(Turns(failing(9)).asked("a+d+b+c") == "a d b c");
    CHECK(Turns(failing(9)).asked("moves+b") == "moves other:moves b");
    CHECK(Turns(failing(9), 2).asked("moves+b+c") == "moves other:moves b c");
    CHECK(Turns(failing(9), 5).asked("a+b") == "a b a b a");
    CHECK(Turns(failing(9), 1).asked("moves+b+c") == "moves");
    CHECK(Turns(failing(9), 1).asked("a+b") == "a");
}

TEST_CASE("a failure that does not pass is not repeated, and the next route is tried at once") {
    CHECK(Turns({broken(true)}).asked("a") == "a");
    CHECK(Turns({broken(false), ok()}).asked("a") == "a a");
    CHECK(Turns({broken(true), ok()}).asked("a+b") == "a b");
    CHECK(Turns({broken(true), ok()}).asked("moves+b") == "moves other:moves");  // another host
    CHECK(Turns({broken(true), broken(true), ok()}).asked("moves+b") == "moves other:moves b");

    Turns counted({broken(true)});
    counted.given.limits.route.failures = 1;
    CHECK(counted.asked("a") == "a");
    CHECK(counted.given.status() == 502);
    CHECK(counted.given.counts("gatehouse_breaker_opened_total{provider=\"first\"} 1"));
}

TEST_CASE("a route whose failure does not pass is skipped when the list begins again") {
    CHECK(Turns({broken(true), {.status = 500}, ok()}).asked("a+b") == "a b b");
    CHECK(Turns({{.status = 401}, {.status = 500}, ok()}).asked("a+b") == "a b b");
    CHECK(Turns({{.status = 500}, broken(true), ok()}).asked("a+b") == "a b");
    auto script = failing(4);
    script.push_front(broken(true));
    CHECK(Turns(script, 5).asked("a+b+c") == "a b c b c");
}

TEST_CASE("a signer's error before sending is repeated only if it may pass") {
    for (const auto& [kind, calls] : {std::pair{ErrorKind::upstream, 1}, {ErrorKind::unavailable, 3}}) {
        Turns turns({});
        turns.given.stamp.refuses = Error{kind, "the session has expired"};
        CHECK(turns.asked("a").empty());
        CHECK(turns.given.stamp.signatures == calls);
    }
}
