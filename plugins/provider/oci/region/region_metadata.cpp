// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/region/region_metadata.hpp"

#include "plugins/provider/oci/text.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace gatehouse::oci {

namespace {

using Json = nlohmann::json;

std::string lower_text_of(const Json& entry, const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_string() ? lower_case(found->get<std::string>()) : "";
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

void read_region_metadata(std::string_view json, const std::string& source, RegionEnvironment& into) {
    const Json parsed = Json::parse(json, nullptr, false);
    const Json entries = parsed.is_object() ? Json::array({parsed}) : parsed;
    if (!entries.is_array()) {
        into.complaints.push_back(source + " is neither a JSON object nor an array of them");
        return;
    }
    for (const Json& entry : entries) {
        DeclaredRegion region;
        if (entry.is_object())
            region = {lower_text_of(entry, "regionIdentifier"), lower_text_of(entry, "regionKey"),
                      lower_text_of(entry, "realmDomainComponent")};
        if (is_region_name(region.id) && is_region_name(region.domain))
            into.declared.push_back(std::move(region));
        else
            into.complaints.push_back(source +
                                      ": an entry lacks a usable regionIdentifier or realmDomainComponent");
    }
}

RegionEnvironment region_environment() {
    RegionEnvironment environment;
    environment.default_domain = variable("OCI_DEFAULT_REALM");
    environment.dual_stack = lower_case(variable("OCI_DUAL_STACK_ENDPOINT_ENABLED")) == "true";
    if (const std::string home = variable("HOME"); !home.empty())
        if (std::ifstream file(home + "/.oci/regions-config.json"); file) {
            const std::string text{std::istreambuf_iterator<char>(file), {}};
            read_region_metadata(text, "~/.oci/regions-config.json", environment);
        }
    if (const std::string text = variable("OCI_REGION_METADATA"); !text.empty())
        read_region_metadata(text, "OCI_REGION_METADATA", environment);
    return environment;
}

Region find_region(std::string_view name, const RegionEnvironment& environment) {
    Region region = find_region(name, environment.default_domain);
    if (region.known) return region;
    for (const DeclaredRegion& declared : environment.declared)
        if (declared.id == region.id || (!declared.code.empty() && declared.code == region.id))
            return {declared.id, declared.domain, true};
    return region;
}

}  // namespace gatehouse::oci
