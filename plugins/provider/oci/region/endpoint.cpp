// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/region/endpoint.hpp"

#include <gatehouse/base_url.hpp>
#include "plugins/provider/oci/region/regions.hpp"
#include "plugins/provider/oci/text.hpp"

#include <gatehouse/http.hpp>

#include <algorithm>

namespace gatehouse::oci {

namespace {

constexpr std::string_view version = "/20231130";
constexpr std::string_view service = "inference.generativeai.";

/// Returns the region in the service's host name, or nothing.
std::string_view region_in(std::string_view host) {
    if (!http::equal_ignoring_case(host.substr(0, service.size()), service)) return {};
    host.remove_prefix(service.size());
    return host.substr(0, host.find('.'));
}

Endpoint parse(std::string_view text, const std::string& key) {
    BaseUrl base = parse_base_url(text, key, "the endpoint");
    strip_ending(base, version);  // some operators include it; it is appended to each URL
    Endpoint endpoint{.base = base.text, .host = base.host, .region = "", .control_base = base.text};
    if (const auto region = region_in(base.host); !region.empty()) {
        endpoint.region = region;
        // The control plane has the same name without the first label.
        endpoint.control_base.erase(base.text.find("//") + 2, service.find('.') + 1);
    }
    return endpoint;
}

}  // namespace

std::string Endpoint::url(std::string_view operation) const {
    std::string url;
    url.reserve(base.size() + version.size() + operation.size());
    url.append(base).append(version).append(operation);
    return url;
}

std::vector<Endpoint> find_endpoints(const Options& options, const RegionEnvironment& environment) {
    // An unset variable leaves an empty text.
    const auto given = [](std::vector<std::string> list) {
        std::erase(list, "");
        return list;
    };
    const auto key_of = [](const char* key, std::size_t index, std::size_t count) {
        return count == 1 ? key : key + ("[" + std::to_string(index) + "]");
    };
    std::vector<Region> regions;
    for (std::size_t i = 0; i < options.region.size(); ++i) {
        const std::string& name = options.region[i];
        if (name.empty()) continue;
        if (!is_region_name(name))
            throw KeyError(key_of("region", i, options.region.size()),
                           in_quotes(name) + " is not a region: give one such as us-chicago-1");
        regions.push_back(find_region(name, environment));
    }
    std::vector<Endpoint> all;
    for (std::size_t i = 0; i < options.endpoint.size(); ++i) {
        if (options.endpoint[i].empty()) continue;
        Endpoint endpoint = parse(options.endpoint[i], key_of("endpoint", i, options.endpoint.size()));
        if (endpoint.region.empty() && given(options.endpoint).size() == 1 && regions.size() == 1)
            endpoint.region = regions.front().id;
        all.push_back(std::move(endpoint));
    }
    if (!all.empty()) return all;
    for (const Region& region : regions) {
        const std::string host = inference_host(region, environment.dual_stack);
        all.push_back({.base = "https://" + host,
                       .host = host,
                       .region = region.id,
                       .region_known = region.known,
                       .control_base = "https://" + control_host(region, environment.dual_stack)});
    }
    if (all.empty())
        throw KeyError(
            "", "region and endpoint are missing: give one of them, such as region = \"us-chicago-1\"");
    return all;
}

}  // namespace gatehouse::oci
