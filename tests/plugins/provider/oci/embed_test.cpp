// SPDX-License-Identifier: Apache-2.0
// Embeddings: requests, batches, responses, and invalid responses.
#include "plugins/provider/oci/embed/plan.hpp"

#include "plugins/provider/oci/embed/answer.hpp"
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const std::string v4 = "cohere.embed-v4.0";
const std::string image = "data:image/png;base64,iVBORw0KGgo=";

EmbeddingRequest ask_for(std::vector<std::string> inputs, std::string model = v4) {
    EmbeddingRequest request;
    request.model = std::move(model);
    request.inputs = std::move(inputs);
    return request;
}

std::unique_ptr<Exchange> begin(Provider& provider, const EmbeddingRequest& request) {
    auto exchange = provider.embed(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    return *std::move(exchange);
}

Error refusal(const EmbeddingRequest& request, const Options& given = options()) {
    Bench bench(given);
    auto exchange = bench.provider.embed(request);
    REQUIRE(!exchange);
    return exchange.error();
}

/// Vectors that identify their inputs: [length of the text, position in the
/// batch].
std::string answer_for(const Json& sent) {
    Json vectors = Json::array();
    const Json& list = sent.contains("inputs") ? sent["inputs"] : sent["embedContents"];
    for (const Json& input : list) {
        const Json& text = input.is_string()        ? input
                           : input.contains("text") ? input["text"]
                                                    : input["imageUrl"]["url"];
        vectors.push_back({text.get<std::string>().size(), vectors.size()});
    }
    return Json{{"embeddings", vectors},
                {"usage", {{"promptTokens", list.size()}, {"totalTokens", list.size() + 1}}}}
        .dump();
}

struct Run {
    std::vector<Json> sent;
    Lines made;
    std::vector<Embedding> embeddings;
};

/// The whole exchange, batch after batch.
Run run(Exchange& exchange, const std::function<std::string(const Json&)>& answer = answer_for) {
    Run run;
    testing::Events events;
    auto http = exchange.request();
    REQUIRE(http);
    for (; *http; http = exchange.next()) {
        run.sent.push_back(Json::parse((**http).body));
        exchange.head({});
        const std::string body = answer(run.sent.back());
        Result<void> ok = exchange.body(std::string_view(body).substr(0, 9), events);
        if (ok) ok = exchange.body(std::string_view(body).substr(9), events);
        if (ok) ok = exchange.end(events);
        if (!ok) {
            run.made = lines(Result<std::vector<Event>>(ok.error()));
            return run;
        }
    }
    run.made = lines(events.list);
    run.embeddings = testing::all<Embedding>(events.list);
    return run;
}
Run run(const EmbeddingRequest& request, const Options& given = options()) {
    Bench bench(given);
    return run(*begin(bench.provider, request));
}

/// The result of `body` as the response to two texts.
Lines answer_of(const std::string& body) {
    Bench bench;
    const EmbeddingRequest request = ask_for({"a", "b"});
    const Run made =
        run(*begin(bench.provider, request), [&](const Json&) { return body + std::string(9, ' '); });
    if (!made.made.empty() && made.made[0].starts_with("error ")) return made.made;
    Lines out;
    for (const Embedding& one : made.embeddings)
        out.push_back(std::to_string(one.index) + " " + Json(one.vector).dump());
    if (made.made.size() > made.embeddings.size()) out.push_back(made.made.back());
    return out;
}

std::vector<std::string> texts(std::size_t count) {
    std::vector<std::string> list;
    for (std::size_t i = 0; i < count; ++i) list.push_back(std::string(i + 1, 'x'));
    return list;
}

}  // namespace

TEST_CASE("the request equals the recorded one") {
    Options given = options();
    given.compartment_id = "ocid1.compartment.oc1..redacted";
    Bench bench(given);
    const EmbeddingRequest request = ask_for(
        {"OpenTelemetry is an observability framework", "OCI Generative AI serves Cohere embeddings"});
    const auto exchange = begin(bench.provider, request);
    auto http = exchange->request();
    REQUIRE(http);
    CHECK((**http).method == "POST");
    CHECK((**http).url ==
          "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/20231130/actions/embedText");
    CHECK((**http).headers.get("content-type") == "application/json");
    CHECK(Json::parse((**http).body) == Json::parse(fixture("req-embed.json")));
    CHECK(exchange->request_id_header() == "opc-request-id");
}

