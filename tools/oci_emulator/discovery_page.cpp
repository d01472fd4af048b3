// SPDX-License-Identifier: Apache-2.0
#include "tools/oci_emulator/discovery_page.hpp"

#include "tools/oci_emulator/http_date.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::emulator {

namespace {

constexpr std::string_view discovery = "/20231130/modelDiscovery", endpoints = "/20231130/endpoints",
                           imported = "/20231130/importedModels", profiles = "/20231130/routingProfiles",
                           api_keys = "/20231130/apikeys";

// A model that only other regions serve.
constexpr std::string_view far_model = "xai.grok-far";

/// The first value of a parameter, which has no percent-encoded characters here.
std::string_view parameter(std::string_view query, std::string_view name) {
    for (std::size_t start = 0; start < query.size();) {
        const std::size_t end = std::min(query.find('&', start), query.size());
        const std::string_view pair = query.substr(start, end - start);
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
            return pair.substr(name.size() + 1);
        start = end + 1;
    }
    return {};
}

std::string other_region(const std::string& region) {
    return region == "eu-frankfurt-1" ? "us-chicago-1" : "eu-frankfurt-1";
}

Json modality(const char* from, const char* to) { return {{"input", from}, {"output", to}}; }

Json limit_of(const char* name, int most) {
    return {{"name", name}, {"type", "INTEGER"}, {"minimum", 1.0}, {"maximum", static_cast<double>(most)}};
}

/// A model as the documentation describes it.  Parameters are in the order of their names.
Json discovered(const CatalogueEntry& entry, const std::string& region) {
    const std::string_view name = entry.name;
    const bool chats = entry.operation == Operation::chat;
    const bool cohere = name.starts_with("cohere.");
    const bool proxied =
        name.starts_with("google.") || (name.starts_with("openai.") && !name.starts_with("openai.gpt-oss"));
    Json item = {{"modelId", name},
                 {"vendor", name.substr(0, name.find('.'))},
                 {"capabilities",
                  {chats                                 ? "CHAT"
                   : entry.operation == Operation::embed ? "TEXT_EMBEDDINGS"
                                                         : "TEXT_RERANK"}},
                 {"apiCapability", Json::array()},
                 {"modelAccess", proxied ? "PROXY" : "HOSTED"},
                 {"modalitySupport", Json::array({modality("TEXT", "TEXT")})},
                 {"parameters", Json::array()}};
    if (chats && !cohere) {
        item["apiCapability"].push_back("OPENAI_V1_CHAT_COMPLETIONS");
        if (!name.starts_with("meta.")) item["apiCapability"].push_back("OPENAI_V1_RESPONSES");
    }
    if (proxied) item["modalitySupport"].push_back(modality("IMAGE", "TEXT"));
    if (chats) {
        item["parameters"].push_back(
            limit_of(proxied ? "maxCompletionTokens" : "maxTokens", cohere ? 4'000 : 32'768));
        item["parameters"].push_back({{"name", "temperature"},
                                      {"type", "FLOAT"},
                                      {"minimum", 0.0},
                                      {"maximum", 2.0},
                                      {"defaultValue", "1"}});
    }
    Json place = {{"realm", "oc1"},
                  {"region", region},
                  {"servingModes", {"ON_DEMAND", "DEDICATED"}},
                  {"timeDeprecated", nullptr},
                  {"timeOnDemandRetired", nullptr},
                  {"timeDedicatedRetired", nullptr}};
    if (entry.retired) place["timeOnDemandRetired"] = "2025-08-15T00:00:00.000Z";
    if (name == "cohere.command-r-08-2024") place["timeOnDemandRetired"] = "2199-01-01T00:00:00.000Z";
    Json elsewhere = place;
    elsewhere["region"] = other_region(region);
    if (name == far_model) {
        Json third = elsewhere;
        third["region"] = "ap-osaka-1";
        item["availability"] = Json::array({std::move(elsewhere), std::move(third)});
    } else {
        item["availability"] = Json::array({std::move(place), std::move(elsewhere)});
    }
    return item;
}

bool is_served_in(const Json& item, std::string_view region) {
    for (const Json& place : item["availability"])
        if (place["region"] == region) return true;
    return false;
}

Json discovered_models(std::string_view wanted, const std::string& region) {
    Json items = Json::array();
    auto add = [&](const CatalogueEntry& entry) {
        Json item = discovered(entry, region);
        if (wanted.empty() || is_served_in(item, wanted)) items.push_back(std::move(item));
    };
    for (const CatalogueEntry& entry : catalogue()) add(entry);
    add({.name = far_model});
    return items;
}

/// The endpoints of --model.
Json listed_endpoints(std::string_view compartment, const RequestRules& rules) {
    Json items = Json::array();
    for (const auto& [ocid, name] : rules.models)
        if (is_ocid(ocid, "generativeaiendpoint"))
            items.push_back({{"id", ocid},
                             {"displayName", name + " endpoint"},
                             {"compartmentId", compartment},
                             {"modelId", name},
                             {"dedicatedAiClusterId", "ocid1.generativeaidedicatedaicluster.oc1..emulated"},
                             {"lifecycleState", "ACTIVE"},
                             {"timeCreated", "2026-01-05T08:00:00.000Z"},
                             {"contentModerationConfig", nullptr}});
    return items;
}

/// A profile over two regions, and a failed profile.
Json listed_profiles(std::string_view compartment, const std::string& region) {
    const std::string prefix = "ocid1.generativeairoutingprofile.oc1." + region + ".";
    return Json::array({{{"id", prefix + "emulated"},
                         {"displayName", "two regions"},
                         {"compartmentId", compartment},
                         {"lifecycleState", "ACTIVE"},
                         {"timeCreated", "2026-10-05T08:00:00.000Z"},
                         {"regionRoutingPolicy", {{"allowedRegions", {region, other_region(region)}}}},
                         {"modelRoutingPolicy", {{"allowedModels", {"xai.grok-4"}}}}},
                        {{"id", prefix + "failed"},
                         {"displayName", "broken"},
                         {"compartmentId", compartment},
                         {"lifecycleState", "FAILED"},
                         {"lifecycleDetails", "no region serves the model"},
                         {"timeCreated", "2026-10-05T08:00:00.000Z"}}});
}

Json listed_key(std::string name, std::string mask, std::string state, std::chrono::hours left) {
    const auto now = std::chrono::system_clock::now();
    return {{"keyName", std::move(name)},
            {"keyMask", std::move(mask)},
            {"state", std::move(state)},
            {"timeCreated", "2026-01-05T08:00:00.000Z"},
            {"timeExpiry", to_rfc3339(now + left)},
            {"timeLastUsed", nullptr}};
}

/// Each --api-key with two secrets: the first expires in six days, the second is revoked.
Json listed_api_keys(std::string_view compartment, const std::set<std::string, std::less<>>& secrets) {
    Json items = Json::array();
    for (const std::string& secret : secrets) {
        const std::string number = std::to_string(items.size() + 1);
        const std::string mask = secret.substr(0, std::min<std::size_t>(3, secret.size())) + "***";
        items.push_back({{"id", "ocid1.generativeaiapikey.oc1..emulated" + number},
                         {"displayName", "emulated " + number},
                         {"compartmentId", compartment},
                         {"lifecycleState", "ACTIVE"},
                         {"timeCreated", "2026-01-05T08:00:00.000Z"},
                         {"keys",
                          {listed_key("first", mask, "ACTIVE", std::chrono::hours(6 * 24 + 12)),
                           listed_key("second", mask, "REVOKED", std::chrono::hours(24))}}});
    }
    return items;
}

}  // namespace

bool is_further_list(std::string_view path) {
    return path == discovery || path == endpoints || path == imported || path == profiles || path == api_keys;
}

http::Response further_list(std::string_view path, std::string_view query, const std::string& region,
                            const RequestRules& rules, const std::set<std::string, std::less<>>& secrets) {
    const std::string_view compartment = parameter(query, "compartmentId");
    if (compartment.empty()) return to_response(missing("compartmentId"));
    if (!compartment_exists(compartment, rules)) return to_response(usual_error(404));
    Json items = Json::array();
    if (path == discovery) items = discovered_models(parameter(query, "region"), region);
    if (path == endpoints) items = listed_endpoints(compartment, rules);
    if (path == profiles) items = listed_profiles(compartment, region);
    if (path == api_keys) items = listed_api_keys(compartment, secrets);
    return {{200, {{"content-type", "application/json"}}}, to_text({{"items", std::move(items)}})};
}

}  // namespace gatehouse::emulator
