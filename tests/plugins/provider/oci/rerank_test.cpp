// SPDX-License-Identifier: Apache-2.0
// Rankings: requests, responses, and invalid responses.
#include "plugins/provider/oci/embed/rerank_exchange.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

RerankRequest rank(std::string model = "cohere.rerank-v4.0-fast") {
    RerankRequest request;
    request.model = std::move(model);
    request.query = "What is the capital of France?";
    request.documents = {"Paris is the capital of France.", "Berlin is the capital of Germany.",
                         "The Eiffel Tower is located in Paris."};
    return request;
}

std::unique_ptr<Exchange> begin(Provider& provider, const RerankRequest& request) {
    auto exchange = provider.rerank(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    return *std::move(exchange);
}

Json sent(const RerankRequest& request, const Options& given = options()) {
    Bench bench(given);
    auto http = begin(bench.provider, request)->request();
    REQUIRE(http);
    return Json::parse((**http).body);
}

/// "index score" of each, or the error.
Lines answer_of(const std::string& body, const RerankRequest& request = rank(), int code = 200) {
    Bench bench;
    const auto exchange = begin(bench.provider, request);
    auto events = testing::replay(*exchange, {body}, status(code));
    if (!events) return lines(events);
    Lines out;
    for (const Ranking& one : testing::all<Ranking>(*events))
        out.push_back(std::to_string(one.index) + " " + Json(one.score).dump());
    for (const Usage& usage : testing::all<Usage>(*events))
        out.push_back(std::visit(Describe{}, Event(usage)));
    return out;
}
std::string ranks(const std::string& list) { return R"({"documentRanks":)" + list + "}"; }

}  // namespace

TEST_CASE("the request equals the recorded one") {
    Options given = options();
    given.compartment_id = "ocid1.compartment.oc1..redacted";
    Bench bench(given);
    RerankRequest request = rank();
    request.top_n = 2;
    auto http = begin(bench.provider, request)->request();
    REQUIRE(http);
    CHECK((**http).url ==
          "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/20231130/actions/rerankText");
    CHECK(Json::parse((**http).body) == Json::parse(fixture("req-rerank.json")));
}

TEST_CASE("limits for chunks and tokens get OCI's names") {
    RerankRequest request = rank();
    request.max_chunks_per_document = 5;
    request.max_tokens_per_document = 512;
    const Json body = sent(request);
    CHECK(body["maxChunksPerDocument"] == 5);
    CHECK(body["maxTokensPerDocument"] == 512);
    CHECK(!body.contains("topN"));
    CHECK(!body.contains("isEcho"));  // the provider has the client's documents
}

TEST_CASE("the recorded responses become rankings, with and without echoed documents") {
    CHECK(answer_of(fixture("resp-rerank.json")) == Lines{"0 0.8570099", "2 0.42403036"});
    CHECK(answer_of(fixture("resp-rerank-echo.json")) == Lines{"0 0.98", "2 0.12"});
    CHECK(answer_of(ranks(R"([{"index":1,"relevanceScore":0.5,"document":"text"}])")) == Lines{"1 0.5"});
}

TEST_CASE("ranks are sorted, best first, and limited to top_n") {
    const std::string three = ranks(
        R"([{"index":0,"relevanceScore":-1},{"index":2,"relevanceScore":0.5},{"index":1,"relevanceScore":0.5}])");
    CHECK(answer_of(three) == Lines{"2 0.5", "1 0.5", "0 -1.0"});
    RerankRequest request = rank();
    request.top_n = 2;
    CHECK(answer_of(three, request) == Lines{"2 0.5", "1 0.5"});
    request.top_n = 100;
    CHECK(answer_of(three, request).size() == 3);
}

TEST_CASE("usage is emitted if OCI reports it") {
    CHECK(
        answer_of(
            R"({"documentRanks":[{"index":0,"relevanceScore":1}],"usage":{"promptTokens":9,"totalTokens":9}})") ==
        Lines{"0 1.0", "usage 9+0=9"});
}

