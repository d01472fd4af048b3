// SPDX-License-Identifier: Apache-2.0
// Combines the table of families with the configuration's keys.
#include "plugins/provider/oci/models/model.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/provider/oci/surface.hpp"
#include "plugins/provider/oci/text.hpp"

#include <set>

namespace gatehouse::oci {

namespace {

constexpr std::string_view endpoint_ocid = "ocid1.generativeaiendpoint.";
const std::string openai_surface = "openai";

void check_drop(const std::string& model, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (field_called(names[i])) continue;
        std::string known;
        std::set<RequestField> seen;
        for (const FieldNames& field : all_fields())
            if (seen.insert(field.field).second) common::add_to_list(known, field.oci);
        throw KeyError("models." + in_quotes(model) + ".drop[" + std::to_string(i) + "]",
                       in_quotes(names[i]) + " is not a field that can be dropped: give some of " + known);
    }
}

FieldSet fields_of(const std::vector<std::string>& names) {
    FieldSet fields;
    for (const std::string& name : names)
        if (auto field = field_called(name)) fields.add(*field);
    return fields;
}

}  // namespace

Models::Models(const Options& options)
    : max_tokens_(options.max_tokens),
      simulated_(options.streaming == "simulated"),
      surface_(options.surface),
      input_type_(options.input_type),
      truncate_(options.truncate),
      special_(options.models) {
    for (const auto& [name, model] : options.models) check_drop(name, model.drop);
}

Model Models::find(std::string_view id) const {
    const ModelOptions& options = special_.find(id);
    const Family& family = family_of(options.like ? std::string_view(*options.like) : id);

    Model model;
    model.id = id;
    model.format = family.format;
    if (options.format == "generic") model.format = Format::generic;
    if (options.format == "cohere") model.format = Format::cohere;
    if (options.format == "coherev2") model.format = Format::coherev2;
    if (options.format == "embed") model.format = Format::embed;
    if (options.format == "rerank") model.format = Format::rerank;
    model.known = options.format != "auto" || !family.prefix.empty();
    model.dedicated =
        options.serving == "dedicated" || (options.serving == "auto" && id.starts_with(endpoint_ocid));
    model.surface_given = options.surface.has_value();
    const std::string& usual = is_routing_profile(id) ? openai_surface : surface_;
    const std::string& word = options.surface ? *options.surface : usual;
    model.surface_auto = word == "auto" && options.format == "auto";
    model.routed = is_routing_profile(id);
    model.responses = family.responses || is_routing_profile(id);
    model.surface = choose_surface(word, id, options.format != "auto", model.dedicated);
    if (model.surface == Surface::openai && family.responses_only && !options.surface)
        model.surface = Surface::responses;
    model.limit_auto = options.token_limit == "auto";
    // `like` tells the capabilities of a model, and of an OCID also where it runs.
    const bool hosted = id.starts_with("ocid1.") ? family.hosted : family_of(id).hosted;
    if (model.dedicated || hosted) model.proxied = false;
    model.hosting_given = options.hosting != "auto";
    if (model.hosting_given) model.proxied = options.hosting == "external";
    model.max_completion_tokens = options.token_limit == "max_completion_tokens" ||
                                  (options.token_limit == "auto" && family.max_completion_tokens);
    model.developer =
        options.developer_role == "developer" || (options.developer_role == "auto" && family.developer);
    model.sequential_tools =
        options.tool_turns == "sequential" || (options.tool_turns == "auto" && family.sequential_tools);
    model.tools = options.tools == "yes" || (options.tools == "auto" && family.tools);
    model.exclusive_bounds =
        options.exclusive_bounds == "keep" || (options.exclusive_bounds == "auto" && family.exclusive_bounds);
    model.send_reasoning = options.send_reasoning;
    model.simulated_stream = options.streaming ? *options.streaming == "simulated" : simulated_;
    model.max_tokens = options.max_tokens.value_or(max_tokens_);
    model.max_tokens_cap = options.max_tokens_cap;
    if (!model.max_tokens_cap && family.max_tokens_cap && !model.dedicated)
        model.max_tokens_cap = family.max_tokens_cap;
    if (model.max_tokens_cap && model.max_tokens > *model.max_tokens_cap)
        model.max_tokens = *model.max_tokens_cap;
    if (options.context_window)
        model.context_window = options.context_window;
    else if (family.context_window)
        model.context_window = family.context_window;
    if (const std::string text = options.empty_text.value_or(std::string(family.empty_text)); !text.empty())
        model.empty_text = text;
    model.drop = family.drop;
    model.own_drop = fields_of(options.drop);
    model.drop.add(model.own_drop);
    model.embedding.input_type = options.input_type.value_or(input_type_);
    model.embedding.truncate = options.truncate.value_or(truncate_);
    if (options.embed_batch) model.embedding.batch = static_cast<std::size_t>(*options.embed_batch);
    model.embedding.dimensions = family.dimensions;
    model.embedding.mixed = options.images == "together" || (options.images == "auto" && family.mixed);
    return model;
}

}  // namespace gatehouse::oci
