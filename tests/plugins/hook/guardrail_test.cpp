// SPDX-License-Identifier: Apache-2.0
// The guardrail through its entry point: what the service gets, and what its answers mean.
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Fixture {
    FakeHost host;
    FakeRequest request{.who = {"ci"}};

    /// "continue", or the error's message.
    std::string ask(Result<http::Response> answer, Table more = {},
                    Operation operation = ChatRequest{
                        .model = "m",
                        .messages = {{.parts = {Text{"a \"question\""}}}, {.parts = {Text{"more"}}}}}) {
        more.entries.push_back({"url", Value{std::string("https://guard.example/check")}});
        host.answers = {std::move(answer)};
        auto hook = create<Hook>(gatehouse_plugin, more, host);
        if (!hook) return hook.error().message;
        auto state = (*hook)->begin(request.info());
        REQUIRE(state->request(operation));
        REQUIRE(state->decides());
        std::optional<Result<Verdict>> verdict;
        state->decide(operation, into(verdict));
        REQUIRE(verdict);
        CHECK((!*verdict || !(**verdict).answers));
        return *verdict ? "continue" : verdict->error().message;
    }
};

http::Response says(std::string body, int status = 200) { return {{.status = status}, std::move(body)}; }
Table with(std::string key, std::string value) { return strings({{std::move(key), std::move(value)}}); }

const std::string refused = "the request was refused by a check of its content";
const std::string failed = "the request could not be checked; try again later";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the service gets the text, and its decision holds") {
    CHECK(ask(says(R"({"allowed":true})"), with("key", "sk-guard")) == "continue");
    const http::Request& sent = host.fetched.at(0);
    CHECK(sent.method == "POST");
    CHECK(sent.url == "https://guard.example/check");
    CHECK(sent.headers.get("authorization") == "Bearer sk-guard");
    CHECK(sent.total_timeout == std::chrono::seconds(2));
    CHECK(sent.body == R"({"request":"req_test","client":"ci","model":"m","input":"a \"question\"\nmore"})");
    CHECK(ask(says(R"({"allowed":false})")) == refused);
    CHECK(ask(says(R"({"result":{"allow":true}})"), with("allowed", "/result/allow")) == "continue");
    CHECK(host.logged.empty());
}

TEST_CASE_FIXTURE(Fixture, "the service gets the prompts of a completion and the arguments of tool calls") {
    ChatRequest completion{.model = "m", .completion = TextCompletion{.prompts = {R"(["one","two"])"}}};
    CHECK(ask(says(R"({"allowed":false})"), {}, completion) == refused);
    CHECK(host.fetched.at(0).body ==
          R"({"request":"req_test","client":"ci","model":"m","input":"one\ntwo"})");
    ChatRequest call{.model = "m",
                     .messages = {{.role = Role::assistant, .tool_calls = {{.arguments = "{\"a\":1}"}}}}};
    CHECK(ask(says(R"({"allowed":false})"), {}, call) == refused);
}

TEST_CASE_FIXTURE(Fixture, "a service that does not decide is a failure, which refuses or allows") {
    for (const Result<http::Response>& answer :
         {Result<http::Response>(Error{ErrorKind::timeout, "too slow"}),
          Result<http::Response>(says("", 500)), Result<http::Response>(says("")),
          Result<http::Response>(says("{")), Result<http::Response>(says(R"({"allowed":"true"})")),
          Result<http::Response>(says("{}"))}) {
        CHECK(ask(answer) == failed);
        CHECK(ask(answer, with("on_failure", "allow")) == "continue");
    }
    CHECK(host.logged.at(0) == "request not checked request_id=req_test action=refuse reason=too slow");
    CHECK(host.logged.at(3) == "request not checked request_id=req_test action=allow reason=status 500");
}

TEST_CASE_FIXTURE(Fixture, "a text that is too long counts as a failure, and no text needs no check") {
    Table small{{{"max_text_bytes", Value{std::int64_t{1024}}}}};
    const Operation large = EmbeddingRequest{.model = "m", .inputs = {std::string(2'000, 'x')}};
    CHECK(ask(says(R"({"allowed":true})"), small, large) == failed);
    CHECK(ask(says(R"({"allowed":false})"), {}, ModelsRequest{}) == "continue");
    CHECK(host.fetched.empty());
    for (const Operation& operation :
         {Operation(TokenCountRequest{{.messages = {{.parts = {Text{"x"}}}}}}),
          Operation(RerankRequest{.query = "x", .documents = {"y"}}), Operation(RawRequest{.body = "x"})})
        CHECK(ask(says(R"({"allowed":false})"), {}, operation) == refused);
}

TEST_CASE_FIXTURE(Fixture, "mistakes in the configuration are named at their key") {
    const std::vector<std::pair<Table, std::string>> mistakes = {
        {strings({{"url", "guard.example"}}), "url: expected http:// or https:// at its beginning"},
        {strings({{"url", "http://a"}, {"allowed", "result"}}),
         "allowed: expected a JSON pointer, such as \"/allowed\""}};
    for (const auto& [table, message] : mistakes) {
        auto made = create<Hook>(gatehouse_plugin, table, host);
        REQUIRE(!made);
        CHECK(made.error().message == message);
    }
}
