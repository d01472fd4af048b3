// SPDX-License-Identifier: Apache-2.0
// Maps the model names of clients by a table of the configuration: exact names,
// then the longest prefix.  Built once at start, read-only afterwards.
#include "plugins/common/text/text.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace gatehouse::table {

namespace {

using Lists = std::vector<std::pair<std::string, std::vector<std::string>>>;

struct Options {
    Lists models = {};
    std::string unknown = "error";
};

const Fields<Options> fields = {
    string_lists(
        "models", &Options::models,
        "Routes by the client's model name: \"provider/model\", or a list to be tried in order.  A name "
        "may end in *, which matches any text; a * in the route is replaced by that text."),
    optional("unknown", &Options::unknown,
             "The action for other names: \"error\", or a route, in which * is the full name."),
};

/// A route whose model may hold the place of what a star matched.
struct Template {
    std::string provider, before, after;
    bool has_star = false;

    Route fill(std::string_view star) const {
        Route route{provider, before};
        if (has_star) route.model.append(star).append(after);
        return route;
    }
};

/// Splits "provider/model" at the first slash.  `star_allowed` tells whether a
/// star on the left gives one on the right a meaning.
Template parse_route(const std::string& text, bool star_allowed, const std::string& path) {
    auto wrong = [&](const std::string& what) {
        return KeyError(path, "the route " + toml_quoted(text) + " " + what);
    };
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) throw wrong("has no slash: expected \"provider/model\"");
    if (slash == 0) throw wrong("names no provider before its slash");
    if (slash + 1 == text.size()) throw wrong("names no model after its slash");
    Template route{.provider = text.substr(0, slash), .before = text.substr(slash + 1), .after = {}};
    if (route.provider.find('*') != std::string::npos)
        throw wrong("has a * in its provider; a * is only allowed in the model");
    const std::size_t star = route.before.find('*');
    if (star == std::string::npos) return route;
    if (!star_allowed) throw wrong("has a *, but its name does not");
    route.has_star = true;
    route.after = route.before.substr(star + 1);
    route.before.resize(star);
    if (route.after.find('*') != std::string::npos) throw wrong("has more than one *");
    return route;
}

/// `name` as it may stand in a message: bounded, without control characters,
/// and not cut within a character.
std::string shown(std::string_view name) {
    constexpr std::size_t longest = 100;
    std::string out;
    for (char c : common::beginning(name, longest))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    return name.size() > longest ? out + "…" : out;
}

}  // namespace

class TableMapper final : public ModelMapper {
public:
    TableMapper(Options options, Host& host)
        : created_(std::chrono::duration_cast<std::chrono::seconds>(host.now().time_since_epoch()).count()) {
        for (const auto& [name, routes] : options.models) add(name, routes);
        std::stable_sort(wildcards_.begin(), wildcards_.end(), [](const Wildcard& a, const Wildcard& b) {
            return a.prefix.size() > b.prefix.size();
        });
        if (options.unknown != "error") {
            if (!wildcards_.empty() && wildcards_.back().prefix.empty())
                throw KeyError("unknown",
                               "no name is unknown if there is a name \"*\"; remove one of the two");
            unknown_ = parse_route(options.unknown, true, "unknown");
            note_provider(unknown_->provider);
        } else if (options.models.empty()) {
            throw KeyError("models",
                           "no models; every request would fail; give \"name\" = \"provider/model\"");
        }
    }

    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        const std::string_view model = query.model;
        if (const auto exact = exact_.find(model); exact != exact_.end()) return routes(exact->second, {});
        if (const Wildcard* wildcard = find(model))
            return routes(wildcard->routes, model.substr(wildcard->prefix.size()));
        if (unknown_ && !model.empty()) return routes({*unknown_}, model);
        return Error{
            .kind = ErrorKind::not_found,
            .message = "The model '" + shown(model) + "' does not exist or you do not have access to it.",
            .code = "model_not_found",
            .param = "model"};
    }

    std::vector<ModelInfo> models(const Identity&, const Discovered& discovered) const override {
        std::vector<ModelInfo> all = models_;
        if (discovered.empty()) return all;
        std::unordered_set<std::string> listed;
        for (ModelInfo& model : all) {
            listed.insert(model.id);
            learn(model, exact_.find(model.id)->second.front(), discovered);
        }
        for (const Wildcard& wildcard : wildcards_)
            for (const Template& route : wildcard.routes) list(wildcard, route, discovered, listed, all);
        if (unknown_) list({"", {*unknown_}}, *unknown_, discovered, listed, all);
        return all;
    }

    std::vector<std::string> providers() const override { return providers_; }

