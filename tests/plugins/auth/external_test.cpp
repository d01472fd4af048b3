// SPDX-License-Identifier: Apache-2.0
// The external authenticator through its entry point: what the service gets, what its recorded
// answers mean, how long they hold, and what happens without an answer.
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

/// Keeps completions of fetches until the test lets them go.
struct SlowHost final : FakeHost {
    bool slow = false;
    std::deque<Completion<http::Response>> waiting;
    void fetch(http::Request request, Completion<http::Response> done) override {
        if (!slow) return FakeHost::fetch(std::move(request), std::move(done));
        fetched.push_back(std::move(request));
        waiting.push_back(std::move(done));
    }
};

struct Fixture {
    SlowHost host;
    Table table = strings({{"url", "https://keys.example/check"}});
    std::unique_ptr<Authenticator> made;

    void set(std::string key, Value value) { table.entries.push_back({std::move(key), std::move(value)}); }
    Authenticator& authenticator() {
        if (!made) {
            auto created = create<Authenticator>(gatehouse_plugin, table, host);
            if (!created) FAIL(created.error().message);
            made = *std::move(created);
        }
        return *made;
    }
    Result<Identity> identify(const std::string& credential) {
        const http::RequestHead head{.headers = {{"authorization", "Bearer " + credential}},
                                     .peer = "192.0.2.7"};
        std::optional<Result<Identity>> result;
        authenticator().authenticate(head, into(result));
        REQUIRE(result);
        return *result;
    }
    /// "NAME", or "STATUS MESSAGE".
    std::string ask(const std::string& credential) {
        const auto who = identify(credential);
        return who ? who->name : std::to_string(status_of(who.error())) + " " + who.error().message;
    }
    void answers(std::string body, int status = 200) {
        host.answers.push_back(http::Response{{.status = status}, std::move(body)});
    }
    std::size_t asked() const { return host.fetched.size(); }
};

const std::string refused = "401 the credential is missing or not valid";
const std::string failed = "503 credentials cannot be checked at the moment; try again later";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the service gets the credential, and its answer is the identity") {
    set("key", Value{std::string("sk-own")});
    set("models", Value{std::string("/models")});
    set("attributes", Value{Table{{{"tenant", Value{std::vector<std::string>{"/org/id"}}}}}});
    answers(R"({"name":"ann","id":7,"groups":["red","",3],"models":["gpt-*","a*b"],"org":{"id":"acme"}})");
    const auto who = identify("good-key");
    REQUIRE(who);
    CHECK(who->name == "ann");
    CHECK(who->id == "7");
    CHECK(who->groups == std::vector<std::string>{"red", "3"});
    CHECK(who->models == std::vector<std::string>{"gpt-*"});
    REQUIRE(who->attributes.size() == 1);
    CHECK(who->attributes.at("tenant") == std::vector<std::string>{"acme"});
    const http::Request& sent = host.fetched.at(0);
    CHECK(sent.method == "POST");
    CHECK(sent.url == "https://keys.example/check");
    CHECK(sent.headers.get("authorization") == "Bearer sk-own");
    CHECK(sent.headers.get("content-type") == "application/json");
    CHECK(sent.body == R"({"credential":"good-key","peer":"192.0.2.7"})");
    CHECK(sent.total_timeout == std::chrono::seconds(2));
}

TEST_CASE_FIXTURE(Fixture, "an introspection of RFC 7662") {
    set("send", Value{std::string("form")});
    set("active", Value{std::string("/active")});
    set("name", Value{std::string("/sub")});
    set("name_prefix", Value{std::string("sso:")});
    answers(R"({"active":true,"sub":"ann"})");
    CHECK(ask("a+b&c") == "sso:ann");
    CHECK(host.fetched.at(0).body == "token=a%2Bb%26c");
    CHECK(host.fetched.at(0).headers.get("content-type") == "application/x-www-form-urlencoded");
    for (const char* body : {R"({"active":false,"sub":"ann"})", R"({"sub":"ann"})", R"({"active":"true"})"}) {
        answers(body);
        CHECK(ask(std::string("other") + body[10]) == refused);
    }
}

TEST_CASE_FIXTURE(Fixture, "the client's own header can be passed on") {
    set("send", Value{std::string("bearer")});
    answers(R"({"name":"ann"})");
    CHECK(ask("good-key") == "ann");
    CHECK(host.fetched.at(0).method == "GET");
    CHECK(host.fetched.at(0).body.empty());
    CHECK(host.fetched.at(0).headers.get("authorization") == "Bearer good-key");
}

