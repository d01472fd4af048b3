// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/surface.hpp"

#include "plugins/common/openai/chat_answer.hpp"
#include "plugins/common/openai/chat_request.hpp"
#include "plugins/provider/oci/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::oci {

namespace {

// Prefixes of the models that both surfaces serve.
constexpr std::array<std::string_view, 4> vendors = {"openai.", "xai.", "google.", "meta."};

constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";

bool is_plain(std::string_view text, std::string_view also = {}) {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return plain.find(c) != plain.npos || also.find(c) != also.npos; });
}

void check_path(const std::string& path) {
    if (path.size() > 1 && path.front() == '/' && path.back() != '/' && is_plain(path, "/")) return;
    throw KeyError("surface_path", "must begin with a slash and not end with one, such as \"/openai/v1\"");
}

/// Every native request is billed to the compartment.
void check_compartment(const Options& options) {
    if (!options.compartment_id.empty()) return;
    const auto needs_none = [](const std::string& surface) {
        return surface == "openai" || surface == "responses";
    };
    if (!needs_none(options.surface))
        throw KeyError("",
                       "compartment_id is missing: give one such as \"ocid1.compartment.oc1..aaaa\"; it is "
                       "required unless surface is \"openai\" and the signer sends an API key");
    for (const auto& [name, model] : options.models)
        if (model.surface && !needs_none(*model.surface))
            throw KeyError(
                "models." + in_quotes(name) + ".surface",
                "the surface " + in_quotes(*model.surface) + " requires the provider's compartment_id");
    if (options.discover) throw KeyError("discover", "listing the models requires compartment_id");
    if (options.models_mode == "discover")
        throw KeyError("models", "listing the models requires compartment_id");
}

}  // namespace

OpenAiSurface::OpenAiSurface(const Options& options)
    : path_(options.surface_path),
      compartment_id_(options.compartment_id),
      project_(options.project.value_or("")) {
    check_compartment(options);
    check_path(path_);
    // The current path requires a project for this API, the older one does not.
    responses_ = options.responses == "native" ||
                 (options.responses == "auto" && (!project_.empty() || path_ != Options{}.surface_path));
    if (project_.size() > 512 || !is_plain(project_))
        throw KeyError(
            "project",
            in_quotes(project_) +
                " is not an OCID: give one such as ocid1.generativeaiproject.oc1.us-chicago-1.aaaa");
}

Result<Written> OpenAiSurface::write(const ChatRequest& request, const Model& model, std::string_view,
                                     bool stream) const {
    Written written;
    openai_format::WireFormat wire;
    wire.stream = stream;
    wire.limit = model.max_completion_tokens ? openai_format::WireFormat::Limit::max_completion_tokens
                                             : openai_format::WireFormat::Limit::max_tokens;
    wire.default_limit = model.max_tokens;
    wire.most = model.max_tokens_cap;
    wire.developer = model.developer;
    wire.reasoning = model.send_reasoning;
    wire.wants = [&](std::string_view name) { return written.wants(name, field_called(name), model); };
    written.body = openai_format::write_chat(request, wire);
    return written;
}

std::unique_ptr<AnswerReader> OpenAiSurface::reader(const ChatRequest& request, const ExplainError&) const {
    return openai_format::make_reader("OCI", request.stream && request.include_usage);
}

void OpenAiSurface::add_headers(http::Headers& headers) const {
    if (!compartment_id_.empty()) headers.add("opc-compartment-id", compartment_id_);
    if (!project_.empty()) headers.add("OpenAI-Project", project_);
}

bool is_routing_profile(std::string_view id) {
    constexpr std::string_view prefix = "ocid1.";
    if (!id.starts_with(prefix)) return false;
    const std::string_view type = id.substr(prefix.size(), id.find('.', prefix.size()) - prefix.size());
    return type.find("routing") != type.npos;
}

Surface choose_surface(std::string_view word, std::string_view id, bool format_given, bool dedicated) {
    if (word == "openai") return Surface::openai;
    if (word == "responses") return Surface::responses;
    if (word != "auto" || format_given || dedicated) return Surface::native;
    const bool both = std::any_of(vendors.begin(), vendors.end(),
                                  [&](std::string_view vendor) { return id.starts_with(vendor); });
    return both ? Surface::openai : Surface::native;
}

}  // namespace gatehouse::oci