private:
    using Templates = std::vector<Template>;

    struct Wildcard {
        std::string prefix;
        Templates routes;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    /// Returns the provider's description of the model of `route`.
    static void learn(ModelInfo& model, const Template& route, const Discovered& discovered) {
        const auto known = discovered.find(route.provider);
        if (known == discovered.end()) return;
        for (const ModelInfo& info : *known->second) {
            if (info.id != route.before) continue;
            const std::string id = std::move(model.id);
            model = info;
            model.id = id;
            return;
        }
    }

    /// Adds the models that names of `wildcard` reach by `route`.
    void list(const Wildcard& wildcard, const Template& route, const Discovered& discovered,
              std::unordered_set<std::string>& listed, std::vector<ModelInfo>& all) const {
        const auto known = discovered.find(route.provider);
        if (!route.has_star || known == discovered.end()) return;
        for (const ModelInfo& info : *known->second) {
            const std::string_view id = info.id;
            if (id.size() <= route.before.size() + route.after.size() || !id.starts_with(route.before) ||
                !id.ends_with(route.after))
                continue;
            std::string name = wildcard.prefix;
            name += id.substr(route.before.size(), id.size() - route.before.size() - route.after.size());
            // A request for this name must reach this model, not the route of a longer prefix.
            const Wildcard* first = find(name);
            if (first && first->prefix != wildcard.prefix) continue;
            if (!listed.insert(name).second) continue;
            all.push_back(info);
            all.back().id = std::move(name);
        }
    }

    /// Returns the wildcard that matches a name without an exact entry, or null.
    const Wildcard* find(std::string_view model) const {
        for (const Wildcard& wildcard : wildcards_)  // the longest prefix first; a star is never empty
            if (model.size() > wildcard.prefix.size() && model.starts_with(wildcard.prefix)) return &wildcard;
        return nullptr;
    }

    static std::vector<Route> routes(const Templates& templates, std::string_view star) {
        std::vector<Route> filled;
        filled.reserve(templates.size());
        for (const Template& route : templates) filled.push_back(route.fill(star));
        return filled;
    }

    void add(const std::string& name, const std::vector<std::string>& routes) {
        const std::string path = "models." + toml_quoted(name);
        if (!is_name_pattern(name)) throw KeyError(path, std::string(name_pattern_rule));
        const bool is_wildcard = is_prefix_pattern(name);
        if (routes.empty()) throw KeyError(path, "an empty list: expected at least one \"provider/model\"");

        Templates parsed;
        for (std::size_t i = 0; i < routes.size(); ++i) {
            const std::string at = routes.size() == 1 ? path : path + "[" + std::to_string(i) + "]";
            parsed.push_back(parse_route(routes[i], is_wildcard, at));
            note_provider(parsed.back().provider);
        }
        if (is_wildcard) {
            wildcards_.push_back({std::string(prefix_of(name)), std::move(parsed)});
            return;
        }
        models_.push_back({.id = name, .owned_by = parsed.front().provider, .created = created_});
        exact_.emplace(name, std::move(parsed));
    }

    void note_provider(const std::string& name) {
        if (std::find(providers_.begin(), providers_.end(), name) == providers_.end())
            providers_.push_back(name);
    }

    const std::int64_t created_;
    std::unordered_map<std::string, Templates, Hash, std::equal_to<>> exact_;
    std::vector<Wildcard> wildcards_;
    std::optional<Template> unknown_;
    std::vector<ModelInfo> models_;
    std::vector<std::string> providers_;
};

}  // namespace gatehouse::table

GATEHOUSE_PLUGIN(gatehouse::table::TableMapper, gatehouse::table::Options, gatehouse::table::fields, "table",
                 "1.0.0");