TEST_CASE("an invalid response is an upstream error") {
    const std::string garbage = "error 502: OCI's response is invalid: ";
    CHECK(answer_of("") == Lines{garbage + "it is not valid JSON"});
    CHECK(answer_of("7") == Lines{garbage + "it is not a JSON object"});
    CHECK(answer_of("{}") == Lines{garbage + "it has no documentRanks"});
    CHECK(answer_of(ranks("{}")) == Lines{garbage + "it has no documentRanks"});
    CHECK(answer_of(ranks("[]")) == Lines{garbage + "it does not rank a document"});
    CHECK(answer_of(ranks("[1]")) == Lines{garbage + "a rank is not an object"});
    for (const char* index : {"3", "-1", "1.5", "\"0\"", "null", "1e300"})
        CHECK(answer_of(ranks(std::string(R"([{"relevanceScore":1,"index":)") + index + "}]")) ==
              Lines{garbage + "a rank names no document of the request"});
    CHECK(answer_of(ranks(R"([{"relevanceScore":1}])")) ==
          Lines{garbage + "a rank names no document of the request"});
    CHECK(answer_of(ranks(R"([{"index":0,"relevanceScore":1},{"index":0,"relevanceScore":2}])")) ==
          Lines{garbage + "a document is ranked twice"});
    for (const char* score : {"null", "\"1\"", "{}", "true"})
        CHECK(answer_of(ranks(std::string(R"([{"index":0,"relevanceScore":)") + score + "}]")) ==
              Lines{garbage + "a rank has no relevanceScore"});
    CHECK(answer_of(R"({"code":"404","message":"Entity with key x not found"})")
              .at(0)
              .starts_with("error 404: "));
    CHECK(answer_of(fixture("error-503-unavailable.json"), rank(), 503).at(0).starts_with("error 503: "));
}

TEST_CASE("the error for a model of another kind names the model") {
    Bench bench;
    auto refusal = [&](const char* model) {
        auto exchange = bench.provider.rerank(rank(model));
        REQUIRE(!exchange);
        CHECK(exchange.error().kind == ErrorKind::unsupported);
        CHECK(exchange.error().param == "model");
        return exchange.error().message;
    };
    CHECK(refusal("cohere.embed-v4.0") ==
          "model \"cohere.embed-v4.0\" makes embeddings; it cannot rank documents: use a model such as "
          "cohere.rerank-v3.5, or set the key models.\"cohere.embed-v4.0\".format to \"rerank\" if it does");
    CHECK(refusal("xai.grok-4").find(" chats; ") != std::string::npos);
    auto chat = bench.provider.chat(ask("cohere.rerank-v3.5"));
    REQUIRE(!chat);
    CHECK(chat.error().message == "model \"cohere.rerank-v3.5\" ranks documents; it cannot chat");
    CHECK(sent(rank("ocid1.generativeaimodel.oc1..x"))["servingMode"]["modelId"] ==
          "ocid1.generativeaimodel.oc1..x");
}

TEST_CASE("a response beyond the limit is aborted") {
    Bench bench;
    bench.host.given_limits.max_answer_bytes = 20;
    const RerankRequest request = rank();
    const auto exchange = begin(bench.provider, request);
    CHECK(lines(testing::replay(*exchange, {fixture("resp-rerank.json")})) ==
          Lines{"error 502: OCI's response is larger than max_response_bytes"});
}

TEST_CASE("a response split at any byte gives the same ranking") {
    Bench bench;
    const RerankRequest request = rank();
    const std::string body = fixture("resp-rerank.json");
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
        const auto exchange = begin(bench.provider, request);
        auto events = testing::replay(
            *exchange, {std::string_view(body).substr(0, cut), std::string_view(body).substr(cut)});
        REQUIRE(events);
        CHECK(testing::all<Ranking>(*events).size() == 2);
    }
}
