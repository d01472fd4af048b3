// SPDX-License-Identifier: Apache-2.0
#include "tools/oci_emulator/discovery_page.hpp"

#include <algorithm>

namespace gatehouse::emulator {

namespace {

constexpr std::string_view discovery = "/20231130/modelDiscovery", endpoints = "/20231130/endpoints",
                           imported = "/20231130/importedModels";

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

Json modality(const char* from, const char* to) { return {{"input", from}, {"output", to}}; }

Json limit_of(const char* name, int most) {
    return {{"name", name}, {"type", "INTEGER"}, {"min", 1}, {"max", most}};
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
        item["parameters"].push_back(
            {{"name", "temperature"}, {"type", "FLOAT"}, {"min", 0}, {"max", 2}, {"default", 1}});
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
    elsewhere["region"] = region == "eu-frankfurt-1" ? "us-chicago-1" : "eu-frankfurt-1";
    item["availability"] = Json::array({std::move(place), std::move(elsewhere)});
    return item;
}

Json discovered_models(std::string_view wanted, const std::string& region) {
    Json items = Json::array();
    if (!wanted.empty() && wanted != region) return items;
    for (const CatalogueEntry& entry : catalogue()) items.push_back(discovered(entry, region));
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
                             {"lifecycleState", "ACTIVE"},
                             {"timeCreated", "2026-01-05T08:00:00.000Z"},
                             {"contentModerationConfig", nullptr}});
    return items;
}

}  // namespace

bool is_further_list(std::string_view path) {
    return path == discovery || path == endpoints || path == imported;
}

http::Response further_list(std::string_view path, std::string_view query, const std::string& region,
                            const RequestRules& rules) {
    const std::string_view compartment = parameter(query, "compartmentId");
    if (compartment.empty()) return to_response(missing("compartmentId"));
    if (!compartment_exists(compartment, rules)) return to_response(usual_error(404));
    Json items = path == discovery   ? discovered_models(parameter(query, "region"), region)
                 : path == endpoints ? listed_endpoints(compartment, rules)
                                     : Json::array();
    return {{200, {{"content-type", "application/json"}}}, to_text({{"items", std::move(items)}})};
}

}  // namespace gatehouse::emulator
