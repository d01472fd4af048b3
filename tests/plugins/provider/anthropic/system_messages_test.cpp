// SPDX-License-Identifier: Apache-2.0
// System messages inside a conversation keep their places.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

const char* const beta = "mid-conversation-system-2026-04-07";

Json texts(std::string role, std::initializer_list<const char*> list) {
    Json content = Json::array();
    for (const char* one : list) content.push_back({{"type", "text"}, {"text", one}});
    return {{"role", std::move(role)}, {"content", std::move(content)}};
}

/// A conversation with a system message behind the question and one at the end.
ChatRequest agent(bool has_beta) {
    ChatRequest request = with({message(Role::system, "a"), message(Role::user, "q"),
                                message(Role::system, "b"), message(Role::developer, "c"),
                                calls({{"t", "f", "{}"}}), message(Role::system, "d"), result("t", "r")});
    if (has_beta) request.betas = {"x-1", std::string("y-1, ") + beta};
    return request;
}

std::string text_sent(const ChatRequest& request, const Options& options = {}) {
    Bench bench(options);
    return (*begin(bench.provider, request)->request())->body;
}

}  // namespace

TEST_CASE("without the beta a later system message is a text of the user's turn") {
    const Json body = sent(agent(false));
    CHECK(body["system"] == texts("", {"a"})["content"]);
    REQUIRE(body["messages"].size() == 3);
    CHECK(body["messages"][0] == texts("user", {"q", "b", "c"}));
    const Json& results = body["messages"][2];
    CHECK(results["role"] == "user");
    CHECK(results["content"][0]["type"] == "tool_result");
    CHECK(results["content"][1]["text"] == "d");
}

TEST_CASE("with the beta a later system message keeps its role and its place") {
    const Json list = sent(agent(true))["messages"];
    REQUIRE(list.size() == 5);
    CHECK(list[0] == texts("user", {"q"}));
    CHECK(list[1] == texts("system", {"b", "c"}));
    CHECK(list[2]["role"] == "assistant");
    CHECK(list[3]["content"][0]["type"] == "tool_result");
    CHECK(list[4] == texts("system", {"d"}));
    Options options;
    options.beta = {beta};
    CHECK(sent(agent(false), options)["messages"] == list);
}

TEST_CASE("a count of tokens has the system messages in the same places") {
    Bench bench;
    const TokenCountRequest count{agent(true)};
    auto exchange = bench.provider.count_tokens(count);
    REQUIRE(exchange);
    CHECK(body_of(**exchange)["messages"] == sent(agent(true))["messages"]);
}

TEST_CASE("a system message at the end ends the assistant's turn, a blank one does not") {
    const std::vector<Message> begun = {message(Role::user, "q"), message(Role::assistant, "So: ")};
    auto with_end = [&](const char* end) {
        ChatRequest request = with(begun);
        request.messages.push_back(message(Role::system, end));
        return request;
    };
    CHECK(messages(with_end("s")) ==
          Json{texts("user", {"q"}), texts("assistant", {"So: "}), texts("user", {"s"})});
    CHECK(messages(with_end(" ")) == Json{texts("user", {"q"}), texts("assistant", {"So:"})});
    ChatRequest request = with_end("s");
    request.betas = {beta};
    CHECK(messages(request) ==
          Json{texts("user", {"q"}), texts("assistant", {"So: "}), texts("system", {"s"})});
}

TEST_CASE("a later system message keeps its cache_control, and takes only text") {
    for (const bool has_beta : {false, true}) {
        ChatRequest request = with({message(Role::user, "q"), message(Role::system, "s")});
        if (has_beta) request.betas = {beta};
        request.messages[1].extra.text = R"({"cache_control":{"type":"ephemeral"}})";
        CHECK(messages(request).back()["content"].back()["cache_control"] == Json{{"type", "ephemeral"}});
        request.messages[1].parts.push_back(Image{"https://x/y.png"});
        CHECK(refused(request).param == "messages[1].content[1]");
    }
}

TEST_CASE("the user speaks before a system message that is not the first one") {
    ChatRequest request = with({message(Role::user, " "), message(Role::system, "s")});
    request.betas = {beta};
    CHECK(messages(request) == Json{texts("user", {"(no message)"}), texts("system", {"s"})});
}

TEST_CASE("the body of the next turn begins with this one, with a system message in each turn") {
    for (const bool has_beta : {false, true}) {
        CAPTURE(has_beta);
        ChatRequest request = agent(has_beta);
        std::string before = text_sent(request);
        for (int i = 0; i < 5; ++i) {
            const std::string id = "c" + std::to_string(i);
            request.messages.push_back(calls({{id, "f", "{}"}}, "Let me see."));
            request.messages.push_back(result(id, "1"));
            request.messages.push_back(message(Role::system, "Reminder " + id));
            const std::string after = text_sent(request);
            REQUIRE(before.ends_with("]}]}"));
            CHECK(after.starts_with(before.substr(0, before.size() - 4)));
            before = after;
        }
    }
}

TEST_CASE("a model that refuses the role gets the text in the user's turn, now and later") {
    Bench bench;
    const ChatRequest request = agent(true);
    auto exchange = begin(bench.provider, request);
    CHECK(body_of(*exchange)["messages"].size() == 5);
    const std::string refusal =
        R"({"type":"error","error":{"type":"invalid_request_error","message":"messages.1: role 'system' is not supported on this model"}})";
    const auto found = testing::replay(*exchange, {refusal}, {.status = 400});
    REQUIRE(!found);
    REQUIRE(exchange->amend(found.error()));
    CHECK(body_of(*exchange)["messages"] == sent(agent(false))["messages"]);
    CHECK(body_of(*begin(bench.provider, request))["messages"].size() == 3);

    // Without a message of that role the refusal has another cause.
    const ChatRequest folded = agent(false);
    auto plain = begin(bench.provider, folded);
    body_of(*plain);
    const auto again = testing::replay(*plain, {refusal}, {.status = 400});
    REQUIRE(!again);
    CHECK(!plain->amend(again.error()));
}
