// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/litellm.hpp"

#include "core/cli/import/upstreams.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace gatehouse::core {

namespace {

struct Route {
    std::string to;
    double weight = 1;
};

/// The deployments of one model name, in the order of the file.
struct Group {
    std::string name;
    std::vector<Route> routes;
};

double positive(const OrderedJson& value) {
    return value.is_number() && value.get<double>() > 0 ? value.get<double>() : 0;
}

void add_route(Group& group, const Route& route) {
    const auto same = std::ranges::find(group.routes, route.to, &Route::to);
    if (same == group.routes.end())
        group.routes.push_back(route);
    else
        same->weight += route.weight;
}

class Importer {
public:
    Importer(const OrderedJson& file, const OrderedJson& table)
        : file_(file), table_(table), upstreams_(table.at("providers")) {}

    Imported run() {
        {
            Members all(file_, "", result_.left_out);
            for (const OrderedJson& one : list_in(all.take("model_list"))) add_deployment(one);
            Members router(all.take("router_settings"), "router_settings", result_.left_out);
            Members library(all.take("litellm_settings"), "litellm_settings", result_.left_out);
            Members general(all.take("general_settings"), "general_settings", result_.left_out);
            read_settings(router, library, general);
        }
        result_.toml = server_ + authenticator_ + upstreams_.toml() + mapper() + dialects();
        return std::move(result_);
    }

private:
    void add_deployment(const OrderedJson& deployment);
    void read_settings(Members& router, Members& library, Members& general);
    void read_fallbacks(const OrderedJson& fallbacks);
    void read_limits(Members& router, Members& library);
    std::optional<std::string> kind_of(std::string& model, Members& parameters) const;
    Group& group(const std::string& name);
    std::vector<std::string> routes_behind(const Group& group) const;
    std::string mapper() const;
    std::string dialects() const;

