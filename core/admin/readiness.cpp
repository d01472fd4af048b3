// SPDX-License-Identifier: Apache-2.0
#include "core/admin/readiness.hpp"

#include "core/plugin/guard.hpp"
#include "core/plugin/hosted_store.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

/// A local provider needs no credential and no upstream.
Usability::State state_of(const NamedProvider& provider) {
    if (provider.local) return {.known = true, .lost = false, .failures = 0, .reason = {}, .failing = {}};
    return provider.health->usability().state(Usability::Clock::now());
}

const char* word_of(const Usability::State& state) {
    if (state.lost) return "not usable";
    return state.known ? "usable" : "unknown";
}

Readiness::Store store_of(const StoreInstance& store) {
    switch (store.state.last()) {
        case StoreState::Last::none: return {store.name, "unknown"};
        case StoreState::Last::success: return {store.name, "usable"};
        case StoreState::Last::failure: break;
    }
    return {store.name, "not usable", store.state.reason()};
}

/// The first authenticator, with its reason, if it is not ready.  The others are asked only after it, so that
/// no client can be authenticated.  Empty: it is ready.
std::string unready_authenticator(const PluginInstances& instances) {
    if (instances.authenticators().empty()) return {};
    const NamedAuthenticator& first = instances.authenticators().front();
    const auto reason =
        guard({first.name, "Authenticator::unready"}, [&] { return first.authenticator->unready(); });
    const std::string text = reason ? *reason : reason.error().message;
    return text.empty() ? text : "[authenticator." + first.name + "]: " + text;
}

}  // namespace

Readiness readiness(bool accepts, bool draining, const ConfigSnapshot* snapshot) {
    Readiness now;
    if (snapshot)
        for (const std::string& name : snapshot->instances->provider_names())
            now.providers.emplace_back(name, state_of(*snapshot->instances->provider(name)));
    // A store does not change the status: all gateways may share it, and each limit has its own policy
    // without it.
    if (snapshot)
        for (const auto& [name, store] : snapshot->instances->stores())
            now.stores.push_back(store_of(*store));
    const auto usable = [](const auto& provider) { return provider.second.usable(); };
    if (snapshot) now.detail = unready_authenticator(*snapshot->instances);
    if (draining)
        now.unready = "draining";
    else if (!accepts || !snapshot)
        now.unready = "starting";
    else if (!now.detail.empty())
        now.unready = "clients cannot be authenticated yet";
    else if (snapshot->settings.server.ready == "provider" && !std::ranges::any_of(now.providers, usable))
        now.unready = "no provider can be used";
    return now;
}

std::string to_json(const Readiness& readiness) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("status").value(readiness.unready.empty() ? "ready" : "not ready");
    if (!readiness.unready.empty()) json.key("reason").value(readiness.unready);
    if (!readiness.detail.empty()) json.key("detail").value(readiness.detail);
    json.key("providers").begin_array();
    for (const auto& [name, state] : readiness.providers) {
        json.begin_object().key("name").value(name).key("state").value(word_of(state));
        if (state.failures > 0) {
            json.key("reason").value(name_of(state.reason));
            json.key("failures").value(std::int64_t{state.failures});
            json.key("failing_s").value(std::int64_t{state.failing.count()});
        }
        json.end_object();
    }
    json.end_array().key("stores").begin_array();
    for (const Readiness::Store& store : readiness.stores) {
        json.begin_object().key("name").value(store.name).key("state").value(store.state);
        if (!store.reason.empty()) json.key("reason").value(store.reason);
        json.end_object();
    }
    json.end_array().end_object();
    return text;
}

}  // namespace gatehouse::core
