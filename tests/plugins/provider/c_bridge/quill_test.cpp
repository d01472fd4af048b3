// SPDX-License-Identifier: Apache-2.0
// The example in C, loaded from its file: its settings, its requests, and its responses, cut
// at every byte.
#include "tests/plugins/describe.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using testing::FakeHost;

extern "C" const Descriptor gatehouse_plugin;

namespace {

using Settings = std::vector<std::pair<std::string, std::vector<std::string>>>;
const Settings where = {{"base_url", {"http://quill"}}};

Result<std::unique_ptr<Provider>> create(FakeHost& host, const Settings& settings) {
    Table inside;
    for (const auto& [name, list] : settings) inside.entries.push_back({name, Value{list}});
    Table table = testing::strings({{"library", QUILL}});
    table.entries.push_back({"settings", Value{std::move(inside)}});
    return testing::create<Provider>(gatehouse_plugin, std::move(table), host);
}

struct Bench {
    explicit Bench(Settings more = {}) {
        more.insert(more.begin(), where.begin(), where.end());
        auto made = create(host, more);
        REQUIRE(made);
        provider = *std::move(made);
    }
    FakeHost host;
    std::unique_ptr<Provider> provider;
};

std::string refused(const Settings& settings) {
    FakeHost host;
    auto made = create(host, settings);
    return made ? "" : made.error().message;
}

std::string refused(const std::string& name, std::vector<std::string> list) {
    Settings settings = where;
    settings.emplace_back(name, std::move(list));
    return refused(settings);
}

ChatRequest ask(bool stream = false) {
    ChatRequest request{.model = "small \"one\"", .stream = stream};
    request.messages.push_back({.role = Role::system, .parts = {Text{"Be brief"}}});
    request.messages.push_back({.parts = {Text{"say \"hi\"\n"}, Text{"now"}}});
    return request;
}

http::Request sent(Exchange& exchange) {
    auto request = exchange.request();
    REQUIRE(request);
    REQUIRE(*request);
    return **std::move(request);
}

/// The error for a response with a bad status.
Error failure(Exchange& exchange, int status, const std::string& body, http::Headers headers = {}) {
    testing::Events events;
    (void)sent(exchange);
    exchange.head({status, std::move(headers)});
    REQUIRE(exchange.body(body, events));
    auto ended = exchange.end(events);
    REQUIRE_FALSE(ended);
    CHECK(events.list.empty());
    return ended.error();
}

const std::string flow =
    "{\"piece\":\"Gr\\u00fc\\u00df \"}\r\n{\"piece\":\"dich, \\ud83d\\ude00 "
    "\"}\n\n{\"piece\":\"\xE2\x82\xAC\"}\n"
    "{\"done\":\"most_words\",\"read\":3,\"wrote\":2}\n";

}  // namespace

TEST_CASE("settings are what the library describes, and wrong ones are refused at their key") {
    CHECK(refused(where) == "");
    CHECK(refused({}) ==
          "settings: settings lack the key \"base_url\": Base URL of Quill, without a slash at the end.");
    CHECK(refused({{"base_url", {"quill"}}}) ==
          "settings.base_url: base_url must begin with http:// or https://");
    CHECK(refused({{"base_url", {"http://quill/"}}}) ==
          "settings.base_url: base_url must not end with a slash");
    CHECK(refused("wrods", {"5"}) ==
          "settings.wrods: quill has no setting \"wrods\" (allowed: base_url, key, words, tone)");
    CHECK(refused("words", {"many"}) ==
          "settings.words: settings.words must be an integer in quotes, such as \"5\", not \"many\"");
    CHECK(refused("words", {"0"}) ==
          "settings.words: settings.words must be between 1 and 100000, not \"0\"");
    CHECK(refused("words", {"1", "2"}) ==
          "settings.words: settings.words must be an integer, not a list of 2");
    CHECK(refused("tone", {"rude"}) ==
          "settings.tone: settings.tone must be one of \"plain\", \"florid\", not \"rude\"");
    CHECK(refused("key", {"secret-1", "secret-2"}) ==
          "settings.key: settings.key must be a string, not a list of 2");
    CHECK(refused("a.b", {"1"}).starts_with("settings.\"a.b\": "));
}