TEST_CASE_FIXTURE(Fixture, "requests without a usable credential are refused, and the service is not asked") {
    CHECK(ask("") == refused);
    CHECK(ask("a b") == refused);
    CHECK(ask(std::string(20'000, 'x')) == refused);
    CHECK(asked() == 0);
}

TEST_CASE_FIXTURE(Fixture, "results hold for a while, refusals for a shorter while") {
    answers(R"({"name":"ann"})");
    CHECK(ask("good") == "ann");
    answers("", 401);
    CHECK(ask("bad") == refused);
    host.time += std::chrono::seconds(9);
    CHECK(ask("good") == "ann");
    CHECK(ask("bad") == refused);
    CHECK(asked() == 2);
    host.time += std::chrono::seconds(1);
    answers(R"({"name":"bob"})");
    CHECK(ask("bad") == "bob");
    host.time += std::chrono::seconds(50);
    answers("", 403);
    CHECK(ask("good") == refused);
    CHECK(asked() == 4);
    CHECK(host.meters["checks_total"].numbers["cache"] == 2);
    CHECK(host.meters["checks_total"].numbers["service"] == 4);
}

TEST_CASE_FIXTURE(Fixture, "the number of results is bounded, and refusals do not displace clients") {
    set("max_cached", Value{std::int64_t{10}});
    answers(R"({"name":"ann"})");
    CHECK(ask("good") == "ann");
    for (int i = 0; i < 100; ++i) {
        answers("", 404);
        CHECK(ask("guess" + std::to_string(i)) == refused);
    }
    CHECK(ask("good") == "ann");
    CHECK(asked() == 101);
    CHECK(ask("guess99") == refused);
    answers("", 404);
    CHECK(ask("guess0") == refused);
    CHECK(asked() == 102);
}

TEST_CASE_FIXTURE(Fixture, "a service without a usable answer is a failure, which is not kept") {
    const std::vector<std::pair<http::Response, std::string>> failures = {
        {{{.status = 500}, ""}, "status 500"},
        {{{.status = 429}, ""}, "status 429"},
        {{{.status = 200}, "ann"}, "the answer of the service is not JSON"},
        {{{.status = 200}, "{}"}, "the answer of the service has no name of 1 to 200 bytes at /name"},
        {{{.status = 200}, "{\"name\":\"a\\nb\"}"},
         "the answer of the service has no name of 1 to 200 bytes at /name"},
        {{{.status = 200}, R"({"name":"a","id":"\u0000"})"}, "the answer of the service has a bad id at /id"},
        {{{.status = 200}, R"({"name":"the-key"})"},
         "the answer of the service has the credential at /name"}};
    for (const auto& [answer, reason] : failures) {
        host.answers.push_back(answer);
        CHECK(ask("the-key") == failed);
        CHECK(host.logged.back() == "credential not checked reason=" + reason);
    }
    host.answers.push_back(Error{ErrorKind::timeout, "too slow"});
    CHECK(ask("the-key") == failed);
    answers(R"({"name":"ann"})");
    CHECK(ask("the-key") == "ann");
    CHECK(host.meters["checks_total"].numbers["failed"] == 8);
}

TEST_CASE_FIXTURE(Fixture, "known clients are admitted without the service, if the configuration says so") {
    set("on_failure", Value{std::string("known")});
    answers(R"({"name":"ann"})");
    CHECK(ask("good") == "ann");
    host.time += std::chrono::hours(2);
    CHECK(ask("good") == "ann");
    CHECK(ask("unknown") == failed);
    answers("", 401);
    CHECK(ask("good") == refused);
    host.time += std::chrono::hours(2);
    CHECK(ask("good") == failed);
}

TEST_CASE_FIXTURE(Fixture, "a client without a model gets 403 if the service limits models") {
    set("models", Value{std::string("/models")});
    for (const char* body :
         {R"({"name":"a"})", R"({"name":"a","models":[]})", R"({"name":"a","models":["*x"]})"}) {
        answers(body);
        CHECK(ask("good" + std::to_string(asked())) == "403 this credential does not allow any model");
    }
}

TEST_CASE_FIXTURE(Fixture, "requests of one credential wait for one answer") {
    host.slow = true;
    std::optional<Result<Identity>> first, second, other;
    http::RequestHead head{.headers = {{"x-api-key", "good"}}};
    authenticator().authenticate(head, into(first));
    authenticator().authenticate(head, into(second));
    head.headers = {{"x-api-key", "another"}};
    authenticator().authenticate(head, into(other));
    CHECK(asked() == 2);
    host.waiting.at(0)(http::Response{{}, R"({"name":"ann"})"});
    REQUIRE(first);
    REQUIRE(second);
    CHECK(!other);
    CHECK((**first).name == "ann");
    CHECK((**second).name == "ann");
    host.waiting.at(1)(http::Response{{.status = 401}, ""});
    REQUIRE(other);
    CHECK(!*other);
}

TEST_CASE_FIXTURE(Fixture, "mistakes in the configuration are named at their key") {
    auto error = [&](Table config) {
        auto created = create<Authenticator>(gatehouse_plugin, std::move(config), host);
        REQUIRE(!created);
        return created.error().message;
    };
    CHECK(error(strings({{"url", "keys.example"}})) == "url: expected http:// or https:// at its beginning");
    CHECK(error(strings({{"url", "https://a"}, {"groups", "groups"}})) ==
          "groups: expected a JSON pointer, such as \"/name\"");
    CHECK(error(strings({{"url", "https://a"}, {"name", ""}})) ==
          "name: expected a JSON pointer, such as \"/name\"");
    CHECK(error(strings({{"url", "https://a"}, {"key", "k"}, {"send", "bearer"}})) ==
          "key: send = \"bearer\" sends the client's credential in the same header: remove one");
    set("attributes", Value{Table{{{"tenant", Value{std::vector<std::string>{"org"}}}}}});
    CHECK(error(table) == "attributes.\"tenant\": expected a JSON pointer, such as \"/name\"");
}
