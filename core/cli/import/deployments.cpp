// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/deployments.hpp"

#include "core/cli/output.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

/// Seconds as milliseconds, at most a day; nothing if the text is not a positive number.
std::optional<std::int64_t> milliseconds(std::optional<double> seconds) {
    if (!seconds || !(*seconds > 0)) return std::nullopt;
    return static_cast<std::int64_t>(std::clamp(*seconds, 0.001, 86'400.0) * 1000);
}

}  // namespace

void Deployments::read_credentials(const OrderedJson& list) {
    for (const OrderedJson& one : list) {
        InputMembers all(one, "credential_list", left_out_);
        all.take("credential_info");
        credentials_[all.take_text("credential_name")] = all.take_object("credential_values");
    }
}

/// The parameters with those of their credential, which do not replace any.
Result<OrderedJson> Deployments::with_credentials(const OrderedJson& parameters) const {
    OrderedJson all = object_in(parameters);
    const auto named = all.find("litellm_credential_name");
    if (named == all.end()) return all;
    const auto found = credentials_.find(text_of(*named));
    if (found == credentials_.end())
        return refused("uses the credential " + toml_quoted(text_of(*named)) +
                       ", which the file does not have");
    all.erase(named);
    for (const auto& [name, value] : found->items())
        if (!all.contains(name)) all[name] = value;
    return all;
}

/// The kind of provider: before the slash, or by the name of a well-known model.
Result<Deployments::Target> Deployments::known_target(const std::string& model,
                                                      InputMembers& parameters) const {
    std::string kind = parameters.take_text("custom_llm_provider"), rest = model;
    const std::size_t slash = model.find('/');
    if (kind.empty() && slash != std::string::npos) kind = model.substr(0, slash);
    if (rest.starts_with(kind + "/")) rest.erase(0, kind.size() + 1);
    if (upstreams_.knows(kind)) return Target{kind, rest};
    for (const OrderedJson& known : table_.at("prefixes"))
        if (model.starts_with(known.at("model").get<std::string>()))
            return Target{known.at("provider"), model};
    if (kind.empty()) return refused("names no provider; write PROVIDER/MODEL");
    const bool has_address = says_something(parameters.take("api_base"));
    return refused("uses the provider " + toml_quoted(kind) + ", which Gatehouse does not have" +
                   (has_address ? table_.at("other_provider").get<std::string>() : ""));
}

Result<Deployments::Target> Deployments::target(const std::string& name, InputMembers& parameters) const {
    const std::string model = parameters.take_text("model");
    if (name.empty()) return refused("has no model_name");
    if (model.empty()) return refused("is not a model");
    if (reference_of(model) != model) return refused("is a variable; write the name of the model");
    if (model == "*")
        return refused(
            "takes the provider from the request; write an entry for each provider: \"PROVIDER/*\"");
    auto found = known_target(model, parameters);
    if (found && has_star(found->model) && !has_star(name))
        return refused("has a star, but model_name has none");
    return found;
}

void Deployments::add(const OrderedJson& entry) {
    InputMembers all(entry, "model_list", left_out_);
    const std::string name = all.take_text("model_name");
    const OrderedJson& given = all.take_object("litellm_params");
    auto merged = with_credentials(given);
    const OrderedJson& read = merged ? *merged : given;
    InputMembers parameters(read, "model_list.litellm_params", left_out_);
    InputMembers info(all.take_object("model_info"), "model_list.model_info", left_out_);
    auto refuse = [&](const std::string& why) {
        parameters.ignore_rest();
        info.ignore_rest();
        problems_.push_back(toml_quoted(name) + ": " + toml_quoted(text_of(parameters.take("model"))) + " " +
                            why);
    };
    if (!merged) return refuse(merged.error().message);
    auto where = target(name, parameters);
    if (!where) return refuse(where.error().message);
    const std::string mode = info.take_text("mode");
    if (!mode.empty() && !std::ranges::count(table_.at("modes"), OrderedJson(mode)))
        return refuse("is a model for " + toml_quoted(mode) + ", which Gatehouse does not have");
    const auto instance = upstreams_.instance(where->kind, where->model, parameters);
    if (!instance) return refuse(instance.error().message);
    groups_.add(name, {.to = *instance + "/" + where->model,
                       .weight = parameters.take_number("weight"),
                       .rpm = parameters.look_at_number("rpm"),
                       .tpm = parameters.look_at_number("tpm")});
    add_options(*instance, where->model, parameters, info, mode);
}

/// The price and the timeouts of a model.  Without both prices the other program looks one up; embeddings and
/// rankings have no output.
void Deployments::add_options(const std::string& instance, const std::string& model, InputMembers& parameters,
                              InputMembers& info, const std::string& mode) {
    for (InputMembers* place : {&parameters, &info}) {
        const auto input = place->take_number("input_cost_per_token");
        auto output = place->take_number("output_cost_per_token");
        if (input && (mode == "embedding" || mode == "rerank")) output = output.value_or(0);
        if (input && output && *input >= 0 && *output >= 0)
            upstreams_.set_price(instance, model, *input * 1e6, *output * 1e6);
        else if (input || output)
            place->leave_out(input ? "input_cost_per_token" : "output_cost_per_token");
    }
    if (const auto ms = milliseconds(parameters.take_number("timeout")))
        upstreams_.set(instance, model, "response_timeout_ms", std::to_string(*ms));
    if (const auto ms = milliseconds(parameters.take_number("stream_timeout")))
        upstreams_.set(instance, model, "first_byte_timeout_ms", std::to_string(*ms));
}

}  // namespace gatehouse::core
