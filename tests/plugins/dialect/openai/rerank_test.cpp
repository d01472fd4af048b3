// SPDX-License-Identifier: Apache-2.0
// Rankings in the formats of Cohere and Jina: requests, errors, responses.
#include "plugins/dialect/openai/rerank.hpp"

#include "tests/json.hpp"
#include "tests/plugins/dialect/openai/helper.hpp"

#include <cmath>

using namespace gatehouse;
using namespace gatehouse::openai_dialect::testing;
using gatehouse::openai_dialect::Bounds;
using gatehouse::openai_dialect::parse_rerank;
using gatehouse::openai_dialect::ParsedRerank;
using gatehouse::openai_dialect::ranking_formatter;
using gatehouse::openai_dialect::RankingFacts;
using gatehouse::test::Json;
using Texts = std::vector<std::string>;

namespace {

ParsedRerank good(std::string body) {
    auto parsed = parse_rerank(body, Bounds{});
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    return *std::move(parsed);
}
ParsedRerank good_with(const std::string& members) {
    return good(R"({"model":"m","query":"q",)" + members + "}");
}

/// "param: message", or "" if `body` is valid.
std::string wrong(std::string body, Bounds bounds = {}) {
    auto parsed = parse_rerank(body, bounds);
    if (parsed) return "";
    CHECK(parsed.error().kind == ErrorKind::bad_request);
    return parsed.error().param + ": " + parsed.error().message;
}
std::string wrong_with(const std::string& members) {
    return wrong(R"({"model":"m","query":"q","documents":["a"],)" + members + "}");
}

RankingFacts three() { return {.id = "rerank-1", .model = "m", .documents = 3}; }

Answer write(const RankingFacts& given, const std::vector<Event>& events) {
    const auto formatter = ranking_formatter(std::make_shared<const RankingFacts>(given));
    CHECK(!formatter->streams());
    return answer(*formatter, events);
}

}  // namespace

TEST_CASE("Cohere's first version: documents of both kinds, top_n, chunks") {
    auto parsed =
        good(R"({"model":"rerank-v3.5","query":"What?","documents":["a",{"text":"b","id":7}],"top_n":1,)"
             R"("max_chunks_per_doc":10,"return_documents":true})");
    CHECK(parsed.request.model == "rerank-v3.5");
    CHECK(parsed.request.query == "What?");
    CHECK(parsed.request.documents == Texts{"a", "b"});
    CHECK(parsed.request.top_n == 1);
    CHECK(parsed.request.max_chunks_per_document == 10);
    CHECK(!parsed.request.max_tokens_per_document);
    CHECK(parsed.returned == Texts{R"({"text":"a"})", R"({"text":"b","id":7})"});
    CHECK(parsed.request.extra.empty());
}

TEST_CASE("Cohere's second version and Jina's: tokens, unknown fields, a query as an object") {
    auto parsed = good(
        R"({"model":"m","query":{"text":"q"},"documents":["a","b"],"max_tokens_per_doc":512,"priority":3,)"
        R"("return_documents":false,"truncation":true})");
    CHECK(parsed.request.query == "q");
    CHECK(parsed.request.max_tokens_per_document == 512);
    CHECK(parsed.request.extra.text == R"({"priority":3,"truncation":true})");
    CHECK(parsed.returned.empty());
}

TEST_CASE("the model sees the text, the rank_fields, or all of an object") {
    CHECK(good_with(R"("documents":[{"id":1,"text":"t\n2"}])").request.documents == Texts{"t\n2"});
    CHECK(good_with(R"("documents":[{"title": "x", "year": 1999}])").request.documents ==
          Texts{R"({"title": "x", "year": 1999})"});
    // The list of fields may follow the documents.
    const std::string documents =
        R"("documents":[{"title":"A","body":"B","year":1999,"text":"no"},{"title":"C"}])";
    CHECK(good_with(documents + R"(,"rank_fields":["body","title","year"])").request.documents ==
          Texts{"body: B\ntitle: A\nyear: 1999", "title: C"});
    CHECK(good_with(R"("rank_fields":["title"],)" + documents).request.documents == Texts{"A", "C"});
    CHECK(good_with(R"("rank_fields":[],)" + documents).request.documents.front() == "no");
    CHECK(good_with(R"("documents":["s"],"rank_fields":["title"])").request.documents == Texts{"s"});
}