TEST_CASE("an embedding request without inputs is refused") {
    Bench bench;
    const EmbeddingRequest nothing = ask_for({});
    auto exchange = bench.provider.embed(nothing);
    REQUIRE_FALSE(exchange);
    CHECK(exchange.error().kind == ErrorKind::bad_request);
    CHECK(exchange.error().param == "input");
}

TEST_CASE("the recorded response becomes vectors and usage") {
    const Lines made = answer_of(fixture("resp-embed.json"));
    REQUIRE(made.size() == 3);
    CHECK(Json::parse(made[0].substr(2))[3].get<float>() == -0.00084949343f);
    CHECK(Json::parse(made[1].substr(2)).size() == 4);
    CHECK(made[2] == "usage 16+0=16");
}

TEST_CASE("vectors by type are preferred, and an image is requested as an image") {
    Bench bench;
    EmbeddingRequest request = ask_for({image});
    request.dimensions = 512;
    const Run made =
        run(*begin(bench.provider, request), [](const Json&) { return fixture("resp-embed-bytype.json"); });
    REQUIRE(made.embeddings.size() == 1);
    CHECK(made.embeddings[0].vector == std::vector<float>{0.1f, -0.2f});
    CHECK(made.made.back() == "usage 4+0=4");
    Json expected = Json::parse(fixture("req-embed-image.json"));
    expected.erase("embeddingTypes");  // float is the default
    CHECK(made.sent.at(0) == expected);
}

TEST_CASE("a model of version 4 gets texts and images in one request") {
    EmbeddingRequest request = ask_for({"a red square", image});
    request.dimensions = 256;
    const Run made = run(request);
    Json expected = Json::parse(fixture("req-embed-contents.json"));
    expected.erase("embeddingTypes");
    expected.erase("isEcho");
    expected["inputType"] = "SEARCH_DOCUMENT";
    expected["truncate"] = "END";
    CHECK(made.sent == std::vector<Json>{expected});
    REQUIRE(made.embeddings.size() == 2);
    CHECK(made.embeddings[1].index == 1);
}

TEST_CASE("other models get one request per image, and the order is kept") {
    const EmbeddingRequest request =
        ask_for({image, "a", "DATA:IMAGE/JPEG;base64,/9j/", "bb"}, "cohere.embed-english-v3.0");
    Options apart = options();
    apart.models["cohere.embed-v4.0"].images = "apart";
    EmbeddingRequest same = request;
    same.model = v4;
    for (const Run& made : {run(request), run(same, apart)}) {
        REQUIRE(made.sent.size() == 3);
        CHECK(made.sent[0]["inputs"] == Json{"a", "bb"});
        CHECK(made.sent[0]["inputType"] == "SEARCH_DOCUMENT");
        CHECK(made.sent[1]["inputs"] == Json{image});
        CHECK(made.sent[1]["inputType"] == "IMAGE");
        CHECK(!made.sent[1].contains("truncate"));
        CHECK(made.sent[2]["inputs"] == Json{"DATA:IMAGE/JPEG;base64,/9j/"});
        std::map<int, float> sizes;
        for (const Embedding& one : made.embeddings) sizes[one.index] = one.vector[0];
        CHECK(sizes ==
              std::map<int, float>{{0, static_cast<float>(image.size())}, {1, 1.f}, {2, 27.f}, {3, 2.f}});
        CHECK(made.made.back() == "usage 4+0=7");
    }
}

TEST_CASE("200 texts become three requests; vectors are joined in order and usage is summed") {
    const Run made = run(ask_for(texts(200)));
    REQUIRE(made.sent.size() == 3);
    CHECK(made.sent[0]["inputs"].size() == 96);
    CHECK(made.sent[1]["inputs"].size() == 96);
    CHECK(made.sent[2]["inputs"].size() == 8);
    REQUIRE(made.embeddings.size() == 200);
    for (std::size_t i = 0; i < 200; ++i) {
        CHECK(made.embeddings[i].index == static_cast<int>(i));
        CHECK(made.embeddings[i].vector ==
              std::vector<float>{static_cast<float>(i + 1), static_cast<float>(i % 96)});
    }
    CHECK(made.made.size() == 201);
    CHECK(made.made.back() == "usage 200+0=203");
}

