// SPDX-License-Identifier: Apache-2.0
// The OpenAI-compatible surface: its models, requests, URLs and responses, and
// contradicting keys.
#include "plugins/provider/oci/surface.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const std::string endpoint_ocid = "ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaaaaexample";

Options on(const std::string& surface) {
    Options given = options();
    given.surface = surface;
    return given;
}

/// An API key: no compartment.
Options with_key() {
    Options given = on("openai");
    given.compartment_id = "";
    return given;
}

http::Request first_request(const ChatRequest& request, const Options& given) {
    Bench bench(given);
    auto exchange = bench.provider.chat(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    auto http = (*exchange)->request();
    REQUIRE(http);
    return **std::move(http);
}

/// "native" or "openai", by where the request goes; or the error.
std::string surface_of(const std::string& model, const Options& given) {
    Bench bench(given);
    const ChatRequest request = ask(model);
    auto exchange = bench.provider.chat(request);
    if (!exchange) return exchange.error().message;
    const std::string url = (**(*exchange)->request()).url;
    if (url.ends_with("/20231130/actions/chat")) return "native";
    return url.ends_with(".com/openai/v1/chat/completions") ? "openai" : url;
}

std::string wrong(const Options& given) {
    testing::FakeHost host;
    try {
        Oci provider(given, host);
    } catch (const KeyError& error) {
        return error.path + ": " + error.what();
    }
    return "";
}

const std::string stream =
    "data: "
    "{\"id\":\"x\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
    "\"assistant\","
    "\"content\":\"\"},\"finish_reason\":null}],\"x_oci\":{\"a\":1}}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hé\"},\"finish_reason\":null}]}\n\n"
    "data: "
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"function\","
    "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]},\"finish_reason\":null}]}\n\n"
    "data: "
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{"
    "\\\"x\\\":1}\"}}]}"
    ",\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3,\"total_tokens\":5}}\n\n"
    "data: [DONE]\n\n";
const Lines events = {"info 1700000000",  R"(extra answer {"x_oci":{"a":1}})",
                      "text Hé",          "call 0 id=c name=f ",
                      "call 0 {\"x\":1}", "finish tool_calls",
                      "usage 2+3=5"};

}  // namespace

TEST_CASE("models chat on the native surface unless a key changes it") {
    for (const char* model : {"openai.gpt-5", "xai.grok-4", "cohere.command-a-03-2025"})
        CHECK(surface_of(model, options()) == "native");
    CHECK(surface_of("openai.gpt-5", on("openai")) == "openai");
    CHECK(surface_of(endpoint_ocid, on("openai")) == "openai");
}

TEST_CASE("a routing profile chats on the OpenAI-compatible surface, unless its own key says otherwise") {
    const std::string profile = "ocid1.generativeairoutingprofile.oc1.us-chicago-1.amaaaaaaexample";
    CHECK(surface_of(profile, options()) == "openai");
    CHECK(surface_of(profile, on("auto")) == "openai");
    Options given = options();
    given.models[profile].surface = "native";
    CHECK(surface_of(profile, given) == "native");
    CHECK(surface_of("ocid1.generativeaimodel.oc1.routing.x", options()) == "native");
}

TEST_CASE("auto selects the OpenAI-compatible surface only for models that it is known to serve") {
    for (const char* model : {"openai.gpt-5", "openai.gpt-oss-120b", "xai.grok-4", "google.gemini-2.5-pro",
                              "meta.llama-3.3-70b-instruct"})
        CHECK(surface_of(model, on("auto")) == "openai");
    for (const std::string model : {"cohere.command-a-03-2025", "cohere.command-a-vision", "mistral.new", "x",
                                    "ocid1.generativeaimodel.oc1..x"})
        CHECK(surface_of(model, on("auto")) == "native");
    CHECK(surface_of(endpoint_ocid, on("auto")) == "native");
    Options given = on("auto");
    given.models["meta.*"].serving = "dedicated";
    given.models["xai.*"].format = "generic";
    CHECK(surface_of("meta.llama-3.3-70b-instruct", given) == "native");
    CHECK(surface_of("xai.grok-4", given) == "native");
}

TEST_CASE("a model's own key wins over the provider's") {
    Options given = on("auto");
    given.models["openai.gpt-4*"].surface = "native";
    given.models["imported"].surface = "openai";
    CHECK(surface_of("openai.gpt-4.1", given) == "native");
    CHECK(surface_of("imported", given) == "openai");
    given = on("native");
    given.models["xai.*"].surface = "auto";
    CHECK(surface_of("xai.grok-4", given) == "openai");
    CHECK(surface_of("openai.gpt-5", given) == "native");
}

TEST_CASE("Cohere's models are refused on the OpenAI-compatible surface, unless their own key selects it") {
    CHECK(surface_of("cohere.command-a-03-2025", on("openai")) ==
          "model \"cohere.command-a-03-2025\" is one of Cohere's models, which OCI's OpenAI-compatible "
          "surface does not serve: set the key models.\"cohere.command-a-03-2025\".surface to \"native\"");
    Options given = on("openai");
    given.models["cohere.*"].surface = "openai";
    CHECK(surface_of("cohere.command-a-03-2025", given) == "openai");
    CHECK(surface_of("cohere.embed-v4.0", given) ==
          "model \"cohere.embed-v4.0\" makes embeddings; it cannot chat");
}

TEST_CASE("the compartment is a header with a signature, and absent with an API key") {
    Options given = on("openai");
    given.project = "ocid1.generativeaiproject.oc1.us-chicago-1.aaaa";
    http::Request http = first_request(ask("openai.gpt-5"), given);
    CHECK(http.method == "POST");
    CHECK(http.url ==
          "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/openai/v1/chat/completions");
    CHECK(http.headers.get("opc-compartment-id") == given.compartment_id);
    CHECK(http.headers.get("OpenAI-Project") == *given.project);
    CHECK(http.headers.get("content-type") == "application/json");

    http = first_request(ask("openai.gpt-5"), with_key());
    CHECK(!http.headers.has("opc-compartment-id"));
    CHECK(!http.headers.has("OpenAI-Project"));
    CHECK(http.body.find("ompartment") == std::string::npos);
}

TEST_CASE("a dedicated endpoint's OCID is the model, and a key sets the older path") {
    Options given = on("openai");
    given.surface_path = "/20231130/actions/v1";
    const http::Request http = first_request(ask(endpoint_ocid), given);
    CHECK(http.url.ends_with(".oraclecloud.com/20231130/actions/v1/chat/completions"));
    CHECK(Json::parse(http.body)["model"] == endpoint_ocid);
}

TEST_CASE("the client's request is passed through, including unknown fields") {
    ChatRequest request = ask("meta.llama-3.3-70b-instruct");
    request.stream = true;
    request.sampling.max_completion_tokens = 50;
    request.sampling.stop = {"x"};
    request.extra.text = R"({"top_a":0.5,"x":{"y":[1]}})";
    request.messages[0].extra.text = R"({"cache":true})";
    request.store = true;
    CHECK(
        Json::parse(first_request(request, on("openai")).body) ==
        Json::parse(
            R"({"model":"meta.llama-3.3-70b-instruct","messages":[{"role":"user","content":"Hello","cache":true}],)"
            R"("stream":true,"stream_options":{"include_usage":true},"max_tokens":50,"stop":["x"],"store":true,)"
            R"("top_a":0.5,"x":{"y":[1]}})"));
}

TEST_CASE("a model's capabilities apply here too: its name for the limit, its roles, its refusals") {
    ChatRequest request = ask("openai.gpt-5");
    request.messages.insert(request.messages.begin(), message(Role::developer, "d"));
    request.sampling.max_tokens = 50;
    request.sampling.temperature = 0.5;
    Json body = Json::parse(first_request(request, on("openai")).body);
    CHECK(body["max_completion_tokens"] == 50);
    CHECK(!body.contains("max_tokens"));
    CHECK(!body.contains("temperature"));
    CHECK(body["messages"][0]["role"] == "developer");
    request.model = "xai.grok-3";
    request.sampling.max_tokens.reset();
    Options given = on("openai");
    given.models["xai.*"].max_tokens = 123;
    body = Json::parse(first_request(request, given).body);
    CHECK(body["max_tokens"] == 123);
    CHECK(body["temperature"] == 0.5);
    CHECK(body["messages"][0]["role"] == "system");
}

TEST_CASE("a stream split at any byte gives the same events") {
    Bench bench(on("openai"));
    const ChatRequest request = ask_stream("openai.gpt-5");
    testing::replay_cut_everywhere(
        bench.provider, request, stream,
        [](const Result<std::vector<Event>>& result) { CHECK(lines(result) == events); });
}

TEST_CASE("a stream is complete with [DONE], whether the service hangs up or not") {
    Bench bench(on("openai"));
    const ChatRequest request = ask_stream("openai.gpt-5");
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head(status(200));
    testing::Events found;
    const std::size_t done = stream.find("data: [DONE]");
    REQUIRE((*exchange)->body(stream.substr(0, done), found));
    CHECK(!(*exchange)->complete());
    REQUIRE((*exchange)->body(stream.substr(done), found));
    CHECK((*exchange)->complete());
    REQUIRE((*exchange)->end(found));
    CHECK(lines(found.list) == events);
}

TEST_CASE("non-streaming responses are read, and responses of the other kind than requested") {
    const std::string whole =
        R"({"created":1700000000,"choices":[{"index":0,"message":{"role":"assistant","content":"hi","audio":{"id":"a"}},)"
        R"("finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})";
    const Lines made{"info 1700000000", R"(extra message {"audio":{"id":"a"}})", "text hi", "finish length",
                     "usage 1+1=2"};
    CHECK(answer_to(ask("openai.gpt-5"), whole, {}, on("openai")) == made);
    CHECK(answer_to(ask_stream("openai.gpt-5"), whole, {}, on("openai")) == made);
    CHECK(answer_to(ask("openai.gpt-5"), stream, {}, on("openai")) == events);
}

