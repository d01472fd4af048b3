// SPDX-License-Identifier: Apache-2.0
#include "core/instances/route_check.hpp"

#include "core/config/named_routes.hpp"
#include "core/plugin/guard.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/schema.hpp>

#include <algorithm>
#include <string>

namespace gatehouse::core {

namespace {

constexpr std::size_t most_lines = 8;

bool has(const std::vector<InstanceConfig>& configs, std::string_view kind) {
    return std::ranges::count(configs, kind, &InstanceConfig::kind) > 0;
}

/// The lines of all places but the first, "12, 15".
std::string other_lines(const std::vector<SourceLocation>& places) {
    std::string lines;
    for (std::size_t i = 1; i < places.size() && i <= most_lines; ++i)
        if (places[i].line != places[i - 1].line) add_to_list(lines, std::to_string(places[i].line));
    if (places.size() > most_lines + 1) add_to_list(lines, "…");
    return lines;
}

Error unknown_provider(const ConfigFile& file, const InstanceConfig& mapper, const std::string& name,
                       const std::vector<std::string>& there) {
    const auto places = places_naming(file, mapper, name);
    const std::string also = other_lines(places);
    return file.error(places.empty() ? mapper.where : places.front(),
                      "a route names the provider " + toml_quoted(name) + ", but there is no [provider." +
                          as_key(name) + "]" + suggestion(name, there) + " (there are: " + joined(there) +
                          (also.empty() ? "" : "; also in line " + also) + ")");
}

}  // namespace

void require_kinds(const ConfigFile& file, const std::vector<InstanceConfig>& configs, Mistakes& mistakes) {
    auto require = [&](const std::string& kind, const std::string& why) {
        if (!has(configs, kind)) mistakes.add(file.error({}, "there is no [" + kind + ".…] table: " + why));
    };
    require("dialect", "without a dialect the gateway cannot serve clients");
    require("provider", "without a provider the gateway cannot serve requests");
    require("mapper", "without a mapper no model name maps to a provider");
}

void check_routes(const ConfigFile& file, const std::vector<InstanceConfig>& configs,
                  const ModelMapper& mapper, Mistakes& mistakes) {
    if (!has(configs, "provider")) return;
    const InstanceConfig& config = *std::ranges::find(configs, "mapper", &InstanceConfig::kind);
    const auto named = guard({config.name, "ModelMapper::providers"}, [&] { return mapper.providers(); });
    if (!named) return mistakes.add(file.error(config.where, named.error().detail));
    std::vector<std::string> there;
    for (const InstanceConfig& one : configs)
        if (one.kind == "provider") there.push_back(one.name);
    for (const std::string& name : *named)
        if (!std::ranges::count(there, name)) mistakes.add(unknown_provider(file, config, name, there));
    check_repeated_routes(file, config, there, mistakes);
}

}  // namespace gatehouse::core
