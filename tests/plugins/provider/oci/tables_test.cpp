// SPDX-License-Identifier: Apache-2.0
// The tables for an operator: their rows, and their warnings about dates and states.
#include "plugins/provider/oci/tables/warnings.hpp"
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;
using namespace std::chrono_literals;

namespace {

const auto november = std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 12h;

/// The rows of a table.  Each answer is one page; the list has no further pages.
Json rows_of(Bench& bench, const std::string& table, const std::vector<std::string>& answers,
             std::vector<std::string>* urls = nullptr) {
    RawRequest request{.operation = table, .protocol = "operator"};
    auto exchange = bench.provider.raw(request);
    REQUIRE(exchange);
    testing::Events events;
    auto http = (*exchange)->request();
    for (const std::string& answer : answers) {
        REQUIRE((http && *http));
        if (urls) urls->push_back((*http)->url);
        (*exchange)->head(status(200));
        REQUIRE((*exchange)->body(answer, events));
        REQUIRE((*exchange)->end(events));
        http = (*exchange)->next();
    }
    REQUIRE((http && !*http));
    std::string body;
    for (const RawBytes& piece : testing::all<RawBytes>(events.list)) body += piece.bytes;
    return Json::parse(body).at("rows");
}

}  // namespace

TEST_CASE("a warning says the date and the days that are left") {
    const auto retires = [](std::string_view date, std::vector<std::string> others = {}) {
        return retirement_warning(date, others, november);
    };
    CHECK(retires("2027-01-22") ==
          "The model retires from on-demand use on 2027-01-22, in 52 days: route to another model.");
    CHECK(
        retires("2026-12-02", {"a", "b", "c"}) ==
        "The model retires from on-demand use on 2026-12-02, in 1 day: route to another model, such as a or "
        "b.");
    CHECK(retires("2026-12-01", {"a"}) ==
          "The model retires from on-demand use on 2026-12-01, within a day: route to another model, such as "
          "a.");
    CHECK(retires("2026-11-30") ==
          "The model was retired from on-demand use on 2026-11-30: route to another model.");
    for (const char* none : {"2027-07-22", "", "soon", "2027-13-41"}) CHECK(retires(none) == "");

    const auto expires = [](std::string_view time) {
        return expiry_warning("key \"a\" of \"b\"", time, november);
    };
    CHECK(expires("2026-12-06T18:00:00.000Z") ==
          "The API key \"a\" of \"b\" expires on 2026-12-06, in 6 days: renew it.");
    CHECK(expires("2026-11-30T18:00:00Z") ==
          "The API key \"a\" of \"b\" expires on 2026-11-30, within a day: renew it.");
    CHECK(expires("2026-11-29T18:00:00Z") == "The API key \"a\" of \"b\" expired on 2026-11-29: renew it.");
    for (const char* none : {"2027-02-06T18:00:00Z", "", "never"}) CHECK(expires(none) == "");
}