TEST_CASE("96 texts are one request, unless a key changes the limit") {
    CHECK(run(ask_for(texts(96))).sent.size() == 1);
    CHECK(run(ask_for(texts(97))).sent.size() == 2);
    Options given = options();
    given.models["cohere.embed-*"].embed_batch = 2;
    CHECK(run(ask_for(texts(5)), given).sent.size() == 3);
}

TEST_CASE("no event is emitted before the last batch, so that a retry may start with the first") {
    Bench bench;
    const EmbeddingRequest request = ask_for(texts(100));
    const auto exchange = begin(bench.provider, request);
    testing::Events events;
    REQUIRE(exchange->request());
    exchange->head(status(200));
    REQUIRE(exchange->body(answer_for(Json{{"inputs", texts(96)}}), events));
    REQUIRE(exchange->end(events));
    REQUIRE(*exchange->next());
    exchange->head(status(401));
    REQUIRE(exchange->body("{}", events));
    REQUIRE(!exchange->end(events));
    CHECK(events.list.empty());
    const Run made = run(*exchange);
    CHECK(made.sent.size() == 2);
    CHECK(made.embeddings.size() == 100);
    CHECK(made.made.back() == "usage 100+0=102");
}

TEST_CASE("input_type and truncate are the client's, the model's or the provider's") {
    auto sent = [](const EmbeddingRequest& request, const Options& given) {
        const Json body = run(request, given).sent.at(0);
        return body["inputType"].get<std::string>() + " " + body["truncate"].get<std::string>();
    };
    Options given = options();
    EmbeddingRequest request = ask_for({"a"});
    CHECK(sent(request, given) == "SEARCH_DOCUMENT END");
    given.input_type = "clustering";
    given.truncate = "none";
    CHECK(sent(request, given) == "CLUSTERING NONE");
    given.models[v4].input_type = "search_query";
    given.models[v4].truncate = "start";
    CHECK(sent(request, given) == "SEARCH_QUERY START");
    request.input_type = "classification";
    request.truncate = "End";
    CHECK(sent(request, given) == "CLASSIFICATION END");
    for (const auto& [word, oci] :
         {std::pair("query", "SEARCH_QUERY"), std::pair("passage", "SEARCH_DOCUMENT"),
          std::pair("SEARCH_QUERY", "SEARCH_QUERY")}) {
        request.input_type = word;
        CHECK(sent(request, options()).starts_with(oci));
    }
}

TEST_CASE("values that OCI does not have are refused by name") {
    EmbeddingRequest request = ask_for({"a"});
    request.input_type = "poetry\n\"";
    Error error = refusal(request);
    CHECK(error.kind == ErrorKind::bad_request);
    CHECK(error.param == "input_type");
    CHECK(error.message ==
          "input_type must be one of search_document, search_query, classification, clustering, image; got "
          "\"poetry \\\"\"");
    request = ask_for({"a"});
    request.truncate = "middle";
    error = refusal(request);
    CHECK(error.param == "truncate");
    CHECK(error.message == "truncate must be one of none, start, end; got \"middle\"");
}

TEST_CASE("images must be data: URLs if input_type is image") {
    EmbeddingRequest request = ask_for({image, "https://example.org/a.png"});
    request.input_type = "image";
    const Error error = refusal(request);
    CHECK(error.kind == ErrorKind::bad_request);
    CHECK(error.param == "input[1]");
    CHECK(error.message.starts_with("input of type image is not a data: URL: "));
    request.inputs.pop_back();
    CHECK(run(request).sent.at(0)["inputType"] == "IMAGE");
}

TEST_CASE("dimensions are refused if the model has only one size") {
    for (const char* model : {"cohere.embed-english-v3.0", "cohere.embed-multilingual-light-v3.0"}) {
        EmbeddingRequest request = ask_for({"a"}, model);
        request.dimensions = 256;
        const Error error = refusal(request);
        CHECK(error.kind == ErrorKind::unsupported);
        CHECK(error.param == "dimensions");
        CHECK(error.message ==
              "model \"" + std::string(model) + "\" supports only one size of vectors: omit dimensions");
    }
    // OCI decides about unknown models.
    EmbeddingRequest request = ask_for({"a"}, "ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaaaaexample");
    request.dimensions = 256;
    const Json sent = run(request).sent.at(0);
    CHECK(sent["outputDimensions"] == 256);
    CHECK(sent["servingMode"]["servingType"] == "DEDICATED");
}

