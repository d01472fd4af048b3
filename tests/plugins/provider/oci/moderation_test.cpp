// SPDX-License-Identifier: Apache-2.0
// POST /v1/moderations, answered by OCI's guardrails.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

RawRequest moderation(std::string body) {
    return {.operation = "moderations",
            .model = "guardrails",
            .content_type = "application/json",
            .body = std::move(body)};
}

const std::string clean =
    R"({"results":{"contentModeration":{"categories":[{"name":"OVERALL","score":0.0},{"name":"BLOCKLIST","score":0.0}]},"promptInjection":{"score":0.0}}})";
const std::string flagged =
    R"({"results":{"contentModeration":{"categories":[{"name":"OVERALL","score":1.0,"flaggedModalities":["TEXT"]}]},)"
    R"("personallyIdentifiableInformation":[{"length":4,"offset":2,"text":"Jane","label":"PERSON","score":0.9}],)"
    R"("promptInjection":{"score":1.0}},"guardrailVersion":{"version":"2.0"}})";

/// The bodies that are sent for `request`, each answered with `answer`; then the response.
std::pair<std::vector<Json>, Json> run(Provider& provider, const RawRequest& request,
                                       const std::string& answer) {
    auto exchange = provider.raw(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    testing::Events events;
    std::vector<Json> sent;
    auto http = (*exchange)->request();
    for (; http && *http; http = (*exchange)->next()) {
        CHECK((**http).url.ends_with("/20231130/actions/applyGuardrails"));
        sent.push_back(Json::parse((**http).body));
        (*exchange)->head(status(200, {{"opc-request-id", "A/B"}}));
        REQUIRE((*exchange)->body(answer, events));
        REQUIRE((*exchange)->end(events));
    }
    REQUIRE(events.list.size() == 1);
    return {sent, Json::parse(std::get<RawBytes>(events.list.front()).bytes)};
}

}  // namespace

TEST_CASE("a text is checked in the older form, and the answer is a moderation") {
    Bench bench;
    const auto [sent, answer] = run(bench.provider, moderation(R"({"input":"hi"})"), clean);
    CHECK(
        sent ==
        std::vector<Json>{Json::parse(
            R"({"compartmentId":"ocid1.compartment.oc1..aaaaaaaaexample","input":{"type":"TEXT","content":"hi"},)"
            R"("guardrailConfigs":{"contentModerationConfig":{"categories":["OVERALL","BLOCKLIST"]},"promptInjectionConfig":{}}})")});
    CHECK(
        answer ==
        Json::parse(
            R"({"id":"modr-A/B","model":"guardrails","results":[{"flagged":false,)"
            R"("categories":{"overall":false,"blocklist":false,"prompt_injection":false},)"
            R"("category_scores":{"overall":0.0,"blocklist":0.0,"prompt_injection":0.0},)"
            R"("category_applied_input_types":{"overall":["text"],"blocklist":["text"],"prompt_injection":["text"]}}]})"));
}

TEST_CASE("parts are checked together, with the keys of the provider; found texts are not repeated") {
    Options given = options();
    given.guardrail_categories = {"OVERALL"};
    given.guardrail_personal = {"PERSON"};
    given.guardrail_version = "2.0";
    Bench bench(given);
    const auto [sent, answer] = run(
        bench.provider,
        moderation(
            R"({"input":[{"type":"text","text":"a Jane"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]})"),
        flagged);
    CHECK(
        sent.at(0).at("multimodalInput") ==
        Json::parse(
            R"([{"type":"TEXT","content":"a Jane"},{"type":"IMAGE","imageUrl":{"url":"data:image/png;base64,AA=="}}])"));
    CHECK(sent.at(0).at("guardrailVersionConfig") == Json::parse(R"({"guardrailVersion":"2.0"})"));
    CHECK(sent.at(0).at("guardrailConfigs").at("personallyIdentifiableInformationConfig") ==
          Json::parse(R"({"types":["PERSON"]})"));
    const Json& result = answer.at("results").at(0);
    CHECK(result.at("flagged") == true);
    CHECK(result.at("categories") ==
          Json::parse(R"({"overall":true,"prompt_injection":true,"personal_information":true})"));
    CHECK(result.at("personal_information") ==
          Json::parse(R"([{"label":"PERSON","offset":2,"length":4,"score":0.9}])"));
    CHECK(result.at("guardrail_version") == "2.0");
    CHECK(answer.dump().find("Jane") == std::string::npos);
}

TEST_CASE("several texts are several requests and one answer") {
    Bench bench;
    const auto [sent, answer] = run(bench.provider, moderation(R"({"input":["one","two"]})"), clean);
    CHECK(sent.size() == 2);
    CHECK(sent.at(1).at("input").at("content") == "two");
    CHECK(answer.at("results").size() == 2);
}

TEST_CASE("an input that cannot be checked is refused with its param") {
    Bench bench;
    for (const char* body :
         {"{}", R"({"input":1})", R"({"input":[]})", R"({"input":""})", R"({"input":["a",1]})",
          R"({"input":["a",{"type":"text","text":"b"}]})", R"({"input":[{"type":"audio"}]})"}) {
        CAPTURE(body);
        const auto exchange = bench.provider.raw(moderation(body));
        REQUIRE(!exchange);
        CHECK(exchange.error().kind == ErrorKind::bad_request);
        CHECK(exchange.error().param == "input");
    }
    const auto other = bench.provider.raw({.operation = "images/generations", .body = "{}"});
    REQUIRE(!other);
    CHECK(other.error().kind == ErrorKind::unsupported);
}

TEST_CASE("a result that is not understood is an error, not a pass") {
    Bench bench;
    for (const char* answer : {"{}", R"({"results":1})", R"({"results":{"contentModeration":{}}})",
                               R"({"results":{"contentModeration":{"categories":[{"name":"OVERALL"}]}}})",
                               R"({"results":{"promptInjection":{"score":"high"}}})",
                               R"({"results":{"personallyIdentifiableInformation":[{"label":"PERSON"}]}})"}) {
        CAPTURE(answer);
        const RawRequest request = moderation(R"({"input":"hi"})");
        auto exchange = bench.provider.raw(request);
        REQUIRE((*exchange)->request());
        testing::Events events;
        (*exchange)->head(status(200));
        REQUIRE((*exchange)->body(answer, events));
        const auto ended = (*exchange)->end(events);
        REQUIRE(!ended);
        CHECK(ended.error().kind == ErrorKind::upstream);
    }
}
