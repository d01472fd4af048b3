// SPDX-License-Identifier: Apache-2.0
// The sentences about the end of a request, and the numbers of the last hour.
#include "plugins/observer/console/advice.hpp"
#include "plugins/observer/console/series.hpp"
#include "plugins/observer/console/views.hpp"

#include <gatehouse/json.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

using namespace gatehouse;
using namespace gatehouse::console;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// As the core gives it for these.
std::string_view cause_of(int status, std::optional<ErrorKind> error) {
    if (error == ErrorKind::timeout) return "timeout";
    if (error == ErrorKind::rate_limited) return "rate_limited";
    if (error == ErrorKind::unavailable) return "unavailable";
    if (error != ErrorKind::upstream) return {};
    if (status == 401 || status == 403) return "credentials";
    if (status == 0) return "connect";
    return status >= 500 ? "server_error" : "connection_lost";
}

StoryAttempt attempt(int status, std::optional<ErrorKind> error, const char* provider = "up") {
    StoryAttempt made{
        .route = {provider, "m"}, .endpoint = "http://up.test", .why = "first", .status = status};
    made.error = error;
    made.cause = cause_of(status, error);
    made.sent = milliseconds(1);
    return made;
}

Story ended(std::string_view outcome, std::optional<ErrorKind> error,
            std::vector<StoryAttempt> attempts = {}) {
    Story story;
    story.outcome = outcome;
    story.error = error;
    story.client = "ci";
    story.model = "fast";
    story.path = "/v1/chat";
    story.endpoint = "/v1/chat";
    story.upstream_requests = static_cast<int>(attempts.size());
    story.attempts = std::move(attempts);
    return story;
}

std::string happened(const Story& story) { return advice_for(story).happened; }

}  // namespace

TEST_CASE("each end of a request has a sentence") {
    CHECK(happened(ended("ok", {}, {attempt(200, {})})) == "The request succeeded.");
    CHECK(happened(ended("ok", {}, {attempt(503, ErrorKind::unavailable), attempt(200, {}, "backup")})) ==
          "The request succeeded after 2 upstream requests: the upstream of up/m responded with status 503.");
    CHECK(happened(ended("ok", {})) == "The gateway answered the request itself.");
    Story answered = ended("ok", {});
    answered.hook = "cache";
    CHECK(happened(answered) == "The hook \"cache\" answered the request.");
    Story left = ended("left", {}, {attempt(200, {})});
    left.total = milliseconds(2500);
    CHECK(happened(left) == "The client disconnected after 2.5 s, before the first token.");
    left.first_output = milliseconds(900);
    CHECK(happened(left) == "The client disconnected after 2.5 s, in the middle of the response.");
    CHECK(happened(ended("cut", ErrorKind::upstream, {attempt(200, ErrorKind::upstream)})) ==
          "The response broke off after it had begun. The upstream of up/m sent a response that broke off.");
}

TEST_CASE("a failure says which part failed, and which action helps") {
    auto failed = [](ErrorKind kind, std::vector<StoryAttempt> attempts = {}) {
        return advice_for(ended("failed", kind, std::move(attempts)));
    };
    CHECK(failed(ErrorKind::unauthenticated).happened == "The client sent no valid credential.");
    CHECK(failed(ErrorKind::not_found).happened ==
          "No route has the model name \"fast\", or this client may not use the model.");
    Story lost = ended("failed", ErrorKind::not_found);
    lost.endpoint.clear();
    CHECK(happened(lost) == "No protocol of the gateway has the path /v1/chat.");
    CHECK(failed(ErrorKind::rate_limited).happened == "A limit of the gateway refused the request.");
    CHECK(failed(ErrorKind::rate_limited, {attempt(429, ErrorKind::rate_limited)}).happened ==
          "The upstream of up/m responded with status 429.");
    const Advice credentials = failed(ErrorKind::upstream, {attempt(401, ErrorKind::upstream)});
    CHECK(credentials.happened ==
          "The upstream of up/m refused the credentials of the gateway with status 401.");
    CHECK(credentials.action ==
          "Renew the key, or correct the signer, of [provider.up], and run `gatehouse check --live`.");
    CHECK(failed(ErrorKind::upstream, {attempt(0, ErrorKind::upstream)}).happened ==
          "The upstream of up/m did not respond: the connection failed.");
    CHECK(failed(ErrorKind::timeout, {attempt(0, ErrorKind::timeout)}).happened ==
          "The upstream of up/m did not respond within the time limit.");
    StoryAttempt begun = attempt(200, ErrorKind::upstream);
    begun.cause = "bad_response";
    CHECK(failed(ErrorKind::upstream, {begun}).action.starts_with("Check the URL in [provider.up]"));
    begun.first_output = milliseconds(1);
    CHECK(failed(ErrorKind::upstream, {begun}).action.starts_with("The fault is the upstream's"));
    StoryAttempt unsigned_one = attempt(0, ErrorKind::upstream);
    unsigned_one.sent.reset();
    unsigned_one.cause = "not_sent";
    CHECK(failed(ErrorKind::upstream, {unsigned_one}).happened ==
          "The request to up/m could not be built or signed.");
    CHECK(failed(ErrorKind::context_length, {attempt(400, ErrorKind::context_length)}).happened ==
          "The upstream of up/m refused the request as invalid, with status 400.");
    CHECK(failed(ErrorKind::unavailable,
                 {attempt(503, ErrorKind::unavailable), attempt(502, ErrorKind::upstream, "backup")})
              .happened ==
          "The upstream of backup/m responded with status 502. It was the last of 2 upstream requests.");
}

