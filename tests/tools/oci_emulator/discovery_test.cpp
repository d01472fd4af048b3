// SPDX-License-Identifier: Apache-2.0
// The model discovery, dedicated endpoints, imported models, routing profiles and API keys.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/discovery_page.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

const std::string in_compartment = "compartmentId=ocid1.compartment.oc1..a";

Json list_of(std::string_view path, const std::string& query = in_compartment, const RequestRules& rules = {},
             const std::set<std::string, std::less<>>& keys = {}) {
    REQUIRE(is_further_list(path));
    const http::Response response = further_list(path, query, "us-chicago-1", rules, keys);
    REQUIRE_MESSAGE(response.head.status == 200, response.body);
    return json(response.body).at("items");
}
Json model(const std::string& name) {
    for (const Json& item : list_of("/20231130/modelDiscovery"))
        if (item.at("modelId") == name) return item;
    FAIL("no model " << name);
    return {};
}

}  // namespace

TEST_CASE("a model tells its APIs, access, limits and regions") {
    const Json grok = model("xai.grok-4.3");
    CHECK(grok.at("apiCapability") == json(R"(["OPENAI_V1_CHAT_COMPLETIONS","OPENAI_V1_RESPONSES"])"));
    CHECK(grok.at("modelAccess") == "HOSTED");
    CHECK(grok.at("availability").size() == 2);
    CHECK(grok.at("availability").at(0).at("region") == "us-chicago-1");
    const Json gemini = model("google.gemini-2.5-pro");
    CHECK(gemini.at("modelAccess") == "PROXY");
    CHECK(gemini.at("parameters").at(0) ==
          json(R"({"name":"maxCompletionTokens","type":"INTEGER","minimum":1.0,"maximum":32768.0})"));
    CHECK(model("cohere.command-a-03-2025").at("apiCapability").empty());
    CHECK(model("meta.llama-3.3-70b-instruct").at("apiCapability") ==
          json(R"(["OPENAI_V1_CHAT_COMPLETIONS"])"));
}

TEST_CASE("a region without models, and a request without a compartment") {
    CHECK(list_of("/20231130/modelDiscovery", in_compartment + "&region=ap-tokyo-1").empty());
    CHECK_FALSE(list_of("/20231130/modelDiscovery", in_compartment + "&region=us-chicago-1").empty());
    CHECK(further_list("/20231130/endpoints", "limit=5", "us-chicago-1", {}, {}).head.status == 400);
    CHECK(further_list("/20231130/endpoints", "compartmentId=other", "us-chicago-1", {}, {}).head.status ==
          404);
}

TEST_CASE("dedicated endpoints are those of the command line") {
    RequestRules rules;
    rules.models = {{"ocid1.generativeaiendpoint.oc1.us-chicago-1.a", "meta.llama-3.3-70b-instruct"},
                    {"ocid1.generativeaimodel.oc1.us-chicago-1.b", "xai.grok-4"}};
    const Json endpoints = list_of("/20231130/endpoints", in_compartment, rules);
    REQUIRE(endpoints.size() == 1);
    CHECK(endpoints.at(0).at("id") == "ocid1.generativeaiendpoint.oc1.us-chicago-1.a");
    CHECK(list_of("/20231130/importedModels").empty());
}

TEST_CASE("a model that other regions serve is in the unfiltered discovery only") {
    const Json far = model("xai.grok-far");
    CHECK(far.at("availability").at(0).at("region") == "eu-frankfurt-1");
    for (const Json& item : list_of("/20231130/modelDiscovery", in_compartment + "&region=us-chicago-1"))
        CHECK(item.at("modelId") != "xai.grok-far");
}

TEST_CASE("routing profiles have policies, or failed") {
    const Json profiles = list_of("/20231130/routingProfiles");
    REQUIRE(profiles.size() == 2);
    CHECK(profiles.at(0).at("regionRoutingPolicy").at("allowedRegions") ==
          json(R"(["us-chicago-1","eu-frankfurt-1"])"));
    CHECK(profiles.at(1).at("lifecycleState") == "FAILED");
}

TEST_CASE("an API key has two secrets, of which only a mask is shown") {
    const Json keys = list_of("/20231130/apikeys", in_compartment, {}, {"sk-secret-1"});
    REQUIRE(keys.size() == 1);
    CHECK(keys.at(0).at("keys").at(0).at("keyMask") == "sk-***");
    CHECK(keys.at(0).at("keys").at(1).at("state") == "REVOKED");
    CHECK(keys.dump().find("secret") == std::string::npos);
    CHECK(list_of("/20231130/apikeys").empty());
}
