// SPDX-License-Identifier: Apache-2.0
#include "core/retry/retry_decision.hpp"

#include "core/instances/cors.hpp"
#include "core/instances/routing.hpp"
#include "core/util/request_id.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace gatehouse;
using namespace gatehouse::core;
using std::chrono::milliseconds;

namespace {

struct Case {
    ErrorKind kind = ErrorKind::unavailable;
    int status = 503, attempts = 1;
    std::size_t route = 0, routes = 1;
    int retry_after = 0;
    milliseconds left{60'000};
    bool permanent = false, next_is_new = true, others_may_pass = false;
};

RetryDecision next(const Case& c) {
    const Error error{.kind = c.kind, .retry_after_seconds = c.retry_after};
    return decide_retry({.error = error,
                         .upstream_status = c.status,
                         .permanent = c.permanent,
                         .attempts = c.attempts,
                         .max_attempts = 3,
                         .route = c.route,
                         .routes = c.routes,
                         .next_is_new = c.next_is_new,
                         .others_may_pass = c.others_may_pass,
                         .retry_after_seconds = c.retry_after,
                         .time_left = c.left,
                         .longest_wait = milliseconds(5'000)});
}

}  // namespace

TEST_CASE("the next route is tried at once, and the first route again after a wait") {
    CHECK(next({.routes = 2}).route == 1);
    CHECK(next({.routes = 2}).wait == milliseconds(0));
    const RetryDecision again = next({.attempts = 2, .route = 1, .routes = 2});
    CHECK(again.again);
    CHECK(again.route == 0);
    CHECK(again.wait >= milliseconds(125));
    CHECK(again.wait <= milliseconds(250));
}

TEST_CASE("no attempt exceeds the time limit, or max_attempts except the first of a route") {
    CHECK(!next({.attempts = 3}).again);
    CHECK(next({.attempts = 3, .routes = 5}).again);
    CHECK(!next({.attempts = 3, .routes = 5, .next_is_new = false}).again);
    CHECK(!next({.attempts = 3, .route = 4, .routes = 5}).again);
    CHECK(!next({.left = milliseconds(0)}).again);
    CHECK(!next({.left = milliseconds(1)}).again);
}

TEST_CASE("only temporary failures are retried on the same route") {
    CHECK(next({.kind = ErrorKind::rate_limited}).again);
    CHECK(next({.kind = ErrorKind::timeout}).again);
    CHECK(next({.kind = ErrorKind::upstream, .status = 500}).again);
    CHECK(next({.kind = ErrorKind::upstream, .status = 0}).again);
    CHECK(next({.kind = ErrorKind::upstream, .status = 200}).again);  // truncated
    CHECK(!next({.kind = ErrorKind::upstream, .status = 0, .permanent = true}).again);
    CHECK(!next({.kind = ErrorKind::upstream, .status = 401}).again);
    CHECK(!next({.kind = ErrorKind::upstream, .status = 302}).again);
    CHECK(!next({.kind = ErrorKind::bad_request}).again);
    CHECK(!next({.kind = ErrorKind::not_found}).again);
    CHECK(!next({.kind = ErrorKind::internal}).again);
}

TEST_CASE(
    "the list begins again if the failure of any route may pass, but not after a refusal of the request") {
    CHECK(next({.kind = ErrorKind::not_found, .route = 1, .routes = 2, .others_may_pass = true}).again);
    CHECK(!next({.kind = ErrorKind::bad_request, .route = 1, .routes = 2, .others_may_pass = true}).again);
}

TEST_CASE("the client gets the failure that tells most about its request") {
    auto weight = [](ErrorKind kind, int status = 0, std::string code = {}) {
        const Error error{.kind = kind, .code = std::move(code)};
        return weight_of({.error = error,
                          .upstream_status = status,
                          .permanent = false,
                          .attempts = 1,
                          .max_attempts = 3,
                          .routes = 2,
                          .time_left = {},
                          .longest_wait = {}});
    };
    CHECK(weight(ErrorKind::bad_request) > weight(ErrorKind::unavailable));
    CHECK(weight(ErrorKind::unavailable) == weight(ErrorKind::rate_limited));
    CHECK(weight(ErrorKind::timeout) == weight(ErrorKind::upstream, 500));
    CHECK(weight(ErrorKind::upstream, 500) > weight(ErrorKind::upstream, 401));
    CHECK(weight(ErrorKind::rate_limited, 429, "insufficient_quota") == weight(ErrorKind::upstream, 401));
    CHECK(weight(ErrorKind::upstream, 401) > weight(ErrorKind::not_found));
    CHECK(weight(ErrorKind::not_found) > weight(ErrorKind::unsupported));
}

TEST_CASE("a failure of one route is retried on another route, unless the client caused it") {
    for (ErrorKind kind :
         {ErrorKind::not_found, ErrorKind::unsupported, ErrorKind::internal, ErrorKind::upstream})
        CHECK(next({.kind = kind, .routes = 2}).again);
    CHECK(next({.kind = ErrorKind::upstream, .status = 0, .routes = 2, .permanent = true}).again);
    for (ErrorKind kind :
         {ErrorKind::bad_request, ErrorKind::context_length, ErrorKind::forbidden, ErrorKind::too_large})
        CHECK(!next({.kind = kind, .routes = 2}).again);
}

TEST_CASE("a short retry-after is obeyed, and a long one is passed on to the client") {
    CHECK(next({.kind = ErrorKind::rate_limited, .retry_after = 5}).wait == milliseconds(5'000));
    CHECK(!next({.kind = ErrorKind::rate_limited, .retry_after = 6}).again);
    CHECK(!next({.kind = ErrorKind::rate_limited, .retry_after = 5, .left = milliseconds(5'000)}).again);
}

TEST_CASE("request ids differ") {
    std::set<std::string> ids;
    for (int i = 0; i < 1'000; ++i) ids.insert(new_request_id());
    CHECK(ids.size() == 1'000);
}

TEST_CASE("a preflight returns the requested headers, for allowed origins only") {
    const Cors cors({"https://app.example"});
    http::RequestHead request{.method = "OPTIONS",
                              .headers = {{"origin", "https://app.example"},
                                          {"access-control-request-method", "POST"},
                                          {"access-control-request-headers", "authorization,content-type"}}};
    auto answer = cors.preflight(request);
    REQUIRE(answer);
    CHECK(answer->head.status == 204);
    CHECK(answer->head.headers.get("access-control-allow-origin") == "https://app.example");
    CHECK(answer->head.headers.get("access-control-allow-headers") == "authorization,content-type");
    request.headers.set("origin", "https://evil.example");
    CHECK(!cors.preflight(request));
    CHECK(!Cors({}).preflight(request));
    CHECK(Cors({"*"}).preflight(request));
}

namespace {
struct Nobody final : Dialect {
    std::vector<Endpoint> endpoints() const override { return {}; }
    Result<Parsed> parse(const http::RequestHead&, std::string) override { return Error{}; }
    http::Response error(const Error&) const override { return {}; }
};
}  // namespace

TEST_CASE("a path finds its dialect, and an error response uses the nearest dialect") {
    Nobody openai, anthropic;
    const Routing routing(
        {{"openai",
          &openai,
          {{"POST", "/v1/chat/completions"}, {"GET", "/v1/models"}, {"GET", "/v1/models/*"}}},
         {"anthropic", &anthropic, {{"POST", "/anthropic/v1/messages"}}}});
    CHECK(routing.find("POST", "/v1/chat/completions").dialect->name == "openai");
    CHECK(routing.find("HEAD", "/v1/models").dialect->name == "openai");
    CHECK(routing.find("GET", "/v1/models/a/b").dialect->name == "openai");
    CHECK(routing.find("POST", "/anthropic/v1/messages").dialect->name == "anthropic");
    CHECK(!routing.find("GET", "/v1/models/").dialect);
    CHECK(!routing.find("GET", "/v1/modelsx").dialect);
    CHECK(routing.find("GET", "/v1/chat/completions").allow == "POST");
    CHECK(routing.nearest("/anthropic/v1/other").name == "anthropic");
    CHECK(routing.nearest("/v1/nothing").name == "openai");
    CHECK(routing.nearest("").name == "openai");
}

TEST_CASE("an endpoint with a header has precedence, whatever the order of the dialects") {
    Nobody plain, marked;
    const NamedDialect openai{"openai", &plain, {{"GET", "/v1/models"}, {"POST", "/v1/chat"}}};
    const NamedDialect other{
        "other", &marked, {{"GET", "/v1/models", "x-version"}, {"POST", "/v1/messages"}}};
    const http::Headers version = {{"X-Version", "1"}};
    for (const bool first : {false, true}) {
        const Routing routing(first ? std::vector{other, openai} : std::vector{openai, other});
        CHECK(routing.find("GET", "/v1/models").dialect->name == "openai");
        CHECK(routing.find("GET", "/v1/models", version).dialect->name == "other");
        CHECK(routing.find("HEAD", "/v1/models", version).dialect->name == "other");
        CHECK(routing.find("POST", "/v1/chat", version).dialect->name == "openai");
        CHECK(routing.find("POST", "/v1/models", version).allow == "GET, HEAD");
        CHECK(routing.nearest("/v1/models").name == "openai");
        CHECK(routing.nearest("/v1/models", version).name == "other");
    }
    const Routing alone({other});
    CHECK(!alone.find("GET", "/v1/models").dialect);
    CHECK(alone.find("GET", "/v1/models").allow.empty());
}

TEST_CASE("a response has the request's id under the dialect's name too") {
    Nobody plain;
    NamedDialect dialect{"other", &plain, {}};
    http::Headers headers;
    dialect.set_request_id(headers, "id-1");
    CHECK(headers.get("x-request-id") == "id-1");
    CHECK(headers.size() == 1);
    dialect.request_id_header = "request-id";
    dialect.set_request_id(headers, "id-2");
    CHECK(headers.get("x-request-id") == "id-2");
    CHECK(headers.get("request-id") == "id-2");
}

TEST_CASE("a wrong path names the endpoint that is probably meant") {
    Nobody openai, anthropic;
    const Routing routing({{"openai",
                            &openai,
                            {{"POST", "/v1/chat/completions"},
                             {"POST", "/v1/completions"},
                             {"POST", "/v1/embeddings"},
                             {"POST", "/v1/rerank"},
                             {"POST", "/v2/rerank"},
                             {"GET", "/v1/models"},
                             {"GET", "/v1/models/*"}}},
                           {"anthropic", &anthropic, {{"POST", "/anthropic/v1/messages"}}}});
    for (const char* path :
         {"/chat/completions", "/v1/v1/chat/completions", "/openai/v1/chat/completions",
          "/v1/chat/completions/", "/api/v1/chat/completions", "/v1/chat/completion", "/V1/Chat/Completions",
          "/v1/chat", "/v1/chat/completions/v1/chat/completions", "/openai/deployments/x/chat/completions",
          "/v1/chat/completions/more", "/v1beta/openai/chat/completions"}) {
        CAPTURE(path);
        CHECK(routing.similar("POST", path) == "POST /v1/chat/completions");
    }
    CHECK(routing.similar("POST", "/completions") == "POST /v1/completions");
    CHECK(routing.similar("POST", "/v1/v1/embeddings") == "POST /v1/embeddings");
    CHECK(routing.similar("POST", "/embedings") == "POST /v1/embeddings");
    CHECK(routing.similar("POST", "/v2/v2/rerank") == "POST /v2/rerank");
    CHECK(routing.similar("GET", "/models") == "GET /v1/models");
    CHECK(routing.similar("GET", "/v1/models/") == "GET /v1/models");
    CHECK(routing.similar("GET", "/v1/v1/models/x") == "GET /v1/models/*");
    CHECK(routing.similar("POST", "/v1/messages") == "POST /anthropic/v1/messages");
    CHECK(routing.similar("GET", "/").empty());
    CHECK(routing.similar("GET", "/v1").empty());
    CHECK(routing.similar("GET", "/favicon.ico").empty());
    CHECK(routing.similar("GET", std::string(100'000, '/')).empty());
}

TEST_CASE("doubled slashes are one") {
    CHECK(with_single_slashes("//v1/chat") == "/v1/chat");
    CHECK(with_single_slashes("/v1///chat//") == "/v1/chat/");
    CHECK(with_single_slashes("/v1/chat") == "/v1/chat");
    CHECK(with_single_slashes("").empty());
}