TEST_CASE("a chat is Quill's compose, with the settings in it") {
    Bench bench(Settings{{"key", {"k\"1"}}, {"words", {"7"}}, {"tone", {"florid"}}});
    const ChatRequest request = ask(true);
    auto exchange = bench.provider->chat(request);
    REQUIRE(exchange);
    const http::Request http = sent(**exchange);
    CHECK(http.method == "POST");
    CHECK(http.url == "http://quill/v1/compose");
    CHECK(http.headers.get("x-quill-key") == "k\"1");
    CHECK(
        http.body ==
        R"({"engine":"small \"one\"","flow":true,"most_words":7,"turns":[{"who":"editor","says":"Be brief"},)"
        R"({"who":"human","says":"say \"hi\"\nnow"}],"tone":"florid"})");
    CHECK(sent(**exchange).body == http.body);
    CHECK((*exchange)->request_id_header() == "x-quill-id");
}

TEST_CASE("fields that Quill does not support are refused by name") {
    Bench bench;
    ChatRequest request = ask();
    request.tools.push_back({.name = "f"});
    auto refusal = bench.provider->chat(request);
    REQUIRE_FALSE(refusal);
    CHECK(refusal.error().kind == ErrorKind::unsupported);
    CHECK(refusal.error().message == "quill has no tools");
    CHECK(refusal.error().param == "tools");
    request = ask();
    request.messages[1].parts.push_back(Image{.url = "http://x/y.png"});
    refusal = bench.provider->chat(request);
    REQUIRE_FALSE(refusal);
    CHECK(refusal.error().param == "messages[1]");
    CHECK_FALSE(bench.provider->embed({.model = "m", .inputs = {"a"}}));
    CHECK_FALSE(bench.provider->rerank({}));
}

TEST_CASE("a flow cut at any byte gives the same answer") {
    Bench bench;
    const Lines whole = lines(testing::replay(*bench.provider, ask(true), {flow}));
    CHECK(whole == Lines{"text Gr\xC3\xBC\xC3\x9F ", "text dich, \xF0\x9F\x98\x80 ", "text \xE2\x82\xAC",
                         "finish length", "usage 3+2=5"});
    testing::replay_cut_everywhere(*bench.provider, ask(true), flow,
                                   [&](const auto& events) { CHECK(lines(events) == whole); });
}

TEST_CASE("a document cut at any byte gives the same answer") {
    Bench bench;
    testing::replay_cut_everywhere(
        *bench.provider, ask(),
        " {\"text\": \"Hi \\\"you\\\"\",\n \"done\": \"end\", \"read\": 3, \"wrote\": 1} ",
        [&](const auto& events) {
            CHECK(lines(events) == Lines{"text Hi \"you\"", "finish stop", "usage 3+1=4"});
        });
}

TEST_CASE("an answer is complete with its last line, and what follows does not count") {
    Bench bench;
    const ChatRequest request = ask(true);
    auto exchange = bench.provider->chat(request);
    testing::Events events;
    (void)sent(**exchange);
    (*exchange)->head({});
    REQUIRE((*exchange)->body("{\"piece\":\"a\"}\n", events));
    CHECK_FALSE((*exchange)->complete());
    REQUIRE((*exchange)->body("{\"done\":\"end\"}\nmore that is not JSON\n", events));
    CHECK((*exchange)->complete());
    REQUIRE((*exchange)->end(events));
    CHECK(lines(events.list) == Lines{"text a", "finish stop"});
}

