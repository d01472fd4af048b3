// SPDX-License-Identifier: Apache-2.0
// State of all exchanges: several endpoints, the list of models, and advice to the
// operator.
#include "plugins/provider/oci/region/endpoints.hpp"
#include "plugins/provider/oci/region/region_metadata.hpp"
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;
using namespace std::chrono_literals;

namespace {

Options two_regions() {
    Options given = options();
    given.region = {"us-chicago-1", "eu-frankfurt-1"};
    return given;
}

std::string url_of(Exchange& exchange) {
    auto request = exchange.request();
    REQUIRE(request);
    REQUIRE(*request);
    return (*request)->url;
}
/// The URL of the list of models, behind three lists that this deployment does not have.
std::string models_url(Exchange& exchange) {
    std::string url = url_of(exchange);
    for (int list = 0; list < 3; ++list) {
        testing::Events none;
        exchange.head({404, {}});
        REQUIRE(exchange.body(R"({"code":"404","message":"not found"})", none));
        REQUIRE(exchange.end(none));
        auto next = exchange.next();
        REQUIRE((next && *next));
        url = (*next)->url;
    }
    return url;
}
std::string host_of(Exchange& exchange) {
    const std::string url = url_of(exchange);
    return url.substr(8, url.find('/', 8) - 8);
}

const std::string chicago = "inference.generativeai.us-chicago-1.oci.oraclecloud.com";
const std::string frankfurt = "inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com";

/// The exchange's error for a response.
Error refuse(Exchange& exchange, int status, const std::string& body, http::Headers headers = {}) {
    struct Nowhere final : EventSink {
        void emit(Event) override {}
    } nowhere;
    exchange.head({status, std::move(headers)});
    REQUIRE(exchange.body(body, nowhere));
    auto ended = exchange.end(nowhere);
    REQUIRE_FALSE(ended);
    return ended.error();
}

std::unique_ptr<Exchange> chat(Bench& bench, const ChatRequest& request) {
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    return *std::move(exchange);
}

/// The exchange's advice to an operator after such a response.
std::string advice(int status, const std::string& body, http::Headers headers = {}, Bench* given = nullptr) {
    Bench own;
    Bench& bench = given ? *given : own;
    const ChatRequest request = ask("xai.grok-4");
    auto exchange = chat(bench, request);
    (void)url_of(*exchange);
    const Error error = refuse(*exchange, status, body, std::move(headers));
    return exchange->advice(error);
}

struct Found final : EventSink {
    void emit(Event event) override { list.push_back(std::get<ModelInfo>(std::move(event))); }
    std::vector<ModelInfo> list;
};

}  // namespace

TEST_CASE("after a failure the next endpoint is tried, each once, before the first output") {
    const Error broken{ErrorKind::upstream, "connection refused"};
    Bench bench(two_regions());
    const ChatRequest request = ask();
    auto exchange = chat(bench, request);
    CHECK(host_of(*exchange) == chicago);
    CHECK(exchange->amend(broken));
    CHECK(host_of(*exchange) == frankfurt);
    CHECK_FALSE(exchange->amend(broken));
}

TEST_CASE("a failed endpoint is tried last by the next request") {
    Bench bench(two_regions());
    const ChatRequest request = ask();
    auto first = chat(bench, request);
    (void)url_of(*first);
    CHECK(first->amend(refuse(*first, 429, R"({"code":"429","message":"slow"})", {{"retry-after", "60"}})));
    CHECK(host_of(*chat(bench, request)) == frankfurt);
    bench.host.time += 59s;
    CHECK(host_of(*chat(bench, request)) == frankfurt);
    bench.host.time += 2s;
    CHECK(host_of(*chat(bench, request)) == chicago);
}

TEST_CASE("if all endpoints have failed, the order of the configuration holds") {
    Bench bench(two_regions());
    const Error broken{ErrorKind::upstream, "connection refused"};
    const ChatRequest request = ask();
    auto exchange = chat(bench, request);
    (void)url_of(*exchange);
    (void)exchange->amend(broken);
    (void)url_of(*exchange);
    (void)exchange->amend(broken);
    CHECK(host_of(*chat(bench, request)) == chicago);
}

TEST_CASE("an endpoint's failures cause a fallback, mistakes of the request do not") {
    struct Row {
        int status;
        const char* body;
        bool goes_on;
    };
    for (const Row& row : std::initializer_list<Row>{
             {500, "", true},
             {502, "<html>", true},
             {503, "", true},
             {504, "", true},
             {429, R"({"code":"TooManyRequests","message":"m"})", true},
             {400, R"({"code":"LimitExceeded","message":"m"})", true},
             {400, R"({"code":"QuotaExceeded","message":"m"})", true},
             {400, R"({"code":"400","message":"The model is out of capacity"})", true},
             {400, R"({"code":"400","message":"maxTokens is too large"})", false},
             {401, R"({"code":"NotAuthenticated","message":"m"})", false},
             {403, "", false},
             {404, R"({"code":"404","message":"m"})", false},
             {413, "", false},
         }) {
        CAPTURE(row.status);
        CAPTURE(row.body);
        Bench bench(two_regions());
        const ChatRequest request = ask();
        auto exchange = chat(bench, request);
        (void)url_of(*exchange);
        const Error error = refuse(*exchange, row.status, row.body);
        CHECK(exchange->amend(error) == row.goes_on);
    }
}