TEST_CASE("documents and queries that cannot be used are refused with their place") {
    CHECK(wrong(R"({"query":"q","documents":["a"]})") == "model: model is required: the name of a model");
    CHECK(wrong(R"({"model":"m","documents":["a"]})") ==
          "query: query is required: a string that is not empty");
    CHECK(wrong(R"({"model":"m","query":"","documents":["a"]})") ==
          "query: query is required: a string that is not empty");
    CHECK(wrong(R"({"model":"m","query":{"text":1},"documents":["a"]})") ==
          "query.text: query.text must be a string; got 1");
    CHECK(wrong(R"({"model":"m","query":["q"],"documents":["a"]})") ==
          "query: query must be a string; got an array");
    const std::string needed = "documents: documents is required: a non-empty array of strings or objects";
    CHECK(wrong(R"({"model":"m","query":"q"})") == needed);
    CHECK(wrong(R"({"model":"m","query":"q","documents":[]})") == needed);
    CHECK(wrong(R"({"model":"m","query":"q","documents":"a"})") ==
          "documents: documents must be a non-empty array of strings or objects; got a string");
    CHECK(wrong(R"({"model":"m","query":"q","documents":["a",3]})") ==
          "documents[1]: documents[1] must be a string or an object; got 3");
    CHECK(wrong(R"({"model":"m","query":"q","documents":[{"text":[]}]})") ==
          "documents[0].text: documents[0].text must be a string; got an array");
    CHECK(wrong_with(R"("documents":[{"a":"b"}],"rank_fields":["title"])") ==
          "documents[0]: documents[0] has none of the rank_fields");
    Bounds bounds;
    bounds.documents = 2;
    CHECK(wrong(R"({"model":"m","query":"q","documents":["a","b","c"]})", bounds) ==
          "documents: documents must have at most 2 documents");
}

TEST_CASE("a request that is cut anywhere is refused") {
    const std::string body =
        R"({"rank_fields":["a","b"],"model":"m","query":{"text":"q"},"documents":["x",{"a":"\u00e9","b":[1]}],)"
        R"("top_n":2,"return_documents":true})";
    CHECK(wrong(body) == "");
    for (std::size_t size = 0; size < body.size(); ++size) CHECK(wrong(body.substr(0, size)) != "");
}

TEST_CASE("other fields of a ranking are checked") {
    CHECK(wrong_with(R"("top_n":0)") == "top_n: top_n must be an integer between 1 and 2147483647; got 0");
    CHECK(wrong_with(R"("top_n":"3")") ==
          "top_n: top_n must be an integer between 1 and 2147483647; got a string");
    CHECK(wrong_with(R"("return_documents":"yes")") ==
          "return_documents: return_documents must be true or false; got a string");
    CHECK(wrong_with(R"("rank_fields":"title")") ==
          "rank_fields: rank_fields must be an array of strings; got a string");
    CHECK(wrong_with(R"("rank_fields":[1])") == "rank_fields[0]: rank_fields[0] must be a string; got 1");
    CHECK(wrong_with(R"("max_chunks_per_doc":-1)").starts_with("max_chunks_per_doc: "));
    CHECK(wrong_with(R"("max_tokens_per_doc":1.5)").starts_with("max_tokens_per_doc: "));
    CHECK(wrong("7") == ": the body must be a JSON object; got a number");
    CHECK(wrong_with(R"("top_n":null,"rank_fields":null,"return_documents":null)") == "");
}