TEST_CASE("the error for a model of another kind names the model and the key to change it") {
    const Error chats = refusal(ask_for({"a"}, "meta.llama-3.3-70b-instruct"));
    CHECK(chats.kind == ErrorKind::unsupported);
    CHECK(chats.param == "model");
    CHECK(chats.message ==
          "model \"meta.llama-3.3-70b-instruct\" chats; it cannot make embeddings: use a model such as "
          "cohere.embed-v4.0, or set the key models.\"meta.llama-3.3-70b-instruct\".format to \"embed\" if "
          "it does");
    CHECK(refusal(ask_for({"a"}, "cohere.rerank-v3.5"))
              .message.find(" ranks documents; it cannot make embeddings") != std::string::npos);
    CHECK(refusal(ask_for({"a"}, "cohere.command-a-03-2025")).message.find(" chats; ") != std::string::npos);
    Options given = options();
    given.models["openai.text-embedding-3-large"].format = "embed";
    CHECK(run(ask_for({"a"}, "openai.text-embedding-3-large"), given).embeddings.size() == 1);
    given.models["ocid1.generativeaimodel.x"].format = "generic";
    CHECK(refusal(ask_for({"a"}, "ocid1.generativeaimodel.x"), given).message.find(" chats; ") !=
          std::string::npos);

    Bench bench;
    auto chat = bench.provider.chat(ask(v4));
    REQUIRE(!chat);
    CHECK(chat.error().message == "model \"cohere.embed-v4.0\" makes embeddings; it cannot chat");
}

TEST_CASE("unknown fields are dropped and named in the log") {
    Bench bench;
    EmbeddingRequest request = ask_for({"a"});
    request.extra.text = R"({"late_chunking":true,"x":"secret"})";
    const Run made = run(*begin(bench.provider, request));
    CHECK(!made.sent.at(0).contains("late_chunking"));
    CHECK(bench.host.logged ==
          std::vector<std::string>{"request fields dropped model=cohere.embed-v4.0 fields=late_chunking, x"});
}

TEST_CASE("older deployments count the tokens of each input") {
    CHECK(answer_of(R"({"embeddings":[[1],[2]],"inputTextTokenCounts":[3,4]})") ==
          Lines{"0 [1.0]", "1 [2.0]", "usage 7+0=7"});
    for (const char* counts : {"[3,-4]", "[1e30]", "\"x\"", "[null]"})
        CHECK(answer_of(std::string(R"({"embeddings":[[1],[2]],"inputTextTokenCounts":)") + counts + "}")
                  .size() == 2);
}

TEST_CASE("numbers are read in every form of JSON") {
    CHECK(answer_of(R"({"embeddingsByType":{"int8":[[1],[2]]},"embeddings":[[-8.5E-4,1e2],[0,-0.0]]})") ==
          Lines{"0 [-0.0008500000112690032,100.0]", "1 [0.0,-0.0]"});
    CHECK(answer_of(R"({"embeddingsByType":{"float":[[1],[2]]},"embeddings":[[7],[7]]})") ==
          Lines{"0 [1.0]", "1 [2.0]"});
}