TEST_CASE("a single endpoint is never marked as failed") {
    Bench bench;
    const ChatRequest request = ask();
    auto exchange = chat(bench, request);
    (void)url_of(*exchange);
    CHECK_FALSE(exchange->amend({ErrorKind::upstream, "connection refused"}));
    CHECK(bench.host.logged.empty());
}

TEST_CASE("regions may be declared, and hosts may have IPv6") {
    RegionEnvironment environment;
    read_region_metadata(
        R"([{"realmKey":"oc77","realmDomainComponent":"oracle.mars","regionKey":"MNO","regionIdentifier":"mars-north-1"},
            {"realmKey":"x"}, 5])",
        "regions-config.json", environment);
    read_region_metadata(
        R"({"realmDomainComponent":"oracle.moon","regionKey":"mon","regionIdentifier":"moon-1"})",
        "OCI_REGION_METADATA", environment);
    read_region_metadata("{", "OCI_REGION_METADATA", environment);
    CHECK(find_region("mars-north-1", environment).domain == "oracle.mars");
    CHECK(find_region("mno", environment).id == "mars-north-1");
    CHECK(find_region("moon-1", environment).known);
    CHECK(find_region("ord", environment).domain == "oraclecloud.com");
    CHECK_FALSE(find_region("pluto-1", environment).known);
    CHECK(environment.complaints ==
          std::vector<std::string>{
              "regions-config.json: an entry lacks a usable regionIdentifier or realmDomainComponent",
              "regions-config.json: an entry lacks a usable regionIdentifier or realmDomainComponent",
              "OCI_REGION_METADATA is neither a JSON object nor an array of them"});

    environment.dual_stack = true;
    const auto endpoints = find_endpoints(options(), environment);
    CHECK(endpoints.front().host == "inference.generativeai.us-chicago-1.ds.oci.oraclecloud.com");
    CHECK(endpoints.front().control_base == "https://generativeai.us-chicago-1.ds.oci.oraclecloud.com");
}

