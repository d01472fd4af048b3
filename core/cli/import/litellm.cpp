// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/litellm.hpp"

#include "core/cli/import/deployments.hpp"
#include "core/cli/import/fallbacks.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <cmath>

namespace gatehouse::core {

namespace {

class Importer {
public:
    Importer(const OrderedJson& file, const OrderedJson& table)
        : file_(file), table_(table), deployments_(table, result_.left_out, result_.problems) {}

    Imported run() {
        {
            InputMembers all(file_, "", result_.left_out);
            deployments_.read_credentials(all.take_list("credential_list"));
            for (const OrderedJson& one : all.take_list("model_list")) deployments_.add(one);
            InputMembers router(all.take_object("router_settings"), "router_settings", result_.left_out);
            InputMembers library(all.take_object("litellm_settings"), "litellm_settings", result_.left_out);
            InputMembers general(all.take_object("general_settings"), "general_settings", result_.left_out);
            read_settings(router, library, general);
        }
        result_.has_models = !deployments_.groups().all().empty();
        result_.toml = server_ + authenticator_ + deployments_.upstreams().toml() + mapper() + dialects();
        return std::move(result_);
    }

private:
    void read_settings(InputMembers& router, InputMembers& library, InputMembers& general);
    void read_key(InputMembers& general);
    void read_aliases(const OrderedJson& aliases);
    void read_limits(InputMembers& router, InputMembers& library);
    bool has_second_route() const;
    std::string rule(const Group& group, const std::vector<std::string>& behind) const;
    std::string mapper() const;
    std::string dialects() const;

    const OrderedJson& file_;
    const OrderedJson& table_;
    Imported result_;
    Deployments deployments_;
    Fallbacks fallbacks_;
    std::string preference_;
    std::string server_ = "[server]\nlisten = \"127.0.0.1:4000\"\n\n", authenticator_;
};

void Importer::read_settings(InputMembers& router, InputMembers& library, InputMembers& general) {
    read_key(general);
    read_aliases(router.take_object("model_group_alias"));
    fallbacks_.read(router, library, result_.problems);
    fallbacks_.resolve(deployments_.groups(), result_.problems);
    const std::string strategy = router.take_text("routing_strategy");
    const auto& preferences = table_.at("preferences");
    if (preferences.contains(strategy))
        preference_ = preferences.at(strategy);
    else if (!strategy.empty() && strategy != "simple-shuffle")
        router.leave_out("routing_strategy");
    read_limits(router, library);
}

void Importer::read_key(InputMembers& general) {
    if (const std::string key = general.take_text("master_key"); !key.empty())
        authenticator_ = "[authenticator.clients]\nuse = \"api_key\"\nkeys = [{ name = \"master\", key = " +
                         toml_quoted(reference_of(key)) + " }]\n\n";
    else
        result_.notes.emplace_back(
            "the file has no general_settings.master_key, so the new gateway accepts clients without a key; if "
            "LiteLLM takes its key from LITELLM_MASTER_KEY, add an [authenticator.NAME] with that variable");
}

void Importer::read_aliases(const OrderedJson& aliases) {
    Groups& groups = deployments_.groups();
    for (const auto& [alias, target] : aliases.items()) {
        const std::string name = text_of(target.is_object() ? target.value("model", OrderedJson()) : target);
        std::vector<Route> routes = groups.serving(name);
        if (name.empty())
            result_.problems.push_back("the alias " + toml_quoted(alias) + ": it is not the name of a model");
        else if (routes.empty())
            result_.problems.push_back("the alias " + toml_quoted(alias) + " of " + toml_quoted(name) +
                                       ": no imported model has this name");
        else
            groups.set(alias, std::move(routes));
    }
}

/// Whether a request can go to another route: one attempt alone would forbid that.
bool Importer::has_second_route() const {
    const Groups& groups = deployments_.groups();
    return std::ranges::any_of(groups.all(), [&](const Group& one) {
        return one.routes.size() > 1 || !fallbacks_.routes_behind(one, groups).empty();
    });
}

/// Retries and timeouts.  The router's settings win over the library's.
void Importer::read_limits(InputMembers& router, InputMembers& library) {
    const auto of_library = library.take_number("num_retries"), of_router = router.take_number("num_retries");
    const auto retries = of_router ? of_router : of_library;
    const auto request = library.take_number("request_timeout"), routed = router.take_number("timeout");
    const double seconds = std::min(routed.value_or(0) > 0 ? *routed : request.value_or(0), 86'400.0);
    std::string lines;
    if (retries) {
        const double fewest = has_second_route() ? 2 : 1, attempts = std::floor(*retries) + 1;
        lines +=
            "attempts = " + std::to_string(static_cast<std::int64_t>(std::clamp(attempts, fewest, 20.0))) +
            '\n';
    }
    if (seconds > 0)
        lines += "response_timeout_ms = " +
                 std::to_string(std::max(static_cast<std::int64_t>(seconds * 1000), std::int64_t{1})) + '\n';
    if (!lines.empty()) server_ += "[upstream]\n" + lines + '\n';
}

/// The rule of a name with several deployments.
std::string Importer::rule(const Group& group, const std::vector<std::string>& behind) const {
    const std::string head =
        "\n[[mapper.models.rules]]\nmodels = " + to_toml({std::vector{group.name}}) + '\n';
    if (!preference_.empty()) return head + "prefer = " + toml_quoted(preference_) + '\n';
    std::string list;
    const std::vector<std::int64_t> weights = shares(group.routes);
    for (std::size_t i = 0; i < group.routes.size(); ++i)
        list += "    { to = " + toml_quoted(group.routes[i].to) + ", weight = " + std::to_string(weights[i]) +
                " },\n";
    for (const std::string& to : behind) list += "    { to = " + toml_quoted(to) + " },\n";
    return head + "routes = [\n" + list + "]\n";
}

std::string Importer::mapper() const {
    std::string names, rules;
    for (const Group& one : deployments_.groups().all()) {
        const std::vector<std::string> behind = fallbacks_.routes_behind(one, deployments_.groups());
        std::vector<std::string> all;
        for (const Route& route : one.routes) all.push_back(route.to);
        all.insert(all.end(), behind.begin(), behind.end());
        names +=
            toml_quoted(one.name) + " = " + (all.size() == 1 ? toml_quoted(all[0]) : to_toml({all})) + '\n';
        if (one.routes.size() > 1) rules += rule(one, behind);
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