TEST_CASE("a ranking has the members of Cohere and of Jina") {
    const Answer made = write(three(), {Ranking{2, 0.8570099}, Ranking{0, 0.42403036}});
    CHECK(made.head.status == 200);
    CHECK(made.head.headers.get("content-type") == "application/json");
    CHECK(
        made.body ==
        R"({"id":"rerank-1","object":"list","model":"m","results":[{"index":2,"relevance_score":0.8570099},)"
        R"({"index":0,"relevance_score":0.42403036}],"meta":{"api_version":{"version":"1"},)"
        R"("billed_units":{"search_units":1}},"usage":{"total_tokens":0}})");
}

TEST_CASE("documents come back if they are wanted, tokens if they are counted") {
    RankingFacts given = three();
    given.version = 2;
    given.documents = 101;
    given.returned = {R"({"text":"a"})", R"({"text":"b"})", R"({"title":"c"})"};
    const Json body = Json::parse(write(given, {Ranking{2, 0.5}, Ranking{0, -1.5}, Usage{20, 0, 20}}).body);
    CHECK(body["results"].dump() == R"([{"document":{"title":"c"},"index":2,"relevance_score":0.5},)"
                                    R"({"document":{"text":"a"},"index":0,"relevance_score":-1.5}])");
    CHECK(body["meta"]["api_version"]["version"] == "2");
    CHECK(body["meta"]["billed_units"]["search_units"] == 2);
    CHECK(body["meta"]["tokens"] == Json{{"input_tokens", 20}, {"output_tokens", 0}});
    CHECK(body["usage"]["total_tokens"] == 20);
}

TEST_CASE("a response that is not a ranking fails the request") {
    for (const std::vector<Event>& events : {std::vector<Event>{},
                                             {Ranking{3, 0.5}},
                                             {Ranking{-1, 0.5}},
                                             {Ranking{0, 0.5}, Ranking{1, std::nan("")}}}) {
        const Answer made = write(three(), events);
        CHECK(made.head.status == 502);
        CHECK(Json::parse(made.body)["error"]["message"] ==
              "The upstream's response is not a ranking of the documents.");
    }
}

TEST_CASE("both versions have a path, and the second has the same parent") {
    gatehouse::testing::FakeHost host;
    auto paths = [&](const std::string& prefix) {
        openai_dialect::Options options;
        options.prefix = prefix;
        std::string all;
        for (const auto& endpoint : openai_dialect::OpenAi(options, host).endpoints())
            if (endpoint.path.ends_with("/rerank")) all += endpoint.method + " " + endpoint.path + " ";
        return all;
    };
    CHECK(paths("/v1") == "POST /v1/rerank POST /v2/rerank ");
    CHECK(paths("/lab/v1") == "POST /lab/v1/rerank POST /lab/v2/rerank ");
    CHECK(paths("/api") == "POST /api/rerank POST /api/v2/rerank ");
    CHECK(paths("") == "POST /rerank POST /v2/rerank ");

    openai_dialect::OpenAi dialect({}, host);
    for (const auto& [path, version] : {std::pair("/v1/rerank", "1"), std::pair("/v2/rerank", "2")}) {
        auto parsed =
            dialect.parse({.method = "POST", .path = path},
                          R"({"model":"m","query":"q","documents":["a","b"],"return_documents":true})");
        REQUIRE(parsed);
        CHECK(std::get<RerankRequest>(parsed->operation).documents == Texts{"a", "b"});
        const Json body = Json::parse(answer(*parsed->formatter(), {Ranking{1, 0.5}}).body);
        CHECK(body["id"].get<std::string>().starts_with("rerank-"));
        CHECK(body["meta"]["api_version"]["version"] == version);
        CHECK(body["results"][0]["document"]["text"] == "b");
        auto refused = dialect.parse({.method = "POST", .path = path}, "{}");
        REQUIRE(!refused);
        CHECK(refused.error().param == "model");
    }
}
