// SPDX-License-Identifier: Apache-2.0
// Mappers: never an empty list of routes, no route to a provider that was not named.
#include "core/plugin_check/samples.hpp"
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/mapper.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* map_rule = "mapper.hpp, ModelMapper::map";
constexpr const char* models_rule = "mapper.hpp, ModelMapper::models";
constexpr const char* providers_rule = "mapper.hpp, ModelMapper::providers";

std::vector<std::string> names(const std::string& model) {
    return {model,
            "check",
            "no-such-model",
            "",
            " ",
            "*",
            "/",
            "a/b",
            "check/model",
            "../../../x",
            std::string("a\0b", 3),
            "a\r\nx-injected: 1",
            "\xff\xfe",
            "\u00e9\U0001F600",
            std::string(1'000'000, 'm'),
            "model-5"};
}

/// Every route is open or closed, busy or idle.
struct Healths final : RouteHealths {
    explicit Healths(RouteHealth h) : health(h) {}
    RouteHealth of(std::string_view, std::string_view) const override { return health; }
    const RouteHealth health;
};

const Identity mapper_client{"check"};

std::set<std::string> named_providers(Check& check, const ModelMapper& mapper) {
    std::vector<std::string> named;
    check.calls(providers_rule, [&] { named = mapper.providers(); });
    if (named.empty())
        check.warning("no-providers", "providers() is empty, so no request can be routed", providers_rule);
    for (const std::string& name : named)
        if (!is_plain_name(name))
            check.error("provider-name", "providers() contains an invalid instance name", providers_rule,
                        name);
    return {named.begin(), named.end()};
}

void map(Check& check, Target& target, const ModelMapper& mapper, const std::string& name,
         const std::set<std::string>& providers, bool listed) {
    std::optional<Result<std::vector<Route>>> routes;
    if (!check.calls(map_rule, [&] { routes.emplace(mapper.map({.model = name, .who = mapper_client})); }))
        return;
    if (!*routes) {
        const Error& error = routes->error();
        check_error(check, target.confidential(), error, map_rule);
        if (listed)
            check.error("listed-not-mapped", "a model that is listed cannot be mapped", models_rule,
                        shown(error));
        else if (error.kind != ErrorKind::not_found && error.kind != ErrorKind::forbidden)
            check.error("map-kind", "an unknown name is not refused as not_found", map_rule, shown(error));
        return;
    }
    if ((*routes)->empty()) check.error("no-routes", "map() returns no routes, and no error", map_rule);
    for (const Route& route : **routes) {
        if (!providers.contains(route.provider))
            check.error("unknown-provider", "a route leads to a provider that providers() does not name",
                        providers_rule, route.provider);
        if (route.model.empty() && !name.empty())
            check.warning("route-model", "a route names no model", "mapper.hpp, Route");
    }
}

/// All kinds of requests, of a client with a session, while all routes are well or all are ill.
void map_requests(Check& check, const ModelMapper& mapper, const std::string& model) {
    const http::RequestHead head{.headers = {{"x-session-id", "s-1"}, {"user-agent", "check"}}};
    const Healths well{{}}, ill{{.open = true,
                                 .running = 1'000,
                                 .first_byte = std::chrono::hours(1),
                                 .price = Price{.input = 1'000'000'000'000, .output = 0}}};
    check.calls("mapper.hpp, ModelMapper::measures", [&] { (void)mapper.measures(); });
    for (const Sample& sample : samples(model)) {
        check.context(sample.name);
        for (const Healths& healths : {std::cref(well), std::cref(ill)}) {
            const RouteQuery query{.model = model,
                                   .who = mapper_client,
                                   .operation = sample.operation,
                                   .head = head,
                                   .body_bytes = 1'000,
                                   .healths = healths};
            check.calls(map_rule, [&] {
                auto routes = mapper.map(query);
                if (routes && !routes->empty()) mapper.moved(query, routes->back());
            });
        }
    }
}

void look_at_models(Check& check, Target& target, const ModelMapper& mapper, const Discovered& discovered,
                    const std::set<std::string>& providers) {
    std::vector<ModelInfo> models;
    if (!check.calls(models_rule, [&] { models = mapper.models(mapper_client, discovered); })) return;
    std::set<std::string> seen;
    for (const ModelInfo& model : models) {
        if (model.id.empty() || has_control(model.id) || !is_utf8(model.id))
            check.error("model-id", "a listed model has no id that a client could name", models_rule,
                        model.id);
        if (!seen.insert(model.id).second)
            check.error("model-twice", "a model is listed twice", models_rule, model.id);
        if (seen.size() <= 100) map(check, target, mapper, model.id, providers, true);
    }
}

void map_one_by_one(Check& check, Target& target) {
    auto mapper = target.make<ModelMapper>(check);
    if (!mapper) return;
    check.context("providers()");
    const auto providers = named_providers(check, *mapper);
    for (const std::string& name : names(target.given().model)) {
        check.context("the model " + printable(toml_quoted(name), 40));
        map(check, target, *mapper, name, providers, false);
    }
    map_requests(check, *mapper, target.given().model);
    check.context("models(), nothing discovered");
    look_at_models(check, target, *mapper, {}, providers);
    check.context("models(), much discovered");
    Discovered discovered;
    for (const std::string& name : {std::string("check"), std::string("other")})
        discovered[name] = std::make_shared<const std::vector<ModelInfo>>();
    for (const std::string& name : providers) {
        auto list = std::make_shared<std::vector<ModelInfo>>();
        for (int i = 0; i < 2000; ++i) list->push_back({.id = "model-" + std::to_string(i)});
        list->push_back({.id = "model", .owned_by = "check", .created = -1});
        discovered[name] = std::move(list);
    }
    look_at_models(check, target, *mapper, discovered, providers);
}

void map_at_once(Check& check, Target& target) {
    auto mapper = target.make<ModelMapper>(check);
    if (!mapper) return;
    check.context("8 threads at once");
    auto ask = [&](const std::string& name) {
        std::string text;
        check.calls(map_rule, [&] {
            const auto routes = mapper->map({.model = name, .who = mapper_client});
            std::set<std::string> all;  // a mapper may choose their order by chance
            if (!routes) text = shown(routes.error());
            if (routes)
                for (const Route& route : *routes) all.insert(route.provider + "/" + route.model);
            for (const std::string& route : all) text += route + " ";
            text += std::to_string(mapper->models(mapper_client, {}).size());
        });
        return text;
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            const std::string name = i % 2 ? "check" : "model-" + std::to_string(i);
            const std::string wanted = ask(name);
            for (std::size_t round = 0; round < check.effort().rounds(500); ++round)
                if (ask(name) != wanted)
                    check.error("concurrent", "concurrent requests interfere with each other", map_rule,
                                name);
        });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::vector<Suite> mapper_suites() { return {{"names", map_one_by_one}, {"threads", map_at_once}}; }

}  // namespace gatehouse::core::plugin_check