TEST_CASE("the table of models has surface, limits, modalities, hosting, retirement and regions") {
    Options given = options();
    given.surface = "auto";
    Bench bench(given);
    bench.host.time = november;
    const std::string discovery =
        R"({"items":[{"modelId":"xai.grok-9","vendor":"xai","capabilities":["CHAT"],)"
        R"("apiCapability":["OPENAI_V1_RESPONSES"],"modelAccess":"PROXY",)"
        R"("modalitySupport":[{"input":"TEXT","output":"TEXT"},{"input":"IMAGE","output":"TEXT"}],)"
        R"("availability":[{"region":"us-chicago-1","servingModes":["ON_DEMAND"],)"
        R"("timeOnDemandRetired":"2027-01-22T00:00:00Z","supportedReplacements":["xai.grok-10"]},{"region":"eu-frankfurt-1"}],)"
        R"("parameters":[{"name":"maxTokens","maximum":8192.0},{"name":"contextWindow","maximum":262144.0}]}]})";
    const std::string models =
        R"({"items":[{"id":"ocid1.generativeaimodel.a","displayName":"cohere.embed-v4.0","type":"BASE",)"
        R"("capabilities":["TEXT_EMBEDDINGS"],"lifecycleState":"ACTIVE"}]})";
    const Json rows = rows_of(bench, "models", {discovery, R"({"items":[]})", R"({"items":[]})", models});
    REQUIRE(rows.size() == 2);
    CHECK(rows.at(0).at("use") == "embeddings");
    CHECK(rows.at(0).at("hosting") == "oracle");
    CHECK(rows.at(0).at("warning") == "");
    CHECK(
        rows.at(1) ==
        Json::parse(
            R"({"id":"xai.grok-9","use":"chats","surface":"responses","hosting":"external","context_window":262144,)"
            R"("max_output_tokens":8192,"input":["text","image"],"output":["text"],"retires_on":"2027-01-22",)"
            R"("regions":["us-chicago-1","eu-frankfurt-1"],"warning":"The model retires from on-demand use on )"
            R"(2027-01-22, in 52 days: route to another model, such as xai.grok-10."})"));
}

TEST_CASE("a table of the control plane comes page by page, without deleted resources") {
    Bench bench;
    RawRequest request{.operation = "endpoints", .protocol = "operator"};
    auto exchange = bench.provider.raw(request);
    REQUIRE(exchange);
    testing::Events events;
    auto http = (*exchange)->request();
    REQUIRE((http && *http));
    CHECK((*http)->url ==
          "https://generativeai.us-chicago-1.oci.oraclecloud.com/20231130/endpoints?compartmentId="
          "ocid1.compartment.oc1..aaaaaaaaexample&limit=200");
    (*exchange)->head({200, {{"opc-next-page", "a/b"}}});
    REQUIRE((*exchange)->body(
        R"({"items":[{"id":"e1","displayName":"one","modelId":"m","dedicatedAiClusterId":"c","lifecycleState":"ACTIVE",)"
        R"("timeCreated":"2026-01-05T08:00:00Z","contentModerationConfig":{"isEnabled":true},"promptInjectionConfig":{"isEnabled":false},)"
        R"("piiDetectionConfig":{"isEnabled":true,"mode":"BLOCK"}},{"id":"e0","lifecycleState":"DELETED"},7]})",
        events));
    REQUIRE((*exchange)->end(events));
    CHECK(events.list.empty());
    http = (*exchange)->next();
    REQUIRE((http && *http));
    CHECK((*http)->url.ends_with("&limit=200&page=a%2Fb"));
    (*exchange)->head(status(200));
    REQUIRE((*exchange)->body(
        R"({"items":[{"id":"e2","displayName":"two\u0007","lifecycleState":"FAILED","lifecycleDetails":"no capacity"}]})",
        events));
    REQUIRE((*exchange)->end(events));
    REQUIRE(events.list.size() == 1);
    const Json rows = Json::parse(std::get<RawBytes>(events.list[0]).bytes).at("rows");
    REQUIRE(rows.size() == 2);
    CHECK(
        rows.at(0) ==
        Json::parse(
            R"({"id":"e1","name":"one","model":"m","cluster":"c","private_endpoint":"","guardrails":["contentModeration","piiDetection"],"state":"ACTIVE",)"
            R"("created_on":"2026-01-05","warning":""})"));
    CHECK(rows.at(1).at("warning") == "The endpoint \"two \" is FAILED: no capacity.");
}

TEST_CASE("a routing profile has models and regions, and without a policy its own region") {
    Bench bench;
    const Json rows = rows_of(
        bench, "profiles",
        {R"({"items":[{"id":"p1","displayName":"one","lifecycleState":"ACTIVE","regionRoutingPolicy":{"allowedRegions":)"
         R"(["us-chicago-1","eu-frankfurt-1",5]},"modelRoutingPolicy":{"allowedModels":["xai.grok-4"]}},)"
         R"({"id":"p2","displayName":"two","lifecycleState":"UPDATING","regionRoutingPolicy":7}]})"});
    CHECK(rows.at(0).at("regions") == Json({"us-chicago-1", "eu-frankfurt-1"}));
    CHECK(rows.at(0).at("models") == Json({"xai.grok-4"}));
    CHECK(rows.at(1).at("regions") == Json({"us-chicago-1"}));
    CHECK(rows.at(1).at("warning") == "The routing profile \"two\" is UPDATING.");
}

