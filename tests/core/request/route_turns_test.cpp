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
    CHECK(Turns({{.status = 500}, broken(true), ok()}).asked("a+b") == "a b a");
    CHECK(Turns({{.status = 404}, broken(true), ok()}).asked("a+b") == "a b");
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

TEST_CASE("the client gets the failure that tells most about its request, with the route of that failure") {
    struct Case {
        int first, second, status;
        const char* route;
    };
    for (const Case& each : {Case{500, 404, 502, "first/a"},
                             {404, 500, 502, "second/b"},
                             {429, 401, 429, "first/a"},
                             {401, 404, 502, "first/a"},
                             {500, 400, 400, "second/b"},
                             {500, 429, 429, "second/b"}}) {
        CAPTURE(each.first);
        CAPTURE(each.second);
        Turns turns({{.status = each.first}, {.status = each.second}}, 2);
        CHECK(turns.asked("a+b") == "a b");
        CHECK(turns.given.status() == each.status);
        CHECK(turns.given.client.answer_head.headers.get("x-gatehouse-route") == each.route);
    }
}

TEST_CASE("each failure is counted once, also if an earlier one is reported") {
    Turns turns({{.status = 429}, {.status = 401}}, 2);
    CHECK(turns.asked("a+b") == "a b");
    CHECK(turns.given.counts(
        "gatehouse_upstream_errors_total{cause=\"rate_limited\",kind=\"rate_limited\",provider=\"first\"} 1"));
    CHECK(turns.given.counts(
        "gatehouse_upstream_errors_total{cause=\"credentials\",kind=\"upstream\",provider=\"second\"} 1"));
    CHECK(turns.given.counts("gatehouse_requests_total{provider=\"first\",status=\"429\"} 1"));
}

TEST_CASE("the list begins again after the retry-after of the route that may be tried again") {
    Turns turns({{.status = 429, .headers = {{"retry-after", "30"}}}, {.status = 404}});
    CHECK(turns.asked("a+b") == "a b");  // 30 s is more than retry_wait_ms
    CHECK(turns.given.status() == 429);
}

TEST_CASE("refused credentials count as a failure of the provider, and one of them changes nothing") {
    Turns turns({Scripted{.status = 401}});
    CHECK(turns.asked("a") == "a");
    const Usability& usability = turns.given.health->usability();
    CHECK(usability.state(Usability::Clock::now()).failures == 1);
    CHECK(usability.state(Usability::Clock::now()).reason == Unusable::credentials);
    CHECK(!usability.state(Usability::Clock::now()).lost);
}

TEST_CASE("a response with an error of the client shows that a provider can be used") {
    Turns turns({Scripted{.status = 404}});
    CHECK(turns.asked("a") == "a");
    CHECK(turns.given.health->usability().state(Usability::Clock::now()).usable());
}