TEST_CASE("an invalid response is an upstream error") {
    const std::string garbage = "error 502: OCI's response is invalid: ";
    CHECK(answer_of("") == Lines{garbage + "it is not valid JSON"});
    CHECK(answer_of("<html>") == Lines{garbage + "it is not valid JSON"});
    CHECK(answer_of("[]") == Lines{garbage + "it is not a JSON object"});
    CHECK(answer_of("{}") == Lines{garbage + "it has no embeddings"});
    CHECK(answer_of(R"({"embeddings":"x"})") == Lines{garbage + "it has no embeddings"});
    CHECK(answer_of(R"({"embeddings":[]})") == Lines{garbage + "it has 0 embeddings for 2 inputs"});
    CHECK(answer_of(R"({"embeddings":[[1]]})") == Lines{garbage + "it has 1 embeddings for 2 inputs"});
    CHECK(answer_of(R"({"embeddings":[[1],[1],[1]]})") ==
          Lines{garbage + "it has more embeddings than there were inputs"});
    CHECK(answer_of(R"({"embeddings":[[1],[1,2]]})") == Lines{garbage + "its embeddings differ in size"});
    CHECK(answer_of(R"({"embeddings":[[],[]]})") == Lines{garbage + "an embedding is empty"});
    CHECK(answer_of(R"({"embeddings":["AACAPw==","AACAPw=="]})") ==
          Lines{garbage + "an embedding is not an array"});
    for (const char* number : {"1e39", "-1e300", "null", "\"1\"", "[1]", "true"})
        CHECK(answer_of(std::string(R"({"embeddings":[[1,)") + number + "],[1,2]]}") ==
              Lines{garbage + "an embedding has an element that is not a number"});
    CHECK(answer_of(R"({"embeddings":[[1,NaN],[1,2]]})") == Lines{garbage + "it is not valid JSON"});
    std::string huge = "{\"embeddings\":[[0";
    for (int i = 0; i < 65'536; ++i) huge += ",0";
    CHECK(answer_of(huge + "],[0]]}") == Lines{garbage + "an embedding is too long"});
}

TEST_CASE("a vector of another size in a later batch is an upstream error") {
    Bench bench;
    const EmbeddingRequest request = ask_for(texts(97));
    std::size_t calls = 0;
    const Run made = run(*begin(bench.provider, request), [&](const Json& sent) {
        return calls++ == 0 ? answer_for(sent) : std::string(R"({"embeddings":[[1,2,3]]})");
    });
    CHECK(made.made ==
          Lines{"error 502: OCI's response is invalid: its embeddings differ in size from those before"});
}

TEST_CASE("a response beyond the limit is aborted") {
    Bench bench;
    bench.host.given_limits.max_answer_bytes = 20;
    const EmbeddingRequest request = ask_for({"a"});
    CHECK(run(*begin(bench.provider, request)).made ==
          Lines{"error 502: OCI's response is larger than max_response_bytes"});
}

TEST_CASE("refusals are explained as for chats, also in a response with status 200") {
    Bench bench;
    const EmbeddingRequest request = ask_for({"a"});
    const auto exchange = begin(bench.provider, request);
    auto refused = [&](int code, const std::string& body) {
        testing::Events events;
        REQUIRE(exchange->request());
        exchange->head(status(code));
        REQUIRE(exchange->body(body, events));
        auto ok = exchange->end(events);
        REQUIRE(!ok);
        CHECK(events.list.empty());
        return ok.error();
    };
    const Error missing = refused(404, fixture("error-404-model-not-found.json"));
    CHECK(missing.code == "model_not_found");
    CHECK(missing.message.find("\"cohere.embed-v4.0\"") != std::string::npos);
    const Error size = refused(
        400, R"({"code":"400","message":"Invalid parameter: 'outputDimensions' must be one of 256, 512"})");
    CHECK(size.param == "dimensions");
    CHECK(
        refused(400, R"({"code":"400","message":"Invalid parameter: 'inputs' must not be so long"})").param ==
        "input");
    CHECK(refused(429, fixture("error-429-too-many-requests.json")).kind == ErrorKind::rate_limited);
    CHECK(refused(200, R"({"code":"429","message":"Too many"})").kind == ErrorKind::rate_limited);
    CHECK(refused(500, "<html>").kind == ErrorKind::upstream);
}

TEST_CASE("a response split at any byte gives the same vectors") {
    const EmbeddingRequest request = ask_for({"a", "b"});
    Bench bench;
    const std::string body = fixture("resp-embed.json");
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
        const auto exchange = begin(bench.provider, request);
        auto events = testing::replay(
            *exchange, {std::string_view(body).substr(0, cut), std::string_view(body).substr(cut)});
        REQUIRE(events);
        CHECK(events->size() == 3);
        CHECK(std::get<Embedding>((*events)[1]).vector[0] == 0.029f);
        // The first part alone is not a response, unless only blanks are missing.
        const auto half = begin(bench.provider, request);
        const bool whole =
            std::string_view(body).substr(cut).find_first_not_of(" \r\n") == std::string_view::npos;
        CHECK(bool(testing::replay(*half, {std::string_view(body).substr(0, cut)})) == whole);
    }
}