TEST_CASE("each cause of a failed upstream request has a sentence and an action of its own") {
    std::set<std::string> sentences, actions;
    for (const char* cause : {"not_sent", "credentials", "proxy", "dns", "connect", "tls", "connection_lost",
                              "timeout", "bad_response"}) {
        StoryAttempt made = attempt(0, ErrorKind::upstream);
        made.cause = cause;
        if (made.cause == "bad_response") made.status = 200;
        const Advice advice = advice_for(ended("failed", ErrorKind::upstream, {made}));
        sentences.insert(advice.happened);
        actions.insert(advice.action);
    }
    CHECK(sentences.size() == 9);
    CHECK(actions.size() == 9);
}

TEST_CASE("the operator is told to compare the scheme of the URL with the port of the upstream") {
    for (const char* cause : {"tls", "connection_lost"}) {
        StoryAttempt made = attempt(0, ErrorKind::upstream);
        made.cause = cause;
        const Advice advice = advice_for(ended("failed", ErrorKind::upstream, {made}));
        CAPTURE(advice.action);
        CHECK(advice.action.find(
                  "ompare the scheme of base_url in [provider.up], https:// or http://, with the "
                  "upstream") != std::string::npos);
    }
    // Something has answered: the scheme is right.
    StoryAttempt begun = attempt(200, ErrorKind::upstream);
    begun.cause = "connection_lost";
    CHECK(advice_for(ended("failed", ErrorKind::upstream, {begun})).action.find("scheme") ==
          std::string::npos);
}

TEST_CASE("every kind of error has a sentence and an action, with and without an upstream") {
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind)
        for (const int status : {-1, 0, 200, 400, 403, 429, 500}) {
            const auto error = static_cast<ErrorKind>(kind);
            std::vector<StoryAttempt> attempts;
            if (status >= 0) attempts.push_back(attempt(status, error));
            const Advice advice = advice_for(ended("failed", error, std::move(attempts)));
            CHECK(advice.happened.size() > 20);
            CHECK(advice.action.size() > 20);
            CHECK(advice.happened.ends_with('.'));
        }
}

TEST_CASE("an unavailable service of the gateway is told from open circuit breakers") {
    const auto refused_after = [](std::vector<const char*> steps) {
        Story story = ended("failed", ErrorKind::unavailable);
        for (const char* step : steps) story.stages.push_back({step, microseconds(0), microseconds(1)});
        return happened(story);
    };
    CHECK(refused_after({}) == "The gateway could not check the client's credential.");
    CHECK(refused_after({"authenticate"}) ==
          "The gateway had no free slot for the request, or was stopping.");
    CHECK(refused_after({"authenticate", "queue", "read", "parse", "hooks"}) ==
          "A service that the gateway needs did not respond.");
    CHECK(refused_after({"authenticate", "queue", "read", "parse", "hooks", "map"}) ==
          "The limiter could not check the limits of the client: its store did not respond.");
    CHECK(refused_after({"authenticate", "queue", "read", "parse", "hooks", "map", "limit"}) ==
          "The circuit breakers of all routes of the model \"fast\" were open.");
}

TEST_CASE("a request as JSON has its steps and attempts") {
    Story story = ended("failed", ErrorKind::unavailable, {attempt(503, ErrorKind::unavailable)});
    story.id = "req_1";
    story.stages = {{"authenticate", microseconds(0), microseconds(500)}};
    story.cost = Cost{.nano = 1'500'000'000, .currency = "USD"};
    const std::string text = story_json(story);
    const auto body = read_json(text);
    REQUIRE(body);
    CHECK((*body)["id"].string().value_or("") == "req_1");
    CHECK((*body)["cost"]["amount"].string().value_or("") == "1.500000000");
    CHECK(text.find(R"("steps":[{"name":"authenticate","begin_ms":0,"end_ms":0.5}])") != text.npos);
    CHECK(text.find(R"("why":"first","status":503)") != text.npos);
    CHECK(money(-1) == "-0.000000001");
}

TEST_CASE("quantiles are exact to a class of durations") {
    Durations times;
    CHECK_FALSE(times.quantile(0.5));
    for (int i = 1; i <= 1000; ++i) times.add(milliseconds(i));
    CHECK(times.count() == 1000);
    auto near = [](std::optional<microseconds> found, double ms) {
        const double got = static_cast<double>(found->count()) / 1000;
        return got > ms * 0.7 && got < ms * 1.4;
    };
    CHECK(near(times.quantile(0.5), 500));
    CHECK(near(times.quantile(0.95), 950));
    Durations extremes;
    extremes.add(microseconds(-5));
    extremes.add(std::chrono::hours(1000));
    CHECK(extremes.quantile(0.01)->count() <= 16);
    CHECK(extremes.quantile(1)->count() > 100'000'000);
}

TEST_CASE("the series has a value for each step, and forgets the oldest") {
    Series series;
    const auto start = Series::Time(seconds(1'000'000'000));
    Story story = ended("ok", {}, {attempt(200, {})});
    story.total = milliseconds(100);
    story.first_output = milliseconds(50);
    series.add(story, start);
    series.add(story, start + seconds(25));
    series.add(story, start + seconds(5));  // stories may come in any order
    story.outcome = "failed";
    series.add(story, start + seconds(25));
    const std::string text = series.json(1, start + seconds(29));
    CHECK(text.find("\"from_ms\":999999970000") != text.npos);
    CHECK(text.find("\"requests\":[0,0,0,2,0,2]") != text.npos);
    CHECK(text.find("\"failed\":[0,0,0,0,0,1]") != text.npos);
    CHECK(text.find("\"first_token_ms_p50\":[null,null,null,") != text.npos);
    CHECK(series.since(start + seconds(10)).requests == 2);
    CHECK(series.since(start).failed == 1);
    for (int i = 0; i < 1000; ++i) series.add(story, start + i * Series::step);
    CHECK(series.since(start).requests == Series::most);
}