TEST_CASE("the table of API keys has a row for each secret, and warns only of active ones") {
    Bench bench;
    bench.host.time = november;
    std::vector<std::string> urls;
    const Json rows = rows_of(
        bench, "keys",
        {R"({"items":[{"id":"k","displayName":"team","lifecycleState":"ACTIVE","keys":[)"
         R"({"keyName":"a","keyMask":"sk-***1","state":"ACTIVE","timeExpiry":"2026-12-06T18:00:00.000Z","key":"sk-whole"},)"
         R"({"keyName":"b","keyMask":"sk-***2","state":"REVOKED","timeExpiry":"2026-12-06T18:00:00.000Z"},8]},)"
         R"({"id":"n","lifecycleState":"ACTIVE"}]})"},
        &urls);
    CHECK(urls.at(0).find("/20231130/apikeys?compartmentId=") != std::string::npos);
    REQUIRE(rows.size() == 2);
    CHECK(rows.at(0).at("expires_on") == "2026-12-06");
    CHECK(rows.at(0).at("warning") ==
          "The API key \"a\" of \"team\" expires on 2026-12-06, in 6 days: renew it.");
    CHECK(rows.at(1).at("warning") == "");
    CHECK(rows.dump().find("sk-whole") == std::string::npos);
}

TEST_CASE("other tables, and a provider without a compartment, are unsupported") {
    Bench bench;
    CHECK(bench.provider.raw({.operation = "users", .protocol = "operator"}).error().kind ==
          ErrorKind::unsupported);
    Options given = options();
    given.compartment_id = "";
    given.surface = "openai";
    Bench without(given);
    CHECK(
        without.provider.raw({.operation = "keys", .protocol = "operator"}).error().message ==
        "this provider has no table of keys: OCI's own operations require the key compartment_id; set it in the "
        "provider's table");
}

TEST_CASE("a list that is not a list is an upstream error") {
    Bench bench;
    RawRequest request{.operation = "keys", .protocol = "operator"};
    for (const char* garbage : {"", "7", "{", "[]", R"({"items":5})"}) {
        auto exchange = bench.provider.raw(request);
        REQUIRE(exchange);
        testing::Events events;
        REQUIRE((*exchange)->request());
        (*exchange)->head(status(200));
        REQUIRE((*exchange)->body(garbage, events));
        const auto ended = (*exchange)->end(events);
        REQUIRE_FALSE(ended);
        CHECK(ended.error().kind == ErrorKind::upstream);
    }
}

TEST_CASE("a list without an end is an error, and its rows are bounded") {
    Bench bench;
    RawRequest request{.operation = "endpoints", .protocol = "operator"};
    auto exchange = bench.provider.raw(request);
    REQUIRE(exchange);
    testing::Events events;
    REQUIRE((*exchange)->request());
    const std::string page = R"({"items":[{"id":"e","lifecycleState":"ACTIVE","displayName":")" +
                             std::string(1024 * 1024, 'x') + "\"}]}";
    int pages = 0;
    Result<void> ended = {};
    while (ended && ++pages < 40) {
        (*exchange)->head({200, {{"opc-next-page", std::to_string(pages)}}});
        REQUIRE((*exchange)->body(page, events));
        ended = (*exchange)->end(events);
        if (ended) REQUIRE((*exchange)->next());
    }
    CHECK(pages == 8);
    REQUIRE_FALSE(ended);
    CHECK(ended.error().kind == ErrorKind::upstream);
}