TEST_CASE("simulated streaming works here too") {
    Options given = on("openai");
    given.streaming = "simulated";
    const ChatRequest request = ask_stream("openai.gpt-5");
    CHECK(!Json::parse(first_request(request, given).body).contains("stream"));
    CHECK(answer_to(request, R"({"choices":[{"message":{"content":"a b"},"finish_reason":"stop"}]})", {},
                    given) == Lines{"text a", "text  b", "finish stop"});
}

TEST_CASE("refusals in OpenAI's format are passed on, with the client's field") {
    auto refused = [](int code, const std::string& body) {
        const Lines found = answer_to(ask("openai.gpt-5"), body, status(code), on("openai"));
        REQUIRE(is_one_error(found));
        return found[0];
    };
    CHECK(
        refused(
            400,
            R"({"error":{"message":"Invalid 'n'.","type":"invalid_request_error","param":"n","code":"bad"}})") ==
        "error 400: Invalid 'n'.");
    CHECK(refused(404, fixture("error-404-not-authorized.json")).find("\"openai.gpt-5\"") !=
          std::string::npos);
    CHECK(refused(401, R"({"error":{"message":"no key"}})")
              .starts_with("error 502: OCI rejected the gateway's own"));
    CHECK(refused(429, R"({"error":{"message":"slow down","code":"rate_limit_exceeded"}})") ==
          "error 429: slow down");
    CHECK(refused(200, R"({"error":{"message":"slow down","code":"rate_limit_exceeded"}})") ==
          "error 429: slow down");
    CHECK(answer_to(ask_stream("openai.gpt-5"), "data: {\"error\":{\"message\":\"broke\",\"code\":500}}\n\n",
                    {}, on("openai")) == Lines{"error 502: OCI failed with status 500 (OCI says: broke)"});
    const Lines missing = answer_to(ask("openai.gpt-5"), "{}", status(404), with_key());
    CHECK(missing.at(0).find("and that the policies for the API key allow its use") != std::string::npos);
}