TEST_CASE("half an answer, and garbage, is a failure of the upstream at every byte") {
    Bench bench;
    const std::string unfinished = flow.substr(0, flow.find("{\"done"));
    for (std::size_t cut = 0; cut <= unfinished.size(); ++cut)
        CHECK(is_one_error(lines(testing::replay(*bench.provider, ask(true), {flow.substr(0, cut)}))));
    for (const char* body : {"", "{", "[]", "{\"problem\":\"x\"}\n", "{\"text\":\"a\\x\",\"done\":\"end\"}",
                             "{\"piece\":1,\"done\":2}\n", "<html>", "{\"a\":[[[[\"\\ud800"})
        CHECK(lines(testing::replay(*bench.provider, ask(true), {body}))[0].starts_with("error 502"));
    const std::string deep(100'000, '[');
    CHECK(lines(testing::replay(*bench.provider, ask(), {deep}))[0].starts_with("error 502"));
}

TEST_CASE("an answer with any byte replaced is an answer or a failure") {
    Bench bench;
    for (std::size_t at = 0; at < flow.size(); ++at)
        for (const char byte : {'\0', '"', '\\', '{', ']', '0', '\n', '\xFF'}) {
            std::string changed = flow;
            changed[at] = byte;
            const auto events = testing::replay(*bench.provider, ask(true), {changed});
            if (events)
                CHECK(testing::all<Finish>(*events).size() == 1);
            else
                CHECK(status_of(events.error()) == 502);
        }
}

TEST_CASE("the status selects the error if the library sets no error") {
    Bench bench;
    const ChatRequest request = ask();
    auto exchange = bench.provider->chat(request);
    Error error = failure(**exchange, 429, R"({"error":{"message":"slow down","code":"busy"}})",
                          {{"Retry-After", "7"}});
    CHECK(error.kind == ErrorKind::rate_limited);
    CHECK(error.message == "slow down");
    CHECK(error.retry_after_seconds == 7);
    error = failure(**exchange, 401, R"({"message":"the key sk-123 is wrong"})");
    CHECK(error.kind == ErrorKind::upstream);
    CHECK(error.message == "the upstream failed with status 401");
    CHECK(failure(**exchange, 404, "<html>").message == "the upstream responded with status 404");
}

TEST_CASE("an engine without a tone gets one retry without it") {
    Bench bench(Settings{{"tone", {"florid"}}});
    const ChatRequest request = ask();
    auto exchange = bench.provider->chat(request);
    const Error error = failure(**exchange, 422, R"({"problem":"unknown tone"})");
    CHECK(error.kind == ErrorKind::unprocessable);
    CHECK(error.param == "tone");
    CHECK((*exchange)->amend(error));
    CHECK(bench.host.logged.back() == "host of the engine rejected the tone, retrying without it");
    CHECK(sent(**exchange).body.find("tone") == std::string::npos);
    CHECK_FALSE((*exchange)->amend(error));
}

TEST_CASE("models are listed page by page") {
    Bench bench;
    auto list = bench.provider->models();
    REQUIRE(list);
    testing::Events events;
    http::Request http = sent(**list);
    CHECK(http.method == "GET");
    CHECK(http.url == "http://quill/v1/engines");
    (*list)->head({});
    REQUIRE((*list)->body(
        R"({"engines":[{"id":"small","reads":8192},{"id":""},{"id":"la\u0072ge"}],"after":"x y"})", events));
    REQUIRE((*list)->end(events));
    auto next = (*list)->next();
    REQUIRE(next);
    REQUIRE(*next);
    CHECK((*next)->url == "http://quill/v1/engines?after=x%20y");
    (*list)->head({});
    REQUIRE((*list)->body(R"({"engines":[]})", events));
    REQUIRE((*list)->end(events));
    next = (*list)->next();
    REQUIRE(next);
    CHECK_FALSE(*next);
    const auto models = testing::all<ModelInfo>(events.list);
    REQUIRE(models.size() == 2);
    CHECK(models[0].id == "small");
    CHECK(models[0].context_window == 8192);
    CHECK(models[1].id == "large");
}
