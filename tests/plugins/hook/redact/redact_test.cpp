// SPDX-License-Identifier: Apache-2.0
// The hook through its entry point, as the core uses it.
#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

using Strings = std::vector<std::string>;

Table own(const std::vector<std::pair<std::string, std::string>>& patterns) {
    std::vector<Table> tables;
    for (const auto& [name, regex] : patterns) tables.push_back(strings({{"name", name}, {"regex", regex}}));
    return {{{"own", Value{tables}}}};
}

Table with(Table table, std::string key, Value value) {
    table.entries.push_back({std::move(key), std::move(value)});
    return table;
}

struct Fixture {
    FakeHost host;
    std::unique_ptr<Hook> hook;

    explicit Fixture(Table table = {}) {
        auto made = create<Hook>(gatehouse_plugin, std::move(table), host);
        if (!made) FAIL(made.error().message);
        hook = *std::move(made);
    }
};

const FakeRequest team{.who = {"team"}};

std::string wrong(Table table) {
    FakeHost host;
    auto made = create<Hook>(gatehouse_plugin, std::move(table), host);
    REQUIRE(!made);
    return made.error().message;
}

Operation says(const std::string& text) {
    return ChatRequest{.model = "m", .messages = {{.parts = {Text{text}}}}};
}
std::string said(const Operation& operation) { return text_of(std::get<ChatRequest>(operation).messages[0]); }

}  // namespace

TEST_CASE(
    "the hook masks and counts secrets of a request and its response, and the log does not quote them") {
    Fixture fixture(own({{"badge", "B-[0-9]+"}}));
    auto state = fixture.hook->begin(team.info());
    Operation operation = says("a@b.co, c@d.co and B-17");
    CHECK(state->request(operation));
    CHECK(said(operation) == "[email], [email] and [badge]");
    state->attempt({});
    Events events;
    state->event(TextDelta{"x@y"}, events);
    state->event(TextDelta{".co"}, events);
    state->end(events);
    state->done({});
    CHECK(text(events.list) == "[email]");
    CHECK(fixture.host.logged ==
          Strings{"secrets masked client=team request=email 2, badge 1 answer=email 1"});
}

TEST_CASE("the hook changes and logs nothing if no pattern matches") {
    Fixture fixture;
    auto state = fixture.hook->begin(team.info());
    Operation operation = says("nothing, really");
    CHECK(state->request(operation));
    CHECK(said(operation) == "nothing, really");
    state->attempt({});
    Events events;
    for (const char* piece : {"nor", " here"}) state->event(TextDelta{piece}, events);
    state->event(Finish{}, events);
    state->end(events);
    state->done({});
    CHECK(text(events.list) == "nor here");
    CHECK(fixture.host.logged.empty());
}

TEST_CASE("the output of a failed attempt is discarded") {
    Fixture fixture;
    auto state = fixture.hook->begin(team.info());
    Operation operation = says("hi");
    CHECK(state->request(operation));
    Events first, second;
    state->attempt({});
    state->event(TextDelta{"a@b.co and bob@"}, first);
    state->attempt({});
    state->event(TextDelta{"example.com c@d.co "}, second);
    state->end(second);
    state->done({});
    CHECK(text(second.list) == "example.com [email] ");
    CHECK(fixture.host.logged == Strings{"secrets masked client=team request=none answer=email 1"});
}

TEST_CASE("the hook masks only requests or only responses if so configured") {
    for (const bool requests : {true, false}) {
        Fixture fixture({{{"requests", Value{requests}}, {"answers", Value{!requests}}}});
        auto state = fixture.hook->begin(team.info());
        Operation operation = says("a@b.co");
        CHECK(state->request(operation));
        CHECK(said(operation) == (requests ? "[email]" : "a@b.co"));
        Events events;
        state->attempt({});
        state->event(TextDelta{"a@b.co"}, events);
        state->end(events);
        state->done({});
        CHECK(text(events.list) == (requests ? "a@b.co" : "[email]"));
    }
}