TEST_CASE("a field that the model refuses is omitted in the retry") {
    Bench bench(on("openai"));
    ChatRequest request = ask("openai.gpt-9");
    request.sampling.seed = 1;
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head(status(400));
    testing::Events found;
    REQUIRE((*exchange)->body(
        R"({"error":{"message":"Unsupported parameter: 'seed'","param":"seed","code":"unsupported_parameter"}})",
        found));
    auto ended = (*exchange)->end(found);
    REQUIRE(!ended);
    CHECK((*exchange)->amend(ended.error()));
    CHECK(!Json::parse((**(*exchange)->request()).body).contains("seed"));
}

TEST_CASE("only this surface works without a compartment, and the keys must match") {
    CHECK(wrong(with_key()) == "");
    const std::string needed =
        ": compartment_id is missing: give one such as \"ocid1.compartment.oc1..aaaa\"; it is required "
        "unless surface is \"openai\" and the signer sends an API key";
    for (const char* surface : {"native", "auto"}) {
        Options given = with_key();
        given.surface = surface;
        CHECK(wrong(given) == needed);
        given = with_key();
        given.models["m"].surface = surface;
        CHECK(wrong(given) == "models.\"m\".surface: the surface \"" + std::string(surface) +
                                  "\" requires the provider's compartment_id");
    }
    Options given = with_key();
    given.discover = true;
    CHECK(wrong(given) == "discover: listing the models requires compartment_id");
    given = with_key();
    given.models_mode = "discover";
    CHECK(wrong(given) == "models: listing the models requires compartment_id");

    Bench bench(with_key());
    auto embedded = bench.provider.embed({.model = "cohere.embed-v4.0", .inputs = {"a"}});
    REQUIRE(!embedded);
    CHECK(embedded.error().message ==
          "this provider has no embeddings: OCI's own operations require the key compartment_id; set it in "
          "the provider's table");
    auto ranked = bench.provider.rerank({.model = "cohere.rerank-v3.5", .query = "q", .documents = {"a"}});
    REQUIRE(!ranked);
    CHECK(ranked.error().kind == ErrorKind::unsupported);
    auto listed = bench.provider.models();
    REQUIRE(!listed);
    CHECK(listed.error().kind == ErrorKind::unsupported);
}

TEST_CASE("a path or a project that cannot be sent is refused at its key") {
    for (const char* path : {"", "/", "openai/v1", "/openai/v1/", "/a b", "/a?b", "/a\r\nb"}) {
        Options given = on("openai");
        given.surface_path = path;
        CHECK(wrong(given) ==
              "surface_path: must begin with a slash and not end with one, such as \"/openai/v1\"");
    }
    Options given = on("openai");
    given.project = "a\r\nb: c";
    CHECK(wrong(given) ==
          "project: \"a  b: c\" is not an OCID: give one such as "
          "ocid1.generativeaiproject.oc1.us-chicago-1.aaaa");
}
