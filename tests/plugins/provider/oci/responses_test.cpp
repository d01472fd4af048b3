// SPDX-License-Identifier: Apache-2.0
// The Responses API of the OpenAI-compatible surface: which requests use it, and what it gets.
#include "plugins/common/openai/foreign_chat.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

Options with_project(const std::string& surface = "auto") {
    Options given = options();
    given.surface = surface;
    given.project = "ocid1.generativeaiproject.oc1.us-chicago-1.amaaaa";
    return given;
}

ChatRequest respond(const std::string& model) {
    ChatRequest request = ask(model);
    request.protocol = openai_format::responses_protocol;
    return request;
}

/// The path of the first request behind the host; or the error.
std::string path_of(const ChatRequest& request, const Options& given) {
    Bench bench(given);
    auto exchange = bench.provider.chat(request);
    if (!exchange) return exchange.error().message;
    const std::string url = (**(*exchange)->request()).url;
    return url.substr(url.find(".com") + 4);
}

const std::string one_stream =
    "event: response.created\n"
    "data: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\","
    "\"created_at\":1700000000,\"status\":\"in_progress\",\"output\":[]}}\n\n"
    "event: response.output_item.added\n"
    "data: {\"type\":\"response.output_item.added\",\"sequence_number\":1,\"output_index\":0,\"item\":{"
    "\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[]}}\n\n"
    "event: response.output_text.delta\n"
    "data: {\"type\":\"response.output_text.delta\",\"sequence_number\":2,\"output_index\":0,"
    "\"content_index\":0,\"delta\":\"H\u00e9\"}\n\n"
    "event: response.completed\n"
    "data: {\"type\":\"response.completed\",\"sequence_number\":3,\"response\":{\"id\":\"resp_1\","
    "\"created_at\":1700000000,\"status\":\"completed\",\"output\":[{\"id\":\"msg_1\",\"type\":\"message\","
    "\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"H\u00e9\"}]}],\"usage\":{"
    "\"input_tokens\":2,\"output_tokens\":3,\"total_tokens\":5}}}\n\n";

}  // namespace

TEST_CASE("a client of the Responses API gets it natively from models that have it") {
    CHECK(path_of(respond("openai.gpt-4.1"), with_project()) == "/openai/v1/responses");
    CHECK(path_of(respond("xai.grok-4.3"), with_project("openai")) == "/openai/v1/responses");
    CHECK(path_of(respond("ocid1.generativeairoutingprofile.oc1.us-chicago-1.amaaaa"), with_project()) ==
          "/openai/v1/responses");
    // Meta's models have chats only, Google's are not known to have more.
    CHECK(path_of(respond("meta.llama-3.3-70b-instruct"), with_project()) == "/openai/v1/chat/completions");
    CHECK(path_of(respond("google.gemini-2.5-pro"), with_project()) == "/openai/v1/chat/completions");
    CHECK(path_of(respond("cohere.command-a-03-2025"), with_project()) == "/20231130/actions/chat");
    CHECK(path_of(respond("openai.gpt-4.1"), with_project("native")) == "/20231130/actions/chat");
    CHECK(path_of(ask("openai.gpt-4.1"), with_project()) == "/openai/v1/chat/completions");
}

TEST_CASE("without a project the API is used at the older path only, or if the key says so") {
    Options given = options();
    given.surface = "openai";
    CHECK(path_of(respond("openai.gpt-4.1"), given) == "/openai/v1/chat/completions");
    given.responses = "native";
    CHECK(path_of(respond("openai.gpt-4.1"), given) == "/openai/v1/responses");
    given.responses = "auto";
    given.surface_path = "/20231130/actions/v1";
    CHECK(path_of(respond("openai.gpt-4.1"), given) == "/20231130/actions/v1/responses");
    given.responses = "chat";
    CHECK(path_of(respond("openai.gpt-4.1"), given) == "/20231130/actions/v1/chat/completions");
}

TEST_CASE("a model with this API only gets the requests of all clients") {
    CHECK(path_of(ask("xai.grok-4.20-multi-agent-0309"), with_project()) == "/openai/v1/responses");
    Options given = with_project("native");
    given.models["openai.gpt-5*"].surface = "responses";
    CHECK(path_of(ask("openai.gpt-5.4"), given) == "/openai/v1/responses");
    CHECK(path_of(ask("openai.gpt-4.1"), given) == "/20231130/actions/chat");
    CHECK(path_of(ask("cohere.command-a-03-2025"), with_project("responses"))
              .find("OpenAI-compatible surface does not serve") != std::string::npos);
}

TEST_CASE("unknown fields and the spelling of numbers reach the surface, with project and compartment") {
    Bench bench(with_project());
    ChatRequest request = respond("openai.gpt-4.1");
    request.stream = true;
    request.extra = {R"({"x_new":{"b":1.50,"a":1e2},"include":["x.y"]})"};
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    const http::Request http = **(*exchange)->request();
    CHECK(http.headers.get("OpenAI-Project") == "ocid1.generativeaiproject.oc1.us-chicago-1.amaaaa");
    CHECK(http.headers.get("opc-compartment-id") == options().compartment_id);
    CHECK(http.body.find(R"("x_new":{"b":1.50,"a":1e2})") != std::string::npos);
    CHECK(http.body.find(R"("include":["x.y","reasoning.encrypted_content"])") != std::string::npos);
    CHECK(http.body.find(R"("stream":true)") != std::string::npos);
    CHECK(http.body.find(R"("store":false)") != std::string::npos);
}

TEST_CASE("a stream of the API gives the same events, cut anywhere") {
    Bench bench(with_project());
    ChatRequest request = respond("openai.gpt-4.1");
    request.stream = true;
    std::vector<Lines> all;
    testing::replay_cut_everywhere(bench.provider, request, one_stream,
                                   [&](const auto& result) { all.push_back(lines(result)); });
    CHECK(all.front().back() == "usage 2+3=5");
    for (const Lines& one : all) CHECK(std::ranges::count(one, "finish stop") == 1);
    // A client of Chat Completions gets no structure.
    const Lines chat =
        lines(testing::replay(bench.provider, ask_stream("xai.grok-4.20-multi-agent"), {one_stream}));
    CHECK(chat == Lines{"info 1700000000", "text H\u00e9", "finish stop", "usage 2+3=5"});
}

TEST_CASE("encrypted thoughts that the model refuses are not requested again") {
    Bench bench(with_project());
    const ChatRequest request = respond("openai.gpt-4.1");
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    testing::Events events;
    (*exchange)->head(status(400));
    CHECK((*exchange)->body(R"({"error":{"message":"Encrypted content is not supported with this model."}})",
                            events));
    const auto ended = (*exchange)->end(events);
    REQUIRE(!ended);
    REQUIRE((*exchange)->amend(ended.error()));
    CHECK((**(*exchange)->request()).body.find("encrypted_content") == std::string::npos);
    CHECK((**(*bench.provider.chat(request))->request()).body.find("encrypted_content") == std::string::npos);
}