TEST_CASE("the models are listed page by page: active ones, each once, by the name to use") {
    Bench bench;
    bench.host.time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
    auto made = bench.provider.models();
    REQUIRE(made);
    Exchange& exchange = **made;
    Found models;
    CHECK(models_url(exchange) ==
          "https://generativeai.us-chicago-1.oci.oraclecloud.com/20231130/models?compartmentId="
          "ocid1.compartment.oc1..aaaaaaaaexample&capability=CHAT&capability=TEXT_EMBEDDINGS&capability="
          "TEXT_RERANK&lifecycleState=ACTIVE&limit=200");
    exchange.head({200, {{"opc-next-page", "a b/c"}}});
    REQUIRE(exchange.body(fixture("resp-models-page1.json"), models));
    REQUIRE(exchange.end(models));
    auto second = exchange.next();
    REQUIRE(second);
    REQUIRE(*second);
    CHECK((*second)->url.ends_with("&page=a%20b%2Fc"));
    exchange.head({200, {}});
    REQUIRE(exchange.body(fixture("resp-models-page2.json"), models));
    REQUIRE(exchange.end(models));
    auto third = exchange.next();
    REQUIRE(third);
    CHECK_FALSE(*third);

    std::vector<std::string> names;
    for (const ModelInfo& model : models.list) names.push_back(model.id);
    const Json pages[] = {Json::parse(fixture("resp-models-page1.json")),
                          Json::parse(fixture("resp-models-page2.json"))};
    std::vector<std::string> expected;
    for (const Json& page : pages)
        for (const Json& item : page["items"]) {
            bool useful = false;
            for (const auto& capability : item["capabilities"])
                useful |=
                    capability == "CHAT" || capability == "TEXT_EMBEDDINGS" || capability == "TEXT_RERANK";
            const bool retired = item["timeOnDemandRetired"].is_string() &&
                                 item["timeOnDemandRetired"].get<std::string>() < "2026-11-22";
            const std::string name = item["type"] == "CUSTOM" ? item["id"] : item["displayName"];
            if (useful && !retired && item["lifecycleState"] == "ACTIVE" &&
                std::find(expected.begin(), expected.end(), name) == expected.end())
                expected.push_back(name);
        }
    CHECK(names == expected);
    REQUIRE_FALSE(models.list.empty());
    CHECK(models.list[0].id == "cohere.command-a-03-2025");
    CHECK(models.list[0].owned_by == "cohere");
    CHECK(models.list[0].created == 1'747'244'641);
    CHECK(models.list[0].context_window == 256'000);
}

TEST_CASE("a list that repeats its page, or is invalid, ends") {
    Bench bench;
    auto made = bench.provider.models();
    REQUIRE(made);
    Exchange& exchange = **made;
    Found models;
    (void)models_url(exchange);
    for (int page = 0; page < 2; ++page) {
        exchange.head({200, {{"opc-next-page", "again"}}});
        REQUIRE(exchange.body(R"({"items":[{"id":"a","capabilities":["CHAT"],"lifecycleState":"ACTIVE"},7]})",
                              models));
        REQUIRE(exchange.end(models));
        auto next = exchange.next();
        REQUIRE(next);
        CHECK((*next).has_value() == (page == 0));
    }
    CHECK(models.list.size() == 1);
    for (const char* garbage : {"", "7", "{", "<html>", R"({"items":5})"}) {
        (void)models_url(exchange);
        exchange.head({200, {}});
        REQUIRE(exchange.body(garbage, models));
        auto ended = exchange.end(models);
        REQUIRE_FALSE(ended);
        CHECK(ended.error().kind == ErrorKind::upstream);
    }
}

TEST_CASE("the advice reports a wrong clock") {
    Bench bench;
    bench.host.time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 10h;
    const std::string refused = R"({"code":"NotAuthenticated","message":"m"})";
    CHECK(advice(401, refused, {{"date", "Sun, 22 Nov 2026 09:40:00 GMT"}}, &bench) ==
          "The clock of this machine is 20 minutes ahead of OCI's clock.  OCI accepts only signatures of the "
          "last 5 minutes: set the clock, for instance by NTP.");
    CHECK(advice(401, refused, {{"date", "Sun, 22 Nov 2026 10:06:00 GMT"}}, &bench) ==
          "The clock of this machine is 6 minutes behind OCI's clock.  OCI accepts only signatures of the "
          "last 5 minutes: set the clock, for instance by NTP.");
    for (const char* fine : {"Sun, 22 Nov 2026 10:04:00 GMT", "yesterday", ""})
        CHECK(
            advice(401, refused, {{"date", fine}}, &bench).starts_with("OCI does not know the signing key"));
}

TEST_CASE("the advice explains a not found error") {
    const std::string policy =
        "A policy must allow the request: `Allow group <group> to use generative-ai-family in compartment id "
        "ocid1.compartment.oc1..aaaaaaaaexample`, with a dynamic-group instead of the group for instance and "
        "resource principals.";
    const std::string rest =
        "The compartment must exist: compartment_id is ocid1.compartment.oc1..aaaaaaaaexample.\n" + policy;
    Bench bench;
    bench.host.time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
    CHECK(advice(404, "", {}, &bench) ==
          "OCI returns the same error for a missing and a forbidden resource.\n" + rest);

    auto list = [&](const std::string& items) {
        auto made = bench.provider.models();
        REQUIRE(made);
        Found models;
        (void)models_url(**made);
        (*made)->head({200, {}});
        REQUIRE((*made)->body("{\"items\":[" + items + "]}", models));
        REQUIRE((*made)->end(models));
        REQUIRE((*made)->next());
    };
    const std::string item =
        R"({"id":"o","displayName":"xai.grok-4","type":"BASE","capabilities":["CHAT"],"lifecycleState":"ACTIVE")";
    list(
        R"({"id":"p","displayName":"other","type":"BASE","capabilities":["CHAT"],"lifecycleState":"ACTIVE"})");
    CHECK(advice(404, "", {}, &bench) ==
          "Model \"xai.grok-4\" is not in the list of region us-chicago-1: check its name, or use a region "
          "that offers it.\n" +
              rest);
    list(item + "}");
    CHECK(advice(404, "", {}, &bench) ==
          "Model \"xai.grok-4\" is in the list of region us-chicago-1, but may be limited to dedicated "
          "clusters, or not available to this compartment.\n" +
              rest);
    list(item + R"(,"timeOnDemandRetired":"2020-02-03T04:05:06Z"})");
    CHECK(advice(404, "", {}, &bench) ==
          "Model \"xai.grok-4\" was retired from on-demand use on 2020-02-03: route to another model, or to "
          "a dedicated endpoint.\n" +
              rest);
    CHECK(advice(403, "") == policy);
}

TEST_CASE("the advice explains errors of formats and limits") {
    CHECK(advice(400, R"({"code":"400","message":"Chat request type does not match serving model"})") ==
          "The model's chat format is not GENERIC: in the provider's table, set models.\"xai.grok-4\" = { "
          "format = \"cohere\" }, or \"coherev2\" for Cohere's vision and reasoning models.");
    CHECK(advice(400, R"({"code":"400","message":"other"})").empty());
    CHECK(advice(429, "").starts_with("OCI throttles on-demand requests"));
    CHECK(advice(503, "").starts_with("The service failed"));
}