TEST_CASE("a pattern in refuse rejects a request, and the error names the place but not the secret") {
    Fixture fixture(with(own({{"line", "line: .*"}}), "refuse", Value{Strings{"card", "email"}}));
    auto refused = [&](Operation operation) {
        auto state = fixture.hook->begin(team.info());
        auto outcome = state->request(operation);
        state->done({.error = outcome ? nullptr : &outcome.error()});
        return outcome ? Error{} : outcome.error();
    };
    CHECK(refused(says("AKIAIOSFODNN7EXAMPLE")).message.empty());
    Error error = refused(says("my card is 4111 1111 1111 1111"));
    CHECK(error.kind == ErrorKind::bad_request);
    CHECK(error.message == "the request contains a secret: card; remove it and send the request again");
    CHECK(error.code == "secret_in_request");
    CHECK(error.param == "messages[0]");
    CHECK(error.detail.empty());
    CHECK(fixture.host.logged.back() == "request with a secret rejected client=team patterns=card");
    CHECK(refused(says("line: within another one's match 4111111111111111")).message.find("card") !=
          std::string::npos);
    ChatRequest request;
    request.messages.resize(2);
    request.tools = {{.name = "f", .parameters = {R"({"default":"a@b.co"})"}}};
    CHECK(refused(request).param == "tools[0]");
    CHECK(refused(RerankRequest{.query = "q", .documents = {"a", "a@b.co 4111111111111111"}})
              .message.find("email, card") != std::string::npos);
    CHECK(refused(EmbeddingRequest{.inputs = {"a", "a@b.co"}}).param == "input[1]");
    CHECK(refused(EmbeddingRequest{.inputs = {"a"}, .extra = {R"({"x":"a@b.co"})"}}).code ==
          "secret_in_request");
}

TEST_CASE("the configuration sets the mask") {
    Fixture fixture(
        {{{"mask", Value{std::string("<{name}: {name}>")}}, {"patterns", Value{Strings{"email"}}}}});
    auto state = fixture.hook->begin(team.info());
    Operation operation = says("a@b.co 4111111111111111");
    CHECK(state->request(operation));
    CHECK(said(operation) == "<email: email> 4111111111111111");
    state->done({});
}

TEST_CASE("each built-in pattern can be the only active pattern") {
    for (const char* name : {"email", "card", "oci_key", "aws_key", "private_key", "jwt", "bearer",
                             "github_token", "google_key", "slack_token", "ocid"}) {
        Fixture fixture({{{"patterns", Value{Strings{name}}}}});
        auto state = fixture.hook->begin(team.info());
        Operation operation = says("nothing");
        CHECK(state->request(operation));
        state->done({});
    }
}

TEST_CASE("a configuration error names its key") {
    CHECK(wrong({{{"patterns", Value{Strings{"card", "emial"}}}}}) ==
          "patterns[1]: \"emial\" is not a built-in pattern (built in are: email, card, oci_key, aws_key, "
          "private_key, jwt, bearer, "
          "github_token, google_key, slack_token, ocid)");
    CHECK(wrong({{{"patterns", Value{Strings{"card", "card"}}}}}) == "patterns[1]: \"card\" is repeated");
    CHECK(wrong({{{"patterns", Value{Strings{}}}}}) ==
          "patterns: no pattern is active; give patterns or own");
    CHECK(wrong(own({{"a", "x"}, {"b", "("}})) == "own[1].regex: unusable expression: missing ): (");
    CHECK(wrong(own({{"a", "x*"}})) == "own[0].regex: unusable expression: it matches the empty text");
    CHECK(wrong(own({{"a", "(?<=x)y"}}))
              .starts_with("own[0].regex: unusable expression: invalid perl operator"));
    CHECK(wrong(own({{"a", "a\\C"}})).starts_with("own[0].regex: unusable expression: \\C "));
    CHECK(wrong(own({{"email", "x"}})) == "own[0].name: the name is already used: \"email\"");
    CHECK(wrong(own({{"a", "x"}, {"a", "y"}})) == "own[1].name: the name is already used: \"a\"");
    CHECK(wrong(own({{"a b", "x"}})) == "own[0].name: a name has 1 to 64 letters, digits, and _ . -");
    CHECK(wrong(own({{"", "x"}})) == "own[0].name: a name has 1 to 64 letters, digits, and _ . -");
    CHECK(wrong({{{"mask", Value{std::string("{name}@example.com")}}}}) ==
          "mask: the mask for email matches a pattern; choose another mask");
    CHECK(wrong({{{"refuse", Value{Strings{"ocid"}}}}})
              .starts_with("refuse[0]: \"ocid\" is not an active pattern (active are: email, "));
    CHECK(wrong({{{"refuse", Value{Strings{"card"}}}, {"requests", Value{false}}}}) ==
          "refuse[0]: refuse needs requests = true");
    CHECK(wrong({{{"requests", Value{false}}, {"answers", Value{false}}}}) ==
          "answers: requests and answers are both false: the hook would do nothing");
}

TEST_CASE("concurrent requests share one instance") {
    Fixture fixture;
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                auto state = fixture.hook->begin(team.info());
                Operation operation = says("a@b.co and 4111 1111 1111 1111 ");
                if (!state->request(operation)) continue;
                state->attempt({});
                Events events;
                for (const char c : said(operation) + "c@d.co")
                    state->event(TextDelta{std::string(1, c)}, events);
                state->end(events);
                if (said(operation) == "[email] and [card] " &&
                    text(events.list) == "[email] and [card] [email]")
                    ++good;
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(good == 200);
}