    const OrderedJson& file_;
    const OrderedJson& table_;
    Upstreams upstreams_;
    std::vector<Group> groups_;
    std::map<std::string, std::vector<std::string>> fallbacks_;  // names of groups
    std::vector<std::string> default_fallbacks_;
    std::string preference_;
    std::string server_ = "[server]\nlisten = \"127.0.0.1:4000\"\n\n", authenticator_;
    Imported result_;
};

/// The kind of provider: before the slash, or by the name of a well-known model.  Removes it from `model`.
std::optional<std::string> Importer::kind_of(std::string& model, Members& parameters) const {
    if (const std::string given = parameters.take_text("custom_llm_provider"); !given.empty()) {
        if (model.starts_with(given + "/")) model.erase(0, given.size() + 1);
        return given;
    }
    const std::size_t slash = model.find('/');
    if (slash != std::string::npos && upstreams_.knows(model.substr(0, slash))) {
        std::string kind = model.substr(0, slash);
        model.erase(0, slash + 1);
        return kind;
    }
    for (const OrderedJson& known : table_.at("prefixes"))
        if (model.starts_with(known.at("model").get<std::string>())) return known.at("provider");
    return std::nullopt;
}

Group& Importer::group(const std::string& name) {
    const auto found = std::ranges::find(groups_, name, &Group::name);
    return found == groups_.end() ? groups_.emplace_back(Group{name, {}}) : *found;
}

void Importer::add_deployment(const OrderedJson& deployment) {
    Members all(deployment, "model_list", result_.left_out);
    const std::string name = all.take_text("model_name");
    Members parameters(all.take("litellm_params"), "model_list.litellm_params", result_.left_out);
    Members info(all.take("model_info"), "model_list.model_info", result_.left_out);
    std::string model = parameters.take_text("model");
    const std::string asked = model;
    const auto kind = kind_of(model, parameters);
    auto refuse = [&](const std::string& why) {
        parameters.ignore_rest();
        info.ignore_rest();
        result_.problems.push_back(toml_quoted(name) + ": " + toml_quoted(asked) + " " + why);
    };
    if (name.empty() || model.empty()) return refuse(name.empty() ? "has no model_name" : "is not a model");
    if (!kind || !upstreams_.knows(*kind)) return refuse("uses a provider that Gatehouse does not have");
    if (model.find('*') != model.npos && name.find('*') == name.npos)
        return refuse("has a star, but model_name has none");
    const auto instance = upstreams_.instance(*kind, parameters);
    if (!instance) return refuse("needs an api_base");
    const OrderedJson& weight = parameters.take("weight");
    add_route(group(name), {*instance + "/" + model, weight.is_number() ? positive(weight) : 1});
    const double input = positive(info.take("input_cost_per_token")) * 1e6,
                 output = positive(info.take("output_cost_per_token")) * 1e6;
    if (input > 0 || output > 0) upstreams_.set_price(*instance, model, input, output);
}

void Importer::read_settings(Members& router, Members& library, Members& general) {
    if (const std::string key = general.take_text("master_key"); !key.empty())
        authenticator_ = "[authenticator.clients]\nuse = \"api_key\"\nkeys = [{ name = \"master\", key = " +
                         toml_quoted(reference_of(key)) + " }]\n\n";
    for (const auto& [alias, target] : object_in(router.take("model_group_alias")).items()) {
        const std::string name =
            target.is_object() ? text_of(target.value("model", OrderedJson())) : text_of(target);
        const std::vector<Route> routes = group(name).routes;
        group(alias).routes = routes;
    }
    for (Members* place : {&router, &library}) {
        read_fallbacks(place->take("fallbacks"));
        for (const OrderedJson& one : list_in(place->take("default_fallbacks")))
            default_fallbacks_.push_back(text_of(one));
    }
    const std::string strategy = router.take_text("routing_strategy");
    const auto& preferences = table_.at("preferences");
    if (preferences.contains(strategy))
        preference_ = preferences.at(strategy);
    else if (!strategy.empty() && strategy != "simple-shuffle")
        router.leave_out("routing_strategy");
    read_limits(router, library);
}

/// A list of objects, each with the names that follow one name.
void Importer::read_fallbacks(const OrderedJson& fallbacks) {
    for (const OrderedJson& entry : list_in(fallbacks))
        for (const auto& [name, others] : object_in(entry).items())
            for (const OrderedJson& other : list_in(others)) fallbacks_[name].push_back(text_of(other));
}

/// Retries and timeouts.  The router's settings win over the library's.
void Importer::read_limits(Members& router, Members& library) {
    const OrderedJson& of_library = library.take("num_retries");
    const OrderedJson& of_router = router.take("num_retries");
    const OrderedJson& retries = of_router.is_number() ? of_router : of_library;
    const double request = positive(library.take("request_timeout")),
                 routed = positive(router.take("timeout"));
    const double seconds = std::min(routed > 0 ? routed : request, 86'400.0);
    std::string lines;
    if (retries.is_number_integer())
        lines +=
            "attempts = " +
            std::to_string(std::clamp(retries.get<std::int64_t>() + 1, std::int64_t{1}, std::int64_t{10})) +
            '\n';
    if (seconds > 0)
        lines += "response_timeout_ms = " + std::to_string(static_cast<std::int64_t>(seconds * 1000)) + '\n';
    if (!lines.empty()) server_ += "[upstream]\n" + lines + '\n';
}

/// The routes of the groups that follow this one.
std::vector<std::string> Importer::routes_behind(const Group& one) const {
    std::vector<std::string> names;
    for (const std::string& key : {one.name, std::string("*")})
        if (const auto found = fallbacks_.find(key); found != fallbacks_.end())
            names.insert(names.end(), found->second.begin(), found->second.end());
    names.insert(names.end(), default_fallbacks_.begin(), default_fallbacks_.end());
    std::vector<std::string> routes;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(groups_, name, &Group::name);
        if (found == groups_.end() || name == one.name) continue;
        for (const Route& route : found->routes) {
            const bool own = std::ranges::count(one.routes, route.to, &Route::to) > 0;
            if (!own && !std::ranges::count(routes, route.to)) routes.push_back(route.to);
        }
    }
    return routes;
}

std::string Importer::mapper() const {
    std::string names, rules;
    for (const Group& one : groups_) {
        if (one.routes.empty()) continue;
        std::vector<std::string> all, behind = routes_behind(one);
        for (const Route& route : one.routes) all.push_back(route.to);
        all.insert(all.end(), behind.begin(), behind.end());
        names +=
            toml_quoted(one.name) + " = " + (all.size() == 1 ? toml_quoted(all[0]) : to_toml({all})) + '\n';
        if (one.routes.size() < 2) continue;
        rules += "\n[[mapper.models.rules]]\nmodels = " + to_toml({std::vector{one.name}}) + '\n';
        if (!preference_.empty()) {
            rules += "prefer = " + toml_quoted(preference_) + '\n';
            continue;
        }
        std::string list;
        // The mapper's weights are whole numbers.
        const bool whole = std::ranges::all_of(
            one.routes, [](const Route& route) { return route.weight == std::floor(route.weight); });
        for (const Route& route : one.routes) {
            const auto weight =
                static_cast<std::int64_t>(std::clamp(route.weight * (whole ? 1 : 1000), 0.0, 1'000'000.0));
            list += "    { to = " + toml_quoted(route.to) + ", weight = " + std::to_string(weight) + " },\n";
        }
        for (const std::string& to : behind) list += "    { to = " + toml_quoted(to) + " },\n";
        rules += "routes = [\n" + list + "]\n";
    }
    return "[mapper.models]\nuse = \"table\"\n\n[mapper.models.models]\n" + names + rules + '\n';
}

/// The protocols that clients of the other program may use.
std::string Importer::dialects() const {
    std::string text;
    for (const OrderedJson& one : table_.at("dialects")) {
        const auto name = one.get<std::string>();
        text += "[dialect." + name + "]\nuse = " + toml_quoted(name) + "\n\n";
    }
    return text;
}

}  // namespace

Imported import_litellm(const OrderedJson& file, const OrderedJson& table) {
    return Importer(file, table).run();
}

}  // namespace gatehouse::core
