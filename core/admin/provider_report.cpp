// SPDX-License-Identifier: Apache-2.0
#include "core/admin/provider_report.hpp"

#include "core/plugin/guard.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::size_t most_shown = 500;

void write_breakers(JsonWriter& json, std::string_view name, const std::vector<Breakers::Shown>& all) {
    json.key(name).begin_array();
    for (const Breakers::Shown& one : all)
        json.begin_object()
            .member("name", one.name)
            .member("state", one.open ? (one.trial.count() ? "open" : "half-open") : "failing")
            .member("trial_ms", std::int64_t{one.trial.count()})
            .end_object();
    json.end_array();
}

void write_provider(JsonWriter& json, const NamedProvider& provider, const Usability::State& state,
                    const Discovered& discovered) {
    json.begin_object().member("name", provider.name).member("plugin", provider.plugin);
    json.member("signer", provider.signer_name).member("local", provider.local != nullptr);
    json.member("state", state.lost ? "not usable" : state.known ? "usable" : "unknown");
    if (state.failures > 0) {
        json.member("reason", name_of(state.reason)).member("failures", std::int64_t{state.failures});
        json.member("failing_s", std::int64_t{state.failing.count()});
    }
    write_breakers(json, "routes", provider.health->shown_routes());
    write_breakers(json, "endpoints", provider.health->shown_endpoints());
    const auto listed = discovered.find(provider.name);
    if (listed != discovered.end()) {
        json.member("models_listed", listed->second->size()).key("models").begin_array();
        for (std::size_t i = 0; i < std::min(listed->second->size(), most_shown); ++i)
            json.value((*listed->second)[i].id);
        json.end_array();
    }
    json.end_object();
}

void write_model(JsonWriter& json, const std::string& name, const PluginInstances& instances,
                 const std::string& mapper) {
    json.begin_object().member("name", name);
    auto routes = guard({mapper, "ModelMapper::map"},
                        [&] { return instances.mapper().map({.model = name, .healths = instances}); });
    if (!routes) json.member("error", routes.error().message);
    json.key("routes").begin_array();
    if (routes)
        for (const Route& route : *routes) {
            const RouteHealth health = instances.of(route.provider, route.model);
            json.begin_object().member("provider", route.provider).member("model", route.model);
            json.member("open", health.open).member("running", health.running);
            if (health.first_byte) json.member("first_byte_us", std::int64_t{health.first_byte->count()});
            if (health.price)
                json.key("price_per_million")
                    .begin_object()
                    .member("input", static_cast<double>(health.price->input) / 1e6)
                    .member("output", static_cast<double>(health.price->output) / 1e6)
                    .end_object();
            json.end_object();
        }
    json.end_array().end_object();
}

}  // namespace

std::string provider_report(const Readiness& readiness, const ConfigSnapshot& snapshot) {
    const PluginInstances& instances = *snapshot.instances;
    const auto discovered = snapshot.catalogue.models();
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("providers").begin_array();
    for (const auto& [name, state] : readiness.providers)
        if (const NamedProvider* provider = instances.provider(name))
            write_provider(json, *provider, state, *discovered);
    json.end_array();
    const std::string mapper(instances.mapper_name());
    auto models = guard({mapper, "ModelMapper::models"},
                        [&] { return instances.mapper().models(Identity{}, *discovered); });
    const std::size_t count = models ? models->size() : 0;
    json.member("models_known", count).key("models").begin_array();
    for (std::size_t i = 0; i < std::min(count, most_shown); ++i)
        write_model(json, (*models)[i].id, instances, mapper);
    json.end_array().end_object();
    return text;
}

}  // namespace gatehouse::core
